"""The images a network was surest about and wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from nn.errors import ShapeError, check_count

from .arrays import (
    FloatArray,
    IntArray,
    as_classes,
    as_numbers,
    as_probabilities,
    check_lengths,
    name_classes,
)
from .style import new_figure, styled


def as_pictures(images: ArrayLike) -> NDArray[Any]:
    """Turn images into (N, H, W) of their dtype, or (N, H, W, 3) with values in [0, 1].

    Raises
    ------
    ShapeError
        If they are not (N, H, W), (N, 1, H, W) or (N, 3, H, W).
    """
    array = as_numbers("images", images)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 4 and array.shape[1] == 3:
        low, high = float(array.min()), float(array.max())
        return np.moveaxis((array - low) / ((high - low) or 1.0), 1, -1)
    if array.ndim != 3:
        shapes = "(N, H, W), (N, 1, H, W) or (N, 3, H, W)"
        raise ShapeError(f"images must have shape {shapes}, got {array.shape}")
    return array


def worst_first(t: IntArray, table: FloatArray) -> IntArray:
    """Order the wrong samples by the probability given to the class that won, highest first."""
    wrong = np.flatnonzero(table.argmax(1) != t)
    order: IntArray = wrong[np.argsort(-table[wrong].max(1), kind="stable")]
    return order


def grid_shape(count: int) -> tuple[int, int]:
    """Rows and columns for `count` tiles: five a row, more when there are very many."""
    columns = min(count, max(5, math.ceil(math.sqrt(count))))
    return math.ceil(count / columns), columns


@styled
def plot_mistakes(
    images: ArrayLike,
    t: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str] = (),
    figure: Figure | None = None,
    count: int = 20,
) -> list[Axes]:
    """Draw a sheet of the worst mistakes: image, true class, predicted class, how sure.

    The mistake made with the highest probability comes first. Without mistakes the sheet says
    so, and shows the right answers the network was least sure of.

    Parameters
    ----------
    images : array_like, (N, H, W), (N, 1, H, W) or (N, 3, H, W)
    t : array_like, (N,), (N, 1) or one-hot (N, C)
        True classes.
    probabilities : array_like, (N, C), or (N,) or (N, 1) for the probability of class 1
    class_names : sequence of str, optional
        The classes' numbers by default.
    figure : Figure, optional
        Where to draw; a new pyplot figure by default.
    count : int, >= 1
        Images on the sheet, at most.

    Returns
    -------
    list of Axes
        One an image, in order.

    Raises
    ------
    ShapeError
        If an array has the wrong shape, or they differ in length.
    InputError
        If t are not classes, or `probabilities` not probabilities.
    """
    check_count("count", count)
    pictures, true = as_pictures(images), as_classes("t", t)
    table = as_probabilities("probabilities", probabilities, len(true))
    check_lengths(images=pictures, t=true, probabilities=table)
    names = name_classes(class_names, max(table.shape[1], int(true.max()) + 1))
    order = worst_first(true, table)
    if len(order):
        noun = "mistake" if len(order) == 1 else "mistakes"
        title = f"{len(order)} {noun} in {len(true)} images ({len(order) / len(true):.1%})"
        title += ", the most confident first" if len(order) > 1 else ""
    else:
        order = np.argsort(table.max(1), kind="stable")
        title = f"No mistakes in {len(true)} images: the least certain first"
    order = order[:count]
    predicted = table.argmax(1)

    rows, columns = grid_shape(len(order))
    if figure is None:
        figure = new_figure(*sheet_size(len(order)))
    figure.suptitle(title)
    darkest, brightest = pictures.min(), pictures.max()
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for ax, index in zip(axes, order, strict=False):
        ax.imshow(
            pictures[index], cmap="gray_r", interpolation="none",
            vmin=darkest, vmax=brightest,
        )  # fmt: skip
        said = f"{names[predicted[index]]}, {table[index].max():.0%} sure"
        truth = f"true: {names[true[index]]}"
        ax.set_title(f"{said}\n{truth}", fontsize=12)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="0.8")
    for ax in axes[len(order) :]:
        ax.remove()
    return axes[: len(order)]


def sheet_size(count: int) -> tuple[float, float]:
    """Width and height in inches of a figure for `count` images."""
    rows, columns = grid_shape(count)
    return max(2.0 * columns, 7.0), 2.5 * rows + 0.6
