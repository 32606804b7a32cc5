"""Names beside points: each where it covers no other, with a line to what it names."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from .arrays import FloatArray
from .decades import INK
from .saving import figure_of

_SIZE = 12  # points
_DISTANCES = (16, 28, 44, 64, 90, 120)  # points
_DIRECTIONS = tuple(2 * math.pi * k / 12 for k in range(12))

Box = tuple[float, float, float, float]  # left, bottom, right, top; pixels


def overlap(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def crossing(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> bool:
    """Whether the line from a to b crosses that from c to d; (2,) each."""

    def side(p: FloatArray, q: FloatArray, r: FloatArray) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def through(a: FloatArray, b: FloatArray, box: Box) -> bool:
    """Whether the line from a to b goes through a box."""
    along = a + np.linspace(0, 1, 40)[:, None] * (b - a)
    return bool(((along > box[:2]) & (along < box[2:])).all(axis=1).any())


def name_points(ax: Axes, points: FloatArray, names: Sequence[str], others: FloatArray) -> None:
    """Write a name beside each point, as near as no other name or point is covered.

    The limits of `ax` must be what they are going to be.

    Parameters
    ----------
    ax : Axes
    points : (K, 2)
        In the units of the axes.
    names : K strings
    others : (M, 2)
        Points that had better not be covered.
    """
    figure = figure_of(ax)
    figure.draw_without_rendering()  # so that the axes have the size they are going to have
    dot = figure.dpi / 72
    frame: Box = (ax.bbox.x0 + 3, ax.bbox.y0 + 3, ax.bbox.x1 - 3, ax.bbox.y1 - 3)
    at = ax.transData.transform(points.reshape(-1, 2))
    crowd = np.concatenate([ax.transData.transform(others.reshape(-1, 2)), at])
    room = 5 * dot  # a dot's own size
    line, letter = 1.4 * _SIZE * dot, 0.58 * _SIZE * dot
    placed: list[Box] = []
    leaders: list[tuple[FloatArray, FloatArray]] = []
    for point, name in zip(at, names, strict=True):
        width = letter * len(name) + 4 * dot
        best: tuple[float, Box, FloatArray] | None = None
        for distance in _DISTANCES:
            for angle in _DIRECTIONS:
                end = point + distance * dot * np.array([math.cos(angle), math.sin(angle)])
                # The side of the name that faces the point is where the line ends.
                left = end[0] - width * (1 - math.cos(angle)) / 2
                bottom = end[1] - line * (1 - math.sin(angle)) / 2
                box: Box = (left, bottom, left + width, bottom + line)
                hidden = (
                    ((crowd > np.subtract(box[:2], room)) & (crowd < np.add(box[2:], room)))
                    .all(axis=1)
                    .sum()
                )
                cost = (
                    distance
                    + 30 * math.sqrt(hidden)
                    + 1e4 * (overlap(box, frame) < 0.999 * width * line)
                    + 1e4 * sum(overlap(box, other) > 0 for other in placed)
                    + 300 * sum(crossing(point, end, *other) for other in leaders)
                    + 300 * sum(through(point, end, other) for other in placed)
                    + 300 * sum(through(*other, box) for other in leaders)
                )
                if best is None or cost < best[0]:
                    best = (cost, box, end)
        assert best is not None
        _, box, end = best
        placed.append(box)
        leaders.append((point, end))
        where = ax.transData.inverted().transform(point)
        middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        ax.annotate(
            name, tuple(where), tuple((middle - point) / dot), textcoords="offset points",
            fontsize=_SIZE, color=INK, ha="center", va="center", zorder=8, parse_math=False,
            in_layout=False, annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.9, "shrinkA": 0,
                        "shrinkB": 3},
        )  # fmt: skip
