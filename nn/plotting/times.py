"""How long a step takes: methods beside each other, and how they grow with the network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator
from numpy.typing import ArrayLike

from nn.errors import InputError, ShapeError, UnknownNameError, nearest

from .arrays import FloatArray, as_column
from .decades import INK
from .saving import figure_of
from .style import BLUE, GREY, ORANGE, axes_or_new, class_color, class_marker, styled

_UNITS = (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("min", 60.0), ("h", 3600.0),
          ("days", 86400.0))  # fmt: skip
_LINE = 1.25  # height of a line of text, in sizes of its letters


def readable(seconds: float) -> str:
    """Say a time in the unit that fits: "1.9 ms", "35 s", "2.9 min"."""
    unit, size = _UNITS[0]
    for name, length in _UNITS:
        enough = 2 if name == "min" else 1  # 90 s say more than 1.5 min
        if seconds >= enough * length * (1 - 5e-3):
            unit, size = name, length
    return f"{figures(seconds / size)} {unit}"


def figures(value: float) -> str:
    """Write a positive number with two or three figures, thousands apart: 0.31, 1.9, 35, 18 000."""
    if value >= 100:
        value = float(f"{value:.2g}" if value >= 1000 else f"{value:.3g}")
    text = f"{value:.2g}" if value < 100 else f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}")
    return text if "e" not in text else f"{value:.1e}"


def check_seconds(name: str, value: Any) -> FloatArray:
    """Return positive numbers of seconds, (K,); InputError or ShapeError if they are not."""
    found = as_column(name, value)
    if (found <= 0).any():
        raise InputError(f"{name} must be longer than 0 seconds, got {found[found <= 0][0]:g}")
    return found


@styled
def plot_times(
    seconds: Mapping[str, float], ax: Axes | None = None, *, reference: str | None = None
) -> Axes:
    """Draw the time of a step by each method as bars on a log axis, the longest on top.

    Parameters
    ----------
    seconds : mapping of method -> float > 0
        Seconds a step.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    reference : str, optional
        The method that the others are compared with; by default the slowest.

    Returns
    -------
    Axes

    Raises
    ------
    InputError, ShapeError
        If there are no methods, or a time is not a positive number.
    UnknownNameError
        If `reference` is none of the methods.
    """
    if not seconds:
        raise InputError("there are no times to draw")
    times = {str(name): float(check_seconds(f"the time of {name}", [value])[0])
             for name, value in seconds.items()}  # fmt: skip
    names = sorted(times, key=lambda name: times[name])
    against = names[-1] if reference is None else reference
    if against not in times:
        raise UnknownNameError(f"no method {against!r}{nearest(against, times)}")
    values = np.array([times[name] for name in names])
    words = [f"{readable(times[n])}{compared(times[against] / times[n])}" if n != against
             else readable(times[n]) for n in names]  # fmt: skip

    ax = axes_or_new(ax, 7.4, 0.55 * len(names) + 1.3)
    low = math.floor(math.log10(values[0]) - 0.3)
    colors = [GREY if name == against else BLUE for name in names]
    ax.barh(names, values, height=0.62, color=colors)
    ax.set_xscale("log")
    ax.set_xlim(10.0**low, values[-1] * 3)
    texts = [
        ax.annotate(text, (value, row), (6, 0), textcoords="offset points", va="center",
                    fontsize=12, color=INK)
        for row, (text, value) in enumerate(zip(words, values, strict=True))
    ]  # fmt: skip
    ax.set(xlabel="time a step", ylim=(-0.6, len(names) - 0.4))
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    make_room(ax, values, texts, low)
    return ax
