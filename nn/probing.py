"""Asking f: the arrays it reads are nudged in place, its answers are checked, all is put back.

f may be careless in many ways: answer with an array or with nan, write into its input, draw
random numbers, or ignore its argument and read an array it captured. Each is either made to work
or told apart here, so that `nn.differences` can be written as it stands in a textbook.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from types import EllipsisType
from typing import Any

import numpy as np

from nn.errors import (
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    UnusedInputWarning,
    is_real,
    shown,
)
from nn.steps import Array, brief, entry, first_index

Function = Callable[[Any], Any]
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
        _check_apart(self.arrays)
        self._saved = {name: array.copy() for name, array in self.arrays.items()}
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
            number = one_number(answer, f"with {_where(name, place)} moved to {brief(moved)}")
        _check_equal(array[place], moved, name, place)
        array[place] = saved
        return number

    def warn_if_unused(self, gradients: Mapping[str, Any]) -> None:
        """Warn of copies whose differences are all exactly zero."""
        for name in self.copied:
            if not np.any(gradients[name]):
                warnings.warn(
                    f"every difference is exactly zero; {name} was not a writable floating-point"
                    " array, so a float64 copy of it was nudged: if f reads a captured array"
                    " instead of its argument, it never saw a nudge",
                    UnusedInputWarning,
                    stacklevel=3,
                )

    def _check_unchanged(self) -> None:
        for name, array in self.arrays.items():
            if self.named and self.argument.get(name) is not array:
                raise ImpureFunctionError(f"f takes {name} out of its input, or puts another there")
            _check_equal(array, self._saved[name], name, ...)


def check_steady(first: Any, second: Any) -> None:
    """Raise `ImpureFunctionError` unless two answers to the same x are the same."""
    differ = np.asarray(first) != np.asarray(second)
    if differ.any():
        index = first_index(differ)
        raise ImpureFunctionError(
            f"f answers the same x with {float(np.asarray(first)[index])!r} and then with"
            f" {float(np.asarray(second)[index])!r}; draw its random numbers once and outside,"
            " and keep it from remembering earlier calls"
        )


def values(f: Function, points: Array) -> Array:
    """Return f at every entry of `points`, for an f of one variable.

    All points at once where f answers an array with one of the same shape, one by one otherwise.
    Errors as in `one_number`; ImpureFunctionError if f writes into the array it is given.
    """
    if points.size > 1:
        before = points.copy()
        try:
            answers = np.array(f(points))
        except Exception:  # f of numbers only: math.sin, `if x > 0`; a real fault comes up again
            answers = np.array(None)
        if not np.array_equal(points, before):
            raise ImpureFunctionError("f writes into its input; let it work on a copy, x.copy()")
        if answers.shape == points.shape and answers.dtype.kind in "fiu":
            wrong = ~np.isfinite(answers)
            if wrong.any():
                where = first_index(wrong)
                raise NotFiniteError(
                    f"f returned {answers[where]} at {entry('x', where)} = {points[where]}"
                )
            return np.asarray(answers, np.float64)
    answers = np.empty(points.shape)
    for place in np.ndindex(points.shape):
        point = points[place]
        answers[place] = one_number(f(point), f"at {entry('x', place)} = {point}")
    return answers


def fitted(slopes: Any, dtype: np.dtype[Any], name: str = "x") -> Array:
    """Return `slopes` in `dtype`; NotFiniteError if one is beyond its largest number."""
    slopes = np.asarray(slopes)
    with np.errstate(all="ignore"):
        fits = slopes.astype(dtype)
    if not np.isfinite(fits).all():
        index = first_index(~np.isfinite(fits))
        raise NotFiniteError(
            f"the slope at {entry(name, index)} is {slopes[index]}, beyond the range of"
            f" {dtype.name} (largest number {np.finfo(dtype).max})"
        )
    return fits


def one_number(value: Any, moved: str = "") -> float:
    """Return what f answered as a float, if it is one finite real number.

    Parameters
    ----------
    value : whatever f returned
        A number, or an array of one entry.
    moved : str
        Where f was evaluated, for the message: "with x[3] moved to 1.0001".

    Raises
    ------
    NotOneNumberError, NotFiniteError
    """
    try:
        array = np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        array = np.asarray(None)
    shape = array.shape
    if array.size != 1 or not (array.dtype.kind in "fiu" or is_real(value)):
        what = f"an array of shape {shape}" if shape else f"{type(value).__name__} {shown(value)}"
        hint = ""
        if value is None:
            hint = "; is a `return` missing?"
        elif array.dtype.kind == "c":
            hint = "; complex numbers have no order, so no slope to follow"
        elif shape:
            hint = (
                "; an f that answers for every row of a batch is to be written for one point"
                " and wants batch=True, an f of many outputs wants a sum or a mean"
            )
        raise NotOneNumberError(f"f must return one number, got {what} {moved}".rstrip() + hint)
    number = _as_float(array.reshape(())[()])
    if not math.isfinite(number):
        raise NotFiniteError(f"f returned {number} {moved}".rstrip())
    return number


def _workable(value: Any, name: str) -> tuple[Array, bool]:
    """Return an array to nudge, and whether it is `value` itself."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(map(is_real, array.flat)):  # fractions, huge integers
            array = np.array([_as_float(v) for v in array.flat]).reshape(array.shape)
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
        and array.flags.writeable
        and not _overlaps_itself(array)
    ):
        return array, True
    return array.astype(np.float64), False


def _as_float(number: Any) -> float:
    """Return float(number), infinite for whole numbers and fractions beyond all floats."""
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number > 0 or -1)


def _overlaps_itself(array: Array) -> bool:
    """Whether entries share memory, as those of a broadcast array do: moving one moves others."""
    low, high = np.lib.array_utils.byte_bounds(array)
    return high - low < array.nbytes


def _check_apart(arrays: Mapping[str, Array]) -> None:
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
    if changed.any():
        where = entry(name, first_index(changed)) if place is ... else entry(name, place)
        raise ImpureFunctionError(
            f"f writes into its input: {where} changed; let it work on a copy, x.copy()"
        )


def _where(name: str, place: Place) -> str:
    return name if isinstance(place, EllipsisType) else entry(name, place)
