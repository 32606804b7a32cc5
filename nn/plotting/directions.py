"""The slope at a point in every direction: steepest along the gradient, none across it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from numpy.typing import ArrayLike

from nn.differences import directional_derivative, numerical_gradient
from nn.errors import check_count
from nn.probing import Function, one_number

from .arrays import FloatArray
from .heights import evaluate
from .keys import legend_below
from .partials import still
from .places import as_place
from .style import BLUE, CLASS_COLORS, GREY, ORANGE, axes_or_new, styled
from .writing import figures

_NONE = 1e-6  # of the slopes a little farther off: a gradient that is smaller counts as 0


def towards(angles: FloatArray) -> FloatArray:
    """Return the unit vectors (K, 2) at angles (K,), in degrees from the x₀ axis to the x₁ axis."""
    return np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))], axis=1)


def steepness_around(f: Function, x: FloatArray, angles: FloatArray) -> float:
    """Return the steepest average slope from x to a tenth of its size away; 0 if f is constant."""
    far = 0.1 * max(1.0, float(np.abs(x).max()))
    heights = evaluate(f, np.vstack([x, x + far * towards(angles)]))
    return float(np.nanmax(np.abs(heights - heights[0]))) / far


@styled
def plot_directions(
    f: Function,
    x: ArrayLike,
    ax: Axes | None = None,
    *,
    h: float | None = None,
    angles: int = 73,
) -> Axes:
    """Draw how steep f is at x in every direction, all around.

    Marked are the direction of the gradient, where the slope is greatest and equal to its length;
    the one against it, the steepest way down; the two along the contour, where f does not change;
    and the two partial derivatives.

    Parameters
    ----------
    f : callable, (2,) -> number
    x : (2,)
        The point.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    h : float > 0, optional
        Step of the differences, as in `nn.directional_derivative`.
    angles : int >= 5
        How many directions, from 0 to 360 degrees.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If x is not two numbers.
    NotOneNumberError, NotFiniteError
        If f answers with something else than one number, or has none at or beside x.
    """
    check_count("angles", angles, at_least=5)
    point = as_place("x", x)
    one_number(f(point.copy()), "at x")
    gradient = numerical_gradient(f, point, h)
    length = float(np.hypot(*gradient))
    around = np.linspace(0, 360, angles)
    most = steepness_around(f, point, around)

    def slopes(at: FloatArray) -> FloatArray:
        return np.array([directional_derivative(f, point, v, h) for v in towards(at)])

    curve = slopes(around)
    partials = slopes(np.array([0.0, 90.0]))
    flat = length <= _NONE * most or length == 0
    up = float(np.degrees(np.arctan2(gradient[1], gradient[0]))) % 360
    marked = (up + np.array([0.0, 90.0, 180.0, 270.0])) % 360
    steepest = slopes(marked[[0, 2]])

    ax = axes_or_new(ax)
    ax.axhline(0, color=GREY, linewidth=1, zorder=1)
    ax.plot(around, curve, color=BLUE)
    ax.set(xlabel="direction, as an angle from the x₀ axis", ylabel="slope in that direction")
    ax.set_xlim(-10, 370)
    inches = ax.bbox.width / ax.figure.dpi
    ax.xaxis.set_major_locator(MultipleLocator(45 if inches > 4 else 90 if inches > 2 else 180))
    ax.xaxis.set_major_formatter("{x:.0f}°")
    if flat:
        ax.set_ylim(-(most or 1.0), most or 1.0)
        ax.set_title("the gradient is 0:\nno slope in any direction")
        return ax
    along, across = marked[[0, 2]], np.sort(marked[[1, 3]])
    x_slope, y_slope = (figures(still(s, length, 1.0)) for s in partials)
    marks = (
        (along[:1], steepest[:1], "^", ORANGE,
         f"along the gradient, {along[0]:.0f}°: {figures(steepest[0])}, its length"),
        (along[1:], steepest[1:], "v", ORANGE,
         f"against the gradient, {along[1]:.0f}°: {figures(steepest[1])}"),
        (across, np.zeros(2), "o", "white",
         f"along the contour, {across[0]:.0f}° and {across[1]:.0f}°: 0"),
        (np.array([0.0, 90.0]), partials, "s", CLASS_COLORS[2],
         f"along the axes: ∂f/∂x₀ = {x_slope}, ∂f/∂x₁ = {y_slope}"),
    )  # fmt: skip
    for at, slope, marker, color, label in marks:
        size = 13 if marker == "s" else 9  # one on the other can both be seen
        ax.plot(
            at, slope, marker, color=color, markeredgecolor="black", markersize=size,
            zorder=5 - size / 10, clip_on=False, label=label,
        )  # fmt: skip
    legend_below(ax)
    return ax
