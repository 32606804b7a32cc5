"""What a classifier of two features has learnt: a map of its decisions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from nn.errors import check_count

from .arrays import (
    FloatArray,
    IntArray,
    Predict,
    as_classes,
    as_points,
    as_probabilities,
    check_lengths,
    name_classes,
)
from .style import axes_or_new, class_color, class_marker, styled


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


def draw_key(ax: Axes, names: Sequence[str], trained_on: int, wrong: int, count: int) -> None:
    """Explain markers, lines and shade beside the axes, where they cover nothing."""

    def dot(marker: str, fill: str, edge: str, size: float, label: str) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker=marker, markerfacecolor=fill, markeredgecolor=edge,
            markeredgewidth=0.8, markersize=size, label=label,
        )  # fmt: skip

    keys: list[Line2D | Patch]
    keys = [dot(class_marker(c), class_color(c), "0.15", 8, n) for c, n in enumerate(names)]
    if trained_on:
        keys.append(dot(".", "0.5", "none", 7, f"{trained_on} training points, small"))
    if wrong:
        keys.append(dot("o", "none", "black", 12, f"wrong: {wrong} of {count}"))
    keys.append(Line2D([], [], color="0.15", linewidth=2, label="boundary"))
    keys.append(Patch(facecolor="0.75", edgecolor="none", label="deeper: more certain"))
    ax.legend(handles=keys, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)


@styled
def plot_decision_boundary(
    predict: Predict,
    x: ArrayLike,
    t: ArrayLike,
    ax: Axes | None = None,
    class_names: Sequence[str] = (),
    *,
    feature_names: Sequence[str] = ("x₁", "x₂"),
    x_train: ArrayLike | None = None,
    t_train: ArrayLike | None = None,
    resolution: int = 200,
) -> Axes:
    """Draw where a classifier puts each class, how sure it is, and the points themselves.

    Parameters
    ----------
    predict : callable, (M, 2) -> (M, C), or (M,) or (M, 1) for the probability of class 1
        Probabilities of the classes. Called on the grid, and on x.
    x : array_like, (N, 2)
        Points, in the units that `predict` takes; those it gets wrong are ringed.
    t : array_like, (N,), (N, 1) or one-hot (N, C)
        Their classes.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    class_names : sequence of str, optional
        The classes' numbers by default.
    feature_names : sequence of two str
        Labels of the axes, with units.
    x_train, t_train : array_like, optional
        Points the classifier was trained on, drawn small and pale.
    resolution : int, >= 2
        Grid points along each axis.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If x or the predictions have the wrong shape, or x and t differ in length.
    InputError
        If t are not classes, or the predictions not probabilities.
    """
    check_count("resolution", resolution, at_least=2)
    points, classes = as_points("x", x), as_classes("t", t)
    check_lengths(x=points, t=classes)
    learnt, answers = np.empty((0, 2)), np.empty(0, dtype=np.int64)
    if x_train is not None and t_train is not None:
        learnt, answers = as_points("x_train", x_train), as_classes("t_train", t_train)
        check_lengths(x_train=learnt, t_train=answers)
    seen = np.concatenate([points, learnt])
    low, high = seen.min(0), seen.max(0)
    margin = np.where(high > low, 0.08 * (high - low), 1.0)
    x1, x2 = np.linspace(low - margin, high + margin, resolution).T
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    table = as_probabilities("predict(grid)", predict(grid), len(grid))
    count = max(table.shape[1], int(classes.max()) + 1)
    names = name_classes(class_names, count)
    wrong = as_probabilities("predict(x)", predict(points), len(points)).argmax(1) != classes

    ax = axes_or_new(ax, 7.6, 5.2)
    ax.grid(False)
    table = table.reshape(resolution, resolution, -1)
    draw_regions(ax, x1, x2, table)
    draw_boundary(ax, x1, x2, table)
    size = float(np.clip(8000 / len(points), 14, 42))
    draw_points(ax, learnt, answers, size, trained_on=True)
    draw_points(ax, points, classes, size)
    rings = points[wrong]
    ax.scatter(
        rings[:, 0], rings[:, 1], s=4 * size, facecolors="none", edgecolors="black", zorder=4
    )
    draw_key(ax, names, len(learnt), int(wrong.sum()), len(points))

    ax.set(xlim=x1[[0, -1]], ylim=x2[[0, -1]], xlabel=feature_names[0], ylabel=feature_names[1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))
    ratio = (x2[-1] - x2[0]) / (x1[-1] - x1[0])
    ax.set_aspect("equal" if 0.4 < ratio < 2.5 else "auto")
    return ax
