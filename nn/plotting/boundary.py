"""What a classifier of two features has learnt: a map of its decisions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from nn.errors import check_count

from .arrays import (
    Predict,
    Predictor,
    as_classes,
    as_points,
    as_predict,
    as_probabilities,
    check_lengths,
    name_classes,
)
from .keys import legend_beside
from .regions import (
    around,
    class_keys,
    dot_size,
    draw_boundary,
    draw_points,
    draw_regions,
    key_dot,
    lay_features,
)
from .style import axes_or_new, styled


@styled
def plot_decision_boundary(
    predict: Predict | Predictor,
    x: ArrayLike,
    t: ArrayLike,
    ax: Axes | None = None,
    class_names: Sequence[str] = (),
    *,
    feature_names: Sequence[str] = ("x₀", "x₁"),
    x_train: ArrayLike | None = None,
    t_train: ArrayLike | None = None,
    resolution: int = 200,
) -> Axes:
    """Draw where a classifier puts each class, how sure it is, and the points themselves.

    Parameters
    ----------
    predict : network, or callable, (M, 2) -> (M, C), or (M,) or (M, 1) for class 1 alone
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
    predict = as_predict(predict)
    check_count("resolution", resolution, at_least=2)
    points, classes = as_points("x", x), as_classes("t", t)
    check_lengths(x=points, t=classes)
    learnt, answers = np.empty((0, 2)), np.empty(0, dtype=np.int64)
    if x_train is not None and t_train is not None:
        learnt, answers = as_points("x_train", x_train), as_classes("t_train", t_train)
        check_lengths(x_train=learnt, t_train=answers)
    x1, x2, grid = around(np.concatenate([points, learnt]), resolution)
    table = as_probabilities("predict(grid)", predict(grid), len(grid))
    count = max(table.shape[1], int(classes.max()) + 1)
    names = name_classes(class_names, count)
    wrong = as_probabilities("predict(x)", predict(points), len(points)).argmax(1) != classes

    ax = axes_or_new(ax, 7.6, 5.2)
    table = table.reshape(resolution, resolution, -1)
    draw_regions(ax, x1, x2, table)
    draw_boundary(ax, x1, x2, table)
    size = dot_size(points)
    draw_points(ax, learnt, answers, size, trained_on=True)
    draw_points(ax, points, classes, size)
    rings = points[wrong]
    ax.scatter(
        rings[:, 0], rings[:, 1], s=4 * size, facecolors="none", edgecolors="black", zorder=4
    )
    more = [Line2D([], [], color="0.15", linewidth=2, label="boundary")]
    if len(rings):
        ringed = f"wrong: {len(rings)} of {len(points)}"
        more.insert(0, key_dot("o", "none", "black", 12, ringed))
    if len(learnt):
        small = f"{len(learnt)} training points, small"
        more.insert(0, key_dot(".", "0.5", "none", 7, small))
    legend_beside(ax, handles=class_keys(names, *more))
    lay_features(ax, x1, x2, feature_names)
    return ax
