"""The tangent: of all lines through a point of a graph, the one that it follows for a while."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from nn.differences import tangent_line
from nn.errors import ShapeError
from nn.probing import Function

from .arrays import as_numbers
from .graph import Graph
from .labels import name_points
from .places import Range, choose_span
from .style import ORANGE, axes_or_new, styled
from .writing import figures


@styled
def plot_tangent(
    f: Function,
    x: float | Sequence[float],
    ax: Axes | None = None,
    *,
    h: float | None = None,
    span: Range | None = None,
) -> Axes:
    """Draw the graph of f and its tangent at x, with a dot where it touches and its slope.

    Where the graph has a corner there is no tangent, and the line drawn has the mean of the
    slopes on both sides: that is what a central difference finds.

    Parameters
    ----------
    f : callable, number -> number
        Where it answers with nan or fails, the graph has a gap.
    x : number, or several
        Where to touch.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    h : float > 0, optional
        Step of the central difference, as in `nn.tangent_line`.
    span : (low, high), optional
        What to see of the x axis, in the unit of x; by default the points and what is around.

    Returns
    -------
    Axes

    Raises
    ------
    InputError, ShapeError
        If x is not one number or a row of them, `span` is not (low, high), or a point is outside.
        Others as in `nn.tangent_line`.
    """
    places = as_numbers("x", x)
    if places.ndim > 1:
        raise ShapeError(f"x must be one number or a row of them, got shape {places.shape}")
    places = np.unique(places)
    low, high = choose_span(span, places.tolist())
    lines = [tangent_line(f, place, h) for place in places]
    graph = Graph.of(f, (low, high), [n.x for n in lines], [n.value for n in lines])

    ax = axes_or_new(ax)
    ends = np.array([line(end) for line in lines for end in (low, high)])
    graph.draw(ax, ends)
    names = []
    for line in lines:
        ax.plot((low, high), (line(low), line(high)), color=ORANGE, linewidth=2, zorder=3,
                label="tangent")  # fmt: skip
        names.append(f"slope {figures(graph.rise(line.slope))} at x = {figures(line.x)}")
    points = np.array([(line.x, line.value) for line in lines])
    ax.plot(*points.T, "o", color=ORANGE, markeredgecolor="white", markersize=9, zorder=5,
            label="touches")  # fmt: skip
    name_points(ax, points, names, graph.ink(ax))
    return ax
