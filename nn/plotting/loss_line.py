"""The loss as a function of one weight: the curve that a nudge looks at."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nn.differences import numerical_gradient
from nn.errors import InputError
from nn.steps import check_step

from .arrays import FloatArray
from .places import Range, as_range
from .snapshots import Index, Learner, held, one_weight
from .style import BLUE, DARK_ORANGE, GREY, INK, ORANGE, axes_or_new, styled
from .writing import figures

_POINTS = 201
_BENT = 0.5  # of the height of the curve: how far a curve that bends leaves its tangent


def losses_along(loss: Callable[[], float], weight: FloatArray, values: FloatArray) -> FloatArray:
    """Return the loss with the weight at each of `values`, (K,); nan where it has no value."""
    found = np.empty(len(values))
    for k, value in enumerate(values):
        weight[...] = value
        found[k] = loss()
    return np.where(np.isfinite(found), found, np.nan)


def bending_width(loss: Callable[[], float], weight: FloatArray, slope: float) -> float:
    """Return how far to look on both sides of a weight to see the loss bend.

    So far the curve leaves its tangent by much of its height, and that is much beside the loss;
    where a weight matters little, the former is enough.
    """
    here, value = float(weight), loss()
    scale = max(abs(here), 1.0)
    low = high = value
    last, enough = 1e-3 * scale, 0.0
    for width in np.geomspace(1e-3 * scale, 1e5 * scale, 70):
        ends = losses_along(loss, weight, np.array([here - width, here + width]))
        if not np.isfinite(ends).all():
            break
        last = float(width)
        low, high = min(low, *ends.tolist()), max(high, *ends.tolist())
        bend = float(np.abs(ends - value - slope * width * np.array([-1, 1])).max())
        if bend >= _BENT * (high - low) > 0:
            if high - low >= 0.05 * abs(value):
                return last
            if width >= scale / 2:
                enough = enough or last
    return enough or min(last, scale)


@styled
def plot_loss_line(
    network: Learner,
    x: Any,
    t: Any,
    name: str,
    index: Index,
    ax: Axes | None = None,
    *,
    span: Range | None = None,
    h: float = 1e-4,
) -> Axes:
    """Draw the loss of a batch over one weight, the others still, and the tangent where it is now.

    The slope of the tangent is what this weight has in the gradient: a central difference. The
    arrow says which way a step of gradient descent moves the weight.

    Parameters
    ----------
    network : Network
        Or anything with `params`, a mapping of names to arrays, and `loss(x, t)`. Its parameters
        end with the bits they began with.
    x, t : arrays, (N, ...)
    name : str
        Of the parameter: "W1".
    index : int or tuple of ints
        Which of its entries.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    span : (low, high), optional
        From which weight to which; by default so far on both sides that the curve bends. Where
        the loss is not finite there is a gap.
    h : float > 0
        The nudge.

    Returns
    -------
    Axes

    Raises
    ------
    UnknownNameError, InputError
        If there is no such parameter or entry, or the weight is not within the span.
    NotFiniteError
        If the loss has no value where the weight is now.
    StepError, StepTooSmallError, ImpureFunctionError
        If h is not positive, or vanishes beside the weight; if the loss is another at each call.
    """
    check_step(h, "1e-4 by default")
    ends = None if span is None else as_range("span", span)
    with held(network) as params:
        label, weight = one_weight(params, name, index)
        here = float(weight)
        if ends and not ends[0] <= here <= ends[1]:
            low, high = ends
            raise InputError(f"{label} is {here:g} now, outside of the span, {low:g} to {high:g}")

        def loss() -> float:
            return float(network.loss(x, t))

        slope = float(numerical_gradient(lambda _: loss(), {label: weight}, h)[label])
        value = loss()
        if ends is None:
            width = bending_width(loss, weight, slope)
            ends = here - width, here + width
        low, high = ends
        weights = np.linspace(low, high, _POINTS)
        curve = losses_along(loss, weight, weights)

    ax = axes_or_new(ax)
    bottom, top = float(np.nanmin([value, *curve])), float(np.nanmax([value, *curve]))
    least = 1e-9 * abs(value)  # below that it may be rounding alone
    if top - bottom <= least:
        bottom, top = value - (0.1 * abs(value) or 1.0), value + (0.1 * abs(value) or 1.0)
    ax.plot(weights, curve, color=BLUE, zorder=3)
    near = here + 0.3 * (high - low) * np.linspace(-1, 1, _POINTS)
    line = value + slope * (near - here)
    seen = (near >= low) & (near <= high) & (line >= bottom - 0.04 * (top - bottom)) & (line <= top)
    ax.plot(near[seen], line[seen], color=ORANGE, linewidth=2, zorder=4)
    ax.plot([here], [value], "o", color=ORANGE, markersize=10, markeredgecolor="0.15", zorder=5)
    room = 40 / max(72 / ax.figure.dpi * ax.bbox.height, 70)  # below the curve, for the arrow
    height = (top - bottom) / (1 - room)
    ax.set(xlim=(low, high), ylim=(top - height, top + 0.06 * height))
    ax.vlines(here, top - height, value, color=GREY, linewidth=1.2, linestyle=":", zorder=2)
    _draw_way(ax, here, slope if abs(slope) * (high - low) > least else 0.0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.set_xlabel(label)
    ax.set_ylabel(f"loss of {len(x)} sample{'s' * (len(x) != 1)}")
    ax.set_title(f"{slope_name(label)} = {figures(slope, 3)}", color=DARK_ORANGE)
    return ax


def slope_name(label: str) -> str:
    """Write W1[0, 2] as ∂L/∂W1[0, 2], and what is no plain name in parentheses."""
    return f"∂L/∂{label}" if label.partition("[")[0].isidentifier() else f"∂L/∂({label})"


def _draw_way(ax: Axes, here: float, slope: float) -> None:
    """Say along the bottom of the picture which way is down from a weight, where it has a slope."""
    low, high = ax.get_xlim()
    point = 72 / ax.figure.dpi
    height = 15 / (point * ax.bbox.height)
    how: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "color": INK, "fontsize": 11,
                           "va": "center", "zorder": 6}  # fmt: skip
    margin = 0.02 * (high - low)
    if not slope:
        ax.set_xlim(low - margin, high + margin)
        ax.annotate("  flat here", (here, height), **how)
        return
    way = -math.copysign(1, slope)
    words = min(95 / (point * ax.bbox.width), 0.6) * (high - low)
    behind = (here - low if way > 0 else high - here) > words  # is there room?
    tip = here + way * ((0 if behind else words) + 0.15 * (high - low))
    ax.annotate(
        " step this way ", (tip, height), (here, height), textcoords=how["xycoords"],
        ha="right" if (way > 0) == behind else "left", **how,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.8, "mutation_scale": 16,
                    "shrinkA": 0, "shrinkB": 0, "relpos": (float(way > 0), 0.5)},
    )  # fmt: skip
    ax.set_xlim(min(low, tip) - margin, max(high, tip) + margin)
