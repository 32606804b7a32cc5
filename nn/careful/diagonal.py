"""Second derivatives by each entry of x alone, from the points that gave the slopes.

The walk that finds the slope of an entry asks f above and below x at steps from coarse to fine.
The same answers give (f(x + h) - 2 f(x) + f(x - h)) / h**2; a few more steps are asked where that
makes its error smaller. The best are larger than those of the slope, as its noise grows as 1/h**2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nn.careful.bends import NOWHERE, Bend, Quotients, next_step
from nn.careful.extrapolation import Estimate
from nn.careful.levels import ODD, Levels, steps_near
from nn.careful.sides import estimate
from nn.careful.verdict import Slope
from nn.careful.walk import Asks, Walk

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

PAIRS, MORE = 13, 5  # of points an entry: for its slope, and after that
_ALIKE = 0.03  # of the second derivative: a step at which D is so near it is no longer than f's own
_SHOWN = 8.0  # noise that slopes show may be as much smaller in second differences
_EXACT = 2.0**-48  # of f: a change that is no more than rounding
_ENOUGH = 2.0**-30  # of the second derivative: an error that need not be made smaller


class Diagonal:
    """The diagonal of the Hessian of f at x.

    Parameters
    ----------
    asks : Asks
        f, one entry moved.
    here, noise : floats
        f at x, finite, and how far answers there were apart.
    pairs, more : int
        Steps that may be tried for the slope of each entry, and after that.

    Attributes
    ----------
    slopes : list of Slope
    grains, noisy : (n,) arrays
        How far answers are apart, where they have a grain, or noise that the slope has shown;
        whether f is known to be noisy.
    levels : Levels
        All that was asked.
    """

    def __init__(
        self, asks: Asks, here: float, noise: float, pairs: int = PAIRS, more: int = MORE
    ) -> None:
        self.asks, self.here, self.noise, self.more = asks, here, noise, more
        self.walk = Walk(asks, here, noise, pairs=pairs)
        self.slopes: list[Slope] = self.walk.slopes()
        old, n = self.walk.levels, len(asks.x)
        self.levels = Levels(asks.x, here, pairs + more)
        for mine, theirs in zip(self._columns(self.levels), self._columns(old), strict=True):
            mine[:, : theirs.shape[1]] = theirs
        self.levels.count[:] = old.count
        seen = estimate(old, asks.eps, noise, np.arange(n))
        self.quantized = seen.quantized
        shown = np.where(np.isfinite(seen.both.noise) & seen.both.settled, seen.both.noise, 0.0)
        rough = np.where([slope.state == "noisy" for slope in self.slopes], shown / _SHOWN, 0.0)
        self.grains = np.maximum(np.where(self.quantized, self._grain(), 0.0), rough)
        self.noisy = (self.quantized & (self.grains > 8 * asks.eps * abs(here))) | (noise > 0)
        self._refine()

    @staticmethod
    def _columns(levels: Levels) -> tuple[Array, Array, Array]:
        return levels.h, levels.up, levels.down

    def _grain(self) -> Array:
        """Return the smallest change of f that was seen, by each entry."""
        up, down = self.levels.up - self.here, self.levels.down - self.here
        changes = np.abs(np.concatenate([up, down, up + down], axis=1))
        seen = changes > _EXACT * abs(self.here)
        return np.asarray(np.where(seen, changes, np.inf).min(axis=1))

    def quotients(self, rows: Places) -> Quotients:
        """Second differences of entries that are open on the same sides."""
        h, up, down = (column[rows] for column in self._columns(self.levels))
        here, walk = self.here, self.walk
        flat = (up == here) & (down == here) & self.quantized[rows][:, None]
        above, below = walk.above[rows[0]], walk.below[rows[0]]
        sides = [side for side, is_open in ((up, above), (down, below)) if is_open]
        size = np.fmax.reduce([np.abs(side) for side in sides], initial=abs(here))
        gone = np.fmax.reduce([np.abs(side - here) for side in sides])
        slope = np.array([[self.slopes[row].value] for row in rows])
        unsure = np.array(
            [[self.slopes[row].truncation + self.slopes[row].rounding] for row in rows]
        )
        exact = np.maximum(self.asks.eps * size, self.noise)
        floor = np.maximum(exact, self.grains[rows][:, None])
        wide = floor + np.where(np.isfinite(unsure), unsure, 0) * h / 2
        right, left = 2 * (up - here - slope * h) / h**2, 2 * (down - here + slope * h) / h**2
        if above and below:
            main = np.where(flat, np.nan, (up + down - 2 * here) / h**2)
            return Quotients(h, main, [(right - left) / 2], floor, exact, wide, gone / h**2)
        main = np.where(flat, np.nan, right if above else left)
        return Quotients(h, main, [], wide, wide, wide, gone / h**2, power=1)

    def groups(self) -> list[Places]:
        """Entries by the sides on which f is finite; those with none are in no group."""
        above, below = self.walk.above, self.walk.below
        sides = [above & below, above & ~below, below & ~above]
        return [np.flatnonzero(side) for side in sides if side.any()]

    def _refine(self) -> None:
        """Ask at more steps where that makes errors smaller."""
        n = len(self.asks.x)
        active = np.array([not self._told(row) for row in range(n)])
        least, vain = np.full(n, np.inf), np.zeros(n, int)
        for _ in range(self.more):
            wanted: dict[int, float] = {}
            for group in self.groups():
                rows = group[active[group]]
                if not len(rows):
                    continue
                quotients = self.quotients(rows)
                found = quotients.estimate()
                for k, row in enumerate(rows.tolist()):
                    error = float(found.error[k])
                    vain[row] = vain[row] + 1 if error > least[row] / 2 else 0
                    least[row] = min(least[row], error)
                    enough = error <= _ENOUGH * abs(found.value[k]) or quotients.nothing(k, found)
                    step = None if enough or vain[row] > 2 else self._next(row, found, k)
                    active[row] = step is not None
                    if step is not None:
                        wanted[row] = step
            if not wanted:
                return
            self._ask(np.array(list(wanted)), np.array(list(wanted.values())))

    def _told(self, row: int) -> bool:
        """Whether the slope says all there is to say: a corner, infinite, not finite."""
        slope = self.slopes[row]
        return slope.state in ("kink", "not finite") or np.isinf(slope.value)

    def _next(self, row: int, found: Estimate, k: int) -> float | None:
        asked = self.levels.h[row, : self.levels.count[row]]
        step = next_step(asked, found, k)
        if step is None:
            return None
        step = 2.0 ** round(math.log2(step / ODD))
        new = not np.any(np.abs(asked / (ODD * step) - 1) < 0.3)
        return step if new and step >= self.walk.least[row] else None

    def _ask(self, rows: Places, wanted: Array) -> None:
        x = self.asks.x[rows]
        h = steps_near(x, wanted, self.asks.grain[rows])
        up, down = self.asks.at(rows, x + h), self.asks.at(rows, x - h)
        self.levels.add(rows, h, up, down)

    def bends(self) -> list[Bend]:
        """Return the second derivative by each entry."""
        bends = [NOWHERE] * len(self.asks.x)
        for rows in self.groups():
            quotients = self.quotients(rows)
            edge = quotients.power == 1
            found = quotients.judge(self.noisy[rows], edge)
            for row, bend in zip(rows.tolist(), found, strict=True):
                bends[row] = self._corner(row, bend) if self._told(row) else bend
        return bends

    def _corner(self, row: int, bend: Bend) -> Bend:
        """At a corner of f its second derivative is infinite; at a jump it is none."""
        slope = self.slopes[row]
        if slope.state == "not finite":
            return NOWHERE
        if slope.state == "edge of domain":  # upright, and less so further inside
            inward = slope.value if self.walk.below[row] else -slope.value
            return Bend(inward, math.inf, math.inf, slope.step, "edge of domain")
        turn = np.sign(slope.right - slope.left)
        if not np.isfinite([slope.left, slope.right]).all():
            turn = turn if slope.left == -slope.right else np.nan
        value = float(turn) * math.inf if turn else math.nan
        return Bend(value, math.inf, math.inf, bend.step, "kink")

    def tops(self) -> Array:
        """Return a step for each entry, a power of 2, up to which f bends as it does at x."""
        tops = self.walk.first.copy()
        for rows in self.groups():
            quotients = self.quotients(rows)
            found = quotients.estimate()
            for k, row in enumerate(rows.tolist()):
                known = np.isfinite(quotients.main[k])
                h, D = self.levels.h[row][known], quotients.main[k][known]
                alike = np.abs(D - found.value[k]) <= _ALIKE * abs(found.value[k])
                if alike.any() and not quotients.nothing(k, found):
                    first = int(alike.argmax())  # of those without a gap, the coarsest
                    at = max(int(found.at[k]), first)
                    gaps = np.flatnonzero(~alike[:at])
                    first = int(gaps[-1]) + 1 if len(gaps) else 0
                    tops[row] = 2.0 ** round(math.log2(h[min(first, len(h) - 1)] / ODD))
        return tops
