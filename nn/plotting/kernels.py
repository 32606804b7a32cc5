"""The kernels of a convolution: the small images that a layer looks for everywhere."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import ArrayLike

from nn.errors import ShapeError, check_count

from .arrays import FloatArray, as_floats
from .style import INK, new_figure, styled
from .tiles import GAP, SMALL, Scale, Sheet, bar_right, head
from .weights import sheet_size

_LARGEST = 1.0  # inch, about: a side of a tile
_WIDE, _HIGH = 9.0, 7.0  # inches, at most, of all tiles together
_BESIDE, _ABOVE = 1.5, 0.9  # inches, about: what stands beside and above them
_NAMED = 100  # tiles, at most, that have their numbers above them
_NUMBER = 0.34  # between two rows, in tiles, where such numbers stand there
_LEAST = 6.0  # points, of such a number


@styled
def plot_kernels(
    kernels: ArrayLike, figure: Figure | SubFigure | None = None, *, count: int = 64
) -> Axes:
    """Draw the kernels of a convolution: negative is blue, positive orange, zero white.

    All have one scale of colours. With one input channel they stand on a sheet, each below the
    number of its output channel; with several there is a row for each output channel, and a
    column for each input channel.

    Parameters
    ----------
    kernels : array_like, (O, C, kh, kw)
        Weights from C input channels to O output channels.
    figure : Figure or SubFigure, optional
        Where to draw; a new pyplot figure by default.
    count : int, >= 1
        Output channels that are drawn, and input channels, at most: the first of them. The title
        says so where there are more.

    Returns
    -------
    Axes
        All kernels are one mesh on it, `ax.collections[0]`, with a masked line between any two.

    Raises
    ------
    ShapeError, InputError
        If `kernels` has another shape, is empty or is not finite.
    ArgumentError
        If `count` is no whole number >= 1.
    """
    check_count("count", count)
    array = as_kernels(kernels)
    shown = array[:count, :count]
    (rows, columns), matrix = shown.shape[:2], array.shape[1] > 1
    if matrix:
        sheet = Sheet(rows, columns, array.shape[2:])
    else:
        columns, rows = sheet_size(rows)
        sheet = Sheet(rows, columns, array.shape[2:], _NUMBER if len(shown) <= _NAMED else GAP)
    wide, high = sheet.size
    if figure is None:
        tile = min(_LARGEST / sheet.tall**0.5, _WIDE / wide, _HIGH / high)
        figure = new_figure(max(tile * wide + _BESIDE, 3.6), tile * high + _ABOVE)
    ax = figure.add_subplot()
    tile = min(ax.bbox.width / wide, ax.bbox.height / high) / figure.dpi  # inches
    title = titled(array.shape, shown.shape)
    mesh = sheet.draw(ax, shown.reshape(-1, *sheet.shape), Scale.about_zero(shown))
    bar_right(ax, mesh, tile * np.array(sheet.size), "weight")
    if matrix:
        sheet.number_columns(ax, tile, "from channel")
        sheet.number_rows(ax, tile * sheet.tall, [str(k) for k in range(rows)], "to channel")
        head(ax, title, size=14)
    else:
        number_tiles(ax, sheet, len(shown), tile)
        ax.set_title(title)
    return ax


def as_kernels(kernels: ArrayLike) -> FloatArray:
    """Check that `kernels` are those of one convolution, (O, C, kh, kw)."""
    array = as_floats("kernels", kernels)
    if array.ndim != 4:
        shape = "(O, C, kh, kw), to O channels from C channels,"
        raise ShapeError(f"kernels must have shape {shape} got {array.shape}")
    return array


def number_tiles(ax: Axes, sheet: Sheet, count: int, inches: float) -> None:
    """Write above each of so many tiles, so many inches wide, which it is, if it can be read."""
    size = min(SMALL, 0.28 * 72 * inches)
    if count > _NAMED or size < _LEAST:
        return
    for k in range(count):
        row, column = divmod(k, sheet.columns)
        ax.annotate(str(k), (sheet.lefts[column] + 0.5, sheet.tops[row] - 0.03), ha="center",
                    va="bottom", fontsize=size, color=INK)  # fmt: skip
    ax.set_ylim(top=-sheet.gap)


def titled(shape: tuple[int, ...], shown: tuple[int, ...]) -> str:
    """Say how many kernels of which size there are, and how many of them are shown."""
    outputs, inputs, height, width = shape
    what = "kernel" if outputs * inputs == 1 else "kernels"
    there, drawn = (f"{s[0]}" if inputs == 1 else f"{s[0]} × {s[1]}" for s in (shape, shown))
    some = f"the first {drawn} of {there}" if shape != shown else there
    return f"{some} {what}, {height} × {width}"
