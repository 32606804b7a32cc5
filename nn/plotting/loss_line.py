"""The loss as a function of one weight: the curve that a nudge looks at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral
from typing import Any, Protocol, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nn.differences import numerical_gradient
from nn.errors import ArgumentError, InputError, UnknownNameError, check_number, nearest
from nn.gradients import one_thread
from nn.steps import check_step, entry

from .arrays import FloatArray
from .decades import INK
from .signed import plain
from .style import BLUE, GREY, ORANGE, axes_or_new, styled

Index: TypeAlias = int | tuple[int, ...]
_POINTS = 201
_BENT = 0.5  # of the height of the curve: how far a curve that bends leaves its tangent


class Learner(Protocol):
    """What is asked of a network here: its live arrays by name, and the loss of a batch."""

    @property
    def params(self) -> Mapping[str, FloatArray]:
        """The arrays that `loss` reads."""

    def loss(self, x: Any, t: Any) -> float:
        """Return the mean loss of a batch."""


@contextmanager
def held(network: Learner) -> Iterator[dict[str, FloatArray]]:
    """Yield the live parameters; whatever is written into them, the old bits come back.

    Raises
    ------
    ArgumentError, InputError
        If it is no network, or its parameters are not arrays to write into.
    """
    params = getattr(network, "params", None)
    if not isinstance(params, Mapping) or not params:
        raise ArgumentError("network", "a network with parameters", network)
    live = dict(params.items())
    for name, p in live.items():
        if not (isinstance(p, np.ndarray) and p.dtype.kind == "f" and p.flags.writeable):
            raise InputError(f"{name} must be a writable floating-point array to be moved")
    saved = {name: p.copy() for name, p in live.items()}
    try:
        with one_thread(), np.errstate(all="ignore"):
            yield live
    finally:
        for name, p in live.items():
            p[...] = saved[name]


def one_weight(params: Mapping[str, FloatArray], name: str, index: Index) -> tuple[str, FloatArray]:
    """Return what an entry is called, "W1[0, 2]", and a view of it, of shape ().

    Raises
    ------
    UnknownNameError
        If there is no such parameter.
    InputError
        If it has no such entry.
    """
    if name not in params:
        raise UnknownNameError(f"no parameter {name!r}{nearest(name, params)}")
    p = params[name]
    place = tuple(index) if isinstance(index, tuple | list) else (index,)
    whole = len(place) == p.ndim and all(isinstance(i, Integral) for i in place)
    if not (whole and all(-n <= i < n for i, n in zip(place, p.shape, strict=True))):
        raise InputError(f"{name} has shape {p.shape}: there is no {entry(name, place)} in it")
    place = tuple(int(i) % n for i, n in zip(place, p.shape, strict=True))
    view: Any = (*place, ...)  # without the dots it would be a number
    return entry(name, place), p[view]


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
    span: tuple[float, float] | None = None,
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
    span : pair of floats, optional
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
    with held(network) as params:
        label, weight = one_weight(params, name, index)
        here = float(weight)
        low, high = (here, here) if span is None else _ends(span, here, label)

        def loss() -> float:
            return float(network.loss(x, t))

        slope = float(numerical_gradient(lambda _: loss(), {label: weight}, h)[label])
        value = loss()
        if span is None:
            width = bending_width(loss, weight, slope)
            low, high = here - width, here + width
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
    ax.set_title(f"{slope_name(label)} = {plain(float(f'{slope:.3g}'))}", color="#A84F00")
    return ax


def slope_name(label: str) -> str:
    """Write W1[0, 2] as ∂L/∂W1[0, 2], and what is no plain name in parentheses."""
    return f"∂L/∂{label}" if label.partition("[")[0].isidentifier() else f"∂L/∂({label})"


def _ends(span: tuple[float, float], here: float, label: str) -> tuple[float, float]:
    if not (isinstance(span, tuple | list) and len(span) == 2):
        raise ArgumentError("span", "a pair of numbers, (low, high)", span)
    low, high = span
    check_number("span[0]", low)
    check_number("span[1]", high, above=low)
    if not low <= here <= high:
        raise InputError(f"{label} is {here:g} now, outside the span from {low:g} to {high:g}")
    return low, high


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
