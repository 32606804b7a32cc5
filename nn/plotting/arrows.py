"""Arrows against the slope, as long as may be while none comes near another."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize

from .arrays import FloatArray
from .keys import bar_beside
from .style import BLUE

_GAP = 0.13  # of a cell: as near as two arrows come

# Steep is dark. The light end of viridis would be lost on the ground.
_STEEP = LinearSegmentedColormap.from_list(
    "steep", mpl.colormaps["viridis"](np.linspace(0.8, 0, 64))
)


def settled(steep: FloatArray) -> FloatArray:
    """Return steepness on a grid (A, B) with 0 where it is but rounding beside its neighbours."""
    around = np.pad(np.nan_to_num(steep), 1)
    views = np.lib.stride_tricks.sliding_window_view(around, (3, 3))
    return np.where(steep > 1e-9 * views.max(axis=(2, 3)), steep, 0.0)


def longest(ways: FloatArray) -> float:
    """Return how long arrows may be, centred on their points, so that none comes near another.

    Parameters
    ----------
    ways : (A, B, 2)
        Arrows on a grid, in cells, the longest of length 1; nan where there is none.

    Returns
    -------
    float
        In cells.
    """
    rows, columns = ways.shape[:2]
    points = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).astype(np.float64)
    parts = np.linspace(-0.5, 0.5, 9)[:, None]
    length = 0.96  # within its cell, also where it has no neighbour: the frame would cut it off
    while length > 0.3:
        lines = points[:, :, None] + length * parts * ways[:, :, None]
        if all(clear(lines, *step) for step in ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))):
            break
        length *= 0.94
    return length


def clear(lines: FloatArray, down: int, right: int) -> bool:
    """Tell whether each line of a grid keeps clear of that so many rows and columns further on.

    `lines` (A, B, P, 2) are P points each.
    """
    rows, columns = lines.shape[:2]
    left = max(0, -right)
    one = lines[: rows - down, left : columns - max(0, right)]
    other = lines[down:, left + right : columns + min(0, right)]
    gaps = np.linalg.norm(one[..., :, None, :] - other[..., None, :, :], axis=-1)
    return not (gaps < _GAP).any()  # nan, where there is no arrow, is not


def draw_arrows(ax: Axes, grid: FloatArray, slopes: FloatArray, equal: bool) -> None:
    """Draw arrows against the slopes (B, A, 2), centred on the points of a grid (B, A, 2)."""
    steep = settled(np.hypot(slopes[..., 0], slopes[..., 1]))
    there = steep > 0
    if not there.any():
        return
    ways = np.full(slopes.shape, np.nan)
    ways[there] = -slopes[there] / (steep[there, None] if equal else 1.0)
    cell = grid[1, 1] - grid[0, 0]
    ways /= np.nanmax(np.hypot(*np.moveaxis(ways / cell, -1, 0)))
    ways *= longest(ways / cell)
    how: dict[str, Any] = {
        "angles": "xy", "scale_units": "xy", "scale": 1, "pivot": "mid", "zorder": 3,
        "width": 0.005, "headwidth": 3.8, "headlength": 4.6, "headaxislength": 4.1,
    }  # fmt: skip
    if not equal:
        ax.quiver(*grid[there].T, *ways[there].T, color=BLUE, **how)
        return
    low, high = float(steep[there].min()), float(steep.max())
    norm = LogNorm(low, high) if high > 30 * low else Normalize(0, high)
    arrows = ax.quiver(*grid[there].T, *ways[there].T, steep[there], cmap=_STEEP, norm=norm, **how)
    bar_beside(ax, arrows, "slope")
