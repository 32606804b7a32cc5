"""Asking for gradients, and whether two answers are the same."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from nn.checking.subject import Subject

Array = NDArray[Any]


def ask(subject: Subject, dout: Array) -> dict[str, Any]:
    """Return copies of what backward gives: its arrays may be used again."""
    found = subject.backward(dout)
    return {name: g if g is None else np.array(g) for name, g in found.items()}


def ask_of_others(subject: Subject) -> None:
    """Have forward answer other inputs; whether it can does not matter."""
    saved = {name: array.copy() for name, array in subject.inputs.items()}
    try:
        for array in subject.inputs.values():
            array[...] = array[::-1] * 0.75 if array.ndim else array * 0.75
        subject.forward()
    except Exception:  # they may be outside its domain
        pass
    finally:
        for name, array in subject.inputs.items():
            array[...] = saved[name]


def numbers(g: Any) -> TypeGuard[Array]:
    """Whether something is an array of numbers."""
    return isinstance(g, np.ndarray) and g.dtype.kind in "fiu"


def equal(a: Any, b: Any) -> bool:
    """Whether two answers are the same, number for number."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return a.shape == b.shape and a.dtype == b.dtype and bool(np.all(a == b))
    return np.array_equal(a, b, equal_nan=True)


def nearly(a: Any, b: Any) -> bool:
    """Whether two gradients are the same but for rounding."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return equal(a, b)
    eps = max(np.finfo(g.dtype).eps if g.dtype.kind == "f" else 1e-16 for g in (a, b))
    size = np.abs(b[np.isfinite(b)]).max(initial=0.0)
    return np.allclose(a, b, rtol=1e3 * eps, atol=1e3 * eps * size, equal_nan=True)
