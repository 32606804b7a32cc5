"""The ways that descents took, on a map of what they descend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from nn.probing import Function

from .arrays import FloatArray
from .keys import legend_below
from .maps import GROUND, draw_map, draw_star
from .places import Range, as_place, as_range
from .plane import Plane
from .style import axes_or_new, class_marker, halo, line_color, styled
from .walks import Walk, as_walks, fitting

_FEW = 40  # steps: each has a dot


def draw_walk(ax: Axes, walk: Walk, view: FloatArray, index: int) -> Line2D:
    """Draw a path from its start to its end, or to the edge of the view; return its key."""
    color, marker = line_color(index), class_marker(index)
    drawn, outside = walk.ways_out(view)
    label = walk.said(outside)
    line: dict[str, Any] = {"color": color, "linewidth": 2}
    end: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.2, "markersize": 10}
    strides = np.linalg.norm(np.diff(drawn, axis=0), axis=1)
    above = 2 + 1 / (1 + strides.sum() / np.ptp(view))  # long ones would hide short ones
    ax.plot(*drawn.T, **line, zorder=above, path_effects=halo(4), label=label)
    if 0 < len(strides) <= _FEW and np.median(strides) > 0.01 * np.ptp(view):
        ax.plot(*drawn[: -1 if outside else None].T, "o", color=color, markersize=5, zorder=above)
    leaves = outside and len(drawn) > 1
    if leaves:
        head = {"arrowstyle": "-|>,head_width=0.35,head_length=0.7", "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", drawn[-1], drawn[-2], zorder=above, arrowprops={**line, **head})
    elif len(drawn) and not outside:
        ax.plot(*drawn[-1], marker, color=color, zorder=5, **end)
    return Line2D([], [], **line, marker="" if outside else marker, label=label, **end)


@styled
def plot_descent(
    f: Function,
    paths: ArrayLike | Mapping[Any, ArrayLike],
    x0: Range | None = None,
    x1: Range | None = None,
    ax: Axes | None = None,
    *,
    minimum: ArrayLike | None = None,
    resolution: int = 121,
) -> Axes:
    """Draw one or several descents on a map of f; the legend tells how low each came.

    A dot is a step, as long as there are few; a white circle is where a path starts, a large
    marker where it ends. A path that runs away, because its steps are too large, ends with an
    arrowhead at the edge.

    Parameters
    ----------
    f : callable, (2,) -> number
    paths : (steps + 1, 2), or mapping of labels to such arrays
        As `nn.gradient_descent` returns them: the start first.
    x0, x1 : (low, high), optional
        Ranges of the two variables; by default they hold all paths but those that run away.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    minimum : (2,), optional
        A place to mark with a star, hollow, so that an end shows within.
    resolution : int >= 2
        Points of the map along each axis.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If a path is not (steps + 1, 2).
    InputError
        If there is no path, a path starts at what is no place, a range is not one, or f has no
        finite value anywhere.
    NotOneNumberError
        If f answers with something else than one number.
    """
    walks = as_walks(f, paths)
    star = None if minimum is None else as_place("minimum", minimum)
    view = fitting(walks, star)
    for row, (name, ends) in enumerate((("x0", x0), ("x1", x1))):
        if ends is not None:
            view[row] = as_range(name, ends)
    plane = Plane.of(f, view[0], view[1], resolution)

    ax = axes_or_new(ax, 6.8, 5.6)
    draw_map(ax, plane, plane.levels(), GROUND)
    handles = [draw_walk(ax, walk, view, k) for k, walk in enumerate(walks)]
    start: dict[str, Any] = {"marker": "o", "color": "white", "mec": "black", "ms": 9}
    starts = np.unique([walk.points[0] for walk in walks], axis=0)
    ax.plot(*starts.T, linestyle="", zorder=4, **start)
    handles.append(Line2D([], [], linestyle="", label="start", **start))
    if star is not None:
        hollow: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 1.4}
        draw_star(ax, star).set(**hollow, markersize=34, zorder=6, path_effects=halo(2.6))
        handles.append(
            Line2D([], [], linestyle="", marker="*", mec="black", ms=18, label="minimum", **hollow)
        )
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = 2 if longest <= 26 and len(handles) > 2 else 1
    legend_below(ax, columns, handles=handles)
    return ax
