"""What is nudged: the arrays of x, one entry at a time, and back to the very same bits."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from types import EllipsisType
from typing import Any

import numpy as np

from nn.errors import ImpureFunctionError, InputError, UnusedInputWarning, is_real, shown
from nn.probing.answers import Function, as_float, check_steady, one_number
from nn.steps import Array, Nudge, Scheme, brief, entry, first_index

Place = tuple[int, ...] | EllipsisType  # one entry of an array, or all of it


class Subject:
    """What is nudged: the arrays of x.

    A writable floating-point array is nudged in place, so that a function that captured it sees
    the nudge. Everything else (integers, lists, read-only arrays) is worked on as a float64 copy.

    Parameters
    ----------
    x : array, number, nested list of numbers, or mapping of names to these
    name : str
        What x is called in an error.

    Attributes
    ----------
    arrays : dict of name -> array
        Named as in a mapping; `name` alone if x is no mapping.
    argument : array or mapping
        What f is called with.

    Raises
    ------
    InputError
        If there is nothing in x, or something that is not a finite real number, or if two
        arrays share memory.
    """

    def __init__(self, x: Any, name: str = "x") -> None:
        self.named = isinstance(x, Mapping)
        given = dict(x) if self.named else {name: x}
        if not given:
            raise InputError(f"{name} is an empty mapping: there is nothing to nudge")
        self.arrays: dict[str, Array] = {}
        self.copied: dict[str, Array] = {}
        for name, value in given.items():
            array, in_place = _workable(value, name)
            self.arrays[name] = array
            if not in_place:
                self.copied[name] = array
        check_apart(self.arrays)
        self._saved = {name: array.copy() for name, array in self.arrays.items()}
        self._asked: tuple[Function, float] | None = None
        if not self.named:
            self.argument: Any = self.only
        else:
            self.argument = {**given, **self.copied} if self.copied else x

    @property
    def only(self) -> Array:
        """The array itself, where x is to be a single one."""
        if self.named:
            raise InputError("x must be one array here, not a mapping of arrays")
        return next(iter(self.arrays.values()))

    @contextmanager
    def held(self, f: Function) -> Iterator[float]:
        """Restore every array to the bits it came with, whatever happens; yield f there.

        Raises
        ------
        ImpureFunctionError
            If two calls of f disagree, or if f writes into x.
        """
        try:
            here = f(self.argument)
            self._check_unchanged()
            base = one_number(here, "at x itself")
            check_steady(base, one_number(f(self.argument), "at x itself"))
            self._asked = f, base
            yield base
            self._check_unchanged()
        finally:
            for name, array in self.arrays.items():
                array[...] = self._saved[name]
                if isinstance(self.argument, dict):  # f may have put another array there
                    self.argument[name] = array

    def value(self, f: Function, name: str, place: Place, moved: Any) -> float:
        """Return f with the entry at `place` of the array `name` moved to `moved`."""
        array, saved = self.arrays[name], self._saved[name][place]
        _check_equal(array[place], saved, name, place)
        array[place] = moved
        answer = f(self.argument)
        # Read before x moves back: the answer may be a view of x.
        if isinstance(answer, float) and math.isfinite(answer):
            number = float(answer)
        else:
            number = one_number(answer, _moved(name, place, moved))
        _check_equal(array[place], moved, name, place)
        array[place] = saved
        return number

    def quotient(
        self, f: Function, name: str, place: Place, points: Nudge, scheme: Scheme, base: float
    ) -> float:
        """Return (f(x + h) - f(x - h)) / 2h, for x + h and x - h of `points` and 2h their distance.

        `base`, f at x itself, stands for the side on which a one-sided scheme stays.
        """
        upper = base if scheme == "backward" else self.value(f, name, place, points.plus)
        lower = base if scheme == "forward" else self.value(f, name, place, points.minus)
        return (upper - lower) / float(points.distance)

    def warn_if_unused(self, gradients: Mapping[str, Any]) -> None:
        """Warn of copies whose differences are all exactly zero, if f seems not to read them."""
        for name in self.copied:
            if not np.any(gradients[name]) and not self._read(name):
                warnings.warn(
                    f"every difference is exactly zero; {name} was not a writable floating-point"
                    " array, so a float64 copy of it was nudged: if f reads a captured array"
                    " instead of its argument, it never saw a nudge",
                    UnusedInputWarning,
                    stacklevel=3,
                )

    def _read(self, name: str) -> bool:
        """Whether f answers otherwise, or fails, where a copy holds other numbers altogether."""
        if self._asked is None:
            return False
        f, base = self._asked
        array = self.arrays[name]
        with np.errstate(all="ignore"):
            try:
                elsewhere = np.linspace(0.37, 1.71, array.size).reshape(array.shape)
                array[...] = self._saved[name] + elsewhere
                return one_number(f(self.argument), "far from x") != base
            except Exception:  # f has seen something that it minds
                return True
            finally:
                array[...] = self._saved[name]

    def _check_unchanged(self) -> None:
        for name, array in self.arrays.items():
            if self.named and self.argument.get(name) is not array:
                raise ImpureFunctionError(f"f takes {name} out of its input, or puts another there")
            _check_equal(array, self._saved[name], name, ...)


def _workable(value: Any, name: str) -> tuple[Array, bool]:
    """Return an array to nudge, and whether it is `value` itself."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(map(is_real, array.flat)):  # fractions, huge integers
            array = np.array([as_float(v) for v in array.flat]).reshape(array.shape)
    except ValueError as error:
        raise InputError(
            f"{name} is a list of parts of different shapes: {shown(value)}"
        ) from error
    if array.dtype.kind == "c":
        raise InputError(
            f"{name} is complex ({array.dtype}); differentiate by its real and imaginary parts"
        )
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must be real numbers, got {type(value).__name__} {shown(value)}")
    if array.size == 0:
        raise InputError(f"{name} is empty, of shape {array.shape}: there is nothing to nudge")
    if not np.isfinite(array).all():
        index = first_index(~np.isfinite(array))
        raise InputError(f"{entry(name, index)} is {array[index]}: there is no slope there")
    if isinstance(value, np.floating):  # a number that says its precision keeps it
        return array.copy(), False
    if (
        array is value
        and array.dtype.kind == "f"
        and not _overlaps_itself(array)
        and array.flags.writeable
    ):
        return array, True
    return array.astype(np.float64), False


def _overlaps_itself(array: Array) -> bool:
    """Whether entries share memory, as those of a broadcast array do: moving one moves others."""
    low, high = np.lib.array_utils.byte_bounds(array)
    still = any(step == 0 and n > 1 for step, n in zip(array.strides, array.shape, strict=True))
    return still or high - low < array.nbytes


def check_apart(arrays: Mapping[str, Array]) -> None:
    """Raise `InputError` if moving an entry of one array would move one of another."""
    for (name, array), (other_name, other) in combinations(arrays.items(), 2):
        if np.shares_memory(array, other):
            raise InputError(
                f"{name} and {other_name} share memory, so that moving one moves the other;"
                " name a shared array once, or give each its own x.copy()"
            )


def _check_equal(now: Any, before: Any, name: str, place: Place) -> None:
    """Raise `ImpureFunctionError` unless what stands at `place` is what was put there."""
    changed = now != before
    if changed.any() if place is ... else changed:
        where = entry(name, first_index(changed)) if place is ... else entry(name, place)
        raise ImpureFunctionError(
            f"f writes into its input: {where} changed; let it work on a copy, x.copy()"
        )


def _moved(name: str, place: Place, to: Any) -> str:
    if isinstance(place, EllipsisType):
        return f"with {name} moved to {brief(to)}"
    return f"with {entry(name, place)} moved to {to}"
