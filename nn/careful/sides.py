"""The slope from both sides, from above and from below, from all that was asked."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from nn.careful.extrapolation import Estimate, extrapolate
from nn.careful.levels import Levels

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_STAIRS = 1e-2  # of the slope: an error that lets a flat spot be the tread of a stair


@dataclass
class Estimates:
    """Slopes from both sides, from above and from below, and where answers have a grain."""

    both: Estimate
    right: Estimate
    left: Estimate
    quantized: Flags


def estimate(
    levels: Levels, eps: float, noise: float, places: Places, wary: bool = False
) -> Estimates:
    """Extrapolate what the levels of some coordinates hold, a row each.

    `noise` is known of f beforehand. If `wary`, errors allow for noise that fine steps hide.
    """
    blur = eps / 2 * np.abs(levels.x[places]) if wary else None
    here, most = levels.here[places][:, None], int(levels.count[places].max())
    h, up, down = (a[places, :most] for a in (levels.h, levels.up, levels.down))

    def three(up: Array, down: Array) -> list[Estimate]:
        above, below = np.fmax(np.abs(up), np.abs(here)), np.fmax(np.abs(down), np.abs(here))
        bends = up + down - 2 * here
        floors = [np.maximum(eps * size, noise) for size in (np.fmax(above, below), above, below)]
        return [
            extrapolate((up - down) / (2 * h), h, floors[0], 2, bends, blur),
            extrapolate((up - here) / h, h, floors[1], 1, None, blur),
            extrapolate((here - down) / h, h, floors[2], 1, None, blur),
        ]

    found = three(up, down)
    # Where f has a grain (float32 inside, rounded answers) it is flat next to x, exactly.
    flat = (up == here) & (down == here)
    moving = np.isfinite(up) & np.isfinite(down) & ~flat
    stairs = flat.any(axis=1) & moving.any(axis=1)
    if stairs.any():
        coarse = three(np.where(flat, np.nan, up), np.where(flat, np.nan, down))
        slope = coarse[0]
        jump, unsure = coarse[1].value - coarse[2].value, coarse[1].error + coarse[2].error
        stairs &= (slope.error <= _STAIRS * np.abs(slope.value)) & (slope.levels > 2)
        stairs &= ~(np.abs(jump) > 3 * unsure)  # a corner, flat on the side of x
        found = [_either(stairs, a, b) for a, b in zip(coarse, found, strict=True)]
    both, right, left = found
    # Where f bends at x itself, as Huber's loss does at its joints, each side is smooth alone.
    alike = np.abs(right.value - left.value) <= right.error + left.error
    one = alike & (np.maximum(right.error, left.error) < both.error / 4)
    # Next to an edge one side has coarser steps than both have together.
    for side in (right, left):
        alike = np.abs(side.value - both.value) <= side.error + both.error
        one |= (side.levels > both.levels) & alike & (side.error < both.error / 16)
    if one.any():
        both = _either(one, _either(right.error < left.error, right, left), both)
    return Estimates(both, right, left, stairs)


def _either(where: Flags, a: Estimate, b: Estimate) -> Estimate:
    """Rows of a where `where`, rows of b elsewhere."""
    chosen = {}
    for field in fields(Estimate):
        x, y = getattr(a, field.name), getattr(b, field.name)
        chosen[field.name] = np.where(where.reshape(-1, *[1] * (x.ndim - 1)), x, y)
    return Estimate(**chosen)
