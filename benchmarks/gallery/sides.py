"""Wrong in part: on one side, beyond a bound, beyond some digits, or for some of what may come."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Relu, sample

room = Room()


@room.wrong("x", cause="wrong on one side")
def leak_forgotten() -> Given:
    """Forward lets a tenth through below 0, backward nothing."""

    class LeakyRelu(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.on = x > 0
            return np.where(self.on, x, 0.1 * x)

        def backward(self, dout: Array) -> Array:
            return dout * self.on

    return Given(LeakyRelu(), sample(5, 4, seed=1))


@room.wrong("x", cause="wrong on one side")
def elu_without_its_exponential() -> Given:
    """exp(x) - 1 below 0 has the slope exp(x) there, not 1."""

    class Elu(nn.Layer):
        def forward(self, x: Array) -> Array:
            return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))

        def backward(self, dout: Array) -> Array:
            return dout

    return Given(Elu(), sample(5, 4, seed=2))


@room.wrong("x", cause="wrong on one side")
def absolute_value_without_its_sign() -> Given:
    """|x| falls below 0."""

    class Absolute(nn.Layer):
        def forward(self, x: Array) -> Array:
            return np.abs(x)

        def backward(self, dout: Array) -> Array:
            return dout

    return Given(Absolute(), sample(5, 4, seed=3))


@room.wrong("x", cause="wrong on one side")
def relu_leaks_backward() -> Given:
    """Half of the gradient passes where the unit is off, as if forward had a leak."""

    class Leaking(Relu):
        def backward(self, dout: Array) -> Array:
            return dout * np.where(self.on, 1.0, 0.5)

    return Given(Leaking(), sample(5, 4, seed=4))


@room.wrong("a")
def slope_learnt_from_the_wrong_side() -> Given:
    """A relu that learns its slope a below 0; the gradient of a is summed where x > 0."""

    class PRelu(nn.Layer):
        def __init__(self) -> None:
            self.params = {"a": np.array([0.2, 0.3, 0.1, 0.4])}

        def forward(self, x: Array) -> Array:
            self.x = x
            return np.where(x > 0, x, self.params["a"] * x)

        def backward(self, dout: Array) -> Array:
            self.grads = {"a": (dout * self.x * (self.x > 0)).sum(axis=0)}
            return dout * np.where(self.x > 0, 1, self.params["a"])

    return Given(PRelu(), sample(5, 4, seed=5))


@room.wrong("x")
def clip_passes_everything() -> Given:
    """Beyond its bounds a clipped number moves nothing; here it hands the gradient on."""

    class Clip(nn.Layer):
        def forward(self, x: Array) -> Array:
            return np.clip(x, -1, 1)

        def backward(self, dout: Array) -> Array:
            return dout

    return Given(Clip(), 1.1 * sample(5, 6, seed=6))


@room.wrong("x")
def huber_never_turns_straight() -> Given:
    """Beyond 1 the Huber loss is a straight line; its gradient goes on growing."""

    class Huber:
        def forward(self, x: Array, t: Array) -> float:
            self.error = x - t
            size = np.abs(self.error)
            return float(np.where(size < 1, size**2 / 2, size - 0.5).sum())

        def backward(self, dout: float = 1.0) -> Array:
            return dout * self.error

    return Given(Huber(), sample(4, 3, seed=7), {"t": 1.2 * sample(4, 3, seed=8)})


@room.wrong("x", cause="not linear")
def mask_from_the_gradient() -> Given:
    """The gradient passes where it is positive itself: a trick for pictures, and no gradient."""

    class Guided(Relu):
        def backward(self, dout: Array) -> Array:
            return dout * self.on * (dout > 0)

    return Given(Guided(), sample(6, 5, seed=9))


@room.wrong("W", cause="not linear")
def clipped_gradients() -> Given:
    """The layer clips dW to ±1 before it hands it out."""

    class Clipping(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"] = np.clip(self.grads["W"], -1, 1)
            return dx

    return Given(Clipping(4, 4), 3 * sample(6, 4, seed=10))


@room.wrong("W", cause="precision lost")
def gradient_by_way_of_float32() -> Given:
    """Forward works in float64; dW goes through float32 and keeps seven digits."""

    class Narrow(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"] = self.grads["W"].astype(np.float32).astype(np.float64)
            return dx

    return Given(Narrow(4, 3), sample(5, 4, seed=11))


@room.wrong("b", cause="precision lost")
def gradient_kept_in_whole_numbers() -> Given:
    """b was written as whole numbers, and the array for its gradient was made like it."""

    class Whole(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["b"] = np.zeros(self.params["b"].shape, int)
            self.grads["b"][:] = dout.sum(axis=0)
            return dx

    return Given(Whole(3, 4), 2 * sample(6, 3, seed=12))


@room.wrong("x", cause="not finite")
def overflow_on_the_way_back() -> Given:
    """log sum exp takes off the largest number forward, and overflows backward."""

    class LogSumExp(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            top = x.max(axis=1, keepdims=True)
            return top + np.log(np.exp(x - top).sum(axis=1, keepdims=True))

        def backward(self, dout: Array) -> Array:
            with np.errstate(over="ignore", invalid="ignore"):
                weights = np.exp(self.x)
                return dout * weights / weights.sum(axis=1, keepdims=True)

    return Given(LogSumExp(), 1000 + sample(4, 3, seed=13))


@room.wrong("x")
def safety_left_out() -> Given:
    """log(x + 0.01) has the slope 1 / (x + 0.01), not 1 / x."""

    class SafeLog(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return np.log(x + 0.01)

        def backward(self, dout: Array) -> Array:
            return dout / self.x

    return Given(SafeLog(), np.abs(sample(5, 4, seed=14)))


@room.wrong("x")
def tanh_from_its_input() -> Given:
    """1 - x² where 1 - tanh(x)² should stand: near 0 they are all but the same."""

    class Tanh(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return np.tanh(x)

        def backward(self, dout: Array) -> Array:
            return dout * (1 - self.x**2)

    return Given(Tanh(), 0.1 * sample(5, 4, seed=15))
