"""Whether inputs of a layer share a kink where they are equal, as those of a maximum do.

At such a tie, nudging each of them is not nudging all. Of four equal pixels of a max-pool, each
moves the largest up by h and none moves it down: four times half a slope. All together move it by
h either way: one slope. A weight moves all of them, so nodes must not stand for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.layers import Layer, foreign

Array = NDArray[np.float64]
_H = 1e-4
_EQUAL = 0.37  # where few functions have a kink of their own
_OFF = 0.05  # of the largest slope; a smooth layer is off by h²
_MOST, _ROWS = 8192, 1 << 20  # numbers of a sample that are tried; numbers at once


def shares_kinks(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Whether what nudging each input does, adds up to what nudging all of them does.

    Our own layers say it themselves; others are asked, at an input whose numbers are all equal.
    """
    if not foreign(layer):
        return layer.ties
    size = int(np.prod(shape, dtype=int))
    if layer.ties or size > _MOST:
        return layer.ties
    try:
        together = _answers(layer, np.ones((1, size)), shape)[0]
        apart, largest = np.zeros_like(together), np.abs(together).max(initial=0.0)
        some = max(1, _ROWS // size)
        for first in range(0, size, some):
            nudges = np.zeros((min(some, size - first), size))
            nudges[np.arange(len(nudges)), first + np.arange(len(nudges))] = 1
            slopes = _answers(layer, nudges, shape)
            apart += slopes.sum(axis=0)
            largest = max(largest, np.abs(slopes).max(initial=0.0))
    except Exception:  # it takes no such input, or no such batch
        return False
    if not (np.isfinite(together).all() and np.isfinite(apart).all()):
        return False
    return bool(np.abs(together - apart).max(initial=0.0) > _OFF * largest)


def _answers(layer: Layer, nudges: Array, shape: tuple[int, ...]) -> Array:
    """Return the slopes of a layer's answer along some directions, a row each."""
    up, down = (
        np.array(layer.forward((_EQUAL + sign * _H * nudges).reshape(-1, *shape)), np.float64)
        for sign in (1, -1)
    )
    return np.asarray((up - down).reshape(len(nudges), -1) / (2 * _H))
