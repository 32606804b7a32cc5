"""Not to be judged at all: a difference of two answers says nothing about these."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Relu, Sigmoid, sample

room = Room()


@room.unstable("random forward")
def dropout_in_training() -> Given:
    """Every forward draws another mask."""

    class Dropout(nn.Layer):
        def __init__(self) -> None:
            self.rng = np.random.default_rng(0)

        def forward(self, x: Array) -> Array:
            self.mask = self.rng.random(x.shape) < 0.5
            return x * self.mask * 2

        def backward(self, dout: Array) -> Array:
            return dout * self.mask * 2

    return Given(Dropout(), sample(6, 5, seed=1))


@room.unstable("random forward")
def a_little_noise() -> Given:
    """Noise of a millionth on every output: the answers look alike at a glance."""

    class Noisy(Affine):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__(inputs, outputs)
            self.rng = np.random.default_rng(0)

        def forward(self, x: Array) -> Array:
            z = super().forward(x)
            return z + 1e-6 * self.rng.standard_normal(z.shape)

    return Given(Noisy(4, 3), sample(5, 4, seed=2))


@room.unstable("forward changes x")
def relu_in_place() -> Given:
    """Forward writes its zeros into x; a second forward finds nothing left to do."""

    class InPlace(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.on = x > 0
            x[~self.on] = 0
            return x

        def backward(self, dout: Array) -> Array:
            return dout * self.on

    return Given(InPlace(), sample(5, 4, seed=3))


@room.unstable("forward changes x")
def input_scaled_in_place() -> Given:
    """`x *= 2` looks like `x = x * 2`, and changes what the caller has."""

    class Doubling(nn.Layer):
        def forward(self, x: Array) -> Array:
            x *= 2
            self.y = np.tanh(x)
            return self.y

        def backward(self, dout: Array) -> Array:
            return dout * 2 * (1 - self.y**2)

    return Given(Doubling(), 0.3 * sample(5, 4, seed=4))


@room.unstable("forward changes parameters")
def weights_normed_in_place() -> Given:
    """Forward brings the columns of W to length 1, in place: once done, it stays done."""

    class Normed(Affine):
        def forward(self, x: Array) -> Array:
            self.params["W"] /= np.sqrt((self.params["W"] ** 2).sum(axis=0))
            return super().forward(x)

    return Given(Normed(4, 3), sample(5, 4, seed=5))


@room.unstable("forward remembers")
def state_kept_between_batches() -> Given:
    """A recurrent layer starts where the last batch ended."""

    class Stateful(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": sample(3, 3, seed=6)}
            self.h = np.zeros(3)

        def forward(self, x: Array) -> Array:
            self.x = x
            self.h = np.tanh(x @ self.params["W"] + 0.5 * self.h)
            return self.h

        def backward(self, dout: Array) -> Array:
            dz = dout * (1 - self.h**2)
            self.grads = {"W": self.x.T @ dz}
            return dz @ self.params["W"].T

    return Given(Stateful(), sample(4, 3, seed=7))


@room.unstable("forward remembers")
def running_mean_taken_off() -> Given:
    """The mean that is taken off moves on with every batch, and with it the answer."""

    class Running(nn.Layer):
        def __init__(self) -> None:
            self.mean = np.zeros(3)

        def forward(self, x: Array) -> Array:
            self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
            return x - self.mean

        def backward(self, dout: Array) -> Array:
            return dout

    return Given(Running(), sample(5, 3, seed=8))


@room.unstable("mixes samples")
def mean_of_the_batch_taken_off() -> Given:
    """Each sample's answer depends on who else is in the batch; the gradient itself is right."""

    class Centred(nn.Layer):
        def forward(self, x: Array) -> Array:
            return x - x.mean(axis=0)

        def backward(self, dout: Array) -> Array:
            return dout - dout.mean(axis=0)

    return Given(Centred(), sample(5, 4, seed=9))


@room.unstable("mixes samples")
def softmax_over_the_batch() -> Given:
    """The softmax runs down the samples and not along the features."""

    class AlongSamples(nn.Layer):
        def forward(self, x: Array) -> Array:
            weights = np.exp(x)
            self.y = weights / weights.sum(axis=0)
            return self.y

        def backward(self, dout: Array) -> Array:
            return self.y * (dout - (dout * self.y).sum(axis=0))

    return Given(AlongSamples(), sample(5, 4, seed=10))


@room.unstable("backward changes dout")
def zeros_written_into_dout() -> Given:
    """The relu of the book: dout[off] = 0 also changes what another branch still needs."""

    class BookRelu(Relu):
        def backward(self, dout: Array) -> Array:
            dout[~self.on] = 0
            return dout

    return Given(BookRelu(), sample(5, 4, seed=11))


@room.unstable("backward changes x")
def gradient_written_over_the_input() -> Given:
    """To save memory, dx is written where x was."""

    class Thrifty(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return x**2

        def backward(self, dout: Array) -> Array:
            self.x *= 2 * dout
            return self.x

    return Given(Thrifty(), sample(5, 4, seed=12))


@room.unstable("backward changes parameters")
def step_taken_in_backward() -> Given:
    """Backward learns on the spot: W is no longer what forward used."""

    class Learning(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.params["W"] -= 0.01 * self.grads["W"]
            return dx

    return Given(Learning(4, 3), sample(5, 4, seed=13))


@room.unstable("backward differs")
def cache_used_up() -> Given:
    """Backward turns its cache into the slope, in place: a second call starts from that."""

    class UsedUp(Sigmoid):
        def forward(self, x: Array) -> Array:
            return super().forward(x).copy()

        def backward(self, dout: Array) -> Array:
            self.y *= 1 - self.y
            return dout * self.y

    return Given(UsedUp(), sample(5, 4, seed=14))


@room.unstable("backward differs")
def noise_on_the_gradient() -> Given:
    """Noise is added to dW, as some do against overfitting."""

    class Shaken(Affine):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__(inputs, outputs)
            self.rng = np.random.default_rng(0)

        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"] += 0.01 * self.rng.standard_normal(self.grads["W"].shape)
            return dx

    return Given(Shaken(4, 3), sample(5, 4, seed=15))
