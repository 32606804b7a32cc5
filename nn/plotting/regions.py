"""A plane of two features coloured by class: where which class wins, and how surely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from .arrays import FloatArray, IntArray
from .style import class_color, class_marker

_CERTAIN = (0.0, 0.5, 0.9, 1.01)  # leads of a class at which its colour grows stronger
_STRENGTHS = (0.18, 0.32, 0.46)


def draw_regions(ax: Axes, x1: FloatArray, x2: FloatArray, table: FloatArray) -> None:
    """Colour the plane by winning class, the stronger the surer.

    x1 (A,) and x2 (B,) are the axes of the grid, `table` (B, A, C) its probabilities.
    """
    classes = table.shape[2]
    colors = np.array([to_rgb(class_color(c)) for c in range(classes)])
    certainty = (table.max(2) - 1 / classes) / (1 - 1 / classes)
    strength = (0.06 + 0.42 * certainty)[:, :, None]
    half1, half2 = (x1[1] - x1[0]) / 2, (x2[1] - x2[0]) / 2  # a grid point is a pixel's centre
    ax.imshow(
        1 - strength * (1 - colors[table.argmax(2)]),
        extent=(x1[0] - half1, x1[-1] + half1, x2[0] - half2, x2[-1] + half2),
        origin="lower",
        interpolation="bilinear",
        aspect="auto",
        zorder=0,
    )


def draw_steps(ax: Axes, x1: FloatArray, x2: FloatArray, table: FloatArray) -> list[QuadContourSet]:
    """Colour the plane by winning class as `draw_regions` does, in a few flat steps."""
    drawn = []
    for c in range(table.shape[2]):
        ahead = lead(table, c)
        if ahead.max() > 0:
            pure = np.array(to_rgb(class_color(c)))
            tints = [tuple(1 - strength * (1 - pure)) for strength in _STRENGTHS]
            drawn.append(ax.contourf(x1, x2, ahead, levels=_CERTAIN, colors=tints, zorder=0))
    return drawn


def lead(table: FloatArray, c: int) -> FloatArray:
    """Return how far the probability of class `c` is above that of any other; (B, A)."""
    ahead: FloatArray = table[:, :, c] - np.delete(table, c, axis=2).max(2)
    return ahead


def draw_boundary(
    ax: Axes, x1: FloatArray, x2: FloatArray, table: FloatArray
) -> list[QuadContourSet]:
    """Draw the lines where the winning class changes: p_c = max of the others; return them."""
    classes, drawn = table.shape[2], []
    for c in range(1 if classes == 2 else 0, classes):
        ahead = lead(table, c)
        if ahead.min() < 0 < ahead.max():  # a class that nowhere wins has no border
            line = ax.contour(x1, x2, ahead, levels=[0.0], colors="0.15", linewidths=2, zorder=2)
            drawn.append(line)
    return drawn


def draw_points(
    ax: Axes, points: FloatArray, classes: IntArray, size: float, trained_on: bool = False
) -> None:
    """Draw points (N, 2) with the colour and marker of their class (N,); pale if trained on."""
    for c in np.unique(classes).tolist():
        ax.scatter(
            points[classes == c, 0], points[classes == c, 1], s=size / 3 if trained_on else size,
            color=class_color(c), marker=class_marker(c), zorder=3,
            edgecolors="none" if trained_on else "0.15", linewidths=0.7,
            alpha=0.5 if trained_on else 1.0,
        )  # fmt: skip


def dot_size(points: FloatArray) -> float:
    """Return the size of dots (N, 2), in points squared: the more there are, the smaller."""
    return float(np.clip(8000 / len(points), 14, 42))


def around(points: FloatArray, resolution: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the axes x1 and x2 of a grid around points (N, 2), and all its points, (R * R, 2)."""
    low, high = points.min(0), points.max(0)
    margin = np.where(high > low, 0.08 * (high - low), 1.0)
    x1, x2 = np.linspace(low - margin, high + margin, resolution).T
    return x1, x2, np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)


def lay_features(ax: Axes, x1: FloatArray, x2: FloatArray, names: Sequence[str]) -> None:
    """Give the axes the limits of a grid and the names of the two features."""
    ax.grid(False)
    ax.set(xlim=x1[[0, -1]], ylim=x2[[0, -1]], xlabel=names[0], ylabel=names[1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))
    ax.set_aspect("equal" if 0.4 < np.ptp(x2) / np.ptp(x1) < 2.5 else "auto")


def key_dot(marker: str, fill: str, edge: str, size: float, label: str) -> Line2D:
    """Explain a kind of point."""
    return Line2D(
        [], [], linestyle="", marker=marker, markerfacecolor=fill, markeredgecolor=edge,
        markeredgewidth=0.8, markersize=size, label=label,
    )  # fmt: skip


def class_keys(names: Sequence[str], *more: Line2D) -> list[Line2D | Patch]:
    """Explain the classes by their markers, then what else there is, then the shade."""
    dots = [key_dot(class_marker(c), class_color(c), "0.15", 8, n) for c, n in enumerate(names)]
    shade = Patch(facecolor="0.75", edgecolor="none", label="deeper: more certain")
    return [*dots, *more, shade]
