"""The gradient at many points at once: an arrow at each, the way down."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nn.differences import numerical_gradient
from nn.errors import NotFiniteError, NudgeError, UnknownNameError, check_count, nearest, shown
from nn.probing import Function
from nn.steps import check_step

from .arrays import FloatArray
from .arrows import draw_arrows
from .maps import GROUND, draw_map, draw_star, is_square
from .places import Range, Span, as_place, as_range
from .plane import Plane
from .style import axes_or_new, styled

_LENGTHS = ("gradient", "equal")
_MAP = 121  # points along each axis of the map below


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

    The middle of an arrow is the point it belongs to, and there is none where f has no gradient.

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


def spread(x0: Span, x1: Span, n: int) -> FloatArray:
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
