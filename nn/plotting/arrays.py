"""The doors of this room: whatever array comes in, one checked form goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn.errors import ArgumentError, InputError, ShapeError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
Predict: TypeAlias = Callable[[FloatArray], ArrayLike]


class Predictor(Protocol):
    """What has a method `predict`, as a network has."""

    def predict(self, x: FloatArray, /) -> ArrayLike:
        """Return predictions for samples along axis 0."""


def as_predict(predict: Predict | Predictor) -> Predict:
    """Return the function itself, or the `predict` of a network.

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    found = getattr(predict, "predict", predict)
    if not callable(found):
        raise ArgumentError("predict", "a network or its method predict", predict)
    return found


def as_numbers(name: str, values: ArrayLike) -> NDArray[Any]:
    """Check that `values` are an array of real numbers, of any dtype, with something in it.

    Raises
    ------
    InputError
        If it is empty, or holds anything but finite real numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.size == 0:
        raise InputError(f"{name} is empty, shape {array.shape}: there is nothing to draw")
    if not np.isfinite(array).all():
        at = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
        raise InputError(f"{name}[{', '.join(map(str, at))}] is {array[at]}: it cannot be drawn")
    return array


def as_floats(name: str, values: ArrayLike) -> FloatArray:
    """Return `as_numbers` as a float64 array of its own."""
    return as_numbers(name, values).astype(np.float64)


def as_column(name: str, values: ArrayLike) -> FloatArray:
    """Turn (N,) or (N, 1) into (N,).

    Raises
    ------
    ShapeError
        If it has another shape.
    """
    array = as_floats(name, values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ShapeError(f"{name} must have shape (N,) or (N, 1), got {array.shape}")
    return array


def as_points(name: str, values: ArrayLike) -> FloatArray:
    """Check that `values` are points of a plane, (N, 2).

    Raises
    ------
    ShapeError
        If it has another shape.
    """
    array = as_floats(name, values)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ShapeError(f"{name} must have shape (N, 2), two features, got {array.shape}")
    return array


def as_classes(name: str, values: ArrayLike) -> IntArray:
    """Turn class numbers (N,) or (N, 1), or one-hot rows (N, C), into class numbers (N,).

    Raises
    ------
    ShapeError
        If it has another shape.
    InputError
        If a class number is negative or not whole, or a row is not one-hot.
    """
    array = as_floats(name, values)
    if array.ndim == 2 and array.shape[1] > 1:
        if not (np.isin(array, (0.0, 1.0)).all() and (array.sum(1) == 1.0).all()):
            raise InputError(
                f"{name} of shape {array.shape} must be one-hot: zeros and a single 1 in each row"
            )
        winners: IntArray = array.argmax(1).astype(np.int64)
        return winners
    array = as_column(name, array)
    wrong = np.flatnonzero((array < 0) | (array != np.floor(array)))
    if wrong.size:
        at = int(wrong[0])
        raise InputError(f"{name} must hold class numbers 0, 1, 2, …; {name}[{at}] is {array[at]}")
    return array.astype(np.int64)


def as_probabilities(name: str, values: ArrayLike, rows: int) -> FloatArray:
    """Turn probabilities into a table (rows, C); (rows,) and (rows, 1) are those of class 1.

    Raises
    ------
    ShapeError
        If it has another shape.
    InputError
        If an entry is outside [0, 1] or a row does not sum to 1.
    """
    table = as_floats(name, values)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or len(table) != rows:
        raise ShapeError(f"{name} must have shape ({rows}, C), got {np.shape(values)}")
    if table.shape[1] == 1:
        table = np.concatenate([1.0 - table, table], axis=1)
    off = np.abs(table.sum(1) - 1.0)
    if not (table.min() >= -1e-6 and table.max() <= 1.0 + 1e-6 and off.max() <= 1e-6):
        raise InputError(
            f"{name} must be probabilities, rows of numbers in [0, 1] that sum to 1; "
            f"they go from {table.min():.4g} to {table.max():.4g}: is the softmax missing?"
        )
    return table


def check_lengths(**arrays: NDArray[np.generic]) -> None:
    """Raise `ShapeError` unless all arrays have the same number of rows."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ShapeError(f"arrays must have one row per sample: {listed}")


def name_classes(class_names: Sequence[str], count: int) -> list[str]:
    """Give the names of classes 0 to `count` - 1: those given, or else their numbers.

    Raises
    ------
    InputError
        If there are names, but fewer than classes.
    """
    if not class_names:
        return [str(index) for index in range(count)]
    if len(class_names) < count:
        raise InputError(f"class_names has {len(class_names)} names, but there are {count} classes")
    return [str(name) for name in class_names]
