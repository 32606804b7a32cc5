"""Kernels while they learn: how they grow, epoch by epoch, and what they make of an image."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import ArrayLike

from nn.errors import InputError, ShapeError, check_count

from .arrays import FloatArray, as_column, as_floats, check_lengths
from .style import new_figure, styled
from .tiles import GAP, Scale, Sheet, as_image, bar_below, draw_image, head
from .writing import plain

Shape: TypeAlias = tuple[int, ...]

_LARGEST = 1.0  # inches, of a tile
_WIDE, _HIGH = 11.0, 6.0  # inches, at most, of all tiles together
_BESIDE, _ABOVE = 2.0, 1.9  # inches, about: what stands beside, and above and below them
_IMAGE, _BETWEEN = 1.8, 0.35  # tiles: the image; between kernels and activations
_NARROWEST = 2.2  # tiles, at least, for each of those
_ONE_LINE = 3.8  # inches: if there are fewer, the titles of those take two lines


@styled
def plot_kernels_by_epoch(
    epochs: ArrayLike,
    kernels: ArrayLike,
    activations: ArrayLike,
    image: ArrayLike,
    figure: Figure | SubFigure | None = None,
    *,
    image_title: str = "image",
    count: int = 8,
    rows: int = 6,
) -> list[Axes]:
    """Draw how the kernels of a convolution learn, and what they make of one image meanwhile.

    A row is an epoch, a column a channel: on the left its kernel, on the right its activation.
    All kernels have one scale of colours, over the epochs too, so that growth is seen; all
    activations have another. Zero is white, negative blue, positive orange.

    Parameters
    ----------
    epochs : array_like, (E,)
        Ascending; 0 for the first weights, say.
    kernels : array_like, (E, O, C, kh, kw)
        Weights after each of these epochs. Of several input channels the kernels of the first
        are drawn, as the title above them says; the activations come from all.
    activations : array_like, (E, O, H', W')
        What the layer, or one that follows it channel by channel, gave for the image.
    image : array_like, (H, W), (1, H, W) or (3, H, W)
    figure : Figure or SubFigure, optional
        Where to draw; a new pyplot figure by default.
    image_title : str
        Stands above the image.
    count : int, >= 1
        Channels that are drawn, at most: the first of them.
    rows : int, >= 2
        Epochs that are drawn, at most: the first, the last, and some between, closer together
        at the beginning, when kernels change most.

    Returns
    -------
    list of three Axes
        The image; the kernels and the activations, each as one mesh, `ax.collections[0]`.

    Raises
    ------
    ShapeError, InputError
        If an array has another shape, is empty or is not finite, they differ in length, or the
        epochs do not ascend.
    ArgumentError
        If `count` or `rows` is no such whole number.
    """
    check_count("count", count)
    check_count("rows", rows, at_least=2)
    times, weights = as_epochs(epochs), as_floats("kernels", kernels)
    maps, picture = as_floats("activations", activations), as_image(image)
    check_shapes(weights, maps)
    check_lengths(epochs=times, kernels=weights, activations=maps)
    some = choose_epochs(times, rows)
    shown_weights, shown_maps = weights[some, :count, 0], maps[some, :count]

    columns = shown_weights.shape[1]
    talls = [array.shape[2] / array.shape[3] for array in (shown_weights, shown_maps)]
    pitch = max(talls) + GAP
    sheets = [Sheet(len(some), columns, array.shape[2:], pitch - tall)
              for array, tall in zip((shown_weights, shown_maps), talls, strict=True)]  # fmt: skip
    wide, high = sheets[0].size[0], pitch * len(some)
    if figure is None:
        figure = new_figure(*figure_size(weights.shape, maps.shape, count, rows))
    block = max(wide, _NARROWEST)
    grid = figure.add_gridspec(1, 4, width_ratios=(_IMAGE, block, _BETWEEN, block))
    axes = [figure.add_subplot(grid[0, k]) for k in (0, 1, 3)]
    for ax in axes:
        ax.set_anchor("N")
    draw_image(axes[0], picture, image_title)
    inches = min(axes[1].bbox.width / block, axes[1].bbox.height / high) / figure.dpi  # of a tile
    size = inches * np.array([wide, high])
    titles = block_titles(weights.shape, maps.shape, "\n" if inches * block < _ONE_LINE else " ")
    scales = Scale.about_zero(shown_weights), Scale.of(shown_maps)
    for k, shown in enumerate((shown_weights, shown_maps)):
        ax, sheet = axes[k + 1], sheets[k]
        mesh = sheet.draw(ax, shown.reshape(-1, *sheet.shape), scales[k])
        ax.set_ylim(bottom=high - GAP + 0.03)
        bar_below(ax, mesh, size, ("weight", "activation")[k])
        sheet.number_columns(ax, inches, "channel")
        head(ax, titles[k])
    labels = [plain(time) for time in times[some]]
    sheets[0].number_rows(axes[1], inches * pitch, labels, "epoch")
    channels = weights.shape[1]
    kernels_shown = f"{columns} of {channels}" if columns < channels else f"{channels}"
    figure.suptitle(titled(kernels_shown, channels, labels))
    return axes


def as_epochs(epochs: ArrayLike) -> FloatArray:
    """Check that `epochs` are numbers that ascend, (E,)."""
    times = as_column("epochs", epochs)
    wrong = np.flatnonzero(np.diff(times) <= 0)
    if wrong.size:
        k = int(wrong[0]) + 1
        raise InputError(
            f"epochs must ascend; epochs[{k}] is {plain(times[k])} after {plain(times[k - 1])}"
        )
    return times


def check_shapes(weights: FloatArray, maps: FloatArray) -> None:
    """Raise `ShapeError` unless there is an activation for each kernel."""
    if weights.ndim != 5:
        shape = "(E, O, C, kh, kw), those of a layer for each epoch,"
        raise ShapeError(f"kernels must have shape {shape} got {weights.shape}")
    if maps.ndim != 4 or maps.shape[1] != weights.shape[1]:
        shape = f"(E, {weights.shape[1]}, H, W), a map for each kernel of an epoch,"
        raise ShapeError(f"activations must have shape {shape} got {maps.shape}")


def choose_epochs(epochs: FloatArray, rows: int) -> list[int]:
    """Choose which of ascending epochs (E,) to show: the first, the last, and some between.

    The distances from the first grow geometrically, as far as there are such epochs.
    """
    last = len(epochs) - 1
    if last < rows:
        return list(range(last + 1))
    since, chosen = epochs - epochs[0], [0]
    for k, wanted in enumerate(np.geomspace(since[1], since[-1], rows - 1), 1):
        nearest = int(np.abs(since - wanted).argmin())
        chosen.append(min(max(nearest, chosen[-1] + 1), last - (rows - 1 - k)))
    return [*chosen[:-1], last]


def block_titles(kernels: Shape, activations: Shape, between: str) -> tuple[str, str]:
    """Say what stands in the two blocks, on one line or with a line break between."""
    inputs, height, width = kernels[2:]
    first = [f"kernels, {height} × {width}" + ("," if inputs > 1 else "")]
    if inputs > 1:
        first.append(f"from input channel 0 of {inputs}")
    height, width = activations[2:]
    return between.join(first), f"what they make of{between}the image, {height} × {width}"


def titled(kernels: str, channels: int, epochs: list[str]) -> str:
    """Say which kernels are shown, and since when."""
    what = f"{kernels} {'kernel' if channels == 1 else 'kernels'}"
    if len(epochs) == 1:
        return f"{what} at epoch {epochs[0]}"
    learn = "learns" if channels == 1 else "learn"
    return f"How {what} {learn}, from epoch {epochs[0]} to {epochs[-1]}"


def figure_size(
    kernels: Shape, activations: Shape, count: int = 8, rows: int = 6
) -> tuple[float, float]:
    """Width and height in inches of a figure for kernels (E, O, C, kh, kw) and their activations.

    `count` and `rows` are those of `plot_kernels_by_epoch`.
    """
    tall = max(kernels[3] / kernels[4], activations[2] / activations[3])
    high = min(kernels[0], rows) * (tall + GAP)
    wide = 2 * max(min(kernels[1], count) * (1 + GAP), _NARROWEST) + _IMAGE + _BETWEEN
    tile = min(_LARGEST / tall**0.5, _WIDE / wide, _HIGH / high)
    return wide * tile + _BESIDE, max(high, _IMAGE) * tile + _ABOVE
