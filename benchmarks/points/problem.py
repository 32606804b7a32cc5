"""A problem: a function, a point, and what its slopes are there, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.points.words import FLOAT

Array = NDArray[np.float64]
Where = float | Array | dict[str, Array]
Form = Callable[[Any, Any], Any]  # (words, x) -> number, see `benchmarks.points.words`
EXACT = Path(__file__).with_name("exact.json")


@dataclass(frozen=True)
class Place:
    """A function and a point.

    Attributes
    ----------
    name : str
        Unique among all places.
    family : str
        What makes it hard.
    form : callable
        The function, in numpy's words or in any others.
    x : number, array, or dict of arrays
    """

    name: str
    family: str
    form: Form
    x: Where

    def f(self, x: Any) -> float:
        """The function in float64."""
        return float(self.form(FLOAT, x))

    def start(self) -> Where:
        """A copy of x, to be nudged."""
        if isinstance(self.x, dict):
            return {name: array.copy() for name, array in self.x.items()}
        return self.x.copy() if isinstance(self.x, np.ndarray) else self.x

    @property
    def vector(self) -> Array:
        """All of x in one row."""
        return flat(self.x)

    def of_vector(self, vector: Any) -> float:
        """f of a row, for those who know nothing of other shapes."""
        return self.f(unflat(np.asarray(vector, np.float64), self.x))


@dataclass(frozen=True)
class Problem(Place):
    """A smooth function and a point at which its gradient is known.

    Attributes
    ----------
    slope : callable or None
        The gradient in closed form, where no difference finds it: at an edge, or if it is zero.
    truth : callable or None
        What `form` would be without its noise.
    noise : float
        About how far f is from its `truth`; 0 where only float64 rounds.
    """

    slope: Form | None = None
    truth: Form | None = None
    noise: float = 0.0

    @property
    def exact(self) -> Where:
        """The gradient, like x, rounded to float64."""
        known = exact_gradients()[self.name]
        if isinstance(self.x, dict):
            return {name: np.array(known[name], np.float64) for name in self.x}
        return np.array(known, np.float64) if isinstance(self.x, np.ndarray) else float(known)

    @property
    def exact_vector(self) -> Array:
        """The gradient in one row."""
        return flat(self.exact)


@dataclass(frozen=True)
class Point(Place):
    """A function and a point, a number or an array, at or right beside which it has no slope.

    Attributes
    ----------
    left, right : float, or tuple of them for the entries of an array
        What (f(x) - f(x - h)) / h and (f(x + h) - f(x)) / h tend to at the kink, along each entry;
        infinite where f jumps or is upright.
    away : float
        How far x, a number, is from the kink; exact, and 0 for most. The slope at x itself is then
        about `right` where it is positive and `left` where it is negative.
    """

    left: float | tuple[float, ...]
    right: float | tuple[float, ...]
    away: float = 0.0

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Along which entries of x there is no slope, in one row."""
        return np.atleast_1d(np.not_equal(self.left, self.right) | np.isinf(self.left))


def family(name: str, members: Iterable[tuple[str, Where, Form]]) -> list[Problem]:
    """Make problems of one family, each of (name, x, form)."""
    return [Problem(own, name, form, x) for own, x, form in members]


def flat(x: Any) -> Array:
    """All numbers of x in one row."""
    parts = list(x.values()) if isinstance(x, dict) else [x]
    return np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])


def unflat(vector: Any, like: Where) -> Any:
    """Give a row the structure of `like`; a number where that is one."""
    if isinstance(like, dict):
        found, first = {}, 0
        for name, array in like.items():
            found[name] = vector[first : first + array.size].reshape(array.shape)
            first += array.size
        return found
    return vector.reshape(like.shape) if isinstance(like, np.ndarray) else vector[0]


@cache
def exact_gradients() -> dict[str, Any]:
    """What `python -m benchmarks.points.exact` wrote: the gradient of every problem."""
    found: dict[str, Any] = json.loads(EXACT.read_text(encoding="utf-8"))
    return found


def spread(*shape: int, seed: int = 0, scale: float = 1.0) -> Array:
    """Numbers spread over (-scale, scale), the same on every machine."""
    size = int(np.prod(shape))
    steps = [((k + 1) * 2654435769 + seed * 1640531527) % 2**32 for k in range(size)]
    return np.array(steps, np.float64).reshape(shape) / 2**31 * scale - scale
