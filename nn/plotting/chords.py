"""Chords of a graph: between which points a difference looks, and where that ends as h shrinks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nn.careful import differentiate
from nn.differences import TangentLine
from nn.probing import Function, check_steady, one_number
from nn.steps import Scheme, nudge

from .arrays import FloatArray
from .heights import evaluate
from .places import Span

Point = tuple[float, float]
_SHRUNK = 100.0  # the last h is at least so much smaller than the first
_MOST = 2.0**20  # and at most, where it comes near no tangent


@dataclass(frozen=True)
class Secant:
    """The line through two points of a graph; h is the step that leads to them."""

    h: float
    left: Point
    right: Point

    @classmethod
    def of(cls, f: Function, x: np.floating[Any], h: float, scheme: Scheme) -> Secant:
        """Join (x, f(x)) and (x + h, f(x + h)), or what `scheme` says; errors as in `nudge`."""
        plus, minus, _ = nudge(np.asarray(x), h, scheme)
        left, right = (
            (float(place), one_number(f(place), f"at x = {place}"))
            for place in (minus[()], plus[()])
        )
        return cls(h, left, right)

    @property
    def slope(self) -> float:
        """Rise by run."""
        (a, low), (b, high) = self.left, self.right
        return (high - low) / (b - a)

    def __call__(self, t: float) -> float:
        """Height of the line at t."""
        a, low = self.left
        return low + self.slope * (t - a)


def limit(f: Function, x: np.floating[Any], scheme: Scheme) -> tuple[TangentLine | None, str]:
    """Return the line that the secants turn into, and its name: "tangent" only if it is one.

    At a kink there is a limit from the right and one from the left, and no tangent. The line is
    None where the secants only get steeper and steeper.
    """
    value = one_number(f(x), f"at x = {x}")
    check_steady(value, one_number(f(x), f"at x = {x}"))
    found = differentiate(f, float(x))
    slope, name = found.value, "tangent"
    if found.state in ("kink", "edge of domain"):
        slope = {"forward": found.right, "backward": found.left}.get(scheme, slope)
        name = "limit at a kink" if found.state == "kink" else "limit at an edge"
    if not np.isfinite(slope):
        return None, "no tangent"
    return TangentLine(float(x), value, float(slope)), name


def shrinking(
    f: Function, x: np.floating[Any], scheme: Scheme, span: Span, tall: float, count: int
) -> FloatArray:
    """Choose steps, each the same fraction of the one before, that turn secants into the tangent.

    Parameters
    ----------
    f, x, scheme
        As in `Secant.of`.
    span : (low, high)
        The first h is half of it, or what fits between x and its ends and has values of f.
    tall : float, > 0
        Height of the picture, in the unit of f; the last secant is within a two hundredth of it
        of the tangent.
    count : int, >= 1

    Returns
    -------
    float64 array, (count,)
    """
    low, high = span
    wide = high - low
    fits = {"forward": high - x, "backward": x - low, "central": min(high - x, x - low)}
    first = min(wide / 2, 0.95 * float(fits[scheme])) or wide / 2
    way = np.array({"forward": [1.0], "backward": [-1.0], "central": [-1.0, 1.0]}[scheme])
    while first > wide / _MOST and np.isnan(evaluate(f, float(x) + way * first)).any():
        first /= 2
    line, _ = limit(f, x, scheme)
    last = first / _SHRUNK
    if line is not None:
        while last > first / _MOST:
            slope = Secant.of(f, x, last, scheme).slope
            if abs(slope - line.slope) * wide < tall / 200:
                break
            last /= 2
    return np.geomspace(first, last, count)
