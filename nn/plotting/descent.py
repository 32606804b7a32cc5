"""The ways that descents took, on a map of what they descend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from nn.errors import InputError, ShapeError
from nn.probing import Function

from .arrays import FloatArray
from .plane import (
    GROUND,
    Plane,
    Range,
    as_place,
    as_range,
    brief,
    draw_map,
    draw_star,
    evaluate,
    legend_below,
)
from .style import BLUE, CLASS_COLORS, GREY, ORANGE, axes_or_new, class_marker, styled

# Those of class_color that are dark enough on the ground.
_COLORS = (BLUE, ORANGE, *CLASS_COLORS[2:4], CLASS_COLORS[6], CLASS_COLORS[8], GREY)
_FEW = 40  # steps: each has a dot
_HALO = [withStroke(linewidth=4, foreground="white")]


@dataclass(frozen=True)
class Walk:
    """One path: what it is called, where it went as long as that were numbers, what f was there.

    Attributes
    ----------
    label : str
    points : (S + 1, 2)
        The start first.
    steps : int
        How many steps there are, also those that are not finite.
    first, last : float
        f at the start and after the last step; nan if it has no value there.
    """

    label: str
    points: FloatArray
    steps: int
    first: float
    last: float

    @property
    def runs_away(self) -> bool:
        """Whether it ends higher than it began, or in steps that grow without end."""
        strides = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        growing = len(strides) > 2 and strides[-1] == strides.max() > 10 * np.median(strides)
        return not self.last <= self.first or bool(growing)

    def ways_out(self, view: FloatArray) -> tuple[FloatArray, bool]:
        """Return what to draw of it in a view (2, 2), and whether it ends outside.

        (K, 2): the points until it is inside for the last time, and where it crosses the edge.
        """
        off = (self.points < view[:, 0]) | (self.points > view[:, 1])
        inside = np.ravel(~off.any(axis=1))
        kept = len(inside) - int(np.argmax(np.append(inside[::-1], True)))
        drawn = self.points[:kept]
        if not 0 < kept < len(inside):
            return drawn, kept == 0 or kept <= self.steps
        here, there = self.points[kept - 1 : kept + 1]
        edge = np.where(there > here, view[:, 1], view[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.nanmin((edge - here) / (there - here))
        return np.vstack([drawn, here + part * (there - here)]), True

    def said(self, outside: bool) -> str:
        """Say how it went."""
        name = self.label or f"{self.steps} step{'s' * (self.steps != 1)}"
        known = math.isfinite(self.last)
        reached = [f"f = {brief(self.last, 3)}" if known else "f has no value"]
        if outside:
            reached = ["leaves the picture", *reached[:known]]
        return f"{name}: {', '.join(reached)}"

    def beginning(self) -> FloatArray:
        """Return the points, (K, 2), that show how it begins to run away."""
        strides = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        if not len(strides):
            return self.points
        far = np.linalg.norm(self.points - self.points[0], axis=1)
        reach = 2 * max(far[1], far[int(strides.argmin())])
        return self.points[: int(np.argmax(np.append(far > reach, True)))]


def as_walks(f: Function, paths: Any) -> list[Walk]:
    """Check the paths, and ask f how high they begin and end; errors as in `plot_descent`."""
    named = paths if isinstance(paths, Mapping) else {"": paths}
    if not named:
        raise InputError("paths is an empty mapping: there is nothing to draw")
    walks = []
    for label, path in named.items():
        what = f"paths[{label!r}]" if isinstance(paths, Mapping) else "paths"
        try:
            points = np.asarray(path, np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"{what} must hold real numbers, (steps + 1, 2)") from error
        if points.ndim != 2 or points.shape[1] != 2 or not len(points):
            hint = "; several paths go into a mapping of labels" if points.ndim == 3 else ""
            raise ShapeError(f"{what} must have shape (steps + 1, 2), got {points.shape}{hint}")
        known = int(np.argmin(np.append(np.isfinite(points).all(axis=1), False)))
        if not known:
            raise InputError(f"{what} begins at {points[0]}, which is not finite")
        ends = evaluate(f, points[[0, known - 1]], somewhere=False).tolist()
        if known < len(points):
            ends[1] = math.nan
        walks.append(Walk(str(label), points[:known], len(points) - 1, *ends))
    return walks


def fitting(walks: Sequence[Walk], minimum: FloatArray | None) -> FloatArray:
    """Return the ranges, (2, 2), in which what the walks do is seen; runaways may leave them."""
    tame = [walk.points for walk in walks if not walk.runs_away]
    wild = [walk for walk in walks if walk.runs_away]
    seen = np.vstack([
        *(tame or [walk.beginning() for walk in wild]),
        *(walk.points[:1] for walk in wild),
        *([] if minimum is None else [minimum[None]]),
    ])  # fmt: skip
    low, high = seen.min(axis=0), seen.max(axis=0)
    size = np.ptp(seen, axis=0)
    if tame:  # some of the runaways' first steps, if they are not far off
        room = 0.5 * size.max()
        near = [
            p for w in wild for p in w.beginning() if ((low - room < p) & (p < high + room)).all()
        ]
        low, high = np.min([low, *near], axis=0), np.max([high, *near], axis=0)
    middle, size = (low + high) / 2, high - low
    size = np.maximum(size, 0.5 * size.max()) if size.max() else np.full(2, 2.0)
    return np.stack([middle - 0.7 * size, middle + 0.7 * size], axis=1)


def draw_walk(ax: Axes, walk: Walk, view: FloatArray, index: int) -> Line2D:
    """Draw a path from its start to its end, or to the edge of the view; return its key."""
    color, marker = _COLORS[index % len(_COLORS)], class_marker(index)
    drawn, outside = walk.ways_out(view)
    label = walk.said(outside)
    line: dict[str, Any] = {"color": color, "linewidth": 2}
    end: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.2, "markersize": 10}
    strides = np.linalg.norm(np.diff(drawn, axis=0), axis=1)
    above = 2 + 1 / (1 + strides.sum() / np.ptp(view))  # long ones would hide short ones
    ax.plot(*drawn.T, **line, zorder=above, path_effects=_HALO, label=label)
    if 0 < len(strides) <= _FEW and np.median(strides) > 0.01 * np.ptp(view):
        ax.plot(*drawn[: -1 if outside else None].T, "o", color=color, markersize=5, zorder=above)
    leaves = outside and len(drawn) > 1
    if leaves:
        head: dict[str, Any] = {
            "arrowstyle": "-|>,head_width=0.35,head_length=0.7",
            "shrinkA": 0,
            "shrinkB": 0,
        }
        ax.annotate("", drawn[-1], drawn[-2], zorder=above, arrowprops={**line, **head})
    elif len(drawn):
        ax.plot(*drawn[-1], marker, color=color, zorder=5, **end)
    return Line2D([], [], **line, marker=">" if leaves else marker, label=label, **end)


@styled
def plot_descent(
    f: Function,
    paths: ArrayLike | Mapping[Any, ArrayLike],
    x0: Range | None = None,
    x1: Range | None = None,
    ax: Axes | None = None,
    *,
    minimum: ArrayLike | None = None,
    resolution: int = 121,
) -> Axes:
    """Draw one or several descents on a map of f; the legend tells how low each came.

    A dot is a step, as long as there are few; a white circle is where a path starts, a large
    marker where it ends. A path that runs away, because its steps are too large, ends with an
    arrowhead at the edge.

    Parameters
    ----------
    f : callable, (2,) -> number
    paths : (steps + 1, 2), or mapping of labels to such arrays
        As `nn.gradient_descent` returns them: the start first.
    x0, x1 : (low, high), optional
        Ranges of the two variables; by default they hold all paths but those that run away.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    minimum : (2,), optional
        A place to mark with a star.
    resolution : int >= 2
        Points of the map along each axis.

    Returns
    -------
    Axes

    Raises
    ------
    ShapeError
        If a path is not (steps + 1, 2).
    InputError
        If there is no path, a path starts at what is no place, a range is not one, or f has no
        finite value anywhere.
    NotOneNumberError
        If f answers with something else than one number.
    """
    walks = as_walks(f, paths)
    star = None if minimum is None else as_place("minimum", minimum)
    view = fitting(walks, star)
    for row, (name, ends) in enumerate((("x0", x0), ("x1", x1))):
        if ends is not None:
            view[row] = as_range(name, ends)
    plane = Plane.of(f, view[0], view[1], resolution)

    ax = axes_or_new(ax, 6.8, 5.6)
    draw_map(ax, plane, plane.levels(), GROUND)
    handles = [draw_walk(ax, walk, view, k) for k, walk in enumerate(walks)]
    start: dict[str, Any] = {
        "marker": "o",
        "color": "white",
        "markeredgecolor": "black",
        "markersize": 9,
    }
    starts = np.unique([walk.points[0] for walk in walks], axis=0)
    ax.plot(*starts.T, linestyle="", zorder=4, **start)
    handles.append(Line2D([], [], linestyle="", label="start", **start))
    if star is not None:
        handles.append(draw_star(ax, star))
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = 2 if longest <= 26 and len(handles) > 2 else 1
    legend_below(ax, columns, handles=handles)
    return ax
