"""What a checker says of a case, and how long it took."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal

import numpy as np

from benchmarks.checkers.view import Array, Arrays, View, view_of
from benchmarks.gallery.case import Case, Given

Verdict = Literal["alarm", "pass", "undecided", "error"]
SECONDS = 60.0  # for one case; what has not ended by then has no answer


@dataclass(frozen=True)
class Answer:
    """What is said of one case.

    Attributes
    ----------
    verdict : "alarm", "pass", "undecided" or "error"
        "error": it could not be run, or did not end.
    said : str
        Its first line, or that of the exception.
    unstable : bool
        The alarm is that the thing cannot be checked, not that its gradient is wrong.
    name, index : str, tuple of int, or None
        The worst entry, where one is told.
    cause : str or None
    violations : tuple of str
        Why it is unstable.
    seconds : float
    """

    verdict: Verdict
    said: str = ""
    unstable: bool = False
    name: str | None = None
    index: tuple[int, ...] | None = None
    cause: str | None = None
    violations: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Checker:
    """A way to judge a gradient.

    Attributes
    ----------
    name : str
    judge : callable, Given -> Answer
        What it raises is an alarm: the user is told of it.
    tells : tuple of str
        What it can tell beside a verdict: "unstable", "place", "cause".
    """

    name: str
    judge: Callable[[Given], Answer]
    tells: tuple[str, ...] = ()


class CannotRunError(Exception):
    """A checker that cannot be used on this case, or not in the time there is."""


def of_view(check: Callable[[View], Answer | None]) -> Callable[[Given], Answer]:
    """Return a judge from a check of a view, that raises where it finds something wrong."""

    def judge(given: Given) -> Answer:
        try:
            view = view_of(given)
        except Exception as error:  # a case that has no such view
            raise CannotRunError(f"no view: {first_line(error)}") from error
        return check(limited(view)) or Answer("pass")

    return judge


def limited(view: View, seconds: float = SECONDS) -> View:
    """Return the same view, that raises `CannotRunError` once the time is over."""
    end = perf_counter() + seconds

    def forward(arrays: Arrays) -> Array:
        if perf_counter() > end:
            raise CannotRunError(f"not done within {seconds:g} s")
        return view.forward(arrays)

    return replace(view, forward=forward)


def ask(checker: Checker, case: Case) -> Answer:
    """Return what `checker` says of `case`, built anew, whatever happens on the way."""
    given = case.build()
    begun = perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = checker.judge(given)
        except CannotRunError as error:
            found = Answer("error", str(error))
        except Exception as error:  # whatever a layer or a checker raises, its user sees it
            found = Answer("alarm", first_line(error))
    return replace(found, seconds=perf_counter() - begun)


def first_line(error: Exception) -> str:
    """Return the kind of an error, and the first line of what it says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]
