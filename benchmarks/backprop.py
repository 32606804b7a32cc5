"""Backpropagation written by hand: what a framework with derivatives would do, in plain numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)))


def relu(z: Array) -> Array:
    """max(z, 0)."""
    return np.maximum(z, 0.0)


# Each activation, and its slope told from its output a.
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (relu, lambda a: np.asarray(a > 0, np.float64)),
}


def backprop(
    weights: Sequence[tuple[Array, Array]], activation: str, x: Array, t: NDArray[np.int64]
) -> list[tuple[Array, Array]]:
    """Return dL/dW and dL/db of every layer, L the mean cross-entropy of the batch.

    Parameters
    ----------
    weights : sequence of W (inputs, outputs), b (outputs,)
    activation : str
        Between the layers, a key of `ACTIVATIONS`.
    x : (N, features) array
    t : (N,) class indices

    References
    ----------
    Rumelhart, Hinton, Williams, Learning representations by back-propagating errors, Nature 323,
    1986.
    """
    act, slope = ACTIVATIONS[activation]
    outputs = [x]
    for W, b in weights[:-1]:
        outputs.append(act(outputs[-1] @ W + b))
    W, b = weights[-1]
    z = outputs[-1] @ W + b
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(t)), t] -= 1
    delta = p / len(t)  # dL/dz, first of the last layer
    found = []
    for place in reversed(range(len(weights))):
        a, W = outputs[place], weights[place][0]
        found.append((a.T @ delta, delta.sum(axis=0)))
        if place:
            delta = (delta @ W.T) * slope(a)
    return found[::-1]
