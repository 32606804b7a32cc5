"""What the levels of one coordinate say of f there: smooth, a kink, noise, an edge.

A kink is told by the slopes of both sides, each with its own error, and not by a rule for how
large a jump may be. A smooth function that bends sharply has the same slopes on both sides once
the steps are short enough, and the search goes on until they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
State = Literal["converged", "kink", "noisy", "edge of domain", "not finite", "step limited"]

NOISY = 2.0**18  # times the rounding of one answer
_CLEAN = 1e-8  # of the slope: an error that no one minds, whatever it comes from
_UPRIGHT = 0.95  # powers of h below this rise with no slope at x
_POOR = 1e-3  # of the slope: an error that has no digits worth having


@dataclass
class Slope:
    """The slope by one coordinate, and what is known of it.

    Attributes
    ----------
    value, truncation, rounding, step, left, right : floats
    state : State
    """

    value: float
    truncation: float
    rounding: float
    step: float
    left: float
    right: float
    state: State


@dataclass
class Evidence:
    """All that was found out about one coordinate.

    Attributes
    ----------
    both, left, right : (value, truncation, rounding)
    step, scale : floats
        Of `both`; what an error is small or large beside.
    h, up, down : (K,) arrays
        Steps, coarse to fine, and f there less f(x); nan where that is not finite.
    noise, expected : floats
        Noise of f that was seen, and rounding of one answer.
    near : float
        The step of a plain central difference: a kink within it spoils that.
    nothing, interior, random, quantized, above, below : bools
        Whether the slope may as well be 0, finer levels were worse, f is random, has a grain, and
        is finite above and below x.
    """

    both: tuple[float, float, float]
    left: tuple[float, float, float]
    right: tuple[float, float, float]
    step: float
    scale: float
    h: Array
    up: Array
    down: Array
    noise: float
    expected: float
    near: float
    nothing: bool
    interior: bool
    random: bool
    quantized: bool
    above: bool
    below: bool


def judge(seen: Evidence) -> Slope:
    """Return the slope and its state."""
    left, right = seen.left[0], seen.right[0]
    if not (seen.above and seen.below):
        return _at_edge(seen)
    kink = None if seen.random else _steep(seen) or _bent(seen)
    if kink is not None:
        return kink
    value, truncation, rounding = seen.both
    near = None if seen.random else _bent_nearby(seen)
    state: State = "kink" if near else _smooth_state(seen, truncation, rounding)
    if near:
        left, right = near
    return Slope(value, truncation, rounding, seen.step, left, right, state)


def _smooth_state(seen: Evidence, truncation: float, rounding: float) -> State:
    error = truncation + rounding
    strange = seen.noise > NOISY * seen.expected
    strange &= error > _CLEAN * seen.scale and not seen.nothing
    near = slice(-3, None)  # no answer of the nearest three differs from f(x)
    still = not (np.nan_to_num(seen.up[near]).any() or np.nan_to_num(seen.down[near]).any())
    still &= seen.both[0] == 0
    still &= bool(np.isfinite(seen.both[0]))
    if not np.isfinite(error):
        return "step limited"
    if seen.random or seen.quantized or (strange and not still):
        return "noisy"
    if error <= _POOR * seen.scale or seen.nothing or still:
        return "converged"
    return "noisy" if seen.interior or rounding > truncation else "step limited"


def _at_edge(seen: Evidence) -> Slope:
    """One side alone: differences of that side, of the same order as those of two."""
    if not (seen.above or seen.below):
        nan = float("nan")
        return Slope(nan, np.inf, np.inf, nan, nan, nan, "not finite")
    value, truncation, rounding = seen.right if seen.above else seen.left
    moved = seen.up if seen.above else seen.down
    if _power(seen.h, moved, seen.expected) < _UPRIGHT:
        grows = np.sign(moved[np.isfinite(moved)][-1]) * (1 if seen.above else -1)
        value, truncation, rounding = float(grows * np.inf), np.inf, np.inf
    nan = float("nan")
    sides = (nan, value) if seen.above else (value, nan)
    return Slope(value, truncation, rounding, seen.step, *sides, "edge of domain")


def _bent(seen: Evidence) -> Slope | None:
    """Both slopes are known, and they differ: relu at 0."""
    (left, *left_parts), (right, *right_parts) = seen.left, seen.right
    unsure = sum(left_parts) + sum(right_parts)
    jump = abs(right - left)
    if not (jump > 3 * unsure and jump > 1e-6 * max(seen.scale, abs(left), abs(right))):
        return None
    bends = (seen.up + seen.down) / seen.h
    clear = np.abs(bends) * seen.h > 100 * seen.expected
    bends, h = bends[clear], seen.h[clear]
    further = h >= 8 * h[-1] if len(h) else clear[:0]
    if not further.any():
        return None
    coarse = int(np.flatnonzero(further)[-1])
    straight = (bends[-1] * h[coarse] - bends[coarse] * h[-1]) / (h[coarse] - h[-1])
    if max(abs(straight - (right - left)), abs(bends[-1] - (right - left))) > jump / 4:
        return None  # noise over h, which grows as h falls
    truncation, rounding = (max(parts) for parts in zip(left_parts, right_parts, strict=True))
    middle = (left + right) / 2
    return Slope(middle, jump / 2 + truncation, rounding, seen.step, left, right, "kink")


def _steep(seen: Evidence) -> Slope | None:
    """A side that rises like a power of h below 1, or jumps: sqrt|x|, sign, floor."""
    left, right = seen.left[0], seen.right[0]
    above = _power(seen.h, seen.up, seen.expected) < _UPRIGHT
    below = _power(seen.h, seen.down, seen.expected) < _UPRIGHT
    if not (above or below):
        return None
    if above:
        right = float(np.sign(seen.up[np.isfinite(seen.up)][-1])) * np.inf
    if below:
        left = -float(np.sign(seen.down[np.isfinite(seen.down)][-1])) * np.inf
    value = left if left == right else float("nan")
    return Slope(value, np.inf, np.inf, seen.step, left, right, "kink")


def _power(h: Array, moved: Array, expected: float) -> float:
    """Return p of |f(x + h) - f(x)| ~ h**p near x; 1 where there is no such law."""
    known = np.isfinite(moved) & (np.abs(moved) > 100 * expected)
    h, moved = h[known], moved[known]
    if len(h) < 4:
        return 1.0
    few = max(4, int((h < 2.0**12 * h[-1]).sum()))
    h, moved = h[-few:], moved[-few:]
    one_way = np.all(moved > 0) or np.all(moved < 0)
    if not one_way or h[0] < 2.0**8 * h[-1]:
        return 1.0
    x, y = np.log(h), np.log(np.abs(moved))
    power = float(np.polyfit(x, y, 1)[0])
    last = float((y[-1] - y[-2]) / (x[-1] - x[-2]))
    return power if np.ptp(y - power * x) < 0.2 and last < _UPRIGHT else 1.0


def _bent_nearby(seen: Evidence) -> tuple[float, float] | None:
    """Return the slopes of both sides of a kink that is not at x but within a plain step of it.

    From afar the sides have slopes of their own; nearer than the kink they have one, and it is
    that of the side x lies on. From two jumps J(h) = J (1 - d/h) follows how far off the kink is.
    """
    known = np.isfinite(seen.up) & np.isfinite(seen.down)
    h, up, down = seen.h[known], seen.up[known], seen.down[known]
    jump = (up + down) / h
    clear = np.abs(jump) * h > 100 * max(seen.noise, seen.expected)
    value, error = seen.both[0], seen.both[1] + seen.both[2]
    for fine in np.flatnonzero((h > 4 * seen.step) & clear)[::-1]:
        if not fine or not clear[fine - 1]:
            continue
        coarse = fine - 1
        if not 0.5 < jump[fine] / jump[coarse] < 1.1:
            continue
        whole = (jump[coarse] * h[coarse] - jump[fine] * h[fine]) / (h[coarse] - h[fine])
        away = h[fine] * (1 - jump[fine] / whole)
        right, left = up[fine] / h[fine], -down[fine] / h[fine]
        alike = min(abs(value - left), abs(value - right)) <= 1e-2 * abs(whole) + error
        if alike and 0 <= away <= seen.near and error < 1e-2 * abs(whole):
            side = abs(value - left) < abs(value - right)
            return (value, value + whole) if side else (value - whole, value)
    return None
