"""What was asked so far: f a step above and a step below x, for steps of many lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

PAIRS = 18  # at most, each of two evaluations; with f(x), asked three times, that is 39
# Steps are no powers of two. x + 2**-k has the low bits of x, so that f rounds at x + h as it does
# at x: the error would be smooth, and could not be seen.
ODD = 1.2360679774997896


class Levels:
    """Answers of f at x ± h for n coordinates, each with steps of its own, coarse to fine.

    Parameters
    ----------
    x : (n,) array
        Entries of x, float64.
    here : float or (n,) array
        f at x itself; one for each coordinate where each is asked of a function of its own.

    Attributes
    ----------
    here : (n,) array
    h, up, down : (n, pairs) arrays
        Steps, falling, and f at x + h and x - h; nan where nothing was asked, or f is not finite.
    count : (n,) integers
        Steps asked so far.
    """

    def __init__(self, x: Array, here: float | Array, pairs: int = PAIRS) -> None:
        self.x, self.here = x, np.broadcast_to(np.asarray(here, np.float64), x.shape)
        self.h, self.up, self.down = (np.full((len(x), pairs), np.nan) for _ in range(3))
        self.count = np.zeros(len(x), np.intp)

    def add(self, places: Places, h: Array, up: Array, down: Array) -> None:
        """Put an answer of some coordinates among those they have; all (K,)."""
        last = self.count[places]
        for kept, new in ((self.h, h), (self.up, up), (self.down, down)):
            kept[places, last] = new
        self.count[places] += 1
        order = np.argsort(-self.h[places], axis=1, kind="stable")  # nan comes last
        for kept in (self.h, self.up, self.down):
            kept[places] = np.take_along_axis(kept[places], order, axis=1)


def steps_near(x: Array, wanted: Array, grain: Array) -> Array:
    """Return odd steps near `wanted` with which x + h and x - h are exact, all (n,).

    `grain` is the gap between the numbers of x's dtype at x; it doubles where |x| + h passes a
    power of two.
    """
    with np.errstate(all="ignore"):
        reach = np.where(x == 0, 1, 1 + 2 * (wanted / np.abs(x)))  # in lengths of x
        coarse = grain * np.exp2(np.ceil(np.log2(reach)))
    coarse = np.where(x == 0, wanted * 2.0**-40, np.maximum(coarse, grain))
    return np.asarray(np.maximum(np.rint(wanted * ODD / coarse), 1) * coarse)


def typical_length(x: Array) -> Array:
    """Return, for each entry of an array, a length that f may change over; like x.

    |x|, but no less than 0.1 or, where all entries are smaller, their root mean square: that one
    of them is small, or 0, says nothing of f. A number that is tiny may be meant to be.
    """
    size = np.abs(x)
    usual = 0.1
    if x.size > 1 and size.any():
        largest = float(size.max())
        usual = min(usual, largest * float(np.sqrt(np.mean((size / largest) ** 2))))
    return np.where((size >= 2.0**-50) | (x == 0), np.maximum(size, usual), size)
