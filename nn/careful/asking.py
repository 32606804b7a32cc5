"""Asking f at many points that differ from x in one entry each.

x is nudged in place, as in `nn.numerical_gradient`, and put back to the very same bits. What f
answers need not be finite: outside its domain it may return nan, an infinity, or raise what
`math.log(-1)` raises.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.careful.limits import Bounds, limits
from nn.careful.structure import flatten, like
from nn.errors import (
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    NudgeError,
    shown,
)
from nn.probing import Function, Subject, one_number
from nn.steps import entry, first_index, gap

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_AT_ONCE = 1 << 20  # numbers in one batch of points
_MANY = (
    "an f of many points at once wants vectorized=True, one of many outputs nn.jacobian or a sum"
)
_SEVERAL = 12  # different answers: fewer may be round by chance, as 0 and 0.5 are


class Asker:
    """f and x, one entry of x at a time.

    Attributes
    ----------
    x : (n,) array
        All entries of x in a row, float64.
    grain : (n,) array
        The gap between the numbers of its dtype there.
    length : (n,) array
        How far f may be thought to change: `nn.careful.levels.typical_length`.
    eps : float
        Relative rounding error of an answer, by its dtype; known after the first.
    evaluations, calls : int
        Points f was asked at, and how often it was called: less where it takes many at once.
    """

    def __init__(
        self, f: Function, x: Any, vectorized: bool = False, bounds: Bounds | None = None
    ) -> None:
        self.f, self.given, self.vectorized = f, x, vectorized
        self._subject = Subject(flatten(x))
        arrays = self._subject.arrays
        self._saved = {name: array.copy() for name, array in arrays.items()}
        self.entries = [
            (name, i) for name, array in arrays.items() for i in np.ndindex(array.shape)
        ]
        with np.errstate(all="ignore"):
            self.x = np.concatenate([a.astype(np.float64).ravel() for a in arrays.values()])
            gaps = [gap(a).astype(np.float64).ravel() for a in arrays.values()]
            lengths = [typical_length(a.astype(np.float64)).ravel() for a in arrays.values()]
        self.grain, self.length = np.concatenate(gaps), np.concatenate(lengths)
        if not np.isfinite(self.x).all():
            beyond = self.name(int(np.flatnonzero(~np.isfinite(self.x))[0]))
            raise InputError(f"{beyond} is beyond the range of float64")
        self.number = not isinstance(x, Mapping | list | tuple) and np.ndim(x) == 0
        self.low, self.high = limits(bounds, self.x)
        self.eps = self._told = float(np.finfo(np.float64).eps)
        self._single, self._different = True, set[float]()
        self.evaluations = self.calls = 0
        self._structure = like(x, arrays)  # its arrays are nudged in place

    def like(self, flat: NDArray[Any]) -> Any:
        """Return one value an entry in the structure of x; a plain one for a number."""
        if self.number:
            return flat[0].item()
        parts, first = {}, 0
        for name, array in self._subject.arrays.items():
            parts[name] = flat[first : first + array.size].reshape(array.shape)
            first += array.size
        return like(self.given, parts)

    def name(self, place: int) -> str:
        """Return what an entry is called: "W[0, 1]"."""
        return entry(*self.entries[place])

    def warn_if_unused(self, slopes: Array) -> None:
        """Warn of arrays that were copied, if all slopes are exactly zero."""
        if self._subject.copied and not self.number and not slopes.any():
            self._subject.warn_if_unused(dict.fromkeys(self._subject.arrays, 0.0))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put x back in the end, whatever happens; what is not finite is no warning."""
        try:
            with np.errstate(all="ignore"):
                yield
        finally:
            for name, array in self._subject.arrays.items():
                array[...] = self._saved[name]

    def here(self) -> float:
        """Return f at x itself; nan or infinite where it is not finite."""
        if self.vectorized:
            return float(self._batch(np.zeros(1, np.intp), self.x[:1])[0])
        answer = self._one(self._argument())
        self._check_unchanged()
        return answer

    def at(self, places: Places, moved: Array) -> Array:
        """Return f with one entry moved, (K,); nan where that is not finite, or out of bounds."""
        inside = (moved >= self.low[places]) & (moved <= self.high[places]) & np.isfinite(moved)
        answers = np.full(len(places), np.nan)
        if self.vectorized:
            if inside.any():
                answers[inside] = self._batch_or_less(places[inside], moved[inside])
        else:
            for k in np.flatnonzero(inside):
                answers[k] = self._nudged(places[k], moved[k])
        answers[~np.isfinite(answers)] = np.nan
        self._look_for_float32(answers)
        return answers

    def _look_for_float32(self, answers: Array) -> None:
        """Notice answers that all are numbers of float32: f works in it, whatever it returns."""
        if not self._single:
            return
        known = answers[~np.isnan(answers)]
        self._single = bool((known.astype(np.float32) == known).all())
        self._different.update(known[:_SEVERAL].tolist())
        if self._single and len(self._different) >= _SEVERAL:
            self.eps = max(self.eps, float(np.finfo(np.float32).eps))
        elif not self._single:
            self.eps = self._told

    def _argument(self) -> Any:
        if self.number:
            return self._subject.arrays["x"].reshape(())[()]
        return self._structure

    def _check_unchanged(self) -> None:
        """Raise `ImpureFunctionError` if f has put other numbers, or other arrays, into x."""
        if self.number:
            return
        try:
            found = flatten(self._structure)
        except InputError:  # nothing is left
            found = {}
        for name, array in self._subject.arrays.items():
            if found.get(name) is not array:
                raise ImpureFunctionError(f"f takes {name} out of its input, or puts another there")
            changed = array != self._saved[name]
            if changed.any():
                raise ImpureFunctionError(_writes(entry(name, first_index(changed))))

    def _nudged(self, place: int, moved: float) -> float:
        name, index = self.entries[place]
        array = self._subject.arrays[name]
        if self.number:
            return self._one(array.dtype.type(moved), lenient=True)
        was = array[index]
        array[index] = moved
        try:
            answer = self._one(self._argument(), lenient=True)
            if array[index] != array.dtype.type(moved):
                raise ImpureFunctionError(_writes(self.name(place)))
        finally:
            array[index] = was
        return answer

    def _one(self, argument: Any, lenient: bool = False) -> float:
        """Ask once. Away from x, what f raises where it is not defined counts as nan."""
        self.evaluations += 1
        self.calls += 1
        try:
            answer = self.f(argument)
        except (ArithmeticError, ValueError):
            if lenient:
                return math.nan
            raise
        if isinstance(answer, float) and not isinstance(answer, np.floating):
            return answer
        if isinstance(answer, np.ndarray | np.floating) and answer.dtype.kind == "f":
            self._tell(answer.dtype)
        try:
            return one_number(answer, many=_MANY)
        except NotFiniteError:
            return math.nan

    def _tell(self, dtype: np.dtype[Any]) -> None:
        """Learn from the dtype of an answer how exact it is."""
        self._told = max(self._told, float(np.finfo(dtype).eps))
        self.eps = max(self.eps, self._told)

    def _batch_or_less(self, places: Places, moved: Array) -> Array:
        """Ask for many points; where f raises, for each alone, and nan for those it raises at."""
        try:
            return self._batch(places, moved)
        except NudgeError:
            raise
        except (ArithmeticError, ValueError):
            if len(places) == 1:
                return np.array([np.nan])
        pairs = zip(places[:, None], moved[:, None], strict=True)
        return np.concatenate([self._batch_or_less(*alone) for alone in pairs])

    def _batch(self, places: Places, moved: Array) -> Array:
        """Ask for many points at once, some at a time."""
        some = max(1, _AT_ONCE // len(self.x))
        parts = [
            self._some(places[first : first + some], moved[first : first + some])
            for first in range(0, len(places), some)
        ]
        return np.concatenate(parts)

    def _some(self, places: Places, moved: Array) -> Array:
        count, points, first = len(places), {}, 0
        for name, array in self._subject.arrays.items():
            many = np.repeat(array[None], count, axis=0)
            mine = (places >= first) & (places < first + array.size)
            many.reshape(count, -1)[np.flatnonzero(mine), places[mine] - first] = moved[mine]
            points[name] = many
            first += array.size
        self.evaluations += count
        self.calls += 1
        answers = np.asarray(self.f(points["x"] if self.number else like(self.given, points)))
        if answers.dtype.kind not in "fiu" or answers.shape != (count,):
            what = shown(answers) if answers.dtype.kind not in "fiu" else f"shape {answers.shape}"
            raise NotOneNumberError(
                f"with vectorized=True, f is given {count} points at once, along the first axis,"
                f" and must return {count} numbers, shape ({count},); got {what}"
            )
        if answers.dtype.kind == "f":
            self._tell(answers.dtype)
        return answers.astype(np.float64)


def _writes(where: str) -> str:
    return f"f writes into its input: {where} changed; let it work on a copy, x.copy()"
