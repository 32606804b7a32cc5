"""A map of heights, as a ground to draw on."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .arrays import FloatArray
from .keys import bar_beside
from .plane import Plane
from .style import CLASS_COLORS

X0, X1, HEIGHT = "x₀", "x₁", "f(x)"

# Viridis on a slide is too strong to draw on. Below arrows and paths, which have colours of their
# own, the ground is grey.
_VIRIDIS = mpl.colormaps["viridis"](np.linspace(0, 1, 256))[:, :3]
PALE = ListedColormap(1 - 0.62 * (1 - _VIRIDIS), "pale_viridis")
GROUND = LinearSegmentedColormap.from_list("ground", ["#B9C3CF", "#F7F8FA"])


def is_square(span0: float, span1: float) -> bool:
    """Whether both axes of a map have the same unit, which need not make it a strip."""
    return max(span0, span1) <= 3 * min(span0, span1)


def draw_map(ax: Axes, plane: Plane, levels: FloatArray, colors: Colormap) -> QuadContourSet:
    """Draw a map over all of `ax`: contours at the levels (L,), and between them ever lighter.

    The axes have the same unit where the picture would not become a strip by it.
    """
    ax.grid(False)
    ax.set(xlim=plane.x0[[0, -1]], ylim=plane.x1[[0, -1]], xlabel=X0, ylabel=X1)
    ax.set_aspect("equal" if is_square(np.ptp(plane.x0), np.ptp(plane.x1)) else "auto")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
    if np.isnan(plane.heights).any():
        ax.patch.set(hatch="///", edgecolor="0.85", linewidth=0)  # seen where f has no height
    heights = np.ma.masked_invalid(plane.heights)
    low, high = plane.extremes
    room = 0.0 if len(levels) else max(1.0, -low, high)  # a flat one needs two edges too
    edges = np.array([low - room, *levels, high + room])
    tints = colors(np.linspace(0, 1, len(edges) - 1) if len(levels) else [0.5])
    filled = ax.contourf(plane.x0, plane.x1, heights, levels=edges, colors=tints, zorder=0)
    if len(levels):
        ax.contour(
            plane.x0, plane.x1, heights, levels=levels, colors="0.35", linewidths=0.7,
            linestyles="solid", alpha=0.6, zorder=0.5,
        )  # fmt: skip
    return filled


def draw_star(ax: Axes, place: FloatArray) -> Line2D:
    """Mark a minimum (2,)."""
    return ax.plot(
        *place, "*", color=CLASS_COLORS[4], mec="black", ms=18, zorder=4, label="minimum"
    )[0]


def draw_pale_map(ax: Axes, plane: Plane, levels: FloatArray, title: str) -> None:
    """Draw a map in pale colours, and beside it the scale of its heights, with a title."""
    filled = draw_map(ax, plane, levels, PALE)
    if len(levels):
        few = levels[:: len(levels) // 8 + 1]
        bar_beside(ax, filled, title, spacing="uniform", ticks=few)
