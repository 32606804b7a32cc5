"""A second look where answers have few digits: plain differences over steps long enough for them.

In float32 and float16 an answer is a staircase, and a tread next to x can look like a kink, or as
noise with no slope in it. Coarser steps span many treads, and may span a kink as well.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nn.careful.verdict import Slope
from nn.checking.asking import Entries

_STEPS = 2.0 ** -np.arange(2, 19)  # of the length over which f may change
_TELLS = 0.05  # of the slopes beside it: noise within which a difference still says something
_NOISE = 4.0  # roundings of an answer that its noise may be


class Coarse:
    """Central differences by one entry at halved steps.

    Attributes
    ----------
    h, D, rounding : arrays
        Steps, differences, and what rounding the answers once makes of these.
    """

    def __init__(self, entries: Entries, place: int) -> None:
        self.h = np.maximum(_STEPS * entries.length[place], 4 * entries.grain[place])
        where, x = np.full(len(self.h), place), entries.x[place]
        with np.errstate(all="ignore"):
            up, down = entries.at(where, x + self.h), entries.at(where, x - self.h)
            self.D = (up - down) / (2 * self.h)
            self.rounding = entries.eps * np.fmax(entries.here[place], np.abs(up - down)) / self.h

    def slope(self, before: Slope) -> Slope:
        """Return the difference that its neighbours differ from least, beside its size."""
        with np.errstate(all="ignore"):
            apart = np.abs(np.diff(self.D))
            unsure = np.maximum(apart[:-1], apart[1:])
            error = (unsure + self.rounding[1:-1]) / np.maximum(np.abs(self.D[1:-1]), 1e-300)
        if not np.isfinite(error).any():
            return before
        best = int(np.argmin(np.where(np.isfinite(error), error, np.inf))) + 1
        return replace(
            before,
            value=float(self.D[best]),
            truncation=float(unsure[best - 1]),
            rounding=float(self.rounding[best]),
            step=float(self.h[best]),
            state="noisy",
        )

    def allow(self, analytic: float, largest: float) -> bool:
        """Whether a gradient is as near to some difference as its noise, where that is not large.

        A kink within the longer steps, and noise in the shorter ones, leave no two that agree.
        """
        noise = _NOISE * self.rounding
        telling = noise <= _TELLS * np.fmax(np.abs(self.D), largest)
        return bool((np.abs(self.D - analytic) <= noise)[telling].any())
