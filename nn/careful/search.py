"""Which step to try next: from a first guess down until f is resolved, up while it helps.

Each coordinate is followed on its own, from its first step to `None`. The reasons to go on, in
the order they are looked at:

    f is not finite there      closer, by large strides; in the end, from one side only
    three levels               fewer show nothing
    noise larger than f's own  may be a feature that is narrower than the steps: far closer
    noise still falling        is no noise but truncation: closer
    nothing finer              the best level is the finest, so a finer one may be better
    a kink, or not             the slopes of both sides differ, or are not yet known: far closer
    room to improve            fill wide gaps; coarser, where noise is what limits
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import ODD, PAIRS
from nn.careful.view import View

Array = NDArray[np.float64]

_EXACT = 2.0**-42  # of the slope: at most some rounding of f
_WIDE = 4.5  # steps of this ratio have room for another between them
_DEEP = 2.0**-44  # of the first step: as far as a corner is looked into
_CLIMBS = 8  # times that a coarser level than all so far is tried


@dataclass
class Search:
    """The walk of one coordinate.

    Attributes
    ----------
    first, least : floats
        The first step, and the smallest that still says something of f: nearer, f is a staircase
        of its own rounding.
    pairs : int
        How many steps may be tried.
    """

    first: float
    least: float
    pairs: int = PAIRS
    stride: int = 6
    climbs: int = 0
    fails: int = 0
    vain: int = 0
    least_error: float = math.inf
    closing: bool = field(default=False)  # f is not finite at the least step either

    def next(self, view: View) -> float | None:
        """Return the next step, to be made odd, or None where there is nothing to be gained."""
        if len(view.asked) >= self.pairs:
            return None
        if view.failed:
            return self._closer_to_f(view)
        step = self._finer(view) if view.levels < 3 else self._resolve(view)
        return self._improve(view) if step is None else step

    def _finer(self, view: View) -> float | None:
        """A quarter of the finest."""
        finest = view.h[-1] if len(view.h) else view.asked[-1]
        return self._new(view, max(finest / ODD / 4, self.least))

    def _far_finer(self, view: View) -> float | None:
        step = self._new(view, max(view.h[-1] / ODD * 2.0**-self.stride, self.least))
        self.stride = min(self.stride + 3, 24)
        return step

    def _closer_to_f(self, view: View) -> float | None:
        self.fails += 1
        nearest = view.asked[-1] / ODD
        if len(view.h) and view.h[-1] / ODD <= nearest * 1.01:
            return self._improve(view)
        if nearest <= self.least * 1.01:
            self.closing = True
            return None
        far = nearest * 2.0**-12 if self.fails < 3 else _between(nearest, self.least)
        return far if far > self.least * 2.0**6 else self.least

    def _resolve(self, view: View) -> float | None:
        """Go down until the slope, the noise and the sides are known."""
        error, finest = view.error, view.h[-1] / ODD
        exact = error <= _EXACT * abs(view.value) or view.nothing
        if finest <= self.least * 1.5:
            return None
        pure = not (view.random or view.quantized)
        if not self.closing and pure and self._bent(view):
            deep = max(64 * self.least, self.first * _DEEP, 2.0**10 * view.expected / view.jump)
            return self._far_finer(view) if finest > deep else None
        if not exact:
            if pure and view.strange:
                return self._far_finer(view)
            if pure and view.noise > 8 * view.expected and not view.settled:
                return self._finer(view)
            if view.at >= view.levels - 1:
                lost = error > 0.05 * view.scale
                return self._far_finer(view) if lost else self._finer(view)
        if not self.closing and not view.random:
            return self._compare_sides(view, finest)
        return None

    def _bent(self, view: View) -> bool:
        """Whether the slopes of both sides are known, and are two."""
        unsure = view.above.error + view.below.error
        return view.jump > 3 * unsure and view.jump > 1e-6 * view.scale

    def _compare_sides(self, view: View, finest: float) -> float | None:
        """Look closer at a jump of the slope, or at sides that are not resolved."""
        jump, unsure = view.jump, view.above.error + view.below.error
        slopes = max(abs(view.above.value), abs(view.below.value), 1e-3 * view.scale)
        if jump > 1e-6 * view.scale and jump > 0.1 * unsure:
            seen = 2.0**10 * (view.noise if view.settled else view.expected) / jump
        elif not unsure <= 1e-2 * slopes:
            seen = 2.0**8 * max(view.noise, view.expected) / max(view.scale, 1e-300)
        else:
            return None
        return self._far_finer(view) if finest > max(64 * self.least, seen) else None

    def _improve(self, view: View) -> float | None:
        """Fill gaps and climb while the error is larger than it need be."""
        if not len(view.h) or view.enough or self._bent(view) or self._in_vain(view):
            return None
        at, coarsest = view.h[view.at], self._top(view)
        if view.strange and not view.random and not view.quantized:
            return self._first(view, view.h[::-1])  # the finest may be the only one that is right
        if view.rounding <= 2 * view.truncation:
            above = view.h[(view.h >= at) & (view.h <= coarsest)][::-1]
            return self._first(view, [*above, *view.h[view.at + 1 :]])
        step = None
        if view.nearest > 4 * view.here and not view.quantized:
            step = self._far_finer(view)  # what rounds is f's own change: less of it nearer to x
        step = step or self._between(view, coarsest)
        explained = view.noise <= 8 * view.expected or view.error <= 0.05 * view.scale
        most = 2 if view.change == 0 else _CLIMBS  # where f does not change it may be constant
        if step is None and coarsest >= view.asked[0] and explained and self.climbs < most:
            far = 2.0 ** (4 << self.climbs // 2)  # 16, 16, 256, 256, ...
            self.climbs += 1
            step = self._new(view, coarsest / ODD * far)
        return step or self._first(view, view.h[(view.h >= at) & (view.h <= coarsest)])

    def _top(self, view: View) -> float:
        """The coarsest level in use that no very wide gap separates from the finest in use."""
        top = view.at
        while top > view.at - view.order and view.h[top - 1] / view.h[top] < 20:
            top -= 1
        return float(view.h[top])

    def _first(self, view: View, steps: Iterable[float]) -> float | None:
        """The middle of the first wide gap above one of `steps`."""
        middles = (self._between(view, h) for h in steps)
        return next((step for step in middles if step is not None), None)

    def _in_vain(self, view: View) -> bool:
        """Whether three steps in a row have hardly made the error smaller."""
        if view.error > self.least_error / 2:
            self.vain += 1
        else:
            self.vain = 0
        self.least_error = min(self.least_error, view.error)
        return self.vain > 3

    def _between(self, view: View, h: float) -> float | None:
        """The middle of the gap above a step, where it is wide."""
        coarser = view.asked[view.asked > h]
        if not len(coarser) or coarser[-1] / h < _WIDE:
            return None
        middle = _between(coarser[-1] / ODD, h / ODD)
        return self._new(view, min(middle, h / ODD * 16))

    def _new(self, view: View, step: float) -> float | None:
        if not 0 < step < np.inf:
            return None
        near = np.abs(view.asked / ODD / step - 1) < 1e-2
        return None if near.any() else float(step)


def _between(a: float, b: float) -> float:
    """The power of two in the middle of two lengths, however small they are."""
    return float(2.0 ** round((math.log2(a) + math.log2(b)) / 2))
