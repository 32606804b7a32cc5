"""Seconds: checked, said in the unit that fits, and as ticks of an axis."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from numpy.typing import ArrayLike

from nn.errors import InputError, shown

from .arrays import FloatArray
from .writing import figures, spaced

_UNITS = (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("min", 60.0), ("h", 3600.0),
          ("days", 86400.0))  # fmt: skip
_TICKS = [(n, unit, size) for unit, size in _UNITS for n in (1, 10, 100) if n < 100 or size < 1]
_FINE = [(n, unit, size) for unit, size in _UNITS for n in (1, 2, 5, 10, 20, 50)]


def as_seconds(name: str, values: ArrayLike) -> FloatArray:
    """Return seconds as (K,), nan where nothing was measured; InputError if one is not > 0."""
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise InputError(f"seconds of {name!r} must be real numbers, got dtype {array.dtype}")
    found = array.astype(np.float64).reshape(-1)
    if np.isinf(found).any() or (found <= 0).any() or np.isnan(found).all():
        raise InputError(f"seconds of {name!r} must be positive numbers, got {shown(values)}")
    return found


def readable(seconds: float) -> str:
    """Say a time in the unit that fits: "1.9 ms", "35 s", "2.9 min"."""
    unit, size = _UNITS[0]
    for name, length in _UNITS:
        enough = 2 if name in ("min", "days") else 1  # 90 s say more than 1.5 min
        if seconds >= enough * length * (1 - 5e-3):
            unit, size = name, length
    return f"{roughly(seconds / size)} {unit}"


def roughly(value: float) -> str:
    """Write a positive number with two figures: 0.31, 1.9, 35, 430, 18 000."""
    value = float(f"{value:.2g}")
    return spaced(value) if 100 <= value < 1e7 else figures(value)


def lay_ticks(axis: Axis, ends: tuple[float, float], most: int) -> None:
    """Put at most so many ticks on a log axis of seconds, each named in the unit that fits."""
    for ticks in (_TICKS, _FINE):
        inside = {n * size: f"{n} {unit}" for n, unit, size in ticks
                  if ends[0] <= n * size <= ends[1]}  # fmt: skip
        if len(inside) > 1:
            break
    kept = sorted(inside)[:: max(1, math.ceil(len(inside) / max(most, 1)))]
    axis.set_major_locator(FixedLocator(kept))
    axis.set_major_formatter(FixedFormatter([inside[at] for at in kept]))
    axis.set_minor_locator(NullLocator())
