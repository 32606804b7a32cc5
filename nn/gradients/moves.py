"""How far the entries of an array are nudged: one h for all, or each a step of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError
from nn.steps import entry, first_index, nudge

Array = NDArray[np.float64]
_SAFE = 2.0**50  # a nudge of less than an entry over this could vanish beside it


class Moves(NamedTuple):
    """Up and down by how much, and how far apart: numbers for one h, else arrays."""

    up: Array | float
    down: Array | float
    distance: Array | float

    @classmethod
    def of(cls, p: Array, h: float | None, name: str) -> Moves:
        """Return the moves of `p`; `name` is what it is called in errors.

        Raises
        ------
        StepTooSmallError, StepError, InputError
            As `nudge` does, or if an entry is not finite; it says which.
        """
        if h is None:
            points = nudge(p, h, "central", name)
            return cls(np.asarray(points.plus - p), np.asarray(points.minus - p), points.distance)
        if not np.abs(p).max(initial=0.0) < h * _SAFE < np.inf:
            bad = ~np.isfinite(p)
            if bad.any():
                index = first_index(bad)
                raise InputError(f"{entry(name, index)} is {p[index]}: there is no slope there")
            nudge(p, h, "central", name)
        return cls(h, -h, 2 * h)
