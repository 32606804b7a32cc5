"""Right layers that cases are made of: a wrong one inherits from them and errs in backward."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

import nn

Array: TypeAlias = Any  # of numbers; what NumPy says of its types does not survive arithmetic


def sample(*shape: int, seed: int) -> Array:
    """Numbers of both signs with 0.3 <= |x| < 1.5: none of them at a kink by accident."""
    rng = np.random.default_rng(seed)
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.5, shape)


def positive(*shape: int, seed: int) -> Array:
    """Numbers in [0.3, 1.5)."""
    return np.abs(sample(*shape, seed=seed))


def one_hot(*classes: int, of: int) -> Array:
    """One row a sample, with 1.0 at its class."""
    return np.eye(of)[list(classes)]


def softmax(x: Array) -> Array:
    """Probabilities along the last axis."""
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def softmax_slopes(y: Array, dy: Array) -> Array:
    """From the slopes by the probabilities y to those by the logits."""
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0, -x))


class Affine(nn.Layer):
    """x W + b."""

    def __init__(self, inputs: int, outputs: int, seed: int = 0) -> None:
        self.params = {
            "W": sample(inputs, outputs, seed=seed),
            "b": sample(outputs, seed=seed + 1),
        }

    def forward(self, x: Array) -> Array:
        """(N, inputs) to (N, outputs)."""
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout: Array) -> Array:
        """Two products and a sum."""
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(axis=0)}
        return dout @ self.params["W"].T


class Relu(nn.Layer):
    """max(x, 0)."""

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        self.on = x > 0
        return x * self.on

    def backward(self, dout: Array) -> Array:
        """The slope is 1 where the unit is on."""
        return dout * self.on


class Sigmoid(nn.Layer):
    """1 / (1 + exp(-x))."""

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        self.y = sigmoid(x)
        return self.y

    def backward(self, dout: Array) -> Array:
        """The slope is y (1 - y)."""
        return dout * self.y * (1 - self.y)


class Softmax(nn.Layer):
    """exp(x) / sum exp(x)."""

    def forward(self, x: Array) -> Array:
        """Probabilities along the last axis."""
        self.y = softmax(x)
        return self.y

    def backward(self, dout: Array) -> Array:
        """Each probability depends on all logits."""
        return softmax_slopes(self.y, dout)


class Norm(nn.Layer):
    """gamma (x - mean) / deviation + beta, with mean and deviation taken along `axis`."""

    axis = 1

    def __init__(self, features: int, eps: float = 1e-5, seed: int = 0) -> None:
        self.eps = eps
        self.params = {
            "gamma": sample(features, seed=seed),
            "beta": sample(features, seed=seed + 1),
        }

    def forward(self, x: Array) -> Array:
        """(N, features), kept."""
        centred = x - x.mean(axis=self.axis, keepdims=True)
        self.std = np.sqrt((centred**2).mean(axis=self.axis, keepdims=True) + self.eps)
        self.normed = centred / self.std
        return self.params["gamma"] * self.normed + self.params["beta"]

    def backward(self, dout: Array) -> Array:
        """Mean and deviation depend on x as well, hence the two terms that are taken off."""
        self.of_params(dout)
        d = dout * self.params["gamma"]
        by_mean = d.mean(axis=self.axis, keepdims=True)
        by_deviation = self.normed * (d * self.normed).mean(axis=self.axis, keepdims=True)
        return (d - by_mean - by_deviation) / self.std

    def of_params(self, dout: Array) -> None:
        """Write the gradients of gamma and beta."""
        self.grads = {"gamma": (dout * self.normed).sum(axis=0), "beta": dout.sum(axis=0)}


class LayerNorm(Norm):
    """Each sample normalised over its features."""


class BatchNorm(Norm):
    """Each feature normalised over the batch, as in training."""

    axis = 0


class Embedding(nn.Layer):
    """One row of E for each whole number of x."""

    def __init__(self, words: int, size: int, seed: int = 0) -> None:
        self.params = {"E": sample(words, size, seed=seed)}

    def forward(self, x: Array) -> Array:
        """(N, T) whole numbers to (N, T, size)."""
        self.ids = x
        return self.params["E"][x]

    def backward(self, dout: Array) -> Array:
        """A word that stands twice is added to twice."""
        self.grads = {"E": np.zeros_like(self.params["E"])}
        np.add.at(self.grads["E"], self.ids, dout)
        return np.zeros(self.ids.shape)


class Attention:
    """softmax(q kᵀ / √d) v, for each sample."""

    def forward(self, q: Array, k: Array, v: Array) -> Array:
        """Three (N, T, d) arrays to one."""
        self.q, self.k, self.v, self.root = q, k, v, np.sqrt(q.shape[-1])
        self.a = softmax(q @ k.swapaxes(1, 2) / self.root)
        return self.a @ v

    def backward(self, dout: Array) -> tuple[Array, Array, Array]:
        """Through the product with v, the softmax, and the product of q and k."""
        dz = softmax_slopes(self.a, dout @ self.v.swapaxes(1, 2)) / self.root
        return dz @ self.k, dz.swapaxes(1, 2) @ self.q, self.a.swapaxes(1, 2) @ dout


class Chain(nn.Layer):
    """Layers one after the other, with a backward; parameters are W0, b0, W1 and so on."""

    def __init__(self, *layers: Any) -> None:
        self.layers = layers
        self.params = {f"{k}{i}": p for i, a in enumerate(layers) for k, p in a.params.items()}

    def forward(self, x: Array) -> Array:
        """Through all, in order."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout: Array) -> Array:
        """Through all, from the end."""
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        self.grads = {f"{k}{i}": g for i, a in enumerate(self.layers) for k, g in a.grads.items()}
        return dout
