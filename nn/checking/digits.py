"""How many digits numbers have: those of their dtype, or of float32 inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.checking.subject import Subject

Array = NDArray[Any]

SINGLE = 1e-10  # numbers whose rounding is larger are float32's or float16's
_SEVERAL = 12  # different numbers: fewer may be float32's by chance
_AWAY = 2.0**-12  # of the length over which the answer may change


def of_dtype(array: Array) -> float:
    """Return the relative rounding error of a dtype, no less than that of float64."""
    least = float(np.finfo(np.float64).eps)
    return max(least, float(np.finfo(array.dtype).eps)) if array.dtype.kind == "f" else least


def of_numbers(array: Array) -> float:
    """Return the relative rounding error of numbers: float32's, if all could be float32's."""
    told, finite = of_dtype(array), array[np.isfinite(array)].astype(np.float64)
    with np.errstate(all="ignore"):
        single = bool((finite.astype(np.float32) == finite).all())
    if single and len(np.unique(finite)) >= _SEVERAL:
        return max(told, float(np.finfo(np.float32).eps))
    return told


def of_answers(subject: Subject, z: Array, rng: np.random.Generator) -> float:
    """Return the relative rounding error of answers.

    Round numbers make round answers, so that the answer to others is looked at as well.
    """
    if of_numbers(z) == of_dtype(z):
        return of_dtype(z)
    tensors = subject.tensors
    saved = {name: array.copy() for name, array in tensors.items()}
    try:
        for array in tensors.values():
            finite = np.where(np.isfinite(array), array, 0).astype(np.float64)
            away = _AWAY * typical_length(finite) * rng.uniform(0.5, 1, array.shape)
            array += away.astype(array.dtype)
        return min(of_numbers(z), of_numbers(subject.forward()))
    except Exception:  # outside its domain
        return of_numbers(z)
    finally:
        for name, array in tensors.items():
            array[...] = saved[name]
