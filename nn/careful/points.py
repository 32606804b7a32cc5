"""Asking an f of one array for all its answers, at points that may differ from x anywhere.

x is moved in place, and put back to the very same bits. Answers are kept by the entry that was
moved, so that whoever wants another output of f at the same point need not ask again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.careful.limits import Bounds, limits
from nn.careful.nature import REPEATS, Nature
from nn.careful.structure import flatten
from nn.errors import (
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    ShapeError,
    shown,
)
from nn.probing import Function, Subject, one_number
from nn.steps import entry, first_index, gap

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_AT_ONCE = 1 << 20  # numbers in one batch of points
_SEVERAL = 12  # different answers: fewer may be numbers of float32 by chance


class Points:
    """f and x, an array or a number, with f asked for all its outputs at once.

    Attributes
    ----------
    x, grain, length : (n,) arrays
        As of `nn.careful.asking.Asker`: all entries of x in a row, and what there is about them.
    exact : float
        Relative distance of the numbers of that dtype.
    shape, outputs : tuples of int
        Of x, and of what f answers; the latter is known after the first answer.
    evaluations : int
        Points f was asked at.
    """

    def __init__(
        self,
        f: Function,
        x: Any,
        vectorized: bool = False,
        bounds: Bounds | None = None,
        one: bool = False,
    ) -> None:
        if isinstance(x, Mapping) or list(flatten(x)) != ["x"]:
            raise InputError("x must be one array or a number here, not a mapping or list of them")
        self.f, self.vectorized, self._one = f, vectorized, one
        self._subject = Subject(x)
        self._array = self._subject.only
        self._saved = self._array.copy()
        self.number, self.shape = np.ndim(x) == 0, self._array.shape
        with np.errstate(all="ignore"):
            self.x = self._array.astype(np.float64).ravel()
            self.grain = gap(self._array).astype(np.float64).ravel()
            self.length = typical_length(self._array.astype(np.float64)).ravel()
        if not np.isfinite(self.x).all():
            where = first_index(~np.isfinite(self.x.reshape(self.shape)))
            raise InputError(f"{entry('x', where)} is beyond the range of float64")
        self.exact = float(np.finfo(self._array.dtype).eps)
        self.low, self.high = limits(bounds, self.x)
        self.outputs: tuple[int, ...] | None = None
        self.evaluations = 0
        self._told = float(np.finfo(np.float64).eps)
        self._single: Any = True  # for each output, whether all its answers are float32's
        self._first: list[Array] = []
        self._kept: dict[tuple[int, float], Array] = {}

    def eps(self, which: int) -> float:
        """Relative rounding error of an output: that of its dtype, or of float32 inside f."""
        single = self._single[which] and len({row[which] for row in self._first}) >= _SEVERAL
        return max(self._told, float(np.finfo(np.float32).eps)) if single else self._told

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put x back in the end, whatever happens; what is not finite is no warning."""
        try:
            with np.errstate(all="ignore"):
                yield
        finally:
            self._array[...] = self._saved

    def here(self) -> Array:
        """Return all outputs at x itself, (m,); what f raises there is raised."""
        return np.asarray(self._ask(self.x[None], lenient=False)[0])

    def near(self, places: Places, moved: Array) -> Array:
        """Return all outputs with one entry moved, (K, m); nan where they are not finite."""
        keys = list(zip(places.tolist(), moved.tolist(), strict=True))
        new = list(dict.fromkeys(key for key in keys if key not in self._kept))
        if new:
            where = np.array([place for place, _ in new], np.intp)
            points = np.repeat(self.x[None], len(new), axis=0)
            points[np.arange(len(new)), where] = [to for _, to in new]
            self._kept.update(zip(new, self.at(points), strict=True))
        return np.asarray(np.stack([self._kept[key] for key in keys]))

    def at(self, points: Array) -> Array:
        """Return all outputs at points (K, n), as (K, m); nan where they are not finite."""
        inside = (points >= self.low) & (points <= self.high) & np.isfinite(points)
        asked = np.flatnonzero(inside.all(axis=1))
        answers = np.full((len(points), int(np.prod(self.outputs or ()))), np.nan)
        if len(asked):
            answers[asked] = self._ask(points[asked], lenient=True)
        return np.where(np.isfinite(answers), answers, np.nan)

    def _ask(self, points: Array, lenient: bool) -> Array:
        if self.vectorized:
            some = max(1, _AT_ONCE // len(self.x))
            parts = [self._many(points[i : i + some]) for i in range(0, len(points), some)]
            answers = np.concatenate(parts)
        else:
            answers = np.array([self._at_one(point, lenient) for point in points])
        known = answers[np.isfinite(answers).all(axis=1)]
        self._single &= (known.astype(np.float32) == known).all(axis=0)
        self._first += list(known[: max(0, 4 * _SEVERAL - len(self._first))])
        return answers

    def _at_one(self, point: Array, lenient: bool) -> Array:
        """Ask once. Away from x, what f raises where it is not defined counts as nan."""
        here = point.reshape(self.shape).astype(self._array.dtype)
        self._array[...] = here
        self.evaluations += 1
        try:
            try:
                answer = self.f(self._array[()] if self.number else self._subject.argument)
            except (ArithmeticError, ValueError):
                if lenient:
                    return np.full(int(np.prod(self.outputs or ())), np.nan)
                raise
            changed = self._array != here
            if np.any(changed):
                where = entry("x", first_index(changed))
                raise ImpureFunctionError(
                    f"f writes into its input: {where} changed; let it work on a copy, x.copy()"
                )
            return self._read(answer)
        finally:
            self._array[...] = self._saved

    def _read(self, answer: Any) -> Array:
        """Return a copy of what f answered, (m,): the answer may be a view of x."""
        if self._one:
            self._know(getattr(answer, "dtype", None), ())
            try:
                return np.array([one_number(answer)])
            except NotFiniteError:
                return np.array([np.nan])
        try:
            numbers = np.asarray(answer)
        except ValueError:  # lists of different lengths
            numbers = np.asarray(None)
        if numbers.dtype.kind not in "fiu":
            raise NotOneNumberError(f"f must return an array of real numbers, got {shown(answer)}")
        self._know(numbers.dtype, numbers.shape)
        return numbers.astype(np.float64).ravel()

    def _know(self, dtype: np.dtype[Any] | None, shape: tuple[int, ...]) -> None:
        if 0 in shape:
            raise NotOneNumberError(f"f must return numbers, got an array of shape {shape}")
        if self.outputs is None:
            self.outputs = shape
        if shape != self.outputs:
            raise ShapeError(
                f"f answers x with shape {self.outputs}, and a point nearby with shape {shape}"
            )
        if dtype is not None and dtype.kind == "f":
            self._told = max(self._told, float(np.finfo(dtype).eps))

    def _many(self, points: Array) -> Array:
        """Ask for many points at once."""
        count = len(points)
        self.evaluations += count
        given = points.reshape(count, *self.shape).astype(self._array.dtype)
        answers = np.asarray(self.f(given))
        right = answers.dtype.kind in "fiu" and answers.shape[:1] == (count,)
        if not right or (self._one and answers.ndim > 1):
            what = f"shape {answers.shape}" if answers.dtype.kind in "fiu" else shown(answers)
            each = f"{count} numbers, shape ({count},)" if self._one else f"as many, ({count}, …)"
            raise NotOneNumberError(
                f"with vectorized=True, f is given {count} points at once, along the first axis,"
                f" and must return {each}; got {what}"
            )
        self._know(answers.dtype, answers.shape[1:])
        return answers.astype(np.float64).reshape(count, -1)


class Output:
    """One output of f, asked with one entry of x moved, as `nn.careful.walk.Asks` wants it."""

    def __init__(self, points: Points, which: int) -> None:
        self.points, self.which = points, which
        self.x, self.grain, self.length = points.x, points.grain, points.length
        self.eps = points.eps(which)

    def at(self, places: Places, moved: Array) -> Array:
        """Return this output with one entry moved, (K,)."""
        answers = self.points.near(places, moved)[:, self.which]
        self.eps = self.points.eps(self.which)
        return answers


def at_x(points: Points) -> tuple[Array, Array, Nature]:
    """Return all outputs at x, how far apart the answers there were, and the nature of f.

    f is asked twice, and four times more where it answers with different numbers.
    """
    answers = [points.here(), points.here()]
    if np.array_equal(answers[0], answers[1], equal_nan=True):
        return answers[0], np.zeros(len(answers[0])), "steady"
    answers += [points.here() for _ in range(REPEATS - 2)]
    change = np.diff(np.stack(answers), axis=0)
    one_way = (change > 0).all(axis=0) | (change < 0).all(axis=0)
    still = (change == 0).all(axis=0)
    nature: Nature = "remembers" if np.all(one_way | still) else "random"
    return np.mean(answers, axis=0), np.ptp(answers, axis=0), nature
