"""Log axes on which a decade is as long this way as that, and words along straight lines."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

INK = "0.25"
Limits = tuple[float, float, float, float]  # left, right, bottom, top


def square_decades(ax: Axes, view: Limits) -> None:
    """Make both axes logarithmic, from a power of ten to another: a slope of 1 is 45 degrees."""
    ax.set(xscale="log", yscale="log", xlim=view[:2], ylim=view[2:], aspect="equal")
    spans = [(round(math.log10(a)), round(math.log10(b))) for a, b in (view[:2], view[2:])]
    inches = (ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi)
    decade = min(inch / (high - low) for inch, (low, high) in zip(inches, spans, strict=True))
    step = max(1, math.ceil(0.55 / decade))  # room for a label
    for axis, (low, high) in zip((ax.xaxis, ax.yaxis), spans, strict=True):
        powers = [10.0**n for n in range(low, high + 1) if n % step == 0]
        axis.set_major_locator(FixedLocator(powers))
        axis.set_minor_locator(NullLocator())


def power_of_ten(value: float) -> str:
    """Write 9.1e-06 as mathtext, 9 × 10⁻⁶; nan as a dash."""
    if math.isnan(value):
        return "–"
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"${digit}\\times 10^{{{int(exponent)}}}$" if value else "0"


def write(
    ax: Axes, text: str, at: tuple[float, float], by: tuple[float, float], **how: Any
) -> None:
    """Write `text`, moved by so many points from a place in the data."""
    how = {"color": INK, "fontsize": 11, "ha": "center", "zorder": 6, "in_layout": False, **how}
    ax.annotate(text, at, by, textcoords="offset points", **how)


def write_along(ax: Axes, text: str, at: tuple[float, float], slope: float) -> None:
    """Write `text` on the right of a line of that slope, at a point; decades must be squares."""
    angle = math.atan(slope)
    by = (12 * abs(math.sin(angle)), -math.copysign(12, slope) * math.cos(angle))
    write(ax, text, at, by, rotation=math.degrees(angle), va="center", rotation_mode="anchor")
