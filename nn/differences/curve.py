"""Functions of one variable: the slope at x, and the line that has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.probing import Function, Subject, check_steady, fitted, one_number, values
from nn.steps import Scheme, check_scheme, check_step, nudge


def numerical_diff(f: Function, x: Any, h: float | None = None, scheme: Scheme = "central") -> Any:
    """Slope of a function of one variable: (f(x + h) - f(x - h)) / 2h.

    Parameters
    ----------
    f : callable, number -> number
        Is given the whole of an array x at once, and one number at a time where it cannot
        take an array.
    x : number or array
        An array is many numbers: the answer is the slope at each.
    h : float > 0, optional
        Step; by default `nn.steps.default_step`, fit for the dtype, the scheme and |x|.
    scheme : "central", "forward" or "backward"
        "forward" is (f(x + h) - f(x)) / h and "backward" (f(x) - f(x - h)) / h. Their
        truncation error falls as h, that of "central" as h**2.

    Returns
    -------
    float, or float64 array of the shape of x

    Raises
    ------
    InputError
        If x is empty, complex, not finite or not numbers.
    StepError, StepTooSmallError
        If h is not positive, is zero in the dtype of x, or vanishes beside x.
    NotOneNumberError, NotFiniteError, ImpureFunctionError
        If f answers with something else than a number, or the same x with different ones, or
        if a slope is beyond float64.

    References
    ----------
    Press et al., Numerical Recipes, 3rd ed., section 5.7.
    """
    check_scheme(scheme)
    check_step(h)
    points = Subject(x).only
    plus, minus, distance = nudge(points, h, scheme)
    upper, lower = values(f, plus), values(f, minus)
    check_steady(upper, values(f, plus))
    with np.errstate(over="ignore"):
        slopes = fitted((upper - lower) / distance, np.dtype(np.float64))
    return slopes if slopes.ndim else float(slopes)


@dataclass(frozen=True)
class TangentLine:
    """The line that touches the graph of a function at x: t -> value + slope * (t - x)."""

    x: float
    value: float
    slope: float

    def __call__(self, t: Any) -> Any:
        """Height of the line at `t`, a number or an array."""
        return self.value + self.slope * (np.asarray(t)[()] - self.x)


def tangent_line(f: Function, x: float, h: float | None = None) -> TangentLine:
    """Return the tangent of `f` at the number `x`, as a function of t.

    The line also knows its `slope`, the `x` it touches at and its `value` there. Arguments and
    errors as in `numerical_diff`.
    """
    point = Subject(x).only
    if point.ndim:
        raise ShapeError(
            f"a tangent line touches at one number x, got an array of shape {point.shape}; in"
            " several variables it is a plane, f(x) + numerical_gradient(f, x) · (t - x)"
        )
    slope = numerical_diff(f, point[()], h)
    return TangentLine(float(point), one_number(f(point[()]), f"at x = {point}"), slope)
