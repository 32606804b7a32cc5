"""From second differences at many steps to one second derivative, its error and its state.

From both sides a second difference is D(h) = f'' + a h**2 + b h**4 + …, and the noise of f enters
it over h**2. `nn.careful.extrapolation` does the rest. What differs from one side to the other
says whether f'' is the same on both: it falls as h where f is smooth, and stays where f'' jumps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nn.careful.extrapolation import Estimate, extrapolate
from nn.careful.verdict import NOISY, State

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

GAIN = 4.0  # noise of a second difference over that of f / h**2
_POOR = 1e-3  # of the second derivative: an error that has no digits worth having
_CLEAN = 1e-8  # an error that no one minds, whatever it comes from
_NOTHING = 2.0**-30  # of how f changes: an error of a second derivative that may as well be 0
_WIDE = 2.5  # steps of this ratio have room for another between them


@dataclass(frozen=True)
class Bend:
    """A second derivative and what is known of it: one entry of a `Curvature`."""

    value: float
    truncation: float
    rounding: float
    step: float
    state: State

    @property
    def error(self) -> float:
        """The bound: truncation and rounding."""
        return self.truncation + self.rounding


NOWHERE = Bend(math.nan, math.inf, math.inf, math.nan, "not finite")


@dataclass(frozen=True)
class Quotients:
    """Second differences of n rows, each at steps of its own; all (n, K), coarse to fine.

    Attributes
    ----------
    h : steps
    main : D(h) from both sides, or from the one there is; nan where it is not known
    skews : how the sides differ; each tends to 0 where f is smooth
    floor, exact : error of an answer, at least, and what rounding it once can have done
    skew_floor : that of an answer in `skews`
    span : how far f goes from f(x), over h**2
    gain : float
        The noise of D is at most this, times that of f, over h**2.
    power : 1 or 2
        2 where D is from both sides.
    """

    h: Array
    main: Array
    skews: Sequence[Array]
    floor: Array
    exact: Array
    skew_floor: Array
    span: Array
    gain: float = GAIN
    power: int = 2

    def estimate(self) -> Estimate:
        """Extrapolate D.

        Where f'' is not smooth itself, as that of |x|**3, D from both sides settles as h too.
        """
        found = self._extrapolated(self.power)
        if self.power == 1:
            return found
        wary = self._extrapolated(1)
        clash = np.abs(found.value - wary.value) > 2 * (found.error + wary.error)
        clash &= np.array([self._settles_as_h(row, wary) for row in range(len(clash))])
        return replace(
            found,
            **{
                name: np.where(clash, getattr(wary, name), getattr(found, name))
                for name in ("value", "truncation", "rounding", "at", "order")
            },
        )

    def _settles_as_h(self, row: int, found: Estimate) -> bool:
        """Whether D falls as h does rather than as h**2, at the finest steps in use."""
        known = np.isfinite(self.main[row])
        few = slice(max(int(found.at[row]) - 2, 0), int(found.at[row]) + 1)
        h, D = self.h[row][known][few], self.main[row][known][few]
        if len(h) < 3:
            return False
        noise = self.gain * self.floor[row][known][few] / h**2
        coarse, fine = D[0] - D[1], D[1] - D[2]
        if not (abs(fine) > 8 * noise[2] and coarse / fine > 0):
            return False
        even = (h[0] ** 2 - h[1] ** 2) / (h[1] ** 2 - h[2] ** 2)
        linear = (h[0] - h[1]) / (h[1] - h[2])
        return bool(coarse / fine < math.sqrt(even * linear))

    def _extrapolated(self, power: int) -> Estimate:
        return extrapolate(self.main, self.h, self.floor, power, gain=self.gain)

    def judge(self, noisy: Flags, edge: bool = False) -> list[Bend]:
        """Return a second derivative a row; `noisy` rows are known to be."""
        found = self.estimate()
        skews = [extrapolate(skew, self.h, self.skew_floor, 1, gain=GAIN) for skew in self.skews]
        return [self._judge(row, found, skews, bool(noisy[row]), edge) for row in range(len(noisy))]

    def _judge(
        self, row: int, found: Estimate, skews: list[Estimate], noisy: bool, edge: bool
    ) -> Bend:
        if not found.levels[row]:
            return NOWHERE
        value, step = float(found.value[row]), float(found.h[row, found.at[row]])
        truncation, rounding = float(found.truncation[row]), float(found.rounding[row])
        error = truncation + rounding
        grown = math.nan if noisy or error <= _POOR * abs(value) else self._grown(row)
        if not math.isnan(grown):
            return Bend(grown, math.inf, math.inf, step, "edge of domain" if edge else "kink")
        if edge:
            if not (error <= 0.1 * abs(value) or self.nothing(row, found)):
                truncation = math.inf  # it need not be finite
            return Bend(value, truncation, rounding, step, "edge of domain")
        jump = 0.0 if noisy else self._jump(row, abs(value), skews)
        if jump:
            return Bend(value, max(truncation, jump), rounding, step, "kink")
        nothing = self.nothing(row, found)
        noise = max(float(found.noise[row]), float(found.expected[row]))
        exact = self.exact[row][np.isfinite(self.main[row])][-1]
        strange = noise > NOISY * exact and not nothing
        state: State = "converged"
        if noisy or (strange and error > _CLEAN * abs(value)):
            state = "noisy"
        elif not (error <= _POOR * abs(value) or nothing):
            finest = found.at[row] == found.levels[row] - 1
            state = "step limited" if finest and truncation > rounding else "noisy"
        return Bend(value, truncation, rounding, step, state)

    def nothing(self, row: int, found: Estimate) -> bool:
        """Whether the second derivative may as well be 0, beside how f changes nearby."""
        error, used = found.error[row], self.span[row][np.isfinite(self.main[row])]
        coarsest = used[max(found.at[row] - found.order[row], 0)] if len(used) else 0.0
        still = bool(len(used)) and not used.any()
        return still or bool(abs(found.value[row]) <= 4 * error <= 4 * _NOTHING * coarsest)

    def _clear(self, row: int, of: Array, floor: Array) -> tuple[Array, Array]:
        """Return (h, D) at the steps where D is far larger than its noise."""
        h, noise = self.h[row], GAIN * floor[row] / self.h[row] ** 2
        clear = np.abs(of[row]) > 100 * noise
        return h[clear], of[row][clear]

    def _grown(self, row: int) -> float:
        """Return ±inf where D grows as a power of 1/h near x, as at a corner; else nan."""
        h, D = self._clear(row, self.main, self.exact)
        few = max(4, int((h < 2.0**10 * h[-1]).sum())) if len(h) else 4
        h, D = h[-few:], D[-few:]
        if len(h) < 4 or h[0] < 2.0**5 * h[-1] or not (np.all(D > 0) or np.all(D < 0)):
            return math.nan
        x, y = np.log(h), np.log(np.abs(D))
        power = float(np.polyfit(x, y, 1)[0])
        last = float((y[-1] - y[-2]) / (x[-1] - x[-2]))
        # Noise grows as h**-2, and so does a jump of f itself, which its slope tells.
        steady = np.ptp(y - power * x) < 0.2 and max(power, last) < -0.05 and power > -1.8
        return float(np.sign(D[-1])) * math.inf if steady else math.nan

    def _jump(self, row: int, size: float, skews: list[Estimate]) -> float:
        """Return how far the second derivative of a side is from the mean of the sides."""
        whole = 0.0
        for skew, of in zip(skews, self.skews, strict=True):
            limit = abs(float(skew.value[row]))
            if not (limit > 3 * skew.error[row] and limit > 1e-6 * size):
                continue
            h, D = self._clear(row, of, self.skew_floor)
            further = h >= 8 * h[-1] if len(h) else h > 0
            if further.any():
                two = D[[np.flatnonzero(further)[-1], -1]]
                if np.all(np.abs(two - skew.value[row]) <= limit / 4):
                    whole += limit
        return whole


def next_step(asked: Array, found: Estimate, row: int) -> float | None:
    """Return a step that may make the error smaller, or None.

    Parameters
    ----------
    asked : (K,) array
        All steps so far, coarse to fine.
    found : Estimate
        Its row `row` is what they lead to.
    """
    h = found.h[row, : found.levels[row]]
    finest = float(asked[-1])
    if len(h) < 3:
        return finest / (4 if len(h) else 64)
    at, order = int(found.at[row]), int(found.order[row])
    truncation, rounding = found.truncation[row], found.rounding[row]
    lost = not truncation + rounding <= 0.05 * abs(found.value[row])
    if not np.isfinite(truncation):
        return finest / 16
    if found.noise[row] > 8 * found.expected[row] and not found.settled[row]:
        return finest / 4  # noise that falls is truncation
    limited = rounding > truncation
    if not limited and at == len(h) - 1:
        return finest / (16 if lost else 4)
    top = max(at - order - 1, 0)
    bottom = at if limited else min(at + 1, len(h) - 1)
    inside = asked[(asked <= h[top] * 1.01) & (asked >= h[bottom] * 0.99)]
    for coarse, fine in pairwise(inside):
        if coarse > _WIDE * fine:
            return math.sqrt(coarse * fine)
    return float(asked[0]) * 4 if limited and h[at - order] > 0.99 * asked[0] else None
