"""What f answers and the slopes made of it: finite numbers, or an error that says why not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.errors import (
    ImpureFunctionError,
    NotFiniteError,
    NotOneNumberError,
    is_real,
    shown,
)
from nn.steps import Array, entry, first_index

Function = Callable[[Any], Any]


def check_steady(first: Any, second: Any) -> None:
    """Raise `ImpureFunctionError` unless two answers to the same x are the same."""
    differ = np.asarray(first) != np.asarray(second)
    if differ.any():
        index = first_index(differ)
        raise ImpureFunctionError(
            f"f answers the same x with {float(np.asarray(first)[index])!r} and then with"
            f" {float(np.asarray(second)[index])!r}; draw its random numbers once and outside,"
            " and keep it from remembering earlier calls"
        )


def values(f: Function, points: Array) -> Array:
    """Return f at every entry of `points`, for an f of one variable.

    All points at once where f answers an array with one of the same shape, one by one otherwise.
    Errors as in `one_number`; ImpureFunctionError if f writes into the array it is given.
    """
    if points.size > 1:
        before = points.copy()
        try:
            answers = np.array(f(points))
        except Exception:  # f of numbers only: math.sin, `if x > 0`; a real fault comes up again
            answers = np.array(None)
        if not np.array_equal(points, before):
            raise ImpureFunctionError("f writes into its input; let it work on a copy, x.copy()")
        if answers.shape == points.shape and answers.dtype.kind in "fiu":
            wrong = ~np.isfinite(answers)
            if wrong.any():
                where = first_index(wrong)
                raise NotFiniteError(
                    f"f returned {answers[where]} at {entry('x', where)} = {points[where]}"
                )
            return np.asarray(answers, np.float64)
    answers = np.empty(points.shape)
    for place in np.ndindex(points.shape):
        point = points[place]
        answers[place] = one_number(f(point), f"at {entry('x', place)} = {point}")
    return answers


_MANY = (
    "an f that answers for every row of a batch is to be written for one point and wants"
    " batch=True, an f of many outputs wants a sum or a mean"
)


def one_number(value: Any, moved: str = "", many: str = _MANY) -> float:
    """Return what f answered as a float, if it is one finite real number.

    Parameters
    ----------
    value : whatever f returned
        A number, or an array of one entry.
    moved : str
        Where f was evaluated, for the message: "with x[3] moved to 1.0001".
    many : str
        What to do about an f that answers with an array, for the message.

    Raises
    ------
    NotOneNumberError, NotFiniteError
    """
    try:
        array = np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        array = np.asarray(None)
    shape = array.shape
    if array.size != 1 or not (array.dtype.kind in "fiu" or is_real(value)):
        what = f"an array of shape {shape}" if shape else f"{type(value).__name__} {shown(value)}"
        hint = ""
        if value is None:
            hint = "; is a `return` missing?"
        elif array.dtype.kind == "c":
            hint = "; complex numbers have no order, so no slope to follow"
        elif shape:
            hint = f"; {many}"
        raise NotOneNumberError(f"f must return one number, got {what} {moved}".rstrip() + hint)
    number = as_float(array.reshape(())[()])
    if not math.isfinite(number):
        raise NotFiniteError(f"f returned {number} {moved}".rstrip())
    return number


def as_float(number: Any) -> float:
    """Return float(number), infinite for whole numbers and fractions beyond all floats."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def fitted(slopes: Any, dtype: np.dtype[Any], name: str = "x") -> Array:
    """Return `slopes` in `dtype`; NotFiniteError if one is beyond its largest number."""
    slopes = np.asarray(slopes)
    with np.errstate(all="ignore"):
        fits: Array = slopes.astype(dtype)
    if not np.isfinite(fits).all():
        index = first_index(~np.isfinite(fits))
        raise NotFiniteError(
            f"the slope at {entry(name, index)} is {slopes[index]}, beyond the range of"
            f" {dtype.name} (largest number {np.finfo(dtype).max})"
        )
    return fits
