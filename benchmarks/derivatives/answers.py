"""What a method answers at a place: a gradient, what it claims of it, what it cost."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.points import Place

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
_DOUBTFUL = 1e-3  # a claim of an error above this share of the gradient is a warning


class Found(NamedTuple):
    """What a method returns, in rows.

    Attributes
    ----------
    gradient : float64 array, (N,)
    claimed : float64 array, (N,), or None
        How far the method says it may be off.
    unsure : bool array, (N,), or None
        Where it says in other ways that the gradient is not to be trusted.
    states : list of N str
        What it says, if it has words for it.
    """

    gradient: Array
    claimed: Array | None = None
    unsure: Flags | None = None
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """A way to find a gradient.

    Attributes
    ----------
    name : str
    find : callable, (f, x) -> Found
    whole : bool
        Whether x keeps its shape, a number, an array or a dict; otherwise f is of one row.
    counted : bool
        Whether what it asks of f is its price.
    note : str
    """

    name: str
    find: Callable[[Callable[[Any], float], Any], Found]
    whole: bool = False
    counted: bool = True
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """A `Found`, or what went wrong instead, and how often f was asked.

    Attributes
    ----------
    gradient : float64 array, (N,)
        nan where there is none.
    claimed : float64 array, (N,), or None
    doubted : bool array, (N,)
        Where a user has been told: an exception, a warning, a number that is not finite, a state,
        or a claimed error above a thousandth of the largest slope.
    states : tuple of str
    evaluations : int
    said : str
        The exception, or the first warning.
    """

    gradient: Array
    claimed: Array | None
    doubted: Flags
    states: tuple[str, ...]
    evaluations: int
    said: str


@dataclass
class Counted:
    """f, and how often it was called."""

    f: Callable[[Any], float]
    calls: int = field(default=0)

    def __call__(self, x: Any) -> float:
        """f(x)."""
        self.calls += 1
        return self.f(x)


def ask(method: Method, place: Place) -> Answer:
    """Return what `method` says of the gradient at `place`, whatever happens on the way."""
    f = Counted(place.f if method.whole else place.of_vector)
    size = len(place.vector)
    said = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = method.find(f, place.start() if method.whole else place.vector)
        except Exception as error:  # a rival may raise anything; the answer says so
            found = Found(np.full(size, np.nan))
            said = f"{type(error).__name__}: {error}"
    if not said and caught:
        said = f"{caught[0].category.__name__}: {caught[0].message}"
    gradient = np.asarray(found.gradient, np.float64).reshape(size)
    claimed = found.claimed
    doubted = ~np.isfinite(gradient) | bool(said)
    if claimed is not None:
        claimed = np.abs(np.asarray(claimed, np.float64).reshape(size))
        scale = np.abs(gradient).max(initial=0.0, where=np.isfinite(gradient))
        doubted |= ~(claimed <= _DOUBTFUL * (scale or 1.0))
    if found.unsure is not None:
        doubted |= found.unsure.reshape(size)
    return Answer(gradient, claimed, doubted, found.states, f.calls, said)
