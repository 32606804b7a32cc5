"""One look for every picture: sizes that survive a projector, colours nobody confuses.

The look is laid over matplotlib's settings while a function draws and taken off again;
`matplotlib.rcParams` stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke

from nn.errors import ShapeError

STYLE: dict[Any, Any] = {
    "font.size": 12,
    "axes.titlesize": 14,
    "axes.labelsize": 13,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "legend.fontsize": 11,
    "legend.title_fontsize": 11,
    "legend.framealpha": 0.9,
    "legend.edgecolor": "none",
    "figure.titlesize": 15,
    "figure.titleweight": "normal",
    "lines.linewidth": 2.5,
    "lines.markersize": 7,
    "axes.linewidth": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.8,
    "figure.dpi": 100,
}

# Blue, orange and grey of matplotlib's tableau-colorblind10: they differ in lightness too.
BLUE, ORANGE, GREY = "#006BA4", "#FF800E", "#595959"
DARK_ORANGE = "#B34F00"  # for words: orange letters are hard to read
INK = "0.25"  # of what is written in a picture

# A region is told by hue, so the greys of that palette will not do for classes; from the third
# on these are the colours of Okabe and Ito. Markers say the same thing once more, by shape.
CLASS_COLORS = (
    BLUE, ORANGE, "#009E73", "#CC79A7", "#F0E442",
    "#56B4E9", "#A63D00", GREY, "#6F4C9B", "#B5BD61",
)  # fmt: skip
CLASS_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")

# Those of them that are dark enough for a line.
LINE_COLORS = (BLUE, ORANGE, *CLASS_COLORS[2:4], CLASS_COLORS[6], CLASS_COLORS[8], GREY)
SCHEME_COLORS = {"forward": ORANGE, "backward": CLASS_COLORS[2], "central": BLUE}

WHITE_TO_BLUE = LinearSegmentedColormap.from_list("white_to_blue", ["#FFFFFF", BLUE, "#003A5C"])


@contextmanager
def _look() -> Iterator[None]:
    """Lay the look over the settings, and take it off again.

    Only what was laid over: `matplotlib.rc_context` would also put back what drawing has decided
    for good, such as the backend, and that a notebook shows figures by itself.
    """
    before = {key: mpl.rcParams[key] for key in STYLE}
    mpl.rcParams.update(STYLE)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


# A decorator: a function under it draws in the common look.
styled = _look()


def new_figure(width: float, height: float) -> Figure:
    """Make a pyplot figure of `width` x `height` inches, to be shown by `plt.show()`."""
    import matplotlib.pyplot as plt  # here alone: choosing a backend is the caller's affair

    return plt.figure(figsize=(width, height), layout="constrained")


def axes_or_new(ax: Axes | None, width: float = 6.4, height: float = 4.8) -> Axes:
    """Return `ax` in the common look, or the axes of a new pyplot figure of that size in inches."""
    if ax is None:
        return new_figure(width, height).add_subplot()
    # These were fixed when the axes were made, maybe outside the look.
    ax.tick_params(labelsize=STYLE["xtick.labelsize"])
    for text, size in ((ax.xaxis.label, "label"), (ax.yaxis.label, "label"), (ax.title, "title")):
        text.set_fontsize(STYLE[f"axes.{size}size"])
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(True, color=STYLE["grid.color"], linewidth=STYLE["grid.linewidth"])
    return ax


def each_axes(ax: Axes | Sequence[Axes], count: int, what: str) -> list[Axes]:
    """Return the axes given, `count` of them in the common look; `what` says what each is for.

    Raises
    ------
    ShapeError
        If there are not as many.
    """
    given = list(np.ravel(np.asarray(ax, object)))
    if len(given) != count or not all(isinstance(one, Axes) for one in given):
        raise ShapeError(f"{what} need as many axes; got {len(given)}")
    return [axes_or_new(one) for one in given]


def halo(width: float = 4.5) -> list[AbstractPathEffect]:
    """Edge a line or letters in white, so wide in points, to be seen on any ground."""
    return [withStroke(linewidth=width, foreground="white")]


def class_color(index: int) -> str:
    """Colour of class `index`; after ten they repeat."""
    return CLASS_COLORS[index % len(CLASS_COLORS)]


def class_marker(index: int) -> str:
    """Marker of class `index`; after ten they repeat."""
    return CLASS_MARKERS[index % len(CLASS_MARKERS)]


def line_color(index: int) -> str:
    """Colour of line `index`; after seven they repeat."""
    return LINE_COLORS[index % len(LINE_COLORS)]
