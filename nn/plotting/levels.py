"""Heights worth a contour: numbers that can be read, so that lines are seen all over the plane."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.ticker import MaxNLocator

from .arrays import FloatArray

_SKEWED = 0.16  # of the way from lowest to highest: half of all heights are within it


def choose_levels(heights: FloatArray, count: int = 10) -> FloatArray:
    """Choose about `count` heights for contours: round numbers, at even distances where possible.

    Where most of the plane is nearly as low as its lowest point, as in a long valley, they grow by
    a third of a decade or more; where most is nearly as high as the highest, downwards alike;
    where a few heights stick out on both sides, there is as much of the plane between any two.

    Parameters
    ----------
    heights : array of any shape
        nan where there is none; not all the same.
    count : int >= 1

    Returns
    -------
    (L,)
        Ascending. Some may be beyond the lowest or the highest.
    """
    heights = heights[np.isfinite(heights)]
    low, high = float(heights.min()), float(heights.max())
    tenth, middle, ninth = (np.quantile(heights, (0.1, 0.5, 0.9)) - low) / (high - low)
    if middle < _SKEWED:
        levels = _growing(heights - low, count)
        if not 0 <= low < levels[0]:  # else the heights themselves read 1, 10, 100
            levels = _rounded(low + levels, low)
    elif middle > 1 - _SKEWED:
        return -choose_levels(-heights, count)[::-1]
    elif ninth - tenth < _SKEWED:
        shares = np.linspace(0, 1, count + 2)[1:-1]
        levels = _rounded(np.unique(np.quantile(heights, shares)), low)
    else:
        levels = np.asarray(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    return np.asarray(levels, np.float64)


def _growing(rise: FloatArray, count: int) -> FloatArray:
    """Choose rises that are powers of ten, with as many in between as `count` leaves room for."""
    share = min(0.05, 150 / rise.size)  # a line round fewer points would be a chain of islands
    bottom, top = np.log10([np.quantile(rise[rise > 0], share), rise.max()]).tolist()
    step = max(1, math.ceil((top - bottom) / count))
    within = next((w for w in ((1, 2, 5), (1, 3)) if (top - bottom) * len(w) <= count + 2), (1,))
    powers = np.arange(math.floor(bottom), math.ceil(top), step)
    rises = np.ravel(10.0 ** powers[:, None] * np.array(within))
    return np.asarray(rises[rises > 10.0**bottom])


def _rounded(levels: FloatArray, low: float) -> FloatArray:
    """Round ascending levels above `low` to as few digits as keep them well apart."""
    gaps = np.diff(levels, prepend=low)
    room = np.minimum(gaps, np.append(gaps[1:], np.inf)) / 3
    digits = -np.floor(np.log10(room)).astype(int)  # so many are enough; fewer may do
    found = []
    for level, least, most in zip(levels.tolist(), room.tolist(), digits.tolist(), strict=True):
        tries = (round(level, n) for n in range(most - 3, most))
        found.append(next((one for one in tries if abs(one - level) <= least), round(level, most)))
    return np.array(found)
