"""A second look where answers have few digits: plain differences over steps long enough for them.

In float32 and float16 an answer is a staircase, and a tread next to x can look like a kink, or as
noise with no slope in it. Coarser steps span many treads. Of central differences at halved steps
that one is taken whose neighbours differ from it least.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nn.careful.verdict import Slope
from nn.checking.asking import Entries

_STEPS = 2.0 ** -np.arange(2, 19)  # of the length over which f may change


def second_look(entries: Entries, place: int, slope: Slope) -> Slope:
    """Return the slope by one entry, known as well as plain differences tell it."""
    h = np.maximum(_STEPS * entries.length[place], 4 * entries.grain[place])
    where = np.full(len(h), place)
    x = entries.x[place]
    with np.errstate(all="ignore"):
        up, down = entries.at(where, x + h), entries.at(where, x - h)
        D = (up - down) / (2 * h)
        apart = np.abs(np.diff(D))
        unsure = np.maximum(apart[:-1], apart[1:])
        rounding = entries.eps * np.fmax(entries.here[place], np.abs(up - down)) / h
        error = (unsure + rounding[1:-1]) / np.maximum(np.abs(D[1:-1]), 1e-300)
    if not np.isfinite(error).any():
        return slope
    best = int(np.nanargmin(np.where(np.isfinite(error), error, np.nan))) + 1
    return replace(
        slope,
        value=float(D[best]),
        truncation=float(unsure[best - 1]),
        rounding=float(rounding[best]),
        step=float(h[best]),
        state="noisy",
    )
