"""Pure functions of arrays, written so that they do not overflow: right at ±1000.

All take and give float64 arrays; those with an axis work along the last one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), in [0, 1]; below -709, where exp overflows, rightly 0."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-x)))


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), the smooth relu, >= 0."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def softmax(x: Array) -> Array:
    """exp(x) / sum exp(x): probabilities that sum to 1 along the last axis."""
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def neg_log_softmax(x: Array) -> Array:
    """-log softmax(x) along the last axis, >= 0, to an absolute error of an eps, at any size."""
    shifted = x - x.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(shifted).sum(axis=-1, keepdims=True)) - shifted)


def gelu(x: Array) -> Array:
    """x * P(Z <= x) for a standard normal Z: x * erfc(-x / sqrt(2)) / 2.

    References
    ----------
    Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415, 2016.
    """
    tails = map(math.erfc, (x * -math.sqrt(0.5)).ravel().tolist())
    return x * 0.5 * np.fromiter(tails, np.float64, x.size).reshape(x.shape)


def gelu_tanh(x: Array) -> Array:
    """The approximation of `gelu` by tanh from the same paper: faster, off by up to 5e-4."""
    return x * sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x))  # (1 + tanh u) / 2
