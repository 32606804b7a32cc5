"""Our own ways, and the best that any step could do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nn
from benchmarks.derivatives.answers import Found, Method
from benchmarks.points import Problem
from benchmarks.points.problem import flat
from nn.errors import StepError

Array = NDArray[np.float64]
CAREFUL = "nn.differentiate"
BEST = "best h of a dense grid"
_GRID = 10.0 ** np.arange(-20, 6, 1 / 16)  # of |x|, or of 1 where x is 0


def ours() -> list[Method]:
    """Return what `nn` has."""
    found = [
        Method("central, h = 1e-4", _with_step(1e-4), whole=True, note="the lesson's"),
        Method("central, h = 1e-6", _with_step(1e-6), whole=True),
        Method("numerical_gradient", _with_step(None), whole=True),
    ]
    if _probes():
        found.append(Method('numerical_gradient, "probe"', _with_step("probe"), whole=True))
    if hasattr(nn, "differentiate"):
        found.append(Method(CAREFUL, _careful, whole=True))
    return found


def _with_step(h: Any) -> Callable[[Any, Any], Found]:
    return lambda f, x: Found(flat(nn.numerical_gradient(f, x, h)))


def _probes() -> bool:
    """Whether `h` may be a word."""
    h: Any = "probe"
    try:
        nn.numerical_gradient(lambda x: x * x, 1.0, h)
    except StepError:
        return False
    return True


def _careful(f: Any, x: Any) -> Found:
    differentiate: Any = getattr(nn, "differentiate")  # noqa: B009
    found = differentiate(f, x)
    states = tuple(words(found.state))
    return Found(
        flat(found.value),
        flat(found.error),
        np.array([state != "converged" for state in states]),
        states,
    )


def words(states: Any) -> list[str]:
    """All states in one row, of an array or a dict of them."""
    parts = states.values() if isinstance(states, dict) else [states]
    return [str(state) for part in parts for state in np.ravel(part)]


def best_step(problem: Problem) -> Method:
    """Return the central difference whose h, for each entry, is the best of a grid for `problem`.

    It knows the answer, and so may be lucky: where f is noisy, one of many steps comes close by
    chance.
    """
    exact = problem.exact_vector

    def find(f: Callable[[Array], float], x: Array) -> Found:
        with np.errstate(all="ignore"):
            return Found(np.array([_best(f, x, place, slope) for place, slope in enumerate(exact)]))

    return Method(BEST, find, counted=False)


def _best(f: Callable[[Array], float], x: Array, place: int, slope: float) -> float:
    best = np.nan
    for h in _GRID * (abs(x[place]) or 1.0):
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        if up[place] == down[place]:
            continue
        try:
            estimate = (f(up) - f(down)) / (up[place] - down[place])
        except ValueError:  # off the end of its domain
            continue
        if np.isfinite(estimate) and not abs(estimate - slope) >= abs(best - slope):
            best = estimate
    return float(best)
