"""Which outputs have a kink along one entry, and which slopes the sum over them may then have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.checking.asking import Entries
from nn.checking.table import Bend

Array = NDArray[np.float64]

_STEPS = 2.0 ** -np.array([12.0, 16.0, 20.0])  # of the length over which f may change
_CLEAR = 1e-3  # of an output's slopes: a jump that no smooth function has over such steps


def bends_at(entries: Entries, place: int) -> tuple[tuple[Bend, ...], tuple[float, float]]:
    """Look at all outputs, one by one, just above and just below one entry.

    Returns
    -------
    bends : tuple of Bend
        The outputs whose slope jumps, the largest jump first.
    low, high : floats
        The sum over all outputs, weighted by dout, with each that jumps at either of its slopes.
    """
    x, length = entries.x[place], entries.length[place]
    where, sides = np.array([place]), []
    for step in _STEPS * length:
        h = max(step, 64 * entries.grain[place])
        up = entries.nudged(where, np.array([x + h])) / h
        down = -entries.nudged(where, np.array([x - h])) / h
        sides.append((down, up))
    left, right = sides[1]
    jumps = np.stack([up - down for down, up in sides])
    size = np.maximum(np.abs(left), np.abs(right))
    noise = 16 * entries.eps * np.abs(entries.clean) / (_STEPS[1] * length)
    # A curve's jump falls with h; a kink's stays.
    stays = np.abs(jumps[1]) > 0.5 * np.abs(jumps[0])
    bent = stays & (np.abs(jumps[1]) > _CLEAR * size + noise)
    dout = entries.dout
    smooth = float(np.sum(np.where(bent, 0, dout * (left + right) / 2)))
    ends = np.stack([dout * left, dout * right])[:, bent]
    low, high = smooth + ends.min(axis=0).sum(), smooth + ends.max(axis=0).sum()
    order = np.argsort(-np.abs(jumps[1][bent] * dout[bent]), kind="stable")
    indices = np.argwhere(bent)
    found = tuple(
        Bend(
            tuple(int(i) for i in indices[k]),
            float(left[bent][k]),
            float(right[bent][k]),
        )
        for k in order.tolist()
    )
    return found, (float(low), float(high))
