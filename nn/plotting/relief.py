"""A landscape in relief, over a map of its heights."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, FuncNorm
from matplotlib.ticker import MaxNLocator

from nn.errors import InputError

from .maps import HEIGHT, X0, X1
from .plane import Plane
from .style import STYLE, new_figure

_FLOOR = 0.35  # how far below the lowest point the map lies, of the whole height


def axes_in_space(ax: Axes | None) -> Any:
    """Return `ax` in the common look, if it is 3-D, or a new one."""
    if ax is None:
        return new_figure(7.2, 5.8).add_subplot(projection="3d")
    if not hasattr(ax, "get_zlim"):
        raise InputError(
            "ax must be 3-D axes, made by plt.subplot(projection='3d') or"
            " figure.add_subplot(projection='3d')"
        )
    ax.title.set_fontsize(STYLE["axes.titlesize"])
    return ax


def draw_relief(ax: Any, plane: Plane, colors: str | Colormap) -> None:
    """Draw the landscape and the map on its floor; a colour is the same height in both."""
    low, high = plane.extremes
    rise = (abs(low) or 1.0) if plane.flat else high - low
    levels = plane.levels(8)
    edges = np.array([low, *levels, low + rise])
    even = np.linspace(0, 1, len(edges))
    norm = FuncNorm(
        (lambda z: np.interp(z, edges, even), lambda u: np.interp(u, even, edges)),
        vmin=low, vmax=low + rise,
    )  # fmt: skip
    grid = np.meshgrid(plane.x0, plane.x1)
    size = max(plane.heights.shape)
    ax.plot_surface(
        *grid, plane.heights, cmap=colors, norm=norm, rcount=size, ccount=size, linewidth=0,
        antialiased=False, zorder=2,
    )  # fmt: skip
    floor = low - _FLOOR * rise
    if len(levels):
        ax.contour(
            *grid, np.ma.masked_invalid(plane.heights), levels=levels, zdir="z", offset=floor,
            cmap="viridis", norm=norm, linewidths=1.2, zorder=1,
        )  # fmt: skip
    ax.set(xlabel=X0, ylabel=X1, zlabel=HEIGHT, xlim=plane.x0[[0, -1]], ylim=plane.x1[[0, -1]],
           zlim=(floor, low + rise))  # fmt: skip
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_tick_params(labelsize=11)
        axis.label.set_fontsize(STYLE["axes.labelsize"])
    ticks = np.asarray(MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, low + rise))
    ticks = ticks[(ticks >= low - 0.01 * rise) & (ticks <= low + 1.01 * rise)]
    ax.set_zticks(ticks)
    ax.zaxis.labelpad = 2.6 * max(len(f"{tick:g}") for tick in ticks)
