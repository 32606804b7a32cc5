"""What explains a picture, where it covers nothing of it: legends, scales of colours."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox, ScaledTranslation

from .saving import figure_of
from .writing import figures


def legend_below(ax: Axes, columns: int = 1, gap: float = 46, **what: Any) -> None:
    """Explain what is drawn so many points below the axes, however small they are."""
    below = ax.transAxes + ScaledTranslation(0, -gap / 72, figure_of(ax).dpi_scale_trans)
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0), bbox_transform=below, ncols=columns,
        borderaxespad=0, **what,
    )  # fmt: skip


def legend_beside(ax: Axes, **what: Any) -> None:
    """Explain what is drawn to the right of the axes."""
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, **what)


def bar_beside(ax: Axes, what: Any, title: str, **how: Any) -> Axes:
    """Draw the scale of colours beside `ax`, as high as it is, and return its axes."""
    bar = ax.figure.colorbar(what, ax=ax, fraction=0.05, pad=0.03, **how)
    bar.ax.set_title(title, fontsize=12, loc="left")
    bar.ax.yaxis.set_major_formatter(lambda value, _: figures(value, 6))
    bar.outline.set_visible(False)
    bar.ax.set_box_aspect(None)
    place = bar.ax.get_axes_locator()

    def beside(inner: Any, renderer: Any) -> Bbox:
        """Where the map is made smaller than its place, for equal units, so is the scale."""
        given, drawn = place(inner, renderer), ax.get_position()
        left = drawn.x1 + max(0.0, given.x0 - ax.get_position(original=True).x1)
        width = drawn.height * ax.figure.bbox.height / ax.figure.bbox.width / 18
        return Bbox.from_bounds(left, drawn.y0, min(width, given.width), drawn.height)

    bar.ax.set_axes_locator(beside)
    return bar.ax
