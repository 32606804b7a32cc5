"""A function of two variables as a landscape: in relief, and as a map of its heights."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nn.probing import Function

from .arrays import FloatArray
from .heights import evaluate
from .keys import legend_below
from .maps import HEIGHT, PALE, X0, X1, draw_pale_map
from .places import Range, as_place
from .plane import Plane
from .relief import axes_in_space, draw_relief
from .style import BLUE, ORANGE, axes_or_new, halo, styled
from .writing import figures


def cuts(f: Function, plane: Plane, point: FloatArray) -> list[tuple[str, str, FloatArray]]:
    """Return the cuts through `point` as (label, colour, (3, R)), x₁ held still and then x₀."""
    found = []
    for k, (along, color) in enumerate(((plane.x0, BLUE), (plane.x1, ORANGE))):
        way = np.repeat(point[None], len(along), axis=0)
        way[:, k] = along
        held = 1 - k
        label = f"{(X0, X1)[held]} = {figures(point[held])} held still"
        found.append((label, color, np.vstack([way.T, evaluate(f, way)])))
    return found


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
        at = np.append(place, evaluate(f, place[None]))

    axes = axes_in_space(ax)
    axes.computed_zorder = False  # or the surface would hide the cuts, a piece here, a piece there
    draw_relief(axes, plane, PALE if through else "viridis")
    for label, color, way in through:
        axes.plot(*way, color=color, linewidth=3.5, label=label, zorder=3, path_effects=halo(6))
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
    draw_pale_map(ax, plane, heights, HEIGHT)
    if place is not None:
        ax.axhline(place[1], color=BLUE, path_effects=halo(), zorder=2)
        ax.axvline(place[0], color=ORANGE, path_effects=halo(), zorder=2)
        ax.plot(*place, "o", color="black", markeredgecolor="white", zorder=3)
    return ax
