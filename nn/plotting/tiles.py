"""Small images of one size in rows and columns: kernels, or what they make of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, QuadMesh
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import ArrayLike, NDArray

from nn.errors import ShapeError

from .arrays import FloatArray, as_numbers
from .mistakes import as_pictures
from .style import CLASS_COLORS, ORANGE
from .writing import plain

# Deeper than in pictures of matrices: most of a small image is far from the largest number. Both
# sides are as dark as each other, and where nothing is negative one of them is left.
_COLD, _WARM = ["#00406B", CLASS_COLORS[5]], [ORANGE, "#7A3300"]
COLD_TO_WARM = LinearSegmentedColormap.from_list("cold_to_warm", [*_COLD, "#FFFFFF", *_WARM])
WHITE_TO_WARM = LinearSegmentedColormap.from_list("white_to_warm", ["#FFFFFF", *_WARM])
SMALL = 11  # points, of numbers beside tiles
GAP = 0.12  # between two tiles, in widths of one


@dataclass(frozen=True)
class Scale:
    """The colours of numbers."""

    colors: Colormap
    norm: Normalize

    @classmethod
    def about_zero(cls, values: FloatArray) -> Scale:
        """Negative is blue, positive orange; both are as deep where they are as large."""
        most = float(np.abs(values).max()) or 1.0
        return cls(COLD_TO_WARM, Normalize(-most, most))

    @classmethod
    def of(cls, values: FloatArray) -> Scale:
        """About zero where something is negative; else from zero, which is white, upwards."""
        if values.min() < 0:
            return cls.about_zero(values)
        return cls(WHITE_TO_WARM, Normalize(0.0, float(values.max()) or 1.0))


@dataclass(frozen=True)
class Sheet:
    """Where tiles stand, in units of the axes: each is 1 wide, and the first has its corner at 0.

    Attributes
    ----------
    rows, columns : int
    shape : (h, w)
        Of one tile, in cells.
    gap : float
        Between two rows; between two columns it is `GAP`.
    """

    rows: int
    columns: int
    shape: tuple[int, int]
    gap: float = GAP

    @property
    def tall(self) -> float:
        """Height of one tile."""
        return self.shape[0] / self.shape[1]

    @property
    def lefts(self) -> FloatArray:
        """Left edges of the columns; (columns,)."""
        return np.arange(self.columns, dtype=np.float64) * (1 + GAP)

    @property
    def tops(self) -> FloatArray:
        """Upper edges of the rows, downwards; (rows,)."""
        return np.arange(self.rows, dtype=np.float64) * (self.tall + self.gap)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of all."""
        return float(self.lefts[-1]) + 1, float(self.tops[-1]) + self.tall

    def draw(self, ax: Axes, tiles: FloatArray, scale: Scale) -> QuadMesh:
        """Draw tiles (N, h, w), N <= rows x columns, row by row, each in a thin frame.

        All are one artist, with the shape of `canvas`.
        """
        (height, width), count = self.shape, len(tiles)
        full = np.full((self.rows * self.columns, height, width), np.nan)
        full[:count] = tiles
        x = (self.lefts[:, None] + np.linspace(0, 1, width + 1)).ravel()
        y = (self.tops[:, None] + np.linspace(0, self.tall, height + 1)).ravel()
        mesh = ax.pcolormesh(
            x, y, np.ma.masked_invalid(canvas(full, self.rows)), cmap=scale.colors,
            norm=scale.norm, rasterized=True,  # else viewers of PDF show seams between cells
        )  # fmt: skip
        corners = [(left, top) for top in self.tops for left in self.lefts][:count]
        ax.add_collection(
            PatchCollection(
                [Rectangle(corner, 1, self.tall) for corner in corners], facecolor="none",
                edgecolor="0.75", linewidth=0.8 if count <= 300 else 0.4,
            )
        )  # fmt: skip
        ax.grid(False)
        ax.set(xticks=[], yticks=[], aspect="equal")
        ax.tick_params(length=0, labelsize=SMALL)
        ax.spines[:].set_visible(False)
        room = 0.03
        ax.set(xlim=(-room, self.size[0] + room), ylim=(self.size[1] + room, -room))
        return mesh

    def number_columns(self, ax: Axes, inches: float, label: str) -> None:
        """Number the columns above the first row, some where a column is so few inches wide."""
        some = range(0, self.columns, sparse(inches, 0.12 + 0.1 * len(str(self.columns - 1))))
        ax.set_xticks(self.lefts[some] + 0.5, [str(k) for k in some])
        ax.xaxis.tick_top()
        ax.xaxis.set_label_position("top")
        ax.set_xlabel(label, fontsize=SMALL + 1)
        ax.tick_params(length=0, labelsize=SMALL)

    def number_rows(self, ax: Axes, inches: float, labels: Sequence[str], label: str) -> None:
        """Label the rows at the left, some where a row is so few inches high."""
        some = range(0, self.rows, sparse(inches, 0.2))
        ax.set_yticks(self.tops[some] + self.tall / 2, [labels[k] for k in some])
        ax.set_ylabel(label, fontsize=SMALL + 1)


def head(ax: Axes, title: str, size: float = 13) -> None:
    """Write a title above the numbers of the columns and what they are."""
    ax.set_title(title, fontsize=size, y=1.0, pad=37)  # y: else it moves when room is allotted


def canvas(tiles: FloatArray, rows: int) -> FloatArray:
    """Lay tiles (rows * columns, h, w) out as one matrix, with a line of nan between any two."""
    count, height, width = tiles.shape
    columns = count // rows
    edged = np.pad(tiles, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    table = edged.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return table.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def sparse(inches: float, needed: float) -> int:
    """Tell that every first, second, fifth, … of things so far apart has the room it needs."""
    return next(n for n in (1, 2, 5, 10, 20, 50, 100) if n * inches >= needed or n == 100)


def bar_right(ax: Axes, mesh: QuadMesh, size: FloatArray, label: str) -> Axes:
    """Draw the scale of colours to the right of axes of about that size (2,) in inches."""
    beside = ax.inset_axes((1 + 0.15 / size[0], 0.0, 0.13 / size[0], 1.0))
    return _bar(beside, mesh, "vertical", label, max(2, min(5, int(size[1] / 0.25))))


def bar_below(ax: Axes, mesh: QuadMesh, size: FloatArray, label: str) -> Axes:
    """Draw the scale of colours below axes of about that size (2,) in inches."""
    beside = ax.inset_axes((0.2, -0.28 / size[1], 0.6, 0.13 / size[1]))
    return _bar(beside, mesh, "horizontal", label, max(2, min(5, int(size[0] / 1.0))))


def _bar(beside: Axes, mesh: QuadMesh, way: Any, label: str, ticks: int) -> Axes:
    """Draw the scale of colours on axes of its own."""
    low, high = (float(np.asarray(limit)) for limit in mesh.get_clim())
    steps = MaxNLocator(ticks, symmetric=low < 0, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    bar = beside.figure.colorbar(
        mesh, cax=beside, orientation=way, format=FuncFormatter(plain),
        ticks=[step for step in steps if low <= step <= high],
    )  # fmt: skip
    bar.outline.set_visible(False)
    bar.set_label(label, fontsize=SMALL + 1)
    beside.grid(False)
    beside.tick_params(labelsize=SMALL)
    return beside


def as_image(image: ArrayLike) -> NDArray[Any]:
    """Turn one image into (H, W) of its dtype, or (H, W, 3) with values in [0, 1].

    Raises
    ------
    InputError, ShapeError
        If it is not (H, W), (1, H, W) or (3, H, W), or is empty or not finite.
    """
    array = as_numbers("image", image)
    planes = array[None] if array.ndim == 2 else array
    if planes.ndim != 3 or len(planes) not in (1, 3):
        raise ShapeError(f"image must have shape (H, W), (1, H, W) or (3, H, W), got {array.shape}")
    return np.asarray(as_pictures(planes[None])[0])


def draw_image(ax: Axes, picture: NDArray[Any], title: str) -> None:
    """Draw an image (H, W), larger is darker, or (H, W, 3)."""
    ax.imshow(picture, cmap="gray_r", interpolation="none")
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="0.75")
    ax.set_title(title, fontsize=SMALL + 1, parse_math=False)
