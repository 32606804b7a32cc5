"""Wrong by what is kept between calls: never written, written over, out of date, not looked at."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import (
    Affine,
    Array,
    Chain,
    Sigmoid,
    one_hot,
    sample,
    sigmoid,
    softmax,
)

room = Room()


@room.wrong("b", cause="never written")
def bias_stays_zero() -> Given:
    """Zeros are made for the gradient of b, and nothing is written there."""

    class Forgetful(Affine):
        def backward(self, dout: Array) -> Array:
            self.grads = {"W": self.x.T @ dout, "b": np.zeros_like(self.params["b"])}
            return dout @ self.params["W"].T

    return Given(Forgetful(4, 3), sample(5, 4, seed=1))


@room.wrong("b", cause="never written")
def bias_not_among_the_gradients() -> Given:
    """There is a parameter b, and no gradient by that name."""

    class Without(Affine):
        def backward(self, dout: Array) -> Array:
            self.grads = {"W": self.x.T @ dout}
            return dout @ self.params["W"].T

    return Given(Without(4, 3), sample(5, 4, seed=2))


@room.wrong("W", cause="never written")
def gradient_bound_to_a_new_name() -> Given:
    """`dW = x.T @ dout` makes a new array; `dW[...] =` would have filled the one there is."""

    class Bound:
        def __init__(self) -> None:
            self.W, self.dW = sample(3, 4, seed=3), np.zeros((3, 4))

        def forward(self, x: Array) -> Array:
            self.x = x
            return x @ self.W

        def backward(self, dout: Array) -> Array:
            dW = self.dW
            dW = self.x.T @ dout  # noqa: F841
            return dout @ self.W.T

    return Given(Bound(), sample(5, 3, seed=4))


@room.wrong("x", cause="never written")
def zero_gradient_of_a_small_output() -> Given:
    """The outputs are around 1e-9, the gradient is nought, and a fixed tolerance sees no odds."""

    class Faint(nn.Layer):
        def forward(self, x: Array) -> Array:
            return 1e-9 * np.sin(x)

        def backward(self, dout: Array) -> Array:
            return np.zeros_like(dout)

    return Given(Faint(), sample(5, 4, seed=5))


@room.wrong("W", "b", cause="accumulated over calls")
def gradients_added_up() -> Given:
    """Each backward adds to the gradients of the one before."""

    class Adding(Affine):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__(inputs, outputs)
            self.grads = {name: np.zeros_like(p) for name, p in self.params.items()}

        def backward(self, dout: Array) -> Array:
            self.grads["W"] += self.x.T @ dout
            self.grads["b"] += dout.sum(axis=0)
            return dout @ self.params["W"].T

    return Given(Adding(4, 3), sample(5, 4, seed=6))


@room.wrong("W", cause="accumulated over calls")
def weights_added_up_and_bias_not() -> Given:
    """A plain class: dW is added to, db is written anew."""

    class Dense:
        def __init__(self) -> None:
            self.W, self.b = sample(3, 4, seed=7), sample(4, seed=8)
            self.dW, self.db = np.zeros((3, 4)), np.zeros(4)

        def forward(self, x: Array) -> Array:
            self.x = x
            return x @ self.W + self.b

        def backward(self, dout: Array) -> Array:
            self.dW += self.x.T @ dout
            self.db = dout.sum(axis=0)
            return dout @ self.W.T

    return Given(Dense(), sample(5, 3, seed=9))


@room.wrong("x", cause="overwritten cache")
def output_changed_after_it_was_kept() -> Given:
    """The output is kept for backward, and then changed in place before it leaves."""

    class Centred(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.y = sigmoid(x)
            out = self.y
            out -= 0.5
            return out

        def backward(self, dout: Array) -> Array:
            return dout * self.y * (1 - self.y)

    return Given(Centred(), sample(5, 4, seed=10))


@room.wrong("W", "x", cause="overwritten cache")
def layer_used_twice_keeps_one_input() -> Given:
    """The same layer runs twice, and remembers the input of the second time alone."""

    class Twice(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": 0.7 * sample(4, 4, seed=11)}

        def once(self, x: Array) -> Array:
            self.y = np.tanh(x @ self.params["W"])
            self.x = x
            return self.y

        def forward(self, x: Array) -> Array:
            return self.once(self.once(x))

        def backward(self, dout: Array) -> Array:
            self.grads = {"W": np.zeros((4, 4))}
            for _ in range(2):
                dz = dout * (1 - self.y**2)
                self.grads["W"] += self.x.T @ dz
                dout = dz @ self.params["W"].T
            return dout

    return Given(Twice(), sample(5, 4, seed=12))


@room.wrong("W0", "b0", "x", cause="overwritten cache")
def one_activation_for_two_layers() -> Given:
    """One Sigmoid object stands after both layers, so the first reads what the second left."""
    squash = Sigmoid()
    return Given(Chain(Affine(3, 4), squash, Affine(4, 4, seed=5), squash), sample(5, 3, seed=13))


@room.wrong("W")
def first_input_kept_for_good() -> Given:
    """The input is kept the first time alone: every later batch has the gradient of that one."""

    class FirstCome(Affine):
        kept: Array | None = None

        def forward(self, x: Array) -> Array:
            if self.kept is None:
                self.kept = x.copy()
            return x @ self.params["W"] + self.params["b"]

        def backward(self, dout: Array) -> Array:
            assert self.kept is not None
            self.grads = {"W": self.kept.T @ dout, "b": dout.sum(axis=0)}
            return dout @ self.params["W"].T

    return Given(FirstCome(4, 3), sample(5, 4, seed=14))


@room.wrong("W")
def forward_uses_a_copy() -> Given:
    """Forward multiplies by a copy of W that was made at the start: learning changes nothing."""

    class Copied(Affine):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__(inputs, outputs)
            self.W = self.params["W"].copy()

        def forward(self, x: Array) -> Array:
            self.x = x
            return x @ self.W + self.params["b"]

    return Given(Copied(4, 3), sample(5, 4, seed=15))


@room.wrong("x", cause="ignores dout")
def own_slope_alone() -> Given:
    """The slope of the sigmoid is returned without what comes from above."""

    class Proud(Sigmoid):
        def backward(self, dout: Array) -> Array:
            return self.y * (1 - self.y)

    return Given(Proud(), sample(5, 4, seed=16))


@room.wrong("x", cause="ignores dout")
def loss_takes_no_weight() -> Given:
    """A softmax with its loss, one number a sample: the gradient is that of their plain sum."""

    class Losses:
        t = one_hot(0, of=3)

        def forward(self, x: Array) -> Array:
            self.y = softmax(x)
            return -np.log(self.y[:, 0])

        def backward(self, dout: Array) -> Array:
            return self.y - self.t

    return Given(Losses(), sample(4, 3, seed=17))


@room.wrong("x")
def reads_the_output_for_the_input() -> Given:
    """softplus has the slope sigmoid(x); backward has kept the output only, and takes that."""

    class Softplus(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.y = np.log1p(np.exp(x))
            return self.y

        def backward(self, dout: Array) -> Array:
            return dout * sigmoid(self.y)

    return Given(Softplus(), sample(5, 4, seed=18))
