"""Wrong by a term: a way by which the input acts is forgotten, or one added that is not there."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import (
    Affine,
    Array,
    Attention,
    BatchNorm,
    LayerNorm,
    Softmax,
    sample,
    sigmoid,
)

room = Room()


@room.wrong("x", cause="missing term")
def softmax_by_its_diagonal() -> Given:
    """Each probability is taken to depend on its own logit alone."""

    class Diagonal(Softmax):
        def backward(self, dout: Array) -> Array:
            return dout * self.y * (1 - self.y)

    return Given(Diagonal(), sample(5, 4, seed=1))


@room.wrong("x", cause="missing term")
def layer_norm_with_a_fixed_mean() -> Given:
    """The mean is taken for a constant."""

    class FixedMean(LayerNorm):
        def backward(self, dout: Array) -> Array:
            self.of_params(dout)
            d = dout * self.params["gamma"]
            shared = (d * self.normed).mean(axis=1, keepdims=True)
            return (d - self.normed * shared) / self.std

    return Given(FixedMean(5), sample(4, 5, seed=2))


@room.wrong("x", cause="missing term")
def layer_norm_with_a_fixed_deviation() -> Given:
    """The deviation is taken for a constant."""

    class FixedDeviation(LayerNorm):
        def backward(self, dout: Array) -> Array:
            self.of_params(dout)
            d = dout * self.params["gamma"]
            return (d - d.mean(axis=1, keepdims=True)) / self.std

    return Given(FixedDeviation(5), sample(4, 5, seed=3))


@room.wrong("x", cause="missing term")
def batch_norm_with_fixed_statistics() -> Given:
    """Mean and deviation of the batch are taken for constants, as they are after training."""

    class Fixed(BatchNorm):
        def backward(self, dout: Array) -> Array:
            self.of_params(dout)
            return dout * self.params["gamma"] / self.std

    return Given(Fixed(3), sample(6, 3, seed=4))


@room.wrong("x")
def batch_norm_divided_by_one_less() -> Given:
    """Forward divides the squares by N, backward by N - 1."""

    class OneLess(BatchNorm):
        def backward(self, dout: Array) -> Array:
            self.of_params(dout)
            d = dout * self.params["gamma"]
            shared = (d * self.normed).sum(axis=0) / (len(d) - 1)
            return (d - d.mean(axis=0) - self.normed * shared) / self.std

    return Given(OneLess(3), sample(6, 3, seed=5))


@room.wrong("x", cause="missing term")
def swish_without_its_first_term() -> Given:
    """x sigmoid(x) is a product: its slope has two terms, and here it has one."""

    class Swish(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x, self.s = x, sigmoid(x)
            return x * self.s

        def backward(self, dout: Array) -> Array:
            return dout * self.x * self.s * (1 - self.s)

    return Given(Swish(), sample(5, 4, seed=6))


@room.wrong("x")
def gelu_without_its_cube() -> Given:
    """The tanh form of gelu; the slope of what stands in the tanh lacks that of x³."""

    class Gelu(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            self.t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
            return 0.5 * x * (1 + self.t)

        def backward(self, dout: Array) -> Array:
            inner = np.sqrt(2 / np.pi)
            return dout * 0.5 * (1 + self.t + self.x * (1 - self.t**2) * inner)

    return Given(Gelu(), sample(5, 4, seed=7))


@room.wrong("x", cause="missing term")
def residual_without_the_way_round() -> Given:
    """x + tanh(x W): backward goes through the layer, and not past it."""

    class Residual(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": sample(4, 4, seed=8)}

        def forward(self, x: Array) -> Array:
            self.x, self.h = x, np.tanh(x @ self.params["W"])
            return x + self.h

        def backward(self, dout: Array) -> Array:
            dz = dout * (1 - self.h**2)
            self.grads = {"W": self.x.T @ dz}
            return dz @ self.params["W"].T

    return Given(Residual(), 0.5 * sample(5, 4, seed=9))


@room.wrong("x", cause="missing term")
def unit_length_with_a_fixed_length() -> Given:
    """x / |x|: the length is taken for a constant."""

    class Unit(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.length = np.sqrt((x**2).sum(axis=1, keepdims=True))
            return x / self.length

        def backward(self, dout: Array) -> Array:
            return dout / self.length

    return Given(Unit(), sample(5, 3, seed=10))


@room.wrong("W", cause="extra term")
def weight_decay_in_the_layer() -> Given:
    """The gradient of W has a tenth of W in it, of a penalty that forward knows nothing of."""

    class Decaying(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"] += 0.1 * self.params["W"]
            return dx

    return Given(Decaying(4, 3), sample(5, 4, seed=11))


def _queries() -> tuple[Array, Array, Array]:
    return sample(4, 3, 2, seed=12), sample(4, 3, 2, seed=13), sample(4, 3, 2, seed=14)


@room.wrong("q", "k", cause="constant factor")
def attention_without_its_root() -> Given:
    """The scores are divided by √d, their gradients are not."""

    class Unscaled(Attention):
        def backward(self, dout: Array) -> tuple[Array, Array, Array]:
            dq, dk, dv = super().backward(dout)
            return dq * self.root, dk * self.root, dv

    return Given(Unscaled(), _queries())


@room.wrong("q", "k", cause="missing term")
def attention_with_a_plain_softmax() -> Given:
    """The gradient goes through the softmax as if its sum did not depend on the scores."""

    class Plain(Attention):
        def backward(self, dout: Array) -> tuple[Array, Array, Array]:
            _, _, dv = super().backward(dout)
            dz = self.a * (dout @ self.v.swapaxes(1, 2)) / self.root
            return dz @ self.k, dz.swapaxes(1, 2) @ self.q, dv

    return Given(Plain(), _queries())


@room.wrong("U", cause="missing term")
def recurrence_cut_short() -> Given:
    """The gradient of the recurrent weights is that of the last step alone."""

    class Recurrent(nn.Layer):
        def __init__(self) -> None:
            self.params = {"U": sample(3, 3, seed=15)}

        def forward(self, x: Array) -> Array:
            self.h = [np.zeros((len(x), 3))]
            for step in x.swapaxes(0, 1):
                self.h.append(np.tanh(step + self.h[-1] @ self.params["U"]))
            return self.h[-1]

        def backward(self, dout: Array) -> Array:
            slopes = []
            for before, after in zip(self.h[-2::-1], self.h[:0:-1], strict=True):
                dz = dout * (1 - after**2)
                if after is self.h[-1]:
                    self.grads = {"U": before.T @ dz}
                slopes.append(dz)
                dout = dz @ self.params["U"].T
            return np.stack(slopes[::-1], axis=1)

    return Given(Recurrent(), 0.5 * sample(4, 3, 3, seed=16))
