"""The gradient: every entry of x nudged in turn, the others held still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, overload

import numpy as np

from nn.errors import ShapeError
from nn.probing import Function, Subject, fitted, one_number
from nn.steps import Array, Nudge, Scheme, check_scheme, check_step, nudge


@overload
def numerical_gradient(
    f: Function,
    x: Mapping[str, Any],
    h: float | None = None,
    scheme: Scheme = "central",
    batch: bool = False,
    *,
    progress: Callable[[int], object] | None = None,
) -> dict[str, Array]: ...


@overload
def numerical_gradient(
    f: Function,
    x: Any,
    h: float | None = None,
    scheme: Scheme = "central",
    batch: bool = False,
    *,
    progress: Callable[[int], object] | None = None,
) -> Array: ...


def numerical_gradient(
    f: Function,
    x: Any,
    h: float | None = None,
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
    h : float > 0, optional
        Step; by default `nn.steps.default_step`, for each entry its own.
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
    one for each entry, and with `batch` one more for each row.

    References
    ----------
    Saito, Deep Learning from Scratch, section 4.4.
    """
    check_scheme(scheme)
    check_step(h)
    subject = Subject(x)
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
            for name, array in subject.arrays.items():
                flat = slopes(f, name, np.ndindex(array.shape), base)
                gradients[name] = fitted(flat.reshape(array.shape), array.dtype, name)
    subject.warn_if_unused(gradients)
    return gradients if subject.named else gradients["x"]


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
