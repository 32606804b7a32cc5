"""Which classes a network takes for which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from .arrays import IntArray, as_classes, check_lengths, name_classes
from .style import WHITE_TO_BLUE, axes_or_new, styled


def count_confusions(t: IntArray, predicted: IntArray, classes: int) -> IntArray:
    """Count samples by true and predicted class: (classes, classes), a row per true class."""
    counts = np.bincount(t * classes + predicted, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


@styled
def plot_confusion(
    t: ArrayLike,
    predicted: ArrayLike,
    ax: Axes | None = None,
    class_names: Sequence[str] = (),
) -> Axes:
    """Draw the confusion matrix: counts in the cells, coloured by their share of the row.

    Parameters
    ----------
    t, predicted : array_like, (N,), (N, 1) or one-hot (N, C)
        True classes, one row each, and predicted classes, one column each.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    class_names : sequence of str, optional
        The classes' numbers by default.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If the arrays have the wrong shape or differ in length.
    InputError
        If they do not hold classes, or there are fewer names than classes.
    """
    true, answer = as_classes("t", t), as_classes("predicted", predicted)
    check_lengths(t=true, predicted=answer)
    names = name_classes(class_names, max(2, int(true.max()) + 1, int(answer.max()) + 1))
    counts = count_confusions(true, answer, len(names))
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)

    ax = axes_or_new(ax, 7.0, 6.0)
    ax.grid(False)
    image = ax.imshow(share, cmap=WHITE_TO_BLUE, vmin=0, vmax=1, interpolation="none")
    size = float(np.clip(170 / len(names), 6, 24))
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if share[row, column] > 0.4 else "0.1" if count else "0.7"
        ax.text(column, row, str(count), ha="center", va="center", color=color, fontsize=size)
    long = max(map(len, names)) * len(names) > 40
    ax.set_xticks(range(len(names)), names, rotation=45 if long else 0,
                  ha="right" if long else "center", rotation_mode="anchor")  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color="0.8")
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    right = int(np.trace(counts))
    ax.set_title(f"{right} of {len(true)} right ({right / len(true):.1%})")
    beside = ax.inset_axes((1.04, 0.0, 0.05, 1.0))  # as high as the matrix, whatever its size
    beside.grid(False)
    bar = ax.figure.colorbar(image, cax=beside, format=PercentFormatter(xmax=1))
    bar.set_label("share of the true class")
    return ax
