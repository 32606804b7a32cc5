"""Names beside points: each where it covers no other, with a line to what it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from .arrays import FloatArray
from .saving import figure_of
from .style import INK, halo

_SIZE = 12  # of letters, points
_DOT = 5  # radius, points
_ANGLES = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_WAYS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
_DISTANCES = np.array([16, 26, 38, 52, 70, 95, 130, 170])  # points
_ALONG = np.linspace(0, 1, 25)[:, None]  # of a line from a point to its name
_ROUNDS = 3


@dataclass(frozen=True)
class Places:
    """C places where the name of a point may stand, in pixels.

    Attributes
    ----------
    middle, low, high : (C, 2)
        Of the name: its middle, its lower left and its upper right corner.
    line : (C, L, 2)
        Points on the line from the point to the middle.
    cost : (C,)
        What each costs, whatever other names there are.
    """

    middle: FloatArray
    low: FloatArray
    high: FloatArray
    line: FloatArray
    cost: FloatArray

    @classmethod
    def around(
        cls, point: FloatArray, size: FloatArray, dot: float, frame: FloatArray, crowd: FloatArray
    ) -> Places:
        """Measure all places around a point (2,) for a name of some size (2,).

        They had better be in the frame (2, 2) and cover none of the crowd (M, 2).
        """
        distance = np.repeat(_DISTANCES, len(_WAYS))
        way = np.tile(_WAYS, (len(_DISTANCES), 1))
        # The side that faces the point is what has this distance from it.
        middle = point + distance[:, None] * dot * way + way * size / 2
        low, high = middle - size / 2, middle + size / 2
        hidden = inside(crowd, low - _DOT * dot, high + _DOT * dot).sum(axis=1)
        outside = ((low < frame[0]) | (high > frame[1])).any(axis=1)
        line = point + _ALONG * (middle - point)[:, None]
        return cls(middle, low, high, line, distance + 150 * np.sqrt(hidden) + 1e4 * outside)

    def beside(self, other: Places, k: int) -> FloatArray:
        """Return what each place costs more, if another name stands at its k-th; (C,)."""
        overlap = ((self.low < other.high[k]) & (self.high > other.low[k])).all(axis=1)
        hidden = inside(other.line[k], self.low, self.high).any(axis=1)
        hides = ((self.line > other.low[k]) & (self.line < other.high[k])).all(axis=2).any(axis=1)
        a, b, c, d = self.line[:, 0], self.middle, other.line[k, 0], other.middle[k]
        cross = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
        more: FloatArray = 1e4 * overlap + 300.0 * hidden + 300.0 * hides + 150.0 * cross
        return more


def inside(points: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Tell which points (M, 2) are in which boxes (C, 2); (C, M) of 0.0 and 1.0."""
    found = (points > low[:, None]) & (points < high[:, None])
    return np.asarray(found.all(axis=2), np.float64)


def side(p: FloatArray, q: FloatArray, r: FloatArray) -> FloatArray:
    """Tell by its sign on which side of the line from p to q each r lies; (…, 2)."""
    along, to = q - p, r - p
    return np.asarray(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])


def name_points(ax: Axes, points: FloatArray, names: Sequence[str], others: FloatArray) -> None:
    """Write a name beside each point, as near as no other name or point is covered.

    The limits of `ax` must be what they are going to be.

    Parameters
    ----------
    ax : Axes
    points : (K, 2)
        In the units of the axes.
    names : K strings
    others : (M, 2)
        Points that had better not be covered.
    """
    figure = figure_of(ax)
    figure.draw_without_rendering()  # so that the axes have the size they are going to have
    dot = figure.dpi / 72
    frame = np.array([ax.bbox.min, ax.bbox.max]) + np.array([[3.0], [-3.0]])
    at = ax.transData.transform(points)
    crowd = np.concatenate([ax.transData.transform(others), at])
    sizes = [np.array([0.58 * len(name) + 0.4, 1.4]) * _SIZE * dot for name in names]
    places = [Places.around(p, size, dot, frame, crowd) for p, size in zip(at, sizes, strict=True)]
    chosen = [int(one.cost.argmin()) for one in places]
    for _ in range(_ROUNDS):
        for k, one in enumerate(places):
            rest = [(o, c) for o, c in zip(places, chosen, strict=True) if o is not one]
            chosen[k] = int((one.cost + sum(one.beside(o, c) for o, c in rest)).argmin())
    for point, place, one, k, name in zip(points, at, places, chosen, names, strict=True):
        ax.annotate(
            name, tuple(point), tuple((one.middle[k] - place) / dot), textcoords="offset points",
            fontsize=_SIZE, color=INK, ha="center", va="center", zorder=8, parse_math=False,
            in_layout=False, annotation_clip=False,
            # no box, which would hide bars behind it
            bbox={"facecolor": "none", "edgecolor": "none", "pad": 0.5}, path_effects=halo(3),
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.9, "shrinkA": 0,
                        "shrinkB": 3},
        )  # fmt: skip


def apart(places: FloatArray, gap: float) -> FloatArray:
    """Move places (K,) as little as possible until any two are at least `gap` apart."""
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(places))
    blocks: list[list[float]] = []  # runs that touch: their places less the steps
    for one in (places[order] - steps).tolist():
        blocks.append([one])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    moved = np.empty(len(places))
    moved[order] = np.concatenate([np.full(len(b), np.mean(b)) for b in blocks]) + steps
    return moved
