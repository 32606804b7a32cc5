"""The plane of two variables: f on a grid of it, and a map of its heights to draw on."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, ScaledTranslation
from numpy.typing import ArrayLike

from nn.errors import InputError, NotFiniteError, ShapeError, blame, check_count, shown
from nn.probing import Function, one_number

from .arrays import FloatArray, as_floats
from .saving import figure_of
from .signed import plain

Range: TypeAlias = Sequence[float] | FloatArray  # (low, high)

X0, X1, HEIGHT = "x₀", "x₁", "f(x)"
_LARGEST = 1e300  # beyond it differences of heights have no number
_SKEWED = 0.12  # of the way from lowest to highest: half of all heights are within it

# Viridis on a slide is too strong to draw on. Below arrows and paths, which have colours of their
# own, the ground is grey.
_VIRIDIS = mpl.colormaps["viridis"](np.linspace(0, 1, 256))[:, :3]
PALE = ListedColormap(1 - 0.62 * (1 - _VIRIDIS), "pale_viridis")
GROUND = LinearSegmentedColormap.from_list("ground", ["#B9C3CF", "#F7F8FA"])


def as_range(name: str, ends: Range) -> tuple[float, float]:
    """Return the two ends of a range; InputError unless they are finite, the lower one first."""
    array = as_floats(name, ends)
    if array.shape != (2,) or not array[0] < array[1]:
        raise InputError(f"{name} must be (low, high) with low < high, got {shown(ends)}")
    return float(array[0]), float(array[1])


def as_place(name: str, point: ArrayLike, size: int | None = 2) -> FloatArray:
    """Return one point, (size,), as a float64 array of its own; of any size if None is given."""
    array = as_floats(name, point)
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "(n,), one number a variable" if size is None else f"({size},)"
        raise ShapeError(f"{name} must be one point of shape {wanted}, got {array.shape}")
    return array


def evaluate(f: Function, points: FloatArray, *, somewhere: bool = True) -> FloatArray:
    """Ask f for its height at each of M points, one by one; nan where it has none.

    Parameters
    ----------
    f : callable, (n,) -> number
        Outside its domain it may answer with nan or an infinity, or raise an ArithmeticError or
        ValueError, as `math.log` does. It gets copies of the points.
    points : (M, n)
    somewhere : bool
        Whether it is an error if f has no finite height at any of the points.

    Returns
    -------
    (M,)

    Raises
    ------
    NotOneNumberError
        If f answers with something else than one number.
    InputError
        If f has no finite height, and is to have one somewhere.
    """
    heights = np.full(len(points), np.nan)
    fault: Exception | None = None
    with np.errstate(all="ignore"):
        for k, point in enumerate(points):
            try:
                answer = f(point.copy())
            except (ArithmeticError, ValueError) as error:
                fault = fault or error
                continue
            with suppress(NotFiniteError):
                number = isinstance(answer, float)  # what it mostly is: this shall be fast
                heights[k] = answer if number else one_number(answer, f"at x = {point}")
    heights[~(np.abs(heights) < _LARGEST)] = np.nan
    if somewhere and np.isnan(heights).all():
        why = f": {blame(fault)}" if fault else ""
        raise InputError(f"f has no finite value anywhere in the picture{why}") from fault
    return heights


def brief(value: float, digits: int = 4) -> str:
    """Write a number with few digits: 5.99999 as 6, −1.2e−9."""
    return plain(float(f"{value:.{digits}g}"))


@dataclass(frozen=True)
class Plane:
    """Heights of f on a grid.

    Attributes
    ----------
    x0 : (A,)
    x1 : (B,)
        The grid along both axes, ascending.
    heights : (B, A)
        nan where f has none.
    """

    x0: FloatArray
    x1: FloatArray
    heights: FloatArray

    @classmethod
    def of(cls, f: Function, x0: Range, x1: Range, resolution: int) -> Plane:
        """Evaluate f, (2,) -> number, on `resolution` x `resolution` points; see `evaluate`."""
        check_count("resolution", resolution, at_least=2)
        along0 = np.linspace(*as_range("x0", x0), resolution)
        along1 = np.linspace(*as_range("x1", x1), resolution)
        points = np.stack(np.meshgrid(along0, along1), axis=-1)
        heights = evaluate(f, points.reshape(-1, 2)).reshape(points.shape[:2])
        return cls(along0, along1, heights)

    @property
    def extremes(self) -> tuple[float, float]:
        """The lowest and the highest height."""
        return float(np.nanmin(self.heights)), float(np.nanmax(self.heights))

    @property
    def flat(self) -> bool:
        """Whether f is the same everywhere, to rounding."""
        low, high = self.extremes
        return high - low <= 8 * sys.float_info.epsilon * max(abs(low), abs(high))

    def levels(self, wanted: Any = 10) -> FloatArray:
        """Return heights for contours, ascending, (L,): those wanted, or about so many."""
        if isinstance(wanted, int | np.integer):
            check_count("levels", wanted)  # type: ignore[arg-type]
            found = np.empty(0) if self.flat else choose_levels(self.heights, int(wanted))
        else:
            found = np.unique(as_floats("levels", wanted))
        low, high = self.extremes
        return found[(found > low) & (found < high)]


def choose_levels(heights: FloatArray, count: int = 10) -> FloatArray:
    """Choose about `count` heights for contours: round numbers, at even distances where possible.

    Where most of the plane is nearly as low as its lowest point, as in a long valley, they grow by
    a third of a decade or more; where most is nearly as high as the highest, downwards alike;
    where a few heights stick out on both sides, there is as much of the plane between any two.
    """
    heights = heights[np.isfinite(heights)]
    low, high = float(heights.min()), float(heights.max())
    tenth, middle, ninth = (np.quantile(heights, (0.1, 0.5, 0.9)) - low) / (high - low)
    if middle < _SKEWED:
        levels = _growing(heights - low, count)
        levels = levels if 0 <= low < levels[0] else low + levels  # heights that read 1, 10, 100
    elif middle > 1 - _SKEWED:
        return -choose_levels(-heights, count)[::-1]
    elif ninth - tenth < _SKEWED:
        levels = np.unique(np.quantile(heights, np.linspace(0, 1, count + 2)[1:-1]))
    else:
        levels = np.asarray(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    return np.asarray(levels, np.float64)


def _growing(rise: FloatArray, count: int) -> FloatArray:
    """Choose rises that are powers of ten, with as many in between as `count` leaves room for."""
    share = min(0.05, 150 / rise.size)  # a line round fewer points would be a chain of islands
    bottom, top = np.log10([np.quantile(rise[rise > 0], share), rise.max()]).tolist()
    step = max(1, math.ceil((top - bottom) / count))
    within = next((w for w in ((1, 2, 5), (1, 3)) if (top - bottom) * len(w) <= count + 2), (1,))
    powers = np.arange(math.floor(bottom), math.ceil(top), step)
    rises = np.ravel(10.0 ** powers[:, None] * np.array(within))
    return np.asarray(rises[rises > 10.0**bottom])


def is_square(span0: float, span1: float) -> bool:
    """Whether both axes of a map have the same unit, which need not make it a strip."""
    return max(span0, span1) <= 3 * min(span0, span1)


def draw_map(ax: Axes, plane: Plane, levels: FloatArray, colors: Colormap) -> QuadContourSet:
    """Draw a map over all of `ax`: contours at the levels (L,), and between them ever lighter.

    The axes have the same unit where the picture would not become a strip by it.
    """
    ax.grid(False)
    ax.set(xlim=plane.x0[[0, -1]], ylim=plane.x1[[0, -1]], xlabel=X0, ylabel=X1)
    ax.set_aspect("equal" if is_square(np.ptp(plane.x0), np.ptp(plane.x1)) else "auto")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
    if np.isnan(plane.heights).any():
        ax.patch.set(hatch="///", edgecolor="0.85", linewidth=0)  # seen where f has no height
    heights = np.ma.masked_invalid(plane.heights)
    low, high = plane.extremes
    room = 0.0 if len(levels) else max(1.0, -low, high)  # a flat one needs two edges too
    edges = np.array([low - room, *levels, high + room])
    tints = colors(np.linspace(0, 1, len(edges) - 1) if len(levels) else [0.5])
    filled = ax.contourf(plane.x0, plane.x1, heights, levels=edges, colors=tints, zorder=0)
    if len(levels):
        ax.contour(
            plane.x0, plane.x1, heights, levels=levels, colors="0.35", linewidths=0.7,
            linestyles="solid", alpha=0.6, zorder=0.5,
        )  # fmt: skip
    return filled


def draw_star(ax: Axes, place: FloatArray) -> Line2D:
    """Mark a minimum (2,)."""
    return ax.plot(*place, "*", color="#F0E442", mec="black", ms=18, zorder=4, label="minimum")[0]


def bar_beside(ax: Axes, what: Any, title: str, **how: Any) -> Axes:
    """Draw the scale of colours beside `ax`, as high as it is, and return its axes."""
    bar = ax.figure.colorbar(what, ax=ax, fraction=0.05, pad=0.03, **how)
    bar.ax.set_title(title, fontsize=12, loc="left")
    bar.ax.yaxis.set_major_formatter(lambda value, _: brief(value, 3))
    bar.outline.set_visible(False)
    bar.ax.set_box_aspect(None)
    place = bar.ax.get_axes_locator()

    def beside(inner: Any, renderer: Any) -> Bbox:
        """Where the map is made smaller than its place, for equal units, so is the scale."""
        given, drawn = place(inner, renderer), ax.get_position()
        left = drawn.x1 + max(0.0, given.x0 - ax.get_position(original=True).x1)
        width = drawn.height * ax.figure.bbox.height / ax.figure.bbox.width / 18
        return Bbox.from_bounds(left, drawn.y0, min(width, given.width), drawn.height)

    bar.ax.set_axes_locator(beside)
    return bar.ax


def legend_below(ax: Axes, columns: int = 1, gap: float = 46, **what: Any) -> None:
    """Explain what is drawn so many points below the axes, where it covers nothing."""
    below = ax.transAxes + ScaledTranslation(0, -gap / 72, figure_of(ax).dpi_scale_trans)
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0), bbox_transform=below, ncols=columns,
        borderaxespad=0, **what,
    )  # fmt: skip
