"""The film of a secant that turns into the tangent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nn.differences import TangentLine

from .chords import Secant
from .graph import Graph
from .reel import reel
from .style import BLUE, DARK_ORANGE, GREY, INK, ORANGE, new_figure
from .writing import figures

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

_SIZE = (20 / 3, 5.0)  # inches: 480 x 360 pixels where a film is saved


def in_step(values: Sequence[float]) -> list[str]:
    """Write numbers with the same decimals, so that they do not dance while they change."""
    most = max(map(abs, values), default=0.0)
    if not (most == 0 or 1e-2 <= most < 1e5):
        return [figures(value) for value in values]
    decimals = max(0, 3 - math.floor(math.log10(most))) if most else 0
    return [f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−") for value in values]


def film(
    graph: Graph, secants: Sequence[Secant], line: TangentLine | None, name: str, at: float,
    interval: float,
) -> FuncAnimation:  # fmt: skip
    """Draw a frame for each secant, on a new pyplot figure.

    Parameters
    ----------
    graph : Graph
    secants : Secants, at least one
    line : TangentLine, optional
        What they turn into.
    name : str
        What that is called.
    at : float
        The x that the secants are about.
    interval : float
        Milliseconds between two frames.
    """
    figure = new_figure(*_SIZE)
    ax = figure.add_subplot()
    span = low, high = float(graph.x[0]), float(graph.x[-1])
    ends = [*map(secants[0], span), *(map(line, span) if line else ())]
    graph.draw(ax, np.array(ends))
    if line:
        ax.plot(span, [line(low), line(high)], "--", color=INK, linewidth=1.5, zorder=4, label=name)
    legs = ax.plot([], [], color=GREY, linewidth=1.2, zorder=2.5, label="run and rise")[0]
    secant = ax.plot([], [], color=ORANGE, zorder=3, label="secant")[0]
    dots = ax.plot([], [], "o", color=ORANGE, markersize=9, zorder=6, label="ends")[0]
    here = float(np.interp(at, graph.x, graph.y))
    ax.plot(at, here, "o", color=BLUE, markersize=9, zorder=5, label="x")

    words = [
        ax.text(0.0, 1.0 + 0.075 * row, "", color=color, fontsize=14, transform=ax.transAxes,
                va="bottom", parse_math=False)
        for row, color in ((1, DARK_ORANGE), (0, INK))
    ]  # fmt: skip
    rises = [one.slope for one in secants] + ([line.slope] if line else [])
    slopes = in_step([graph.rise(slope) for slope in rises])
    words[1].set_text(f"{name}: slope {slopes[-1]}" if line else name)

    def draw(k: int) -> None:
        one = secants[k]
        (a, bottom), (b, top) = one.left, one.right
        secant.set_data(span, [one(low), one(high)])
        dots.set_data([a, b], [bottom, top])
        legs.set_data([a, b, b], [bottom, bottom, top])
        words[0].set_text(f"secant: slope {slopes[k]} with h = {figures(one.h, 3)}")

    draw(0)
    figure.draw_without_rendering()
    if ax.yaxis.get_offset_text().get_text():  # "1e8" stands there: move up
        for text in words:
            text.set_y(text.get_position()[1] + 0.06)
        figure.draw_without_rendering()
    return reel(figure, draw, len(secants), interval, shades=12, first=600)
