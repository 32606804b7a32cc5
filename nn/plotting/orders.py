"""The order of a difference: how its error shrinks with the step, as h or as h**2."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nn.differences import numerical_diff
from nn.errors import InputError, ShapeError
from nn.probing import Function, one_number
from nn.steps import Scheme

from .arrays import FloatArray, as_floats
from .curve_graph import as_steps, one_place
from .decades import square_decades, write
from .style import BLUE, ORANGE, axes_or_new, styled

SCHEMES: dict[Scheme, tuple[str, str]] = {"forward": (ORANGE, "s"), "central": (BLUE, "o")}
_FEW = 3  # errors above rounding that it takes to see a line
_DARK = {"forward": "#B34F00", "central": BLUE}  # orange letters are hard to read


def fitted_order(h: ArrayLike, errors: ArrayLike) -> float:
    """Return p of the line errors = c h**p that fits best, by least squares of the logarithms.

    Parameters
    ----------
    h, errors : array_like, (K,), > 0
        At least two different h.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a number is not positive, or there are no two different h.
    ShapeError
        If they are not as many h as errors.
    """
    steps, found = as_floats("h", h), as_floats("errors", errors)
    if steps.ndim != 1 or steps.shape != found.shape:
        raise ShapeError(f"h and errors must both be (K,), got {steps.shape} and {found.shape}")
    for name, numbers in (("h", steps), ("errors", found)):
        if (numbers <= 0).any():
            raise InputError(f"{name} must be positive, got {numbers[numbers <= 0][0]}")
    if len(np.unique(steps)) < 2:
        raise InputError("a line needs two different h at least")
    x, y = np.log(steps), np.log(found)
    run = x - x.mean()
    return float((run * (y - y.mean())).sum() / (run**2).sum())


def rounding(f: Function, x: np.floating[Any], h: FloatArray, slope: float) -> FloatArray:
    """Return how large an error rounding may make of itself at each h (M,)."""
    eps = float(np.finfo(x.dtype).eps)
    size = abs(one_number(f(x))) + abs(float(x) * slope)
    return eps * size / h + 2 * eps * abs(slope)


@styled
def plot_orders(
    f: Function,
    x: float,
    exact: float | Callable[[float], float],
    ax: Axes | None = None,
    *,
    h: Sequence[float] | None = None,
) -> Axes:
    """Draw the errors of forward and central differences of f at x against the step h.

    Both axes are logarithmic, a decade as long this way as that, so that the error of a forward
    difference, c h, rises at 45 degrees, and that of a central one, c h**2, twice as steeply. The
    slopes written beside are measured: the lines drawn are the best ones through the dots.

    Parameters
    ----------
    f : callable, number -> number
    x : number
    exact : number, or callable x -> f'(x)
        The true slope.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    h : sequence of float > 0, optional
        Steps, in the unit of x; by default 13 from 1e-3 to 1e-1. Errors no larger than rounding
        are pale and no part of a line; a scheme that has hardly any others is named without one.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If x is not one number, or no error is larger than rounding.
    StepError, StepTooSmallError
        If a step is not positive, or vanishes beside x.
    FunctionError
        If f has no one finite value at a point needed, or is random.
    """
    place = one_place(x)
    steps = np.logspace(-3, -1, 13) if h is None else np.unique(as_steps(h))
    truth = one_number(exact(x) if callable(exact) else exact)
    errors = {
        name: np.abs([numerical_diff(f, place, float(step), name) - truth for step in steps])
        for name in SCHEMES
    }
    floor = 10 * rounding(f, place, steps, truth)
    lines = {name: found > floor for name, found in errors.items()}
    lines = {name: kept for name, kept in lines.items() if kept.sum() >= _FEW}
    if not lines:
        raise InputError(
            f"at x = {x} differences of f have hardly any error but rounding, so there is no order"
            " to see; take larger steps h, unless f is a straight line there"
        )
    seen = np.concatenate([errors[name][kept] for name, kept in lines.items()])

    ax = axes_or_new(ax, 5.2, 6.0)
    square_decades(ax, (*whole_decades(steps), *whole_decades(seen)))
    for name, (color, marker) in SCHEMES.items():
        found, kept = errors[name], lines.get(name, np.zeros(len(steps), bool))
        for part, alpha, label in ((kept, 1.0, name), (~kept & (found > 0), 0.3, "rounding")):
            ax.plot(steps[part], found[part], marker, color=color, alpha=alpha, zorder=3,
                    label=label)  # fmt: skip
        if name not in lines:
            ax.text(0.97, 0.03, f"{name}: no error but rounding", ha="right", color=_DARK[name],
                    transform=ax.transAxes)  # fmt: skip
            continue
        order = fitted_order(steps[kept], found[kept])
        middle = np.exp(np.log(steps[kept]).mean()), np.exp(np.log(found[kept]).mean())
        ends = steps[kept][[0, -1]]
        ax.plot(ends, middle[1] * (ends / middle[0]) ** order, color=color, linewidth=1.8,
                zorder=2, label=f"{name}, fitted")  # fmt: skip
        name_line(ax, f"{name}: slope {order:.2f}", middle, order, _DARK[name], name == "forward")
    ax.set(xlabel="step h", ylabel="error |quotient − f′(x)|")
    return ax


def whole_decades(values: FloatArray) -> tuple[float, float]:
    """Return powers of ten that hold all values, none of them on the edge."""
    low, high = np.log10(values.min()), np.log10(values.max())
    return 10.0 ** math.floor(low - 0.05), 10.0 ** math.ceil(high + 0.05)


def name_line(
    ax: Axes, text: str, at: tuple[float, float], slope: float, color: str, above: bool
) -> None:
    """Write along a line of that slope, above or below it; decades must be squares."""
    angle = math.atan(slope)
    away = 14 if above else -14
    write(
        ax, text, at, (-away * math.sin(angle), away * math.cos(angle)), color=color, fontsize=12,
        rotation=math.degrees(angle), va="center", rotation_mode="anchor",
    )  # fmt: skip
