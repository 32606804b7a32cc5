"""How long a step takes: methods beside each other, and how they grow with the network."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from numpy.typing import ArrayLike

from nn.errors import InputError, ShapeError, UnknownNameError, nearest, shown

from .arrays import FloatArray, as_column
from .decades import fitted_power
from .labels import apart
from .saving import figure_of
from .seconds import as_seconds, lay_ticks, readable, roughly
from .style import BLUE, GREY, INK, axes_or_new, class_marker, line_color, styled
from .writing import plain, spaced

_LONG = 0.9  # inches that the name of a tick may need


def compared(ratio: float) -> str:
    """Say how much faster something is: ", 18 000 times faster"."""
    if 0.95 < ratio < 1.05:
        return ", about the same"
    return f", {roughly(max(ratio, 1 / ratio))} times {'faster' if ratio > 1 else 'slower'}"


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
    found = {str(name): as_seconds(str(name), value) for name, value in seconds.items()}
    for name, values in found.items():
        if len(values) != 1:
            raise ShapeError(f"seconds of {name!r} must be one number, got {len(values)}")
    times = {name: float(values[0]) for name, values in found.items()}
    names = sorted(times, key=lambda name: times[name])
    against = names[-1] if reference is None else reference
    if against not in times:
        raise UnknownNameError(f"no method {against!r}{nearest(against, times)}")
    values = np.array([times[name] for name in names])
    words = [readable(times[name]) + (compared(times[against] / times[name]) if name != against
             else "") for name in names]  # fmt: skip

    ax = axes_or_new(ax, 7.4, 0.55 * len(names) + 1.2)
    color = [GREY if name == against else BLUE for name in names]
    ax.barh(names, values, height=0.62, color=color)
    low, high = math.log10(values[0]) - 0.5, math.log10(values[-1]) + 0.1
    ax.set(xscale="log", xlim=(10**low, 10**high), ylim=(-0.6, len(names) - 0.4))
    texts = [
        ax.annotate(text, (value, row), (6, 0), textcoords="offset points", va="center",
                    color=INK, in_layout=False, parse_math=False)
        for row, (text, value) in enumerate(zip(words, values, strict=True))
    ]  # fmt: skip
    ax.set_xlabel("time a step")
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    figure_of(ax).draw_without_rendering()  # so that the axes have the size they are going to have
    for text, value in zip(texts, np.log10(values).tolist(), strict=True):
        share = min((text.get_window_extent().width + 12) / ax.bbox.width, 0.85)
        high = max(high, low + (value - low) / (1 - share))
        text.set_in_layout(True)  # if other axes take room from these later on
    ax.set_xlim(10**low, 10**high)
    lay_ticks(ax.xaxis, ax.get_xlim(), int(ax.bbox.width / ax.figure.dpi / _LONG))
    return ax


@styled
def plot_growth(
    sizes: ArrayLike,
    seconds: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    size_name: str = "number of weights",
) -> Axes:
    """Draw how the time of a step grows with the size P of a network, by each method.

    Both axes are logarithmic, so that a power of P is a straight line; beside its name each line
    has the power that fits its points best.

    Parameters
    ----------
    sizes : array_like, (K,), > 0
    seconds : mapping of method -> array_like, (K,)
        Seconds a step at each size; nan where nothing was measured.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    size_name : str
        What P counts.

    Returns
    -------
    Axes

    Raises
    ------
    InputError, ShapeError
        If there are no methods, a size or a time is not a positive number, or a method does not
        have a time for each size.
    """
    counts = as_column("sizes", sizes)
    if (counts <= 0).any():
        raise InputError(f"sizes must be positive, got {shown(sizes)}")
    if not seconds:
        raise InputError("there are no times to draw")
    times = {str(name): as_seconds(str(name), values) for name, values in seconds.items()}
    for name, values in times.items():
        if len(values) != len(counts):
            raise ShapeError(f"there are {len(counts)} sizes, and {len(values)} times of {name!r}")

    ax = axes_or_new(ax, 7.0, 4.8)
    ends, words, colors = [], [], []
    for k, (name, values) in enumerate(times.items()):
        seen = np.isfinite(values)
        order = np.argsort(counts[seen], kind="stable")
        x, y = counts[seen][order], values[seen][order]
        colors.append(line_color(k))
        ax.plot(x, y, color=colors[-1], marker=class_marker(k), markeredgecolor="white", label=name)
        ends.append((float(x[-1]), float(y[-1])))
        words.append(name.replace("$", r"\$") + growth(x, y))
    ax.set(xscale="log", yscale="log", xlabel=f"{size_name} P", ylabel="time a step")
    notes = [
        ax.annotate(
            text, end, (1.05, 0.5), textcoords="axes fraction", color=INK, fontsize=12,
            va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "linestyle": ":", "linewidth": 1,
                        "shrinkA": 2, "shrinkB": 5, "relpos": (0, 0.5)},
        )
        for end, text, color in zip(ends, words, colors, strict=True)
    ]  # fmt: skip
    point = figure_of(ax).dpi / 72
    for _ in range(2):  # the names need room, which makes the axes smaller
        figure_of(ax).draw_without_rendering()
        heights = apart(ax.transData.transform(ends)[:, 1], 17 * point)
        for note, height in zip(notes, heights, strict=True):
            note.set_position((1.05, (height - ax.bbox.y0) / ax.bbox.height))
        lay_ticks(ax.yaxis, ax.get_ylim(), int(ax.bbox.height / point / 25))
    name_sizes(ax, counts)
    return ax


def growth(sizes: FloatArray, seconds: FloatArray) -> str:
    """Say with which power of P times grow, " ~ P^2.0" in mathtext; nothing of a single size."""
    if len(np.unique(sizes)) < 2:
        return ""
    return f" ~ $P^{{{fitted_power(sizes, seconds):.1f}}}$"


def name_sizes(ax: Axes, sizes: FloatArray) -> None:
    """Put ticks at the sizes, as far as there is room for their names."""
    kept: dict[float, str] = {}
    free = -math.inf
    for size in np.unique(sizes).tolist():
        name = spaced(size) if size == round(size) else plain(size)
        half = (0.05 * len(name) + 0.06) * figure_of(ax).dpi
        at = float(ax.transData.transform((size, 1.0))[0])
        if at - half >= free:
            kept[size], free = name, at + half
    ax.xaxis.set_major_locator(FixedLocator(list(kept)))
    ax.xaxis.set_major_formatter(FixedFormatter(list(kept.values())))
    ax.xaxis.set_minor_locator(NullLocator())
