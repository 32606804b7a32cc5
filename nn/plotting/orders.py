"""The order of a difference: how its error shrinks with the step, as h or as h**2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nn.differences import numerical_diff
from nn.errors import InputError
from nn.probing import Function, one_number
from nn.steps import Scheme

from .arrays import FloatArray
from .decades import decades_around, fitted_power, square_decades, write_along
from .places import as_number, as_steps
from .style import BLUE, DARK_ORANGE, SCHEME_COLORS, axes_or_new, styled

# The marker of each scheme, the colour of its name, and how far above its line, in points.
SCHEMES: dict[Scheme, tuple[str, str, float]] = {
    "forward": ("s", DARK_ORANGE, 14),
    "central": ("o", BLUE, -14),
}
_FEW = 3  # errors above rounding that it takes to see a line


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
        If x is not one number, there are fewer than three steps, or no error is larger than
        rounding.
    StepError, StepTooSmallError
        If a step is not positive, or vanishes beside x.
    FunctionError
        If f has no one finite value at a point needed, or is random.
    """
    place = as_number("x", x)
    steps = np.logspace(-3, -1, 13) if h is None else np.unique(as_steps(h))
    if len(steps) < _FEW:
        raise InputError(
            f"to see an order takes at least {_FEW} different steps h, got {len(steps)}"
        )
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
    square_decades(ax, (*decades_around(steps), *decades_around(seen, 2)))
    for name, (marker, dark, above) in SCHEMES.items():
        color = SCHEME_COLORS[name]
        found, kept = errors[name], lines.get(name, np.zeros(len(steps), bool))
        for part, alpha, label in ((kept, 1.0, name), (~kept & (found > 0), 0.3, "rounding")):
            ax.plot(steps[part], found[part], marker, color=color, alpha=alpha, zorder=3,
                    label=label)  # fmt: skip
        if name not in lines:
            ax.text(0.97, 0.03, f"{name}: no error but rounding", ha="right", color=dark,
                    transform=ax.transAxes)  # fmt: skip
            continue
        order = fitted_power(steps[kept], found[kept])
        middle = np.exp(np.log(steps[kept]).mean()), np.exp(np.log(found[kept]).mean())
        ends = steps[kept][[0, -1]]
        ax.plot(ends, middle[1] * (ends / middle[0]) ** order, color=color, linewidth=1.8,
                zorder=2, label=f"{name}, fitted")  # fmt: skip
        write_along(ax, f"{name}: slope {order:.2f}", middle, order, above, color=dark, fontsize=12)
    ax.set(xlabel="step h", ylabel="error |quotient − f′(x)|")
    return ax
