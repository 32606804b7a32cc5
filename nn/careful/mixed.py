"""Mixed second derivatives, by two axes: f at the four corners of a rectangle around x.

    D(h) = (f(x + p + q) - f(x + p - q) - f(x - p + q) + f(x - p - q)) / (4 |p| |q|)

An axis is an entry of x, or a direction. Rectangles of several sizes, all of one shape, are
extrapolated; how long their sides may be follows from how f bends along each axis alone.

References
----------
Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.26.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn.careful.bends import NOWHERE, Bend, Quotients, next_step
from nn.careful.extrapolation import Estimate
from nn.careful.levels import ODD, steps_near
from nn.careful.points import Points

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_FIRST = (1.0, 1 / 4, 1 / 16)  # sizes of the first rectangles
_COARSEST = 1.0  # size of a rectangle
_LEVELS = 9  # at most
_ENOUGH = 2.0**-28  # of the derivative: an error that need not be made smaller
_MINOR = 2.0**-24  # of sqrt(|H_pp H_qq|): an error that turns no step
_AT_ONCE = 1 << 20  # numbers in one batch of points
_CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True)
class Axis:
    """Where x is moved along: one entry, or a direction.

    Attributes
    ----------
    place : int or None
        The entry.
    along : (n,) array
        The direction, where it is not one entry.
    top : float
        The coarsest step, a power of 2.
    open : tuple of 1, -1
        The sides on which f is finite.
    size : float
        |second derivative| along the axis; 0 where it is not known.
    noisy, grain : bool, float
        Whether f is known to be noisy; how far its answers are apart at least.
    """

    place: int | None
    along: Array
    top: float
    open: tuple[int, ...]
    size: float
    noisy: bool
    grain: float

    def step(self, points: Points, size: float) -> float:
        """Return a step of about `size` times the coarsest, odd."""
        wanted = np.array([self.top * size])
        if self.place is None:
            return float(wanted[0] * ODD)
        at = slice(self.place, self.place + 1)
        return float(steps_near(points.x[at], wanted, points.grain[at])[0])

    def move(self, x: Array, by: float) -> None:
        """Move a point, in place."""
        if self.place is None:
            x += by * self.along
        else:
            x[self.place] += by


class Mixed:
    """Second derivatives by many pairs of axes, side by side.

    Parameters
    ----------
    points : Points
    here, noise : floats
        f at x, and how far answers there were apart.
    axes : list of Axis
    pairs : list of (int, int)
        Which axes.
    """

    def __init__(
        self,
        points: Points,
        here: float,
        noise: float,
        axes: list[Axis],
        pairs: list[tuple[int, int]],
    ) -> None:
        self.points, self.here, self.noise, self.axes, self.pairs = points, here, noise, axes, pairs
        n = len(pairs)
        self.sizes, self.h = np.full((n, _LEVELS), np.nan), np.full((n, _LEVELS), np.nan)
        self.corners = np.full((4, n, _LEVELS), np.nan)
        self.count = np.zeros(n, np.intp)
        self._sides: dict[tuple[int, float], Array] = {}

    def bends(self) -> list[Bend]:
        """Ask until no pair has anything to gain, and judge."""
        groups = self._groups()
        everything = np.concatenate([np.arange(0), *groups.values()]).astype(np.intp)
        for size in _FIRST:
            self._ask(everything, np.full(len(everything), size))
        active = np.zeros(len(self.pairs), bool)
        active[everything] = True
        least, vain = np.full(len(active), np.inf), np.zeros(len(active), int)
        while active.any():
            wanted: dict[int, float] = {}
            for sides, rows in groups.items():
                some = rows[active[rows]]
                if not len(some):
                    continue
                quotients = self._quotients(some, sides)
                found = quotients.estimate()
                for k, row in enumerate(some.tolist()):
                    error = float(found.error[k])
                    vain[row] = vain[row] + 1 if error > least[row] / 2 else 0
                    least[row] = min(least[row], error)
                    value = abs(float(found.value[k]))
                    enough = error <= max(_ENOUGH * value, _MINOR * self._scale(row))
                    enough = enough or quotients.nothing(k, found)
                    give_up = vain[row] > (1 if error <= 1e-2 * value else 4)
                    finer = None if enough or give_up else self._next(row, found, k)
                    active[row] = finer is not None
                    if finer is not None:
                        wanted[row] = finer
            if wanted:
                self._ask(np.array(list(wanted)), np.array(list(wanted.values())))
        return self._judged(groups)

    def _judged(self, groups: dict[tuple[tuple[int, ...], ...], Places]) -> list[Bend]:
        bends = [NOWHERE] * len(self.pairs)
        for sides, rows in groups.items():
            noisy = np.array([any(self.axes[a].noisy for a in self.pairs[row]) for row in rows])
            quotients = self._quotients(rows, sides)
            found = quotients.judge(noisy, edge=quotients.power == 1)
            for k, (row, bend) in enumerate(zip(rows.tolist(), found, strict=True)):
                minor = bend.state in ("noisy", "step limited") and not noisy[k]
                if minor and bend.error <= _MINOR * self._scale(row):
                    bend = Bend(bend.value, bend.truncation, bend.rounding, bend.step, "converged")
                bends[row] = bend
        return bends

    def _scale(self, row: int) -> float:
        p, q = self.pairs[row]
        return float(np.sqrt(self.axes[p].size) * np.sqrt(self.axes[q].size))

    def _groups(self) -> dict[tuple[tuple[int, ...], ...], Places]:
        """Rows by the sides on which f is finite along both axes, where there are any."""
        groups: dict[tuple[tuple[int, ...], ...], list[int]] = {}
        for row, (p, q) in enumerate(self.pairs):
            sides = self.axes[p].open, self.axes[q].open
            if all(sides):
                groups.setdefault(sides, []).append(row)
        return {sides: np.array(rows) for sides, rows in groups.items()}

    def _next(self, row: int, found: Estimate, k: int) -> float | None:
        count = self.count[row]
        if count == _LEVELS:
            return None
        order = np.argsort(-self.h[row, :count])
        h, sizes = self.h[row, :count][order], self.sizes[row, :count]
        step = next_step(h, found, k)
        if step is None:
            return None
        size = float(np.exp2(np.rint(np.log2(step / h[0] * sizes.max()))))
        return None if np.any(sizes == size) or size > _COARSEST else size

    def _ask(self, rows: Places, sizes: Array) -> None:
        """Ask at the four corners of one rectangle for each row, some at a time."""
        some = max(1, _AT_ONCE // (4 * len(self.points.x)))
        for first in range(0, len(rows), some):
            self._ask_some(rows[first : first + some], sizes[first : first + some])

    def _ask_some(self, rows: Places, sizes: Array) -> None:
        points = np.repeat(self.points.x[None], 4 * len(rows), axis=0)
        last = self.count[rows]
        for k, (row, size) in enumerate(zip(rows.tolist(), sizes.tolist(), strict=True)):
            axes = [self.axes[a] for a in self.pairs[row]]
            steps = [axis.step(self.points, size) for axis in axes]
            for corner, signs in enumerate(_CORNERS):
                for axis, step, sign in sorted(
                    zip(axes, steps, signs, strict=True), key=lambda of: of[0].place is not None
                ):
                    axis.move(points[4 * k + corner], sign * step)
            self.h[row, last[k]] = np.sqrt(steps[0]) * np.sqrt(steps[1])
        self.sizes[rows, last] = sizes
        self.corners[:, rows, last] = self.points.at(points)[:, 0].reshape(-1, 4).T
        self.count[rows] += 1

    def _side(self, axis: int, size: float) -> Array:
        """Return f moved along one axis alone, up and down: (2,)."""
        if (axis, size) not in self._sides:
            of, x = self.axes[axis], self.points.x
            step = of.step(self.points, size)
            if of.place is None:
                both = np.stack([x, x])
                of.move(both[0], step)
                of.move(both[1], -step)
                answers = self.points.at(both)
            else:
                at = x[of.place]
                answers = self.points.near(np.full(2, of.place), np.array([at + step, at - step]))
            self._sides[axis, size] = answers[:, 0]
        return self._sides[axis, size]

    def _quotients(self, rows: Places, sides: tuple[tuple[int, ...], ...]) -> Quotients:
        order = np.argsort(-self.h[rows], axis=1, kind="stable")[:, : self.count[rows].max()]
        h, sizes = (np.take_along_axis(a[rows], order, axis=1) for a in (self.h, self.sizes))
        corners = np.stack([np.take_along_axis(c[rows], order, axis=1) for c in self.corners])
        alone = np.full((2, 2, *h.shape), np.nan)  # by axis and side
        for k, row in enumerate(rows.tolist()):
            for level in np.flatnonzero(np.isfinite(h[k])):
                for a in (0, 1):
                    alone[a, :, k, level] = self._side(self.pairs[row][a], float(sizes[k, level]))
        used = [i for i, (p, q) in enumerate(_CORNERS) if p in sides[0] and q in sides[1]]
        each = []
        for corner, (p, q) in zip(corners, _CORNERS, strict=True):
            beside = alone[0, (1 - p) // 2] + alone[1, (1 - q) // 2]
            each.append(p * q * (corner - beside + self.here) / h**2)
        size = np.fmax.reduce([*np.abs(corners[used]), np.full(h.shape, abs(self.here))])
        span = np.fmax.reduce(np.abs(corners[used] - self.here)) / h**2
        grain = np.array([max(self.axes[a].grain for a in self.pairs[row]) for row in rows])
        exact = np.maximum(self.points.eps(0) * size, self.noise)
        floor = np.maximum(exact, grain[:, None])
        if len(used) < 4:
            mean = sum(each[i] for i in used) / len(used)
            return Quotients(h, np.asarray(mean), [], floor, exact, floor, span, power=1)
        signs = (1, -1, -1, 1)
        main = sum(s * c for s, c in zip(signs, corners, strict=True)) / (4 * h**2)
        uneven = [(1, 1, -1, -1), (1, -1, 1, -1), signs]
        skews = [np.asarray(sum(s * c for s, c in zip(by, each, strict=True)) / 4) for by in uneven]
        return Quotients(h, np.asarray(main), skews, floor, exact, floor, span, gain=1.0)
