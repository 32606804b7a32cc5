"""Derivatives that know their own error: `nn.differentiate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.asking import Asker
from nn.careful.limits import Bounds
from nn.careful.nature import Nature, at_x
from nn.careful.verdict import Slope
from nn.careful.walk import Walk
from nn.careful.words import describe
from nn.probing import Function

Array = NDArray[np.float64]

_LITTLE = 1e-9  # of the largest slope: an error that does not turn the gradient


@dataclass(frozen=True)
class Derivative:
    """Slopes of f by every entry of x, and what is known of their errors.

    Each of the fields up to `state` is like x: a number, an array, or arrays in dicts and lists.

    Attributes
    ----------
    value : floats
        The slope. At a kink the mean of both sides; at an edge that of the side there is.
    error : floats
        A bound of |value - slope|: truncation + rounding. At a kink it holds both slopes.
    truncation, rounding : floats
        What the step being finite, and f being noisy, can have done.
    step : floats
        The finest step that `value` is made of.
    left, right : floats
        One-sided slopes, below and above x; infinite where f jumps or is vertical.
    state : "converged", "kink", "noisy", "edge of domain", "not finite" or "step limited"
        "noisy": f has errors far larger than rounding, or too large for the slope to be seen.
        "step limited": no step was short enough.
    evaluations : int
        Points f was asked at, x itself included.
    nature : "steady", "random" or "remembers"
        Whether f answers x with the same number, with different ones, or with one that depends
        on what it was asked before.
    noise : float
        The largest noise of f that was seen, in units of f.

    `print` shows the state of all and the entries that are least sure.
    """

    value: Any
    error: Any
    truncation: Any
    rounding: Any
    step: Any
    left: Any
    right: Any
    state: Any
    evaluations: int
    nature: Nature
    noise: float

    def __str__(self) -> str:
        return describe(self, "slopes")


def differentiate(
    f: Function,
    x: Any,
    *,
    vectorized: bool = False,
    bounds: Bounds | None = None,
    progress: Callable[[int], object] | None = None,
) -> Derivative:
    """Slopes of `f` by every entry of `x`, each with a bound of its own error.

    For each entry alone it looks for the steps at which f can be differentiated: down from a
    quarter of |x| until f is resolved, up again while that makes the error smaller. Differences
    at several steps are extrapolated; how they agree gives the truncation error, and how they
    scatter the noise of f (see `nn.careful.extrapolation`).

    Parameters
    ----------
    f : callable, x -> number
    x : number, array, or arrays in dicts and lists
        Writable floating-point arrays are nudged in place, and put back to the same bits.
    vectorized : bool
        f takes many points at once, along a new first axis, and returns as many numbers: (K,)
        for a number x, (K, *shape) for an array. One call then serves all entries.
    bounds : (low, high), optional
        Numbers, or arrays with one an entry of x, or None; f is not asked outside.
    progress : callable, optional
        Called with the number of entries that have been finished.

    Returns
    -------
    Derivative
        At most 40 evaluations an entry, some 14 for most.

    Raises
    ------
    InputError
        If x cannot be nudged, or lies outside the bounds.
    NotOneNumberError
        If f returns something else than one number.
    ImpureFunctionError
        If f writes into x.

    Warns
    -----
    UnusedInputWarning
        If x had to be copied and every difference is exactly zero.

    Notes
    -----
    What no difference can see, the bound does not hold: a feature that no step met, or an f whose
    errors are as smooth as itself (a coarse quadrature has a slope of its own).

    References
    ----------
    Ridders, Advances in Engineering Software 4, 1982 (extrapolation with an error estimate).
    Moré and Wild, Estimating Computational Noise, SIAM Journal on Scientific Computing 33, 2011.
    """
    asker = Asker(f, x, vectorized, bounds)
    with asker.held():
        here, noise, nature = at_x(asker)
        if np.isfinite(here):
            walk = Walk(asker, here, noise, progress)
            slopes = walk.slopes()
            worst = max(noise, walk.worst)
            slopes = beside_the_largest(slopes)
            if nature == "steady":
                again = [asker.here(), asker.here()]
                if again != [here, here]:
                    nature = "remembers" if again[0] == again[1] else "random"
                    worst = max(worst, float(np.ptp([here, *again])))
                    slopes = [doubted(slope, worst) for slope in slopes]
        else:
            nan = float("nan")
            nowhere = Slope(nan, np.inf, np.inf, nan, nan, nan, "not finite")
            slopes, worst = [nowhere] * len(asker.x), nan
    asker.warn_if_unused(np.array([slope.value for slope in slopes]))
    columns = {
        name: asker.like(np.array([getattr(slope, name) for slope in slopes]))
        for name in ("value", "truncation", "rounding", "step", "left", "right", "state")
    }
    error = asker.like(np.array([slope.truncation + slope.rounding for slope in slopes]))
    return Derivative(
        **columns, error=error, evaluations=asker.evaluations, nature=nature, noise=worst
    )


def doubted(slope: Slope, drift: float) -> Slope:
    """The same slope of an f that has changed by `drift` while it was asked."""
    rounding = max(slope.rounding, drift / slope.step if slope.step > 0 else np.inf)
    return replace(slope, rounding=rounding, state="noisy")


def beside_the_largest(slopes: list[Slope]) -> list[Slope]:
    """Call converged what is known as well as anyone needs who follows the whole gradient."""
    largest = max((abs(s.value) for s in slopes if s.state == "converged"), default=0.0)
    return [
        replace(slope, state="converged")
        if slope.state in ("noisy", "step limited")
        and slope.truncation + slope.rounding <= _LITTLE * largest
        else slope
        for slope in slopes
    ]
