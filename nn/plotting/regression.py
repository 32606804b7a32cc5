"""How near the predicted numbers come to the true ones."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nn.errors import UndefinedMetricError
from nn.metrics import r2, root_mean_squared_error

from .arrays import Predict, Predictor, as_column, as_predict, check_lengths
from .style import BLUE, GREY, ORANGE, axes_or_new, styled


@styled
def plot_predicted(
    t: ArrayLike, predicted: ArrayLike, ax: Axes | None = None, target_name: str = ""
) -> Axes:
    """Draw predicted against true values; the title tells R² and the root mean square error.

    Parameters
    ----------
    t, predicted : array_like, (N,) or (N, 1)
        In the same unit.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    target_name : str
        What is predicted, with its unit.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If an array has another shape, or they differ in length.
    InputError
        If an array is empty or not of real numbers.
    """
    true, answer = as_column("t", t), as_column("predicted", predicted)
    check_lengths(t=true, predicted=answer)
    figures = [f"RMSE {root_mean_squared_error(answer, true):.3g}"]
    with suppress(UndefinedMetricError):  # R² needs targets that differ
        figures.insert(0, f"R² {r2(answer, true):.3f}")

    ax = axes_or_new(ax, 6.0, 5.6)
    low, high = min(true.min(), answer.min()), max(true.max(), answer.max())
    margin = 0.05 * (high - low) or 1.0
    ends = [low - margin, high + margin]
    ax.plot(ends, ends, color=GREY, linewidth=1.5, linestyle="--", label="predicted = true")
    opacity = 0.7 if len(true) <= 500 else 0.35
    ax.scatter(true, answer, s=36, color=BLUE, alpha=opacity, linewidths=0,
               label=f"{len(true)} samples")  # fmt: skip
    ax.set(xlim=ends, ylim=ends, aspect="equal")
    ax.set_xlabel(f"true {target_name}".strip())
    ax.set_ylabel(f"predicted {target_name}".strip())
    ax.set_title(", ".join(figures))
    ax.legend(loc="upper left")
    return ax


@styled
def plot_fit(
    predict: Predict | Predictor,
    x: ArrayLike,
    t: ArrayLike,
    ax: Axes | None = None,
    *,
    input_name: str = "x",
    target_name: str = "t",
    x_train: ArrayLike | None = None,
    t_train: ArrayLike | None = None,
) -> Axes:
    """Draw the curve that a network of one input has learnt through the data points.

    Parameters
    ----------
    predict : network, or callable, (M, 1) -> (M,) or (M, 1)
        Called on 400 inputs from the least x to the greatest.
    x, t : array_like, (N,) or (N, 1)
        Points, in the units that `predict` takes and gives.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    input_name, target_name : str
        Labels of the axes, with units.
    x_train, t_train : array_like, optional
        Points the network was trained on, drawn small and pale.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If an array has another shape, or x and t differ in length.
    """
    predict = as_predict(predict)
    inputs, targets = as_column("x", x), as_column("t", t)
    check_lengths(x=inputs, t=targets)
    learnt, answers = np.empty(0), np.empty(0)
    if x_train is not None and t_train is not None:
        learnt, answers = as_column("x_train", x_train), as_column("t_train", t_train)
        check_lengths(x_train=learnt, t_train=answers)
    seen = np.concatenate([inputs, learnt])
    grid = np.linspace(seen.min(), seen.max(), 400)
    curve = as_column("predict(x)", predict(grid[:, None]))
    check_lengths(x=grid, predicted=curve)

    ax = axes_or_new(ax)
    if len(learnt):
        ax.scatter(learnt, answers, s=16, color=GREY, alpha=0.45, linewidths=0, label="training")
    label = "test" if len(learnt) else "data"
    ax.scatter(inputs, targets, s=36, color=BLUE, alpha=0.8, linewidths=0, label=label)
    ax.plot(grid, curve, color=ORANGE, linewidth=3, label="network")
    ax.set_xlabel(input_name)
    ax.set_ylabel(target_name)
    ax.legend(loc="best" if len(seen) <= 5000 else "upper right")
    return ax
