"""The gradient at many points at once: an arrow at each, the way down."""

from __future__ import annotations

from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from numpy.typing import ArrayLike

from nn.differences import numerical_gradient
from nn.errors import (
    NotFiniteError,
    NudgeError,
    UnknownNameError,
    check_count,
    nearest,
    shown,
)
from nn.probing import Function
from nn.steps import check_step

from .arrays import FloatArray
from .plane import (
    GROUND,
    Plane,
    Range,
    as_place,
    as_range,
    bar_beside,
    draw_map,
    draw_star,
    is_square,
)
from .style import BLUE, axes_or_new, styled

_LENGTHS = ("gradient", "equal")
_GAP = 0.13  # of a cell: as near as two arrows come
_MAP = 121  # points along each axis of the map below

# Steep is dark. The light end of viridis would be lost on the ground.
_STEEP = LinearSegmentedColormap.from_list(
    "steep", mpl.colormaps["viridis"](np.linspace(0.8, 0, 64))
)


def gradients(f: Function, points: FloatArray, h: float | None) -> FloatArray:
    """Return the gradient at each of M points, (M, 2); nan where f has none."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(numerical_gradient(f, points.copy(), h, batch=True))
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, NudgeError) and not isinstance(error, NotFiniteError):
                raise
    if len(points) == 1:  # outside the domain of f, or at its edge
        return np.full((1, 2), np.nan)
    return np.vstack([gradients(f, point[None], h) for point in points])


def settled(steep: FloatArray) -> FloatArray:
    """Return steepness on a grid (A, B) with 0 where it is but rounding beside its neighbours."""
    around = np.pad(np.nan_to_num(steep), 1)
    views = np.lib.stride_tricks.sliding_window_view(around, (3, 3))
    return np.where(steep > 1e-9 * views.max(axis=(2, 3)), steep, 0.0)


def longest(ways: FloatArray) -> float:
    """Return how long arrows may be, so that none comes near another.

    Parameters
    ----------
    ways : (A, B, 2)
        Arrows on a grid, in cells, the longest of length 1; nan where there is none.

    Returns
    -------
    float
        In cells.
    """
    rows, columns = ways.shape[:2]
    starts = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).astype(np.float64)
    parts = np.linspace(0, 1, 9)[:, None]
    length = 1.2
    while length > 0.3:
        lines = starts[:, :, None] + length * parts * ways[:, :, None]
        if all(apart(lines, *step) for step in ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))):
            break
        length *= 0.94
    return length


def apart(lines: FloatArray, down: int, right: int) -> bool:
    """Tell whether each line of a grid keeps clear of that so many rows and columns further on.

    `lines` (A, B, P, 2) are P points each.
    """
    rows, columns = lines.shape[:2]
    left = max(0, -right)
    one = lines[: rows - down, left : columns - max(0, right)]
    other = lines[down:, left + right : columns + min(0, right)]
    gaps = np.linalg.norm(one[..., :, None, :] - other[..., None, :, :], axis=-1)
    return not (gaps < _GAP).any()  # nan, where there is no arrow, is not


@styled
def plot_gradient_field(
    f: Function,
    x0: Range,
    x1: Range,
    ax: Axes | None = None,
    *,
    n: int = 15,
    minimum: ArrayLike | None = None,
    lengths: Literal["gradient", "equal"] = "gradient",
    h: float | None = None,
) -> Axes:
    """Draw which way is down, and how steep, at many points: arrows of minus the gradient.

    An arrow starts at the point it belongs to, and there is none where f has no gradient.

    Parameters
    ----------
    f : callable, (2,) -> number
    x0, x1 : (low, high)
        Ranges of the two variables.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    n : int >= 2
        Arrows along the longer axis, and along the other as many as keep the same distance.
    minimum : (2,), optional
        A place to mark with a star.
    lengths : "gradient" or "equal"
        The longer the steeper; or all the same, and the darker the steeper, for functions that
        are very steep here and nearly level there.
    h : float > 0, optional
        Step of the differences, as in `nn.numerical_gradient`.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a range is not one, or f has no finite value anywhere.
    NotOneNumberError
        If f answers with something else than one number.
    """
    if lengths not in _LENGTHS:
        raise UnknownNameError(f"unknown lengths {shown(lengths)}{nearest(lengths, _LENGTHS)}")
    check_count("n", n, at_least=2)
    check_step(h)
    star = None if minimum is None else as_place("minimum", minimum)
    plane = Plane.of(f, x0, x1, _MAP)
    grid = spread(as_range("x0", x0), as_range("x1", x1), n)
    slopes = gradients(f, grid.reshape(-1, 2), h).reshape(grid.shape)

    ax = axes_or_new(ax, 6.8, 5.6)
    draw_map(ax, plane, plane.levels(), GROUND)
    draw_arrows(ax, grid, slopes, equal=lengths == "equal")
    if star is not None:
        draw_star(ax, star)
    return ax


def spread(x0: tuple[float, float], x1: tuple[float, float], n: int) -> FloatArray:
    """Return the middles of the cells of a grid, (B, A, 2), with n cells along the longer side."""
    spans = np.ptp([x0, x1], axis=1)
    counts = np.full(2, n)
    if is_square(*spans):
        counts = np.maximum(2, np.rint(n * spans / spans.max())).astype(int)
    sides = [
        np.linspace(low + span / count / 2, high - span / count / 2, count)
        for (low, high), span, count in zip((x0, x1), spans, counts, strict=True)
    ]
    return np.stack(np.meshgrid(*sides), axis=-1)


def draw_arrows(ax: Axes, grid: FloatArray, slopes: FloatArray, equal: bool) -> None:
    """Draw arrows against the slopes (B, A, 2) at the points of a grid (B, A, 2)."""
    steep = settled(np.hypot(slopes[..., 0], slopes[..., 1]))
    there = steep > 0
    if not there.any():
        return
    ways = np.full(slopes.shape, np.nan)
    ways[there] = -slopes[there] / (steep[there, None] if equal else 1.0)
    cell = grid[1, 1] - grid[0, 0]
    ways /= np.nanmax(np.hypot(*np.moveaxis(ways / cell, -1, 0)))
    ways *= longest(ways / cell)
    how: dict[str, Any] = {
        "angles": "xy", "scale_units": "xy", "scale": 1, "zorder": 3,
        "width": 0.005, "headwidth": 3.8, "headlength": 4.6, "headaxislength": 4.1,
    }  # fmt: skip
    if not equal:
        ax.quiver(*grid[there].T, *ways[there].T, color=BLUE, **how)
        return
    low, high = float(steep[there].min()), float(steep.max())
    norm = LogNorm(low, high) if high > 30 * low else Normalize(0, high)
    arrows = ax.quiver(*grid[there].T, *ways[there].T, steep[there], cmap=_STEEP, norm=norm, **how)
    bar_beside(ax, arrows, "slope")
