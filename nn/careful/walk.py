"""All coordinates at once: ask, estimate, and ask again where that helps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nn.careful.extrapolation import Estimate
from nn.careful.levels import ODD, PAIRS, Levels, steps_near
from nn.careful.search import Search
from nn.careful.sides import Estimates, estimate
from nn.careful.verdict import Evidence, Slope, judge
from nn.careful.view import Side, View
from nn.steps import default_step

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


class Asks(Protocol):
    """What answers: `nn.careful.asking.Asker`, or something that asks along a line.

    `x`, `grain` and `length` are (n,): the coordinates, the gaps between numbers there, and how
    far f may be thought to change; `eps` is the relative rounding error of an answer.
    """

    x: Array
    grain: Array
    length: Array
    eps: float

    def at(self, places: Places, moved: Array) -> Array:
        """Return f with one coordinate moved, (K,); nan where that is not finite."""


class Walk:
    """The search of every coordinate, side by side.

    Parameters
    ----------
    asker : Asks
    here : float or (n,) array
        f at x; one for each coordinate where each is asked of a function of its own.
    noise : float
        How far answers at x were apart.
    progress : callable, optional
        Called with the number of coordinates that have been finished.
    pairs : int
        How many steps may be tried for each.
    """

    def __init__(
        self,
        asker: Asks,
        here: float | Array,
        noise: float,
        progress: Callable[[int], object] | None = None,
        pairs: int = PAIRS,
    ) -> None:
        self.asker, self.noise, self.progress = asker, noise, progress
        x, n = asker.x, len(asker.x)
        self.levels = Levels(x, here, pairs)
        # A staircase of 2**10 treads in float64; the coarser dtypes have not as many to spare.
        with np.errstate(all="ignore"):
            digits = np.log2(np.abs(x) / asker.grain)
        treads = np.exp2(np.where(x == 0, 10, np.clip(digits / 5, 1, 10)))
        length = asker.length
        least = np.maximum(treads * asker.grain, length * 2.0**-80)
        self.least = np.exp2(np.ceil(np.log2(least)))
        self.first = np.maximum(np.exp2(np.floor(np.log2(length / 4 / ODD))), self.least)
        self.searches = [
            Search(float(first), float(least), pairs)
            for first, least in zip(self.first, self.least, strict=True)
        ]
        self.above, self.below = np.ones(n, bool), np.ones(n, bool)
        self.worst = 0.0  # noise of f where it could be told from all else

    def slopes(self) -> list[Slope]:
        """Ask until no coordinate has anything to gain, and judge."""
        wanted = dict(enumerate(self.first.tolist()))
        while wanted:
            places = np.array(list(wanted))
            failed = self._ask(places, np.array(list(wanted.values())))
            found = estimate(self.levels, self.asker.eps, self.noise, places)
            before, wanted = len(wanted), {}
            for row, place in enumerate(places.tolist()):
                step = self._next(place, row, found, bool(failed[row]))
                if step is not None:
                    wanted[place] = step
            if self.progress is not None and len(wanted) < before:
                self.progress(before - len(wanted))
        everything = np.arange(len(self.asker.x))
        found = estimate(self.levels, self.asker.eps, self.noise, everything, wary=True)
        evidence = [self._evidence(place, found) for place in range(len(self.asker.x))]
        slopes = [judge(seen) for seen in evidence]
        for seen, slope in zip(evidence, slopes, strict=True):
            if slope.state in ("converged", "noisy") and np.isfinite(seen.noise):
                self.worst = max(self.worst, seen.noise)
        return slopes

    def _ask(self, places: Places, wanted: Array) -> Flags:
        """Ask f above and below; return where it was not finite on a side that is open."""
        x = self.asker.x[places]
        h = steps_near(x, wanted, self.asker.grain[places])
        sides = []
        failed = np.zeros(len(places), bool)
        open_above, open_below = self.above[places], self.below[places]
        asked = np.concatenate([places[open_above], places[open_below]])
        moved = np.concatenate([(x + h)[open_above], (x - h)[open_below]])
        answers = self.asker.at(asked, moved)
        first = int(open_above.sum())
        for is_open, part in ((open_above, answers[:first]), (open_below, answers[first:])):
            side = np.full(len(places), np.nan)
            side[is_open] = part
            failed |= is_open & np.isnan(side)
            sides.append(side)
        self.levels.add(places, h, *sides)
        return failed

    def _next(self, place: int, row: int, found: Estimates, failed: bool) -> float | None:
        search = self.searches[place]
        step = search.next(self._view(place, row, found, failed))
        if not search.closing or not (self.above[place] and self.below[place]):
            return step
        finest = self.levels.count[place] - 1
        self.above[place] = np.isfinite(self.levels.up[place, finest])
        self.below[place] = np.isfinite(self.levels.down[place, finest])
        if self.above[place] == self.below[place]:
            return None
        search.fails = 0
        return search.next(self._view(place, row, found, failed=False))

    def _view(self, place: int, row: int, found: Estimates, failed: bool) -> View:
        chosen = self._chosen(place, found)
        levels, here = self.levels, float(self.levels.here[place])
        count, known = int(levels.count[place]), int(chosen.levels[row])
        h = chosen.h[row, :known]
        answers = np.stack([levels.up[place, :count], levels.down[place, :count]])
        finite = np.isfinite(answers)
        sizes = np.where(finite, np.abs(answers), 0).max(axis=0)
        moved = np.where(finite, np.abs(answers - here), 0).max(axis=0) / levels.h[place, :count]
        at, order = int(chosen.at[row]), int(chosen.order[row])
        some = bool(known) and np.isfinite(chosen.value[row])
        coarse = int(np.flatnonzero(levels.h[place] == h[at - order])[0]) if some else 0
        return View(
            value=float(chosen.value[row]),
            truncation=float(chosen.truncation[row]),
            rounding=float(chosen.rounding[row]),
            at=at,
            order=order,
            levels=known,
            h=h,
            asked=levels.h[place, :count],
            noise=float(chosen.noise[row]),
            settled=bool(chosen.settled[row]),
            expected=float(chosen.expected[row]),
            here=abs(here),
            nearest=float(sizes[finite.any(axis=0)][-1]) if finite.any() else 0.0,
            largest=max(float(sizes.max()), abs(here)),
            change=float(moved[coarse]),
            span=float(moved[count // 2]),
            above=Side(float(found.right.value[row]), float(found.right.error[row])),
            below=Side(float(found.left.value[row]), float(found.left.error[row])),
            quantized=bool(found.quantized[row]),
            random=self.noise > 0,
            failed=failed,
        )

    def _chosen(self, place: int, found: Estimates) -> Estimate:
        if self.above[place] and self.below[place]:
            return found.both
        return found.right if self.above[place] else found.left

    def _evidence(self, place: int, found: Estimates) -> Evidence:
        view = self._view(place, place, found, failed=False)
        chosen = self._chosen(place, found)
        count, here = int(self.levels.count[place]), float(self.levels.here[place])

        def parts(of: Estimate) -> tuple[float, float, float]:
            return float(of.value[place]), float(of.truncation[place]), float(of.rounding[place])

        step = view.h[view.at] if view.levels else np.nan
        return Evidence(
            both=parts(found.both),
            left=parts(found.left),
            right=parts(found.right),
            step=float(step),
            scale=view.scale,
            nothing=view.nothing,
            interior=view.at < view.levels - 1,
            h=self.levels.h[place, :count],
            up=self.levels.up[place, :count] - here,
            down=self.levels.down[place, :count] - here,
            noise=float(chosen.noise[place]),
            expected=max(view.expected, self.asker.eps * abs(here)),
            near=float(default_step(self.asker.x[place])),
            random=self.noise > 0,
            quantized=view.quantized,
            above=bool(self.above[place]),
            below=bool(self.below[place]),
        )
