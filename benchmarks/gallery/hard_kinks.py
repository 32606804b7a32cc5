"""Right, at a kink or beside one, or where it looks like one: relu, max, clip, absolute values."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Chain, Relu, sample

room = Room()


@room.right(kink=True)
def relu_at_zero() -> Given:
    """Some inputs are exactly 0, and the slope there is taken to be 0."""
    x = sample(4, 5, seed=1)
    x[0, 2] = x[2, 0] = x[3, 3] = 0
    return Given(Relu(), x)


@room.right(kink=True)
def relu_at_zero_taken_as_on() -> Given:
    """The same, with the slope at 0 taken to be 1: as good a subgradient."""

    class OnAtZero(Relu):
        def forward(self, x: Array) -> Array:
            self.on = x >= 0
            return x * self.on

    x = sample(4, 5, seed=2)
    x[1, 1] = x[3, 4] = 0
    return Given(OnAtZero(), x)


@room.right()
def relu_beside_zero() -> Given:
    """Inputs of ±1e-6: any longer step reaches over the kink."""
    return Given(Relu(), 1e-6 * sample(4, 5, seed=3))


@room.right()
def relu_switched_off() -> Given:
    """All inputs are negative: output and gradient are 0 throughout."""
    return Given(Relu(), -np.abs(sample(4, 5, seed=4)))


@room.right(kink=True)
def relu_fed_by_nothing() -> Given:
    """An empty sample and no bias: the units stand at 0, and W and b lead up to the kink."""
    first = Affine(3, 4)
    first.params["b"][:] = 0
    x = sample(4, 3, seed=5)
    x[2] = 0
    return Given(Chain(first, Relu(), Affine(4, 2, seed=3)), x)


@room.right(kink=True)
def absolute_value_at_zero() -> Given:
    """|x| at 0, with the slope between both sides."""

    class Absolute(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.sign = np.sign(x)
            return np.abs(x)

        def backward(self, dout: Array) -> Array:
            return dout * self.sign

    x = sample(4, 4, seed=6)
    x[0, 0] = x[3, 2] = 0
    return Given(Absolute(), x)


class Largest(nn.Layer):
    """The largest number of each sample; ties go to the first."""

    def forward(self, x: Array) -> Array:
        """(N, features) to (N, 1)."""
        self.place = x.argmax(axis=1)
        self.shape = x.shape
        return x.max(axis=1, keepdims=True)

    def backward(self, dout: Array) -> Array:
        """All to the largest."""
        dx = np.zeros(self.shape)
        dx[np.arange(len(dx)), self.place] = dout[:, 0]
        return dx


@room.right(kink=True)
def largest_of_equals() -> Given:
    """Several are the largest: the first has all of the gradient."""
    x = sample(4, 5, seed=7)
    x[1, [0, 3]] = x[2, [1, 2, 4]] = 2.0
    return Given(Largest(), x)


@room.right()
def largest_by_a_hair() -> Given:
    """The second largest is smaller by 1e-6."""
    x = sample(4, 5, seed=8)
    x[:, 1], x[:, 3] = 2.0, 2.0 - 1e-6
    return Given(Largest(), x)


@room.right(kink=True)
def max_pool_with_ties() -> Given:
    """Windows of 2 x 2 of whole numbers, where many are equal; equals share the gradient."""

    class MaxPool(nn.Layer):
        def forward(self, x: Array) -> Array:
            n, height, width = x.shape
            self.windows = x.reshape(n, height // 2, 2, width // 2, 2)
            top = self.windows.max(axis=(2, 4), keepdims=True)
            ties = self.windows == top
            self.share = ties / ties.sum(axis=(2, 4), keepdims=True)
            return top[:, :, 0, :, 0]

        def backward(self, dout: Array) -> Array:
            n, height, width = dout.shape
            spread = dout[:, :, None, :, None] * self.share
            return spread.reshape(n, 2 * height, 2 * width)

    return Given(MaxPool(), np.ceil(sample(3, 4, 4, seed=9)))


@room.right(kink=True)
def clip_at_its_bounds() -> Given:
    """Some numbers are exactly at -1 and 1."""

    class Clip(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.inside = np.abs(x) <= 1
            return np.clip(x, -1, 1)

        def backward(self, dout: Array) -> Array:
            return dout * self.inside

    x = 1.2 * sample(4, 4, seed=10)
    x[0, 1], x[2, 2], x[3, 0] = 1.0, -1.0, 1.0
    return Given(Clip(), x)


@room.right(kink=True)
def hinge_loss_at_its_margin() -> Given:
    """max(0, 1 - t x), with some products exactly 1."""

    class Hinge:
        def forward(self, x: Array, t: Array) -> float:
            self.t, self.lacking = t, 1 - t * x
            return float(np.maximum(self.lacking, 0).mean())

        def backward(self, dout: float = 1.0) -> Array:
            return -dout * self.t * (self.lacking > 0) / self.t.size

    t = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    return Given(Hinge(), np.array([1.0, -1.0, 0.4, 1.7, 0.3]), {"t": t})


@room.right(kink=True)
def lasso_with_weights_at_zero() -> Given:
    """A parameter is at the kink: |W| of weights of which some are 0."""

    class Lasso(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": np.array([0.0, 0.8, -1.3, 0.0])}

        def forward(self, x: Array) -> Array:
            self.x = x
            return x + np.abs(self.params["W"])

        def backward(self, dout: Array) -> Array:
            self.grads = {"W": (dout * np.sign(self.params["W"])).sum(axis=0)}
            return dout

    return Given(Lasso(), sample(4, 4, seed=11))


@room.right()
def huber_where_it_turns_straight() -> Given:
    """At 1 the curve meets the line with one slope: no kink, though the bend jumps."""

    class Huber(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            size = np.abs(x)
            return np.where(size < 1, x**2 / 2, size - 0.5)

        def backward(self, dout: Array) -> Array:
            return dout * np.clip(self.x, -1, 1)

    x = sample(4, 4, seed=12)
    x[0, 1], x[2, 2] = 1.0, -1.0
    return Given(Huber(), x)


@room.right()
def rounded_absolute_value() -> Given:
    """sqrt(x² + 1e-8) at 0 and around 1e-4: |x| from afar."""

    class Rounded(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x, self.y = x, np.sqrt(x**2 + 1e-8)
            return self.y

        def backward(self, dout: Array) -> Array:
            return dout * self.x / self.y

    x = 1e-4 * sample(4, 4, seed=13)
    x[1, 1] = 0
    return Given(Rounded(), x)


@room.right()
def steps_between_their_jumps() -> Given:
    """Rounded numbers, nowhere at a jump: all slopes are 0."""

    class Rounding(nn.Layer):
        def forward(self, x: Array) -> Array:
            return np.round(x)

        def backward(self, dout: Array) -> Array:
            return np.zeros_like(dout)

    return Given(Rounding(), np.array([[0.2, 0.8, 1.3], [-0.7, 2.1, -1.4]]))
