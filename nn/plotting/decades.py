"""Log axes on which a decade is as long this way as that, and words along straight lines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from .arrays import FloatArray
from .style import INK

Limits = tuple[float, float, float, float]  # left, right, bottom, top


def square_decades(ax: Axes, view: Limits) -> None:
    """Make both axes logarithmic, and alike: a line of slope 1 rises at 45 degrees."""
    ax.set(xscale="log", yscale="log", xlim=view[:2], ylim=view[2:], aspect="equal")
    spans = [(math.log10(low), math.log10(high)) for low, high in (view[:2], view[2:])]
    inches = (ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi)
    decade = min(inch / (high - low) for inch, (low, high) in zip(inches, spans, strict=True))
    step = max(1, math.ceil(0.55 / decade))  # room for a label
    for axis, (low, high) in zip((ax.xaxis, ax.yaxis), spans, strict=True):
        whole = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
        axis.set_major_locator(FixedLocator([10.0**n for n in whole if n % step == 0]))
        axis.set_minor_locator(NullLocator())


def decades_around(values: FloatArray, parts: int = 1) -> tuple[float, float]:
    """Return whole decades that hold all values, none at an edge; or halves, for two `parts`."""
    low, high = np.log10([values.min(), values.max()]).tolist()
    first, last = math.floor(parts * (low - 0.05)), math.ceil(parts * (high + 0.05))
    return 10.0 ** (first / parts), 10.0 ** (last / parts)


def fitted_power(x: FloatArray, y: FloatArray) -> float:
    """Return p of the line y = c x**p that fits best, by least squares of the logarithms.

    Parameters
    ----------
    x, y : (K,), > 0
        At least two different x.
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def write(
    ax: Axes, text: str, at: tuple[float, float], by: tuple[float, float], **how: Any
) -> None:
    """Write `text`, moved by so many points from a place in the data."""
    how = {"color": INK, "fontsize": 11, "ha": "center", "zorder": 6, "in_layout": False, **how}
    ax.annotate(text, at, by, textcoords="offset points", **how)


def write_along(
    ax: Axes, text: str, at: tuple[float, float], slope: float, above: float, **how: Any
) -> None:
    """Write `text` along a line of that slope, so many points above it; decades must be squares."""
    angle = math.atan(slope)
    by = (-above * math.sin(angle), above * math.cos(angle))
    how = {"rotation": math.degrees(angle), "va": "center", "rotation_mode": "anchor", **how}
    write(ax, text, at, by, **how)
