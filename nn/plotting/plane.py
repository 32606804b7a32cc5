"""The plane of two variables: f on a grid of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn.errors import check_count
from nn.probing import Function

from .arrays import FloatArray, as_floats
from .heights import evaluate
from .levels import choose_levels
from .places import Range, as_range


@dataclass(frozen=True)
class Plane:
    """Heights of f on a grid.

    Attributes
    ----------
    x0 : (A,)
    x1 : (B,)
        The grid along both axes, ascending.
    heights : (B, A)
        nan where f has none.
    """

    x0: FloatArray
    x1: FloatArray
    heights: FloatArray

    @classmethod
    def of(cls, f: Function, x0: Range, x1: Range, resolution: int) -> Plane:
        """Evaluate f, (2,) -> number, on `resolution` x `resolution` points; see `evaluate`."""
        check_count("resolution", resolution, at_least=2)
        along0 = np.linspace(*as_range("x0", x0), resolution)
        along1 = np.linspace(*as_range("x1", x1), resolution)
        points = np.stack(np.meshgrid(along0, along1), axis=-1)
        heights = evaluate(f, points.reshape(-1, 2), somewhere=True)
        return cls(along0, along1, heights.reshape(points.shape[:2]))

    @property
    def extremes(self) -> tuple[float, float]:
        """The lowest and the highest height."""
        return float(np.nanmin(self.heights)), float(np.nanmax(self.heights))

    @property
    def flat(self) -> bool:
        """Whether f is the same everywhere, to rounding."""
        low, high = self.extremes
        return high - low <= 8 * sys.float_info.epsilon * max(abs(low), abs(high))

    def levels(self, wanted: Any = 10) -> FloatArray:
        """Return heights for contours, ascending, (L,): those wanted, or about so many."""
        if np.ndim(wanted) == 0:
            check_count("levels", wanted)
            found = np.empty(0) if self.flat else choose_levels(self.heights, wanted)
        else:
            found = np.unique(as_floats("levels", wanted))
        low, high = self.extremes
        return found[(found > low) & (found < high)]
