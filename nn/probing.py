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
)
from nn.steps import Array, entry, first_index

Function = Callable[[Any], Any]
Place = tuple[int, ...] | EllipsisType  # one entry of an array, or all of it


class Subject:
    """What is nudged: the arrays of x.

    A writable floating-point array is nudged in place, so that a function that captured it sees
    the nudge. Everything else (integers, lists, read-only arrays) is worked on as a float64 copy.

    Parameters
    ----------
    x : array, number, nested list of numbers, or mapping of names to these

    Attributes
    ----------
    arrays : dict of name -> array
        Named as in a mapping; "x" if x is no mapping.
    argument : array or mapping
        What f is called with.

    Raises
    ------
    InputError
        If there is nothing in x, or something that is not a finite real number.
    """

    def __init__(self, x: Any) -> None:
        self.named = isinstance(x, Mapping)
        given = dict(x) if self.named else {"x": x}
        if not given:
            raise InputError("x is an empty mapping: there is nothing to nudge")
        self.arrays: dict[str, Array] = {}
        self.copied: dict[str, Array] = {}
        for name, value in given.items():
            array, in_place = _workable(value, name)
            self.arrays[name] = array
            if not in_place:
                self.copied[name] = array
        self._saved = {name: array.copy() for name, array in self.arrays.items()}
        self._given = x
        if not self.named:
            self.argument: Any = self.arrays["x"]
        else:
            self.argument = {**given, **self.copied} if self.copied else x

    @property
    def only(self) -> Array:
        """The array itself, where x is to be a single one."""
        if self.named:
            raise InputError("x must be one array here, not a mapping of arrays")
        return self.arrays["x"]

    @contextmanager
    def held(self, f: Function) -> Iterator[float]:
        """Restore every array to the bits it has now, whatever happens; yield f there.

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

    def value(self, f: Function, name: str, place: Place, moved: Any) -> float:
        """Return f with the entry at `place` of the array `name` moved to `moved`."""
        array = self.arrays[name]
        array[place] = moved
        answer = f(self.argument)
        changed = array[place] != moved
        if changed.any() if place is ... else changed:
            raise ImpureFunctionError(f"f writes into its input: {_where(name, place)} changed")
        array[place] = self._saved[name][place]
        if isinstance(answer, float) and math.isfinite(answer):
            return answer
        return one_number(answer, f"with {_where(name, place)} moved to {moved}")

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
            if self.named and self.argument[name] is not array:
                raise ImpureFunctionError(f"f puts another array in the place of {name}")
            changed = array != self._saved[name]
            if changed.any():
                where = entry(name, first_index(changed))
                raise ImpureFunctionError(
                    f"f writes into its input: {where} changed; let it work on a copy, x.copy()"
                )


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
    if points.ndim:
        before = points.copy()
        try:
            answers = np.array(f(points))
        except (TypeError, ValueError):  # f of numbers only: math.sin, `if x > 0`
            answers = np.array(None)
        if not np.array_equal(points, before):
            raise ImpureFunctionError("f writes into its input; let it work on a copy, x.copy()")
        if answers.shape == points.shape and answers.dtype.kind in "fiu":
            wrong = ~np.isfinite(answers)
            if wrong.any():
                where = first_index(wrong)
                raise NotFiniteError(f"f returned {answers[where]} at x = {points[where]}")
            return np.asarray(answers, np.float64)
    answers = np.empty(points.shape)
    for place in np.ndindex(points.shape):
        answers[place] = one_number(f(points[place]), f"at x = {points[place]}")
    return answers


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
        what = f"an array of shape {shape}" if shape else f"{type(value).__name__} {value!r:.60}"
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
    number = float(array.reshape(())[()])
    if not math.isfinite(number):
        raise NotFiniteError(f"f returned {number} {moved}".rstrip())
    return number


def _workable(value: Any, name: str) -> tuple[Array, bool]:
    """Return an array to nudge, and whether it is `value` itself."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind == "c":
        raise InputError(
            f"{name} is complex ({array.dtype}); differentiate by its real and imaginary parts"
        )
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must be real numbers, got {type(value).__name__} {value!r:.60}")
    if array.size == 0:
        raise InputError(f"{name} is empty, of shape {array.shape}: there is nothing to nudge")
    if not np.isfinite(array).all():
        index = first_index(~np.isfinite(array))
        raise InputError(f"{entry(name, index)} is {array[index]}: there is no slope there")
    if isinstance(value, np.floating):  # a number that says its precision keeps it
        return array.copy(), False
    if array is value and array.dtype.kind == "f" and array.flags.writeable:
        return array, True
    return array.astype(np.float64), False


def _where(name: str, place: Place) -> str:
    return name if isinstance(place, EllipsisType) else entry(name, place)
