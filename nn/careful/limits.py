"""How far x may be moved: one lowest and one highest value an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError, ShapeError, shown

Array = NDArray[np.float64]
Bounds = tuple[Any, Any]  # (low, high), each a number, one an entry of x, or None


def limits(bounds: Bounds | None, x: Array) -> tuple[Array, Array]:
    """Return (low, high), one of each an entry."""
    if bounds is None:
        return np.full(len(x), -np.inf), np.full(len(x), np.inf)
    if not (isinstance(bounds, Sequence | np.ndarray) and len(bounds) == 2):
        raise InputError(f"bounds must be (low, high), numbers or None, got {shown(bounds)}")
    try:
        low, high = (
            np.array(inf if side is None else side, np.float64)
            for side, inf in zip(bounds, (-np.inf, np.inf), strict=True)
        )
    except (TypeError, ValueError) as error:
        raise InputError(
            f"bounds must be (low, high), numbers, arrays or None, got {shown(bounds)}"
        ) from error
    for side in (low, high):
        if side.size not in (1, len(x)):
            raise ShapeError(
                f"bounds must be one number or one an entry of x, {len(x)}; got {side.size}"
            )
    low, high = (np.broadcast_to(side.ravel(), len(x)) for side in (low, high))
    outside = ~((low <= x) & (x <= high))
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        raise InputError(f"x lies outside its bounds: {x[at]} is not in [{low[at]}, {high[at]}]")
    return low, high
