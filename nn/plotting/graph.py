"""The graph of a function of one variable: gaps where it has no value, limits that suit the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nn.probing import Function

from .arrays import FloatArray
from .heights import heights_along
from .places import Span
from .style import BLUE

_GRID = 401  # points of a graph, besides those asked for
_BEYOND = 0.25  # of a graph's height: as far as lines may widen the picture, up and down


@dataclass(frozen=True)
class Graph:
    """Points of a graph, and how far up and down it is worth seeing.

    Attributes
    ----------
    x, y : (M,)
        y is nan where f has no value, and where it leaps past both `bottom` and `top`.
    bottom, top : float
    """

    x: FloatArray
    y: FloatArray
    bottom: float
    top: float

    @classmethod
    def of(cls, f: Function, span: Span, places: Sequence[float], levels: Sequence[float]) -> Graph:
        """Follow f along `span`.

        Parameters
        ----------
        f : callable, number -> number
        span : pair of floats
        places : floats
            Where the graph must be exact: a kink between two points of a grid would be cut off.
        levels : floats
            Heights that shall be seen. A pole is cut off, so that the rest can be seen too.
        """
        inside = [place for place in places if span[0] <= place <= span[1]]
        x = np.union1d(np.linspace(*span, _GRID), np.asarray(inside, np.float64))
        y = heights_along(f, x)
        bottom, top = _worth_seeing(f, x, y)
        bottom, top = min([bottom, *levels]), max([top, *levels])
        if top - bottom <= 1e-13 * max(abs(top), abs(bottom)):  # constant, but for rounding
            room = 0.1 * abs(top) or 1.0
            bottom, top = bottom - room, top + room
        leaps = np.flatnonzero(
            (np.minimum(y[:-1], y[1:]) < bottom) & (np.maximum(y[:-1], y[1:]) > top)
        )
        middles = (x[leaps] + x[leaps + 1]) / 2
        return cls(np.insert(x, leaps + 1, middles), np.insert(y, leaps + 1, np.nan), bottom, top)

    def draw(self, ax: Axes, ends: FloatArray | None = None) -> None:
        """Draw the graph and set the limits of `ax`.

        `ends` are heights at which lines leave the picture; they may widen it by a quarter.
        """
        ax.plot(self.x, self.y, color=BLUE, zorder=2, label="f")
        tall = self.top - self.bottom
        bottom, top = self.bottom, self.top
        if ends is not None and ends.size:
            bottom = min(bottom, max(float(ends.min()), bottom - _BEYOND * tall))
            top = max(top, min(float(ends.max()), top + _BEYOND * tall))
        room = 0.06 * (top - bottom)
        ax.set(xlim=(self.x[0], self.x[-1]), ylim=(bottom - room, top + room))
        ax.set(xlabel="x", ylabel="f(x)")
        for axis, most in ((ax.xaxis, 6), (ax.yaxis, 9)):
            axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10]))

    def ink(self, ax: Axes) -> FloatArray:
        """Return points close to one another along all that is drawn and seen on `ax`, (K, 2)."""
        lines = [np.asarray(line.get_xydata(), np.float64) for line in ax.lines]
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        start, size = np.array([left, bottom]), np.array([right - left, top - bottom])
        found = [np.empty((0, 2))]
        for line in lines:
            part = (line - start) / size
            whole = np.isfinite(part[1:]).all(axis=1) & np.isfinite(part[:-1]).all(axis=1)
            a, b = part[:-1][whole], part[1:][whole]
            near = (np.minimum(a, b) <= 1).all(axis=1) & (np.maximum(a, b) >= 0).all(axis=1)
            for one, other in zip(a[near], b[near], strict=True):
                pieces = int(np.clip(np.abs(other - one).max() / 0.004, 1, 2000))
                found.append(one + np.linspace(0, 1, pieces + 1)[:, None] * (other - one))
        points = np.concatenate(found)
        seen: FloatArray = points[((points >= 0) & (points <= 1)).all(axis=1)] * size + start
        return seen

    def rise(self, slope: float) -> float:
        """Return a slope, or 0 where nobody could see it rise in this picture."""
        flat = 1e-7 * (self.top - self.bottom) / (self.x[-1] - self.x[0])
        return 0.0 if abs(slope) < flat else slope


def _worth_seeing(f: Function, x: FloatArray, y: FloatArray) -> Span:
    """Return the lowest and the highest of `y`, or less if a closer look finds a pole there."""
    seen = y[np.isfinite(y)]
    if not seen.size:
        return np.inf, -np.inf
    low, middle, high = np.quantile(seen, (0.1, 0.5, 0.9)).tolist()
    room = (high - low) / 2
    found = []
    for place, end in ((int(np.nanargmin(y)), low - room), (int(np.nanargmax(y)), high + room)):
        around = np.linspace(x[max(place - 1, 0)], x[min(place + 1, len(x) - 1)], 42)
        far = np.abs(heights_along(f, around) - middle)
        known = abs(y[place] - middle)
        pole = bool(np.isfinite(far).any()) and float(np.nanmax(far)) > 3 * known > 0
        found.append(end if pole and known > abs(end - middle) else float(y[place]))
    return found[0], found[1]
