"""Heights of f: what it answers at many points, and a gap where it has no answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError, NotFiniteError, NudgeError, blame
from nn.probing import Function, one_number, values

from .arrays import FloatArray

_LARGEST = 1e300  # beyond it differences of heights have no number


def evaluate(f: Function, points: NDArray[Any], *, somewhere: bool = False) -> FloatArray:
    """Ask f for its height at each of M points, one by one; nan where it has none.

    Parameters
    ----------
    f : callable, number or (n,) -> number
        Outside its domain it may answer with nan or an infinity, or raise an ArithmeticError or
        ValueError, as `math.log` does. It gets copies of the points.
    points : (M,) or (M, n)
    somewhere : bool
        Whether it is an error if f has no finite height at any of the points.

    Returns
    -------
    (M,)

    Raises
    ------
    NotOneNumberError
        If f answers with something else than one number.
    InputError
        If f has no finite height, and is to have one somewhere; if it takes no array.
    """
    heights = np.full(len(points), np.nan)
    fault: Exception | None = None
    with np.errstate(all="ignore"):
        for k, point in enumerate(points):
            try:
                answer = f(point.copy())
                number = isinstance(answer, float)  # what it mostly is: this shall be fast
                heights[k] = answer if number else one_number(answer, f"at x = {point}")
            except NotFiniteError:
                continue
            except NudgeError:
                raise
            except TypeError as error:
                if points.ndim == 1 or np.isfinite(heights).any():
                    raise
                many = f"f is asked for one array of {points.shape[1]} numbers, f(x), and fails"
                raise InputError(f"{many}: {blame(error)}") from error
            except (ArithmeticError, ValueError) as error:  # math.log(-1), 1 / 0
                fault = fault or error
    heights[~(np.abs(heights) < _LARGEST)] = np.nan
    if somewhere and np.isnan(heights).all():
        why = f": {blame(fault)}" if fault else ""
        raise InputError(f"f has no finite value anywhere in the picture{why}") from fault
    return heights


def heights_along(f: Function, points: FloatArray) -> FloatArray:
    """Ask f of one variable for its height at each of `points` (M,), at all at once if it can.

    nan where it has none; errors as in `evaluate`.
    """
    with np.errstate(all="ignore"):
        try:
            return values(f, points)
        except (ArithmeticError, ValueError):  # at some of them, maybe: ask one by one
            return evaluate(f, points)
