"""One image, and what the layers of a convolutional network make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import ArrayLike

from nn.errors import ArgumentError, InputError, ShapeError, check_count

from .arrays import FloatArray, as_floats
from .style import new_figure, styled
from .tiles import SMALL, Scale, Sheet, as_image, bar_right, draw_image

Named: TypeAlias = tuple[str, FloatArray]

_LARGEST = 1.1  # inches, of a tile
_WIDE, _HIGH = 9.0, 7.0  # inches, at most, of all tiles of the layers together
_BETWEEN = 0.16  # inches, between two layers
_BESIDE, _ABOVE = 2.7, 1.1  # inches, about: what stands beside and above the layers
_IMAGE = 1.5  # the image, in tiles
_LETTERS = 22  # of a layer's name, at most


@styled
def plot_activations(
    image: ArrayLike,
    activations: Iterable[tuple[str, ArrayLike]],
    figure: Figure | SubFigure | None = None,
    *,
    image_title: str = "image",
    count: int = 10,
) -> list[Axes]:
    """Draw an image, and what layers make of it: a row for each layer, a tile for each channel.

    Each layer has a scale of colours of its own. Zero is white; where a layer gives negative
    numbers they are blue and the positive ones orange, else larger is darker.

    Parameters
    ----------
    image : array_like, (H, W), (1, H, W) or (3, H, W)
        Larger is darker; of three channels, red, green and blue, larger is brighter.
    activations : sequence of pairs (name, array_like (C, H', W'))
        What layers gave for this image, in order: ("Conv2d", ...), ("ReLU", ...), say.
    figure : Figure or SubFigure, optional
        Where to draw; a new pyplot figure by default.
    image_title : str
        Stands above the image.
    count : int, >= 1
        Channels that are drawn of each layer, at most: the first of them. Where a layer has
        more, it says so.

    Returns
    -------
    list of Axes
        That of the image, then one a layer, with all its tiles as one mesh, `ax.collections[0]`.

    Raises
    ------
    ShapeError, InputError
        If an array has another shape, is empty or is not finite, or there is no layer.
    ArgumentError
        If `activations` are no pairs, or `count` is no whole number >= 1.
    """
    check_count("count", count)
    picture = as_image(image)
    layers = as_layers(activations)
    most = min(count, max(len(maps) for _, maps in layers))
    sheets = [Sheet(1, most, maps.shape[1:]) for _, maps in layers]
    wide, talls = sheets[0].size[0], [sheet.tall for sheet in sheets]
    if figure is None:
        figure = new_figure(*figure_size(wide, talls))
    grid = figure.add_gridspec(len(layers), 2, width_ratios=(_IMAGE, wide), height_ratios=talls)
    beside = figure.add_subplot(grid[:, 0])
    draw_image(beside, picture, image_title)
    beside.set_anchor("N")
    drawn: list[Axes] = []
    for k, ((name, maps), sheet) in enumerate(zip(layers, sheets, strict=True)):
        ax = figure.add_subplot(grid[k, 1])
        inches = min(ax.bbox.width / wide, ax.bbox.height / sheet.tall) / figure.dpi  # of a tile
        shown = maps[:most]
        mesh = sheet.draw(ax, shown, Scale.of(shown))
        bar = bar_right(ax, mesh, inches * np.array(sheet.size), "")
        if not k:
            bar.set_title("activation", fontsize=SMALL + 1, loc="left")
            sheet.number_columns(ax, inches, "channel")
        explain_row(ax, name, maps, len(shown))
        drawn.append(ax)
    figure.suptitle(f"What {'a layer makes' if len(layers) == 1 else 'layers make'} of an image")
    return [beside, *drawn]


def as_layers(activations: Iterable[tuple[str, ArrayLike]]) -> list[Named]:
    """Check that `activations` are pairs of a name and the channels (C, H', W') of a layer."""
    wanted = 'pairs such as [("Conv2d", array (C, H, W)), ...]'
    if isinstance(activations, Mapping | str) or not isinstance(activations, Iterable):
        raise ArgumentError("activations", wanted, activations)
    found: list[Named] = []
    for k, pair in enumerate(activations):
        if not (isinstance(pair, Sequence) and len(pair) == 2 and isinstance(pair[0], str)):
            raise ArgumentError(f"activations[{k}]", "a pair (name, array (C, H, W))", pair)
        name, values = pair
        array = as_floats(f"the activation of {name}", values)
        if array.ndim != 3:
            raise ShapeError(
                f"the activation of {name} must have shape (C, H, W), one image's channels,"
                f" got {array.shape}"
            )
        found.append((name, array))
    if not found:
        raise InputError("activations is empty: there is no layer to draw")
    return found


def explain_row(ax: Axes, name: str, maps: FloatArray, shown: int) -> None:
    """Say at the left of a row which layer it is, and how much of it is shown."""
    channels, height, width = maps.shape
    short = name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
    some = f"{shown} of {channels} channels\n" if shown < channels else ""
    ax.set_ylabel(
        f"{short}\n{some}{height} × {width}", rotation=0, ha="right", va="center",
        fontsize=SMALL + 1, parse_math=False,
    )  # fmt: skip


def figure_size(wide: float, talls: Sequence[float]) -> tuple[float, float]:
    """Width and height in inches of a figure for rows of tiles, in tiles."""
    tile = min(_LARGEST, _WIDE / wide, (_HIGH - _BETWEEN * len(talls)) / sum(talls))
    tile = max(tile, 0.2)
    high = max(sum(talls) * tile + _BETWEEN * len(talls), _IMAGE * tile)
    return (wide + _IMAGE) * tile + _BESIDE, high + _ABOVE
