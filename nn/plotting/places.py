"""Where to look: points, steps and ranges come in by these doors, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from nn.errors import InputError, ShapeError, StepError, shown
from nn.probing import Subject

from .arrays import FloatArray, as_floats

Range: TypeAlias = Sequence[float] | FloatArray  # (low, high)
Span: TypeAlias = tuple[float, float]  # a range that was checked


def as_range(name: str, ends: Range) -> Span:
    """Return the two ends of a range; InputError unless they are finite, the lower one first."""
    array = as_floats(name, ends)
    if array.shape != (2,) or not array[0] < array[1]:
        raise InputError(f"{name} must be (low, high) with low < high, got {shown(ends)}")
    return float(array[0]), float(array[1])


def as_place(name: str, point: ArrayLike, size: int | None = 2) -> FloatArray:
    """Return one point, (size,), as a float64 array of its own; of any size if None is given."""
    array = as_floats(name, point)
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "(n,), one number a variable" if size is None else f"({size},)"
        raise ShapeError(f"{name} must be one point of shape {wanted}, got {array.shape}")
    return array


def as_number(name: str, x: float) -> np.floating[Any]:
    """Return one number in its own precision, whole numbers in float64.

    Raises
    ------
    InputError
        If it is not one finite real number.
    """
    place = Subject(x, name).only
    if place.ndim:
        raise ShapeError(f"{name} must be one number, got an array of shape {place.shape}")
    return cast("np.floating[Any]", place[()])


def as_steps(h: ArrayLike) -> FloatArray:
    """Return steps as a row (M,), in the order given.

    Raises
    ------
    InputError, StepError
        If there is none, or one is not finite or not positive.
    """
    steps = as_floats("h", h).ravel()
    if (steps <= 0).any():
        raise StepError(f"h must be positive, got {shown(steps[steps <= 0][0])}")
    return steps


def choose_span(span: Range | None, x: Sequence[float], others: Sequence[float] = ()) -> Span:
    """Return the span to draw.

    Parameters
    ----------
    span : (low, high), optional
        As it was given. By default it goes around x and the others, and half as far again.
    x : sequence of float
        What must be seen.
    others : sequence of float
        What had better be seen too.

    Raises
    ------
    InputError
        If the span given is none, or an x is outside of it.
    """
    if span is None:
        low, high = min([*x, *others]), max([*x, *others])
        room = 0.5 * (high - low) or max(1.0, abs(high))
        return low - room, high + room
    low, high = as_range("span", span)
    for one in x:
        if not low <= one <= high:
            raise InputError(f"x = {one} is outside of the span, {low:g} to {high:g}")
    return low, high
