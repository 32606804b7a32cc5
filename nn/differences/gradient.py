"""The gradient: every entry of x nudged in turn, the others held still."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, overload

import numpy as np

from nn.careful.probe import best_step, direction
from nn.errors import ShapeError, StepError
from nn.probing import Function, Subject, fitted, one_number
from nn.steps import Array, Nudge, Scheme, check_scheme, check_step, nudge

_FAR = 0.01  # lengths: as far as a line through many entries is believed


@overload
def numerical_gradient(
    f: Function,
    x: Mapping[str, Any],
    h: float | Literal["probe"] | None = None,
    scheme: Scheme = "central",
    batch: bool = False,
    *,
    progress: Callable[[int], object] | None = None,
) -> dict[str, Array]: ...


@overload
def numerical_gradient(
    f: Function,
    x: Any,
    h: float | Literal["probe"] | None = None,
    scheme: Scheme = "central",
    batch: bool = False,
    *,
    progress: Callable[[int], object] | None = None,
) -> Array: ...


def numerical_gradient(
    f: Function,
    x: Any,
    h: float | Literal["probe"] | None = None,
    scheme: Scheme = "central",
    batch: bool = False,
    *,
    progress: Callable[[int], object] | None = None,
) -> Any:
    """All partial derivatives of `f` at `x`: nudge each entry in turn, the others held still.

    Parameters
    ----------
    f : callable, x -> number
        May read its argument, or the array it captured that was passed as x.
    x : array of any shape, or mapping of names to arrays
        Writable floating-point arrays are nudged in place, one entry at a time, and restored to
        the very same bits, also when f raises. Anything else is worked on as a float64 copy.
    h : float > 0, or "probe", optional
        Step; by default `nn.steps.default_step`, for each entry its own. "probe" first looks how
        far f can be followed, and how noisy it is, along one line through each array: at most 24
        evaluations an array, and steps that fit where |x| says nothing of f.
    scheme : "central", "forward" or "backward"
        As in `numerical_diff`.
    batch : bool
        x is (points, dimensions) and f a function of one point, (dimensions,) -> number.
    progress : callable, optional
        Called with 1 after each entry.

    Returns
    -------
    array of the shape and floating-point dtype of x, or dict of such arrays
        The direction in which f grows fastest, and how fast. With `batch`, one gradient a row.

    Raises
    ------
    InputError, StepError, StepTooSmallError
        If x or h cannot be worked with, or two arrays of a mapping share memory.
    NotOneNumberError, NotFiniteError
        If f answers with something else than one finite number; says which entry was nudged.
        If a slope is beyond the dtype of x.
    ImpureFunctionError
        If f writes into x, or answers the same x with different numbers.

    Warns
    -----
    UnusedInputWarning
        If x had to be copied and every difference is exactly zero.

    Notes
    -----
    Two evaluations of f for each entry, and two more for the checks. The one-sided schemes need
    one for each entry, and with `batch` one more for each row. Before UnusedInputWarning, f is
    asked once more, far from x: an f that answers otherwise there does read its argument.

    References
    ----------
    Saito, Deep Learning from Scratch, section 4.4.
    """
    check_scheme(scheme)
    if h == "probe":
        if batch or scheme != "central":
            raise StepError('h="probe" is for central differences of one point, without batch=True')
    else:
        check_step(h, 'None for a default, or "probe"')
    subject = Subject(x)
    nudges = {}
    if h != "probe":
        nudges = {name: nudge(array, h, scheme, name) for name, array in subject.arrays.items()}

    def slopes(f: Function, name: str, places: Iterable[tuple[int, ...]], base: float) -> Array:
        plus, minus, distance = nudges[name]
        found = []
        for place in places:
            points = Nudge(plus[place], minus[place], distance[place])
            found.append(subject.quotient(f, name, place, points, scheme, base))
            if progress is not None:
                progress(1)
        return np.array(found)

    gradients: dict[str, Array] = {}
    if batch:
        gradients["x"] = _row_by_row(f, subject, slopes, one_sided=scheme != "central")
    else:
        with subject.held(f) as base:
            if h == "probe":
                nudges = _probed(f, subject, base)
            for name, array in subject.arrays.items():
                flat = slopes(f, name, np.ndindex(array.shape), base)
                gradients[name] = fitted(flat.reshape(array.shape), array.dtype, name)
    subject.warn_if_unused(gradients)
    return gradients if subject.named else gradients["x"]


def _probed(f: Function, subject: Subject, here: float) -> dict[str, Nudge]:
    """Try f along a line through each array, and return the points that this advises."""
    nudges = {}
    for name, array in subject.arrays.items():
        was, line = array.copy(), direction(array)

        def along(t: float, name: str = name, was: Array = was, line: Array = line) -> float:
            try:
                return subject.value(f, name, ..., (was + t * line).astype(was.dtype))
            except (ArithmeticError, ValueError):  # outside the domain of f
                return math.nan
            finally:
                subject.arrays[name][...] = was

        t = best_step(along, here, math.inf if array.size == 1 else _FAR)
        nudges[name] = nudge(array, None if t is None else t * np.abs(line), "central", name)
    return nudges


def _row_by_row(
    f: Function, subject: Subject, slopes: Callable[..., Array], *, one_sided: bool
) -> Array:
    """One gradient a row: f of row i is differentiated by the entries of row i alone."""
    rows = subject.only
    if rows.ndim < 2:
        raise ShapeError(
            f"batch=True wants x as (points, dimensions), got shape {rows.shape};"
            " one point is x[None]"
        )
    gradient = np.empty(rows.shape)
    with subject.held(lambda _: f(rows[0])):
        for i, row in enumerate(rows):
            here = one_number(f(row), f"at x[{i}]") if one_sided else 0.0
            places = ((i, *place) for place in np.ndindex(row.shape))
            gradient[i] = slopes(lambda _, row=row: f(row), "x", places, here).reshape(row.shape)
    return fitted(gradient, rows.dtype)
