"""A point of several variables, cut along each: every cut is a curve, and has a slope."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nn.differences import partial_derivative
from nn.errors import ShapeError, check_number
from nn.probing import Function, one_number

from .arrays import FloatArray
from .heights import evaluate
from .maps import HEIGHT
from .places import as_place
from .style import INK, class_color, each_axes, new_figure, styled
from .writing import figures

_MOST = 6  # variables, a panel each
_POINTS = 241  # of a curve


def name(index: int) -> str:
    """Name a variable: x₀, x₁ and so on."""
    return "x" + chr(ord("₀") + index)


def panels(ax: Axes | Sequence[Axes] | None, count: int) -> list[Axes]:
    """Return `count` axes: those given, or new ones, at most three in a row.

    Raises
    ------
    ShapeError
        If there are not as many.
    """
    if ax is None:
        columns = count if count <= 3 else math.ceil(count / 2)
        rows = math.ceil(count / columns)
        figure = new_figure(1.2 + 3.6 * columns, 0.4 + 3.6 * rows)
        return [figure.add_subplot(rows, columns, k + 1) for k in range(count)]
    return each_axes(ax, count, f"{count} variables, a panel each,")


def held(x: FloatArray, index: int) -> str:
    """Say where the other variables stand, as long as that is short."""
    others = [f"{name(k)} = {figures(x[k], 3)}" for k in range(len(x)) if k != index]
    return f"{name(index)}  ({', '.join(others)})" if 0 < len(others) < 3 else name(index)


def still(slope: float, rise: float, run: float) -> float:
    """Return a slope, or 0 for one that is but rounding beside a curve that rises so much."""
    return 0.0 if abs(slope) * run <= 1e-9 * rise else slope


def limits(heights: FloatArray) -> tuple[float, float]:
    """Return the ends of an axis for all heights, or for most if a few are far away."""
    heights = heights[np.isfinite(heights)]
    low, high = float(heights.min()), float(heights.max())
    few, most = np.quantile(heights, (0.03, 0.97)).tolist()
    inner = most - few
    if inner < 0.35 * (high - low):
        low, high = max(low, few - inner / 2), min(high, most + inner / 2)
    margin = 0.08 * (high - low) or 0.5 * (abs(low) or 1.0)
    return low - margin, high + margin


@styled
def plot_partials(
    f: Function,
    x: ArrayLike,
    ax: Axes | Sequence[Axes] | None = None,
    *,
    span: float | None = None,
    h: float | None = None,
) -> list[Axes]:
    """Draw the cuts of f through x, a panel a variable, each with its tangent.

    In each panel one variable moves and the others are held still; the slope of the tangent is
    the partial derivative. All panels have the same scales, so that a slope of 2 is as steep in
    one as in another.

    Parameters
    ----------
    f : callable, (n,) -> number
        Where it answers with nan there is a gap.
    x : (n,), n <= 6
        The point.
    ax : sequence of n Axes, optional
        Where to draw; a new pyplot figure by default.
    span : float > 0, optional
        How far the cuts go from x to both sides; by default somewhat farther than to 0.
    h : float > 0, optional
        Step of the differences, as in `nn.numerical_diff`.

    Returns
    -------
    list of Axes
        One a variable.

    Raises
    ------
    ShapeError
        If x is not one point of at most 6 numbers, or there are not as many axes.
    NotOneNumberError, NotFiniteError
        If f answers with something else than one number, or has none at x.
    """
    point = as_place("x", x, None)
    if len(point) > _MOST:
        raise ShapeError(
            f"x has {len(point)} variables, and there is room for {_MOST}; hold some of them"
            " still: lambda v: f([*v, …])"
        )
    if span is None:
        span = 1.2 * max(1.0, float(np.abs(point).max()))
    check_number("span", span, above=0)
    here = one_number(f(point.copy()), "at x")
    slopes = [partial_derivative(f, point, k, h) for k in range(len(point))]
    steps = np.linspace(-span, span, _POINTS)
    curves = []
    for k in range(len(point)):
        way = np.repeat(point[None], _POINTS, axis=0)
        way[:, k] += steps
        curves.append(evaluate(f, way, somewhere=True))
    low, high = limits(np.array([*np.ravel(curves), here]))

    axes = panels(ax, len(point))
    for k, (place, curve, slope) in enumerate(zip(axes, curves, slopes, strict=True)):
        along = point[k] + steps
        place.plot(along, curve, color=class_color(k), linewidth=3.5)  # as `plot_surface` has it
        place.plot(along, here + slope * steps, "--", color=INK, linewidth=2, zorder=3)
        place.plot(point[k], here, "o", color="black", markeredgecolor="white", zorder=4)
        place.set(xlim=along[[0, -1]], ylim=(low, high))
        place.set(xlabel=held(point, k), ylabel=HEIGHT)
        subplot = place.get_subplotspec()
        if ax is None and subplot is not None and not subplot.is_first_col():
            place.set_ylabel("")  # all have the same scale
        place.set_title(f"∂f/∂{name(k)} = {figures(still(slope, high - low, span))}")
    return axes
