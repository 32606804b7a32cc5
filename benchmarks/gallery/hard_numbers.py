"""Right, at numbers that are hard to difference: huge, tiny, of few digits, flat, steep."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Sigmoid, positive, sample, sigmoid

room = Room()


class Power(nn.Layer):
    """x to a whole power."""

    def __init__(self, power: int) -> None:
        self.power = power

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        self.x = x
        return x**self.power

    def backward(self, dout: Array) -> Array:
        """The slope is n xⁿ⁻¹."""
        return dout * self.power * self.x ** (self.power - 1)


@room.right()
def float32_input() -> Given:
    """x is float32, the layer's numbers are float64."""
    return Given(Affine(4, 3), sample(5, 4, seed=1).astype(np.float32))


@room.right()
def float32_throughout() -> Given:
    """Input, parameters, output and gradients are all float32."""
    layer = Affine(4, 3)
    layer.params = {name: p.astype(np.float32) for name, p in layer.params.items()}
    return Given(layer, sample(5, 4, seed=2).astype(np.float32))


@room.right()
def float32_inside() -> Given:
    """float64 in and out, but forward computes in float32: short steps see its rounding alone."""

    class Narrow(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": sample(4, 3, seed=3)}

        def forward(self, x: Array) -> Array:
            self.x = x
            z = x.astype(np.float32) @ self.params["W"].astype(np.float32)
            self.y = np.tanh(z).astype(np.float64)
            return self.y

        def backward(self, dout: Array) -> Array:
            dz = dout * (1 - self.y**2)
            self.grads = {"W": self.x.T @ dz}
            return dz @ self.params["W"].T

    return Given(Narrow(), sample(5, 4, seed=4))


@room.right()
def huge_numbers() -> Given:
    """Squares of numbers from a million to a hundred million."""
    return Given(Power(2), sample(4, 3, seed=5) * np.array([1e6, 1e7, 1e8]))


@room.right()
def huge_weighted_sums() -> Given:
    """Sums of numbers around 1e8, and a bias around 1 that hardly shows beside them."""
    return Given(Affine(4, 3), 1e8 * sample(5, 4, seed=6))


@room.right()
def tiny_numbers() -> Given:
    """Cubes of numbers around 1e-8: the slope is 1e-16, and any step of 1e-5 is far away."""
    return Given(Power(3), 1e-8 * sample(5, 4, seed=7))


@room.right()
def tiny_weights() -> Given:
    """Weights around 1e-8 on inputs around 1e8."""
    layer = Affine(4, 3)
    layer.params["W"] *= 1e-8
    return Given(layer, 1e8 * sample(5, 4, seed=8))


@room.right()
def twenty_powers_of_ten() -> Given:
    """One array holds slopes from 1e-10 to 1e10."""

    class Scale(nn.Layer):
        def __init__(self) -> None:
            self.params = {"scale": np.array([1e-10, 1e-5, 1.0, 1e5, 1e10])}

        def forward(self, x: Array) -> Array:
            self.s = sigmoid(x)
            return self.s * self.params["scale"]

        def backward(self, dout: Array) -> Array:
            self.grads = {"scale": (dout * self.s).sum(axis=0)}
            return dout * self.params["scale"] * self.s * (1 - self.s)

    return Given(Scale(), sample(4, 5, seed=9))


@room.right()
def saturated_sigmoid() -> Given:
    """At ±30 the slope is 1e-13; where the output is 1 it is no larger than a few roundings."""
    return Given(Sigmoid(), np.array([[30.0, -30.0, 12.0], [-12.0, 36.0, -36.0]]))


@room.right()
def saturated_tanh() -> Given:
    """At ±20 the output is rounded to ±1, and nothing moves."""

    class Tanh(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.y = np.tanh(x)
            return self.y

        def backward(self, dout: Array) -> Array:
            return dout * (1 - self.y**2)

    return Given(Tanh(), 20 + np.abs(sample(4, 3, seed=10)))


@room.right()
def cube_at_zero() -> Given:
    """x³ is flat at 0 and smooth: the slope is 0, and every difference is above it."""
    x = sample(4, 3, seed=11)
    x[1:3] = 0
    return Given(Power(3), x)


@room.right()
def logarithm_near_zero() -> Given:
    """log x from 1e-10 on: a step of 1e-5 leaves its domain."""

    class Log(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return np.log(x)

        def backward(self, dout: Array) -> Array:
            return dout / self.x

    return Given(Log(), positive(4, 3, seed=12) * np.array([1e-10, 1e-6, 1.0]))


@room.right()
def root_near_zero() -> Given:
    """sqrt x from 1e-12 on: steep, strongly bent, and nothing below 0."""

    class Root(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.y = np.sqrt(x)
            return self.y

        def backward(self, dout: Array) -> Array:
            return dout / (2 * self.y)

    return Given(Root(), positive(4, 3, seed=13) * np.array([1e-12, 1e-7, 1.0]))


@room.right()
def sharp_softplus() -> Given:
    """log(1 + exp(1000 x)) / 1000 near 0: a kink from afar, smooth from near by."""

    class SharpSoftplus(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return np.logaddexp(0, 1000 * x) / 1000

        def backward(self, dout: Array) -> Array:
            return dout * sigmoid(1000 * self.x)

    return Given(SharpSoftplus(), 2e-3 * sample(4, 3, seed=14))


@room.right()
def fast_wave() -> Given:
    """sin(10000 x): between x and x + 1e-3 lies more than a whole wave."""

    class Wave(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return np.sin(1e4 * x)

        def backward(self, dout: Array) -> Array:
            return dout * 1e4 * np.cos(1e4 * self.x)

    return Given(Wave(), sample(4, 3, seed=15))


@room.right()
def ripple_on_a_mountain() -> Given:
    """A sine beside a constant of 1e9: seven of its digits are left."""

    class Lifted(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return 1e9 + np.sin(x)

        def backward(self, dout: Array) -> Array:
            return dout * np.cos(self.x)

    return Given(Lifted(), sample(4, 3, seed=16))


@room.right()
def one_minus_cosine() -> Given:
    """1 - cos x near 1e-4, written so that half of the digits cancel."""

    class OneMinusCosine(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return 1 - np.cos(x)

        def backward(self, dout: Array) -> Array:
            return dout * np.sin(self.x)

    return Given(OneMinusCosine(), 1e-4 * sample(4, 3, seed=17))
