"""Derivatives that know their own error: `nn.differentiate`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nn.careful.asking import Asker
from nn.careful.limits import Bounds
from nn.careful.structure import flatten
from nn.careful.verdict import Slope
from nn.careful.walk import Walk
from nn.probing import Function
from nn.steps import entry

Array = NDArray[np.float64]
Nature = Literal["steady", "random", "remembers"]

_SHOWN = ("value", "error", "left", "right", "state")
_LITTLE = 1e-9  # of the largest slope: an error that does not turn the gradient
_REPEATS = 6  # of f at x, where two answers differ


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
        return describe(self)


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
        here, noise, nature = _at_x(asker)
        if np.isfinite(here):
            walk = Walk(asker, here, noise, progress)
            slopes = walk.slopes()
            worst = max(noise, walk.worst)
            slopes = _beside_the_largest(slopes)
            if nature == "steady":
                again = [asker.here(), asker.here()]
                if again != [here, here]:
                    nature = "remembers" if again[0] == again[1] else "random"
                    worst = max(worst, float(np.ptp([here, *again])))
                    slopes = [_doubted(slope, worst) for slope in slopes]
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


def _at_x(asker: Asker) -> tuple[float, float, Nature]:
    """Return f at x, how far its answers there are apart, and what that says of f."""
    answers = [asker.here(), asker.here()]
    if answers[0] == answers[1] or not np.isfinite(answers).all():
        return answers[0], 0.0, "steady"
    answers += [asker.here() for _ in range(_REPEATS - 2)]
    change = np.diff(answers)
    remembers = bool(np.all(change > 0) or np.all(change < 0))
    spread = float(np.ptp(answers))
    return float(np.mean(answers)), spread, "remembers" if remembers else "random"


def _doubted(slope: Slope, drift: float) -> Slope:
    """The same slope of an f that has changed by `drift` while it was asked."""
    rounding = max(slope.rounding, drift / slope.step if slope.step > 0 else np.inf)
    return replace(slope, rounding=rounding, state="noisy")


def _beside_the_largest(slopes: list[Slope]) -> list[Slope]:
    """Call converged what is known as well as anyone needs who follows the whole gradient."""
    largest = max((abs(s.value) for s in slopes if s.state == "converged"), default=0.0)
    return [
        replace(slope, state="converged")
        if slope.state in ("noisy", "step limited")
        and slope.truncation + slope.rounding <= _LITTLE * largest
        else slope
        for slope in slopes
    ]


def describe(found: Derivative, most: int = 8) -> str:
    """Return a derivative in words: states, and the entries whose errors are largest."""
    parts = {name: flatten(getattr(found, name)) for name in _SHOWN}
    rows: list[tuple[Any, ...]] = [
        (entry(name, i), *(np.asarray(parts[column][name])[i] for column in _SHOWN))
        for name, array in parts["value"].items()
        for i in np.ndindex(np.shape(array))
    ]
    asked = f"{found.evaluations} evaluations"
    if found.nature != "steady":
        asked += f"; f {'is random' if found.nature == 'random' else 'remembers earlier calls'}"
    if len(rows) == 1:
        _, value, error, left, right, state = rows[0]
        sides = f", {left:.6g} below and {right:.6g} above" if state == "kink" else ""
        return f"{value:.12g} ± {error:.1e}, {state}{sides}; {asked}"
    counts = Counter(str(row[-1]) for row in rows)
    lines = [f"{len(rows)} slopes: {', '.join(f'{n} {s}' for s, n in counts.items())}; {asked}"]
    rows.sort(key=lambda row: (row[-1] == "converged", -float(row[2])))
    for name, value, error, left, right, state in rows[:most]:
        sides = f", {left:.6g} below and {right:.6g} above" if state == "kink" else ""
        lines.append(f"  {name:12} {value:18.12g} ± {error:.1e}  {state}{sides}")
    if len(rows) > most:
        lines.append(f"  and {len(rows) - most} more, of smaller errors")
    return "\n".join(lines)
