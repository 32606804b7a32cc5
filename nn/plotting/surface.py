"""A function of two variables as a landscape: in relief, and as a map of its heights."""

from __future__ import annotations

from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, FuncNorm
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from nn.errors import InputError
from nn.probing import Function

from .arrays import FloatArray
from .plane import (
    HEIGHT,
    PALE,
    X0,
    X1,
    Plane,
    Range,
    as_place,
    bar_beside,
    brief,
    draw_map,
    evaluate,
    legend_below,
)
from .style import BLUE, ORANGE, STYLE, axes_or_new, new_figure, styled

_HALO = [effects.withStroke(linewidth=6, foreground="white")]
_FLOOR = 0.35  # how far below the lowest point the map lies, of the whole height


def cuts(f: Function, plane: Plane, point: FloatArray) -> list[tuple[str, str, FloatArray]]:
    """Return the cuts through `point` as (label, colour, (3, R)), x₁ held still and then x₀."""
    found = []
    for k, (along, color) in enumerate(((plane.x0, BLUE), (plane.x1, ORANGE))):
        way = np.repeat(point[None], len(along), axis=0)
        way[:, k] = along
        held = 1 - k
        label = f"{(X0, X1)[held]} = {brief(point[held])} held still"
        found.append((label, color, np.vstack([way.T, evaluate(f, way, somewhere=False)])))
    return found


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


@styled
def plot_surface(
    f: Function,
    x0: Range,
    x1: Range,
    ax: Axes | None = None,
    *,
    point: ArrayLike | None = None,
    resolution: int = 61,
) -> Axes:
    """Draw f as a landscape, with a map of its heights on the floor.

    Parameters
    ----------
    f : callable, (2,) -> number
        Called for one point at a time. Where it answers with nan there is a hole.
    x0, x1 : (low, high)
        Ranges of the two variables.
    ax : 3-D Axes, optional
        Where to draw; a new pyplot figure by default.
    point : (2,), optional
        A point to mark on the surface, with the two cuts through it: along x₀ with x₁ held
        still, and along x₁ with x₀ held still. Their slopes are the partial derivatives.
    resolution : int >= 2
        Grid points along each axis.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If `ax` is not 3-D, a range is not one, or f has no finite value anywhere.
    ShapeError
        If `point` is not two numbers.
    NotOneNumberError
        If f answers with something else than one number.
    """
    plane = Plane.of(f, x0, x1, resolution)
    through, at = [], np.empty(0)
    if point is not None:
        place = as_place("point", point)
        through = cuts(f, plane, place)
        at = np.append(place, evaluate(f, place[None], somewhere=False))

    axes = axes_in_space(ax)
    axes.computed_zorder = False  # or the surface would hide the cuts, a piece here, a piece there
    draw_relief(axes, plane, PALE if through else "viridis")
    for label, color, way in through:
        axes.plot(*way, color=color, linewidth=3.5, label=label, zorder=3, path_effects=_HALO)
    if through:
        axes.plot(*at[:, None], "o", color="black", markeredgecolor="white", zorder=4)
        legend_below(axes, columns=2, gap=14)
    return axes  # type: ignore[no-any-return]


@styled
def plot_contours(
    f: Function,
    x0: Range,
    x1: Range,
    ax: Axes | None = None,
    *,
    levels: int | ArrayLike = 10,
    point: ArrayLike | None = None,
    resolution: int = 121,
) -> Axes:
    """Draw f as a map: lines of equal height, and between them ever lighter colours.

    The colours are pale, so that points, arrows and paths can be drawn over them.

    Parameters
    ----------
    f : callable, (2,) -> number
        Called for one point at a time. Where it answers with nan the map is hatched.
    x0, x1 : (low, high)
        Ranges of the two variables. The axes have the same unit unless one range is more than
        three times the other.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    levels : int or array_like, (L,)
        The heights of the lines, or about how many there shall be: at even distances, or further
        and further apart where most of f is far below its highest point.
    point : (2,), optional
        A point to mark, with the two cuts of `plot_surface` through it.
    resolution : int >= 2
        Grid points along each axis.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a range is not one, or f has no finite value anywhere.
    ShapeError
        If `point` is not two numbers.
    NotOneNumberError
        If f answers with something else than one number.
    """
    place = None if point is None else as_place("point", point)
    plane = Plane.of(f, x0, x1, resolution)
    heights = plane.levels(levels)

    ax = axes_or_new(ax)
    filled = draw_map(ax, plane, heights, PALE)
    if len(heights):
        bar_beside(ax, filled, HEIGHT, spacing="uniform", ticks=heights[:: len(heights) // 8 + 1])
    if place is not None:
        halo = [effects.withStroke(linewidth=4.5, foreground="white")]
        ax.axhline(place[1], color=BLUE, path_effects=halo, zorder=2)
        ax.axvline(place[0], color=ORANGE, path_effects=halo, zorder=2)
        ax.plot(*place, "o", color="black", markeredgecolor="white", zorder=3)
    return ax
