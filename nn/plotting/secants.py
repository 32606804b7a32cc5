"""Secants: lines through two points of a graph, and how they turn into the tangent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from nn.errors import check_count, check_number
from nn.probing import Function
from nn.steps import Scheme, check_scheme

from .chords import Secant, limit, shrinking
from .graph import Graph
from .keys import legend_beside
from .places import Range, as_number, as_steps, choose_span
from .secant_film import film
from .style import INK, ORANGE, axes_or_new, styled
from .writing import figures

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

_SHADES = LinearSegmentedColormap.from_list("pale_to_strong", ["#FFCB94", ORANGE, "#9A3F00"])


@styled
def plot_secants(
    f: Function,
    x: float,
    h: float | Sequence[float],
    ax: Axes | None = None,
    *,
    scheme: Scheme = "forward",
    span: Range | None = None,
) -> Axes:
    """Draw the graph of f and its secants at x for several h, the smaller h the stronger.

    The tangent is dashed. Where there is none, at a kink, the line dashed is the limit of the
    secants, from the side that they come from.

    Parameters
    ----------
    f : callable, number -> number
        Where it answers with nan or fails, the graph has a gap.
    x : number
    h : float > 0, or several
        Steps, in the unit of x.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    scheme : "forward", "backward" or "central"
        Secants through x and x + h, x - h and x, or x - h and x + h.
    span : (low, high), optional
        What to see of the x axis; by default all points and what is around.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If x is not one number, or not in the span, or the span is not (low, high).
    StepError, StepTooSmallError
        If a step is not positive, or vanishes beside x.
    FunctionError
        If f has no one finite value at a point that a secant needs, or is random.
    """
    check_scheme(scheme)
    place = as_number("x", x)
    steps = np.unique(as_steps(h))[::-1]
    secants = [Secant.of(f, place, float(step), scheme) for step in steps]
    points = [point for one in secants for point in (one.left, one.right)]
    line, name = limit(f, place, scheme)
    low, high = choose_span(span, [float(place)], [point[0] for point in points])
    seen = [point for point in points if low <= point[0] <= high]
    graph = Graph.of(f, (low, high), [float(place), *(p[0] for p in seen)], [p[1] for p in seen])

    ax = axes_or_new(ax, 7.6, 4.8)
    graph.draw(ax, np.array([one(end) for one in secants for end in (low, high)]))
    shades = _SHADES(np.linspace(0, 1, len(secants)) if len(secants) > 1 else [0.5])
    for order, (one, shade) in enumerate(zip(secants, shades, strict=True)):
        ax.plot((low, high), (one(low), one(high)), color=shade, linewidth=2, zorder=3,
                label=f"h = {figures(one.h)}, slope {figures(graph.rise(one.slope))}")  # fmt: skip
        ax.plot(*zip(one.left, one.right, strict=True), "o", color=shade, markersize=7,
                markeredgecolor="white", zorder=5 + order / 100)  # fmt: skip
    slope = f", slope {figures(graph.rise(line.slope))}" if line else ""
    ends = (line(low), line(high)) if line else (np.nan, np.nan)
    ax.plot((low, high), ends, "--", color=INK, linewidth=2, zorder=4, label=name + slope)
    legend_beside(ax)  # for secants fan out all over the axes
    return ax


@styled
def animate_secants(
    f: Function,
    x: float,
    h: Sequence[float] | None = None,
    *,
    scheme: Scheme = "forward",
    span: Range | None = None,
    frames: int = 40,
    interval: float = 80,
) -> FuncAnimation:
    """Film the secant that turns into the tangent as h shrinks, with h and its slope above.

    `nn.show(film, "film.gif")` shows and saves it; so does `film.save("film.gif", "pillow",
    dpi=72)`.

    Parameters
    ----------
    f, x, scheme, span
        As in `plot_secants`; by default the span goes from x to as far on either side as |x|, and
        at least 1.
    h : sequence of float > 0, optional
        A frame for each, in this order. By default from half the span down to where the secant
        cannot be told from the tangent.
    frames : int, >= 1
        How many, if h is not given.
    interval : float, > 0
        Milliseconds between two frames. The last stays for two seconds.

    Returns
    -------
    FuncAnimation
        On a new pyplot figure. Keep it as long as it shall move.

    Raises
    ------
    ArgumentError
        If `frames` or `interval` is out of bounds. Others as in `plot_secants`.
    """
    check_scheme(scheme)
    check_count("frames", frames)
    check_number("interval", interval, above=0)
    place = as_number("x", x)
    given = [] if h is None else as_steps(h).tolist()
    secants = [Secant.of(f, place, step, scheme) for step in given]
    points = [point for one in secants for point in (one.left, one.right)]
    low, high = choose_span(span, [float(place)], [point[0] for point in points])
    line, name = limit(f, place, scheme)
    graph = Graph.of(f, (low, high), [float(place)], [float(f(place))])
    if h is None:
        steps = shrinking(f, place, scheme, (low, high), graph.top - graph.bottom, frames)
        secants = [Secant.of(f, place, float(step), scheme) for step in steps]
    return film(graph, secants, line, name, float(place), interval)
