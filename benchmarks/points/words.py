"""The words that problems are written in, so that one text can be read in two ways.

A form is a function of (m, x). `m.sin(x)` is numpy's sine where m is `FLOAT`, and one of a hundred
digits where m is `benchmarks.points.exact.HIGH`; sums, products and indices are Python's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

UNARY = ("sin", "cos", "tan", "exp", "expm1", "log", "log1p", "sqrt", "sinh", "cosh", "tanh",
         "arcsin", "arccos", "arctan", "arctanh", "erf", "gamma", "lgamma")  # fmt: skip
BROKEN = ("floor", "sign", "round", "cbrt")


def _each(one: Callable[[float], float]) -> Callable[[Any], Any]:
    """Make a function of arrays of one of `math`'s, nan where that one raises."""

    def safe(value: float) -> float:
        try:
            return one(value)
        except (ValueError, OverflowError):
            return math.nan

    many = np.vectorize(safe, otypes=[np.float64])
    return lambda x: many(x)[()]


_OWN = {name: _each(getattr(math, name)) for name in ("erf", "gamma", "lgamma")}
FLOAT = SimpleNamespace(
    **{name: _OWN[name] if name in _OWN else getattr(np, name) for name in UNARY},
    **{name: getattr(np, name) for name in BROKEN},
)


def sigmoid(m: Any, z: Any) -> Any:
    """1 / (1 + exp(-z)), written with tanh so that nothing overflows."""
    return (1 + m.tanh(z / 2)) / 2


def textbook_sigmoid(m: Any, z: Any) -> Any:
    """1 / (1 + exp(-z)), as books write it."""
    return 1 / (1 + m.exp(-z))


def softplus(m: Any, z: Any) -> Any:
    """log(1 + exp(z)), from the larger of z and 0."""
    return np.maximum(z, 0) + m.log1p(m.exp(-np.abs(z)))


def gelu(m: Any, z: Any) -> Any:
    """z times the share of a normal distribution that lies below z."""
    return z * (1 + m.erf(z / m.sqrt(2.0))) / 2


def logsumexp(m: Any, z: Any) -> Any:
    """log of the sum of exp(z) along the last axis, from the largest z."""
    top = np.max(z, axis=-1, keepdims=True)
    return np.squeeze(top, -1) + m.log(np.sum(m.exp(z - top), axis=-1))


def softmax(m: Any, z: Any) -> Any:
    """exp(z) by its sum along the last axis."""
    e = m.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def normalized(m: Any, z: Any, axis: int, eps: float) -> Any:
    """(z - mean) / sqrt(variance + eps) along an axis."""
    centred = z - np.mean(z, axis=axis, keepdims=True)
    return centred / m.sqrt(np.mean(centred**2, axis=axis, keepdims=True) + eps)
