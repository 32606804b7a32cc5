"""The numbers in a network: weights, biases or their gradient as maps of blue and orange."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import ArrayLike

from nn.errors import ArgumentError, InputError, ShapeError, check_count

from .arrays import FloatArray
from .cells import ABOVE, NUMBERS, Map, lay_out, own_axes, written
from .style import BLUE, INK, ORANGE, axes_or_new, each_axes, styled
from .writing import plain

BLUE_TO_ORANGE = LinearSegmentedColormap.from_list("blue_to_orange", [BLUE, "#FFFFFF", ORANGE])
_LONG = 12  # times as long as wide: on axes that were given, cells are square up to that
_NAMED = 100  # units, at most, whose numbers stand above their images


def draw_map(ax: Axes, one: Map, norm: Normalize, numbers: bool, square: bool) -> None:
    """Draw a matrix as coloured cells, its rows and columns numbered."""
    rows, columns = one.table.shape
    ax.imshow(one.table, cmap=BLUE_TO_ORANGE, norm=norm, interpolation="none")
    ax.set_aspect("equal" if square else "auto")
    ax.grid(False)
    ax.set_title(one.title, loc="left", fontsize=13)
    inches = np.array([ax.bbox.width, ax.bbox.height]) / ax.figure.dpi
    if square:
        inches = np.array([columns, rows]) * min(inches[0] / columns, inches[1] / rows)
    letters = 0.1 * len(str(columns - 1))
    for axis, count, label, long in ((ax.xaxis, columns, 0.12 + letters, inches[0]),
                                     (ax.yaxis, rows, 0.15, inches[1])):  # fmt: skip
        few = MaxNLocator(max(1, min(5, int(long / 0.3))), steps=[1, 2, 5, 10], integer=True)
        axis.set_major_locator(FixedLocator(range(count)) if count * label <= long else few)
    ax.tick_params(length=0, labelsize=11, labelleft=len(one.shape) == 2)
    ax.spines[:].set(visible=True, color="0.8")
    size = min(11.0, 108 * inches[0] / columns / max(len(written(v)) for v in one.table.flat))
    if numbers and size >= 6.5 and 72 * inches[1] / rows >= size:
        for (row, column), value in np.ndenumerate(one.table):
            color = "white" if value < 0.55 * float(norm.vmin or 0.0) else "0.1"
            ax.text(column, row, written(value), ha="center", va="center", fontsize=size,
                    color=color)  # fmt: skip


def draw_scale(ax: Axes, beside: Axes) -> None:
    """Draw the scale of colours of the last image on `ax` in the axes `beside` it."""
    bar = ax.figure.colorbar(ax.images[-1], cax=beside, format=FuncFormatter(plain))
    bar.outline.set_visible(False)
    beside.grid(False)
    beside.tick_params(labelsize=11)
    inches = beside.get_window_extent().height / ax.figure.dpi
    bar.locator = MaxNLocator(max(2, min(5, int(inches / 0.25))), symmetric=True)
    bar.update_ticks()


def draw_sheet(ax: Axes, table: FloatArray, shape: tuple[int, int], norm: Normalize) -> None:
    """Draw each column of (features, units) as an image, and the number of the unit above it."""
    (height, width), units = shape, table.shape[1]
    across, down = sheet_size(units)
    box = 72 / ax.figure.dpi * np.array([ax.bbox.width, ax.bbox.height])
    size = min(11.0, 0.22 * height * min(box / (across * width, 1.3 * down * height)))
    named = units <= _NAMED and size >= 6
    step_x, step_y = 1.12 * width, (1.34 if named else 1.12) * height
    for unit in range(units):
        left, top = unit % across * step_x, unit // across * step_y
        ax.imshow(table[:, unit].reshape(shape), cmap=BLUE_TO_ORANGE, norm=norm,
                  extent=(left, left + width, top + height, top), interpolation="none")  # fmt: skip
        ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor="0.75"))
        if named:
            ax.annotate(str(unit), (left + width / 2, top - 0.03 * height), ha="center",
                        va="bottom", fontsize=size, color=INK)  # fmt: skip
    edge = step_y - 1.02 * height
    ax.set(xlim=(-0.05 * width, across * step_x - 0.07 * width), xticks=[], yticks=[],
           ylim=(down * step_y - edge, -edge))  # fmt: skip
    ax.spines[:].set_visible(False)


def sheet_size(units: int) -> tuple[int, int]:
    """Return how many images stand side by side, and how many one below another."""
    across = min(units, max(4, math.ceil(math.sqrt(2 * units))))
    return across, math.ceil(units / across)


@styled
def plot_weights(
    arrays: Mapping[str, ArrayLike] | ArrayLike,
    ax: Axes | Sequence[Axes] | None = None,
    *,
    image_shape: tuple[int, int] | None = None,
) -> list[Axes] | Axes:
    """Draw parameters, or their gradient, as maps: negative is blue, positive orange, zero white.

    All arrays have one scale of colours. Where there are few, the numbers stand in the cells.

    Parameters
    ----------
    arrays : mapping of name -> array_like, (rows, columns) or (columns,); or one such array
        `net.params`, say. W of shape (in, out) has a row for each input and a column for each
        unit; a bias is one row.
    ax : Axes, or as many as there are arrays, optional
        Where to draw; by default a new pyplot figure where all cells are of one size.
    image_shape : (height, width), optional
        The array, one alone of shape (height * width, units), is drawn as a sheet of small
        images instead, one a unit: what each of them looks for.

    Returns
    -------
    list of Axes
        One an array; of one array without a name, or with `image_shape`, the Axes alone.

    Raises
    ------
    InputError, ShapeError, ArgumentError
        If an array is empty, has another shape, or is not finite; if there are not enough axes.
    """
    named = arrays if isinstance(arrays, Mapping) else {"": arrays}
    maps = [Map.read(str(name), values) for name, values in named.items()]
    if not maps:
        raise InputError("there are no arrays to draw")
    most = max(float(np.abs(one.table).max()) for one in maps) or 1.0
    norm = Normalize(-most, most)
    if image_shape is not None:
        return _sheet(maps, ax, image_shape, norm)
    numbers = sum(one.table.size for one in maps) <= NUMBERS
    if ax is None:
        drawn, beside = own_axes(lay_out(maps))
    else:
        drawn = each_axes(ax, len(maps), f"{len(maps)} arrays")
        beside = drawn[-1].inset_axes((1.04, 0.0, 0.05, 1.0))
    for one, place in zip(maps, drawn, strict=True):
        square = ax is not None and max(one.table.shape) <= _LONG * min(one.table.shape)
        draw_map(place, one, norm, numbers, square)
    draw_scale(drawn[-1], beside)
    return drawn if named is arrays else drawn[0]


def _sheet(
    maps: Sequence[Map], ax: Axes | Sequence[Axes] | None, shape: tuple[int, int], norm: Normalize
) -> Axes:
    """Check what makes no sheet of images, and draw what does."""
    if not (isinstance(shape, tuple | list) and len(shape) == 2):
        raise ArgumentError("image_shape", "a pair, (height, width)", shape)
    for side in shape:
        check_count("each side of image_shape", side)
    if len(maps) != 1 or not (ax is None or isinstance(ax, Axes)):
        raise InputError("a sheet of images is of one array, on one Axes")
    one, (height, width) = maps[0], shape
    if len(one.shape) != 2 or len(one.table) != height * width:
        wanted = f"({height * width}, units) for images of {height} x {width}"
        raise ShapeError(f"{one.name or 'array'} must have shape {wanted}, got {one.shape}")
    across, down = sheet_size(one.table.shape[1])
    if ax is None:
        (ax,), beside = own_axes([(0.1, ABOVE / 2, across, 1.2 * down * height / width)])
    else:
        beside = axes_or_new(ax).inset_axes((1.03, 0.0, 0.03, 1.0))
    draw_sheet(ax, one.table, (height, width), norm)
    draw_scale(ax, beside)
    return ax
