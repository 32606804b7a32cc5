"""Functions of several variables: the slope along one entry of x, and along any direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import InputError, ShapeError, StepTooSmallError, shown
from nn.probing import Function, Subject, fitted
from nn.steps import (
    Array,
    Nudge,
    Scheme,
    check_scheme,
    check_step,
    default_step,
    entry,
    nudge,
    nudge_along,
)

_FLOAT64 = np.dtype(np.float64)


def partial_derivative(
    f: Function,
    x: Any,
    index: int | tuple[int, ...],
    h: float | None = None,
    scheme: Scheme = "central",
) -> float:
    """Slope of `f` along one entry of `x`, all the others held still.

    Parameters
    ----------
    f : callable, array of the shape of x -> number
    x : array
        Nudged in place and restored, as by `numerical_gradient`.
    index : int or tuple of int
        Which entry; a negative one counts from the end.
    h, scheme
        As in `numerical_diff`.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If `index` is not exactly one entry of x. Others as in `numerical_gradient`.
    """
    check_scheme(scheme)
    check_step(h)
    subject = Subject(x)
    place = _one_place(index, subject.only.shape)
    with subject.held(f) as base:
        points = nudge(subject.only[place], h, scheme, entry("x", place))
        quotient = subject.quotient(f, "x", place, points, scheme, base)
    slope = float(fitted(quotient, _FLOAT64, entry("x", place)))
    subject.warn_if_unused({"x": slope})
    return slope


def directional_derivative(
    f: Function, x: Any, v: Any, h: float | None = None, scheme: Scheme = "central"
) -> float:
    """Slope of `f` at `x` for each unit of length walked towards `v`: gradient · v / |v|.

    The length of v does not matter, only where it points. Multiply the answer by |v| for the
    derivative along v itself, gradient · v.

    Parameters
    ----------
    f : callable, array of the shape of x -> number
    x : array
        Moved in place as a whole and restored, as by `numerical_gradient`.
    v : array of the shape of x, not zero
    h : float > 0, optional
        Length of the step; by default as in `numerical_diff`, for the size x has along v. Where
        float16 has too few digits to walk that far towards v, it is doubled until it can.
    scheme : "central", "forward" or "backward"

    Returns
    -------
    float

    Raises
    ------
    InputError
        If v is zero or not finite. Others as in `numerical_gradient`.
    """
    check_scheme(scheme)
    check_step(h)
    subject = Subject(x)
    start = subject.only.copy()
    unit = _unit(v, start.shape)
    if h is None:
        points = _default_nudge(start, unit, scheme)
    else:
        points = nudge_along(start, unit, float(h), scheme)
    with subject.held(f) as base:
        slope = float(fitted(subject.quotient(f, "x", ..., points, scheme, base), _FLOAT64))
    subject.warn_if_unused({"x": slope})
    return slope


def _default_nudge(x: Array, unit: Array, scheme: Scheme) -> Nudge:
    """`nudge_along` with a step that the dtype of x can take."""
    size = min(float(np.abs(x * unit).sum()), float(np.finfo(x.dtype).max))
    h = float(default_step(np.asarray(size, x.dtype), scheme))
    while True:
        try:
            return nudge_along(x, unit, h, scheme)
        except StepTooSmallError:
            h *= 2


def _one_place(index: int | tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return `index` as a tuple of positive numbers that picks one entry of `shape`."""
    place = tuple(index) if isinstance(index, tuple) else (index,)
    fits = len(place) == len(shape) and all(
        isinstance(i, int | np.integer) and -size <= i < size
        for i, size in zip(place, shape, strict=False)
    )
    if not fits:
        raise InputError(f"index {shown(index)} is not one entry of x, which has shape {shape}")
    return tuple(int(i) % size for i, size in zip(place, shape, strict=True))


def _unit(v: Any, shape: tuple[int, ...]) -> Array:
    """Return v / |v|."""
    direction = np.asarray(Subject(v, "v").only, np.float64)
    if direction.shape != shape:
        raise ShapeError(f"v has shape {direction.shape}, x has {shape}: they must be the same")
    longest = np.abs(direction).max()
    if longest == 0:
        raise InputError("v is zero everywhere: it points in no direction")
    scaled = direction / longest  # no overflow in the sum of squares
    return np.asarray(scaled / np.sqrt((scaled**2).sum()))
