"""Wrong by a factor or a sign: forgotten constants, mean against sum, one sign in many."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Chain, Relu, one_hot, sample, softmax

room = Room()


@room.wrong("x", cause="constant factor")
def square_without_its_two() -> Given:
    """The derivative of x² is taken to be x."""

    class Square(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return x**2

        def backward(self, dout: Array) -> Array:
            return dout * self.x

    return Given(Square(), sample(5, 4, seed=1))


@room.wrong("x", cause="constant factor")
def inner_factor_forgotten() -> Given:
    """The derivative of tanh(3 x) lacks the 3 of the chain rule."""

    class SteepTanh(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.y = np.tanh(3 * x)
            return self.y

        def backward(self, dout: Array) -> Array:
            return dout * (1 - self.y**2)

    return Given(SteepTanh(), 0.4 * sample(5, 4, seed=2))


@room.wrong("b", cause="constant factor")
def bias_mean_instead_of_sum() -> Given:
    """The gradient of b is the mean over the batch where it should be the sum."""

    class MeanBias(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["b"] = dout.mean(axis=0)
            return dx

    return Given(MeanBias(4, 3), sample(6, 4, seed=3))


@room.wrong("W", "b", cause="constant factor")
def divided_by_the_batch_once_too_often() -> Given:
    """The loss is a mean already, and the layer divides by N again."""

    class Averaged(Affine):
        def backward(self, dout: Array) -> Array:
            n = len(dout)
            self.grads = {"W": self.x.T @ dout / n, "b": dout.sum(axis=0) / n}
            return dout @ self.params["W"].T

    return Given(Averaged(3, 4), sample(8, 3, seed=4))


@room.wrong("x", cause="constant factor")
def cross_entropy_not_divided_by_the_batch() -> Given:
    """The loss is the mean over the batch, its gradient that of the sum."""

    class CrossEntropy:
        def forward(self, x: Array, t: Array) -> float:
            self.y, self.t = softmax(x), t
            return float(-(t * np.log(self.y)).sum() / len(x))

        def backward(self, dout: float = 1.0) -> Array:
            return dout * (self.y - self.t)

    return Given(CrossEntropy(), sample(5, 3, seed=5), {"t": one_hot(0, 2, 1, 1, 0, of=3)})


@room.wrong("x", cause="constant factor")
def mean_over_all_divided_by_samples_alone() -> Given:
    """The mean is over samples and features; the gradient is divided by the samples alone."""

    class MeanSquaredError:
        def forward(self, x: Array, t: Array) -> float:
            self.error = x - t
            return float((self.error**2).mean())

        def backward(self, dout: float = 1.0) -> Array:
            return dout * 2 * self.error / len(self.error)

    return Given(MeanSquaredError(), sample(6, 3, seed=6), {"t": sample(6, 3, seed=7)})


@room.wrong("x", cause="constant factor")
def dropout_not_scaled_on_the_way_back() -> Given:
    """What is kept is divided by the share kept, forward but not backward."""

    class FixedDropout(nn.Layer):
        kept = np.array([1.0, 0.0, 1.0, 1.0, 1.0])

        def forward(self, x: Array) -> Array:
            return x * self.kept / 0.8

        def backward(self, dout: Array) -> Array:
            return dout * self.kept

    return Given(FixedDropout(), sample(4, 5, seed=8))


@room.wrong("W", cause="constant factor")
def learning_rate_inside() -> Given:
    """The gradient of W is multiplied by the learning rate before it leaves the layer."""

    class Eager(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"] *= 0.01
            return dx

    return Given(Eager(4, 3), sample(5, 4, seed=9))


@room.wrong("W0", "b0", "x", cause="constant factor")
def a_factor_on_the_way_down() -> Given:
    """A layer between two others hands twice the gradient down, so all below it is wrong."""

    class DoubleRelu(Relu):
        def backward(self, dout: Array) -> Array:
            return 2 * super().backward(dout)

    return Given(Chain(Affine(3, 5), DoubleRelu(), Affine(5, 2, seed=3)), sample(4, 3, seed=10))


@room.wrong("W2", cause="constant factor")
def book_network_twice_the_weights() -> Given:
    """A network with loss(x, t) and gradient(x, t); the gradient of W2 is doubled."""

    class Net:
        def __init__(self) -> None:
            self.params = {"W1": sample(4, 5, seed=11), "W2": sample(5, 3, seed=12)}

        def predict(self, x: Array) -> Array:
            return softmax(np.tanh(x @ self.params["W1"]) @ self.params["W2"])

        def loss(self, x: Array, t: Array) -> float:
            return float(-(t * np.log(self.predict(x))).sum() / len(x))

        def gradient(self, x: Array, t: Array) -> dict[str, Array]:
            hidden = np.tanh(x @ self.params["W1"])
            dz = (self.predict(x) - t) / len(x)
            dhidden = dz @ self.params["W2"].T * (1 - hidden**2)
            return {"W1": x.T @ dhidden, "W2": 2 * hidden.T @ dz}

    return Given(Net(), sample(4, 4, seed=13), {"t": one_hot(2, 0, 1, 1, of=3)})


@room.wrong("x", cause="sign")
def cosine_minus_forgotten() -> Given:
    """The derivative of cos is taken to be sin."""

    class Cosine(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.x = x
            return np.cos(x)

        def backward(self, dout: Array) -> Array:
            return dout * np.sin(self.x)

    return Given(Cosine(), sample(5, 4, seed=14))


@room.wrong("b", cause="sign")
def subtrahend_not_negated() -> Given:
    """The gradient of a - b by b is handed on with the sign of that by a."""

    class Minus:
        def forward(self, a: Array, b: Array) -> Array:
            return a - b

        def backward(self, dout: Array) -> tuple[Array, Array]:
            return dout, dout.copy()

    return Given(Minus(), (sample(4, 3, seed=15), sample(4, 3, seed=16)))


@room.wrong("x", cause="sign")
def target_minus_output() -> Given:
    """(x - t)² has the slope 2 (x - t), not 2 (t - x)."""

    class SumOfSquares:
        def forward(self, x: Array, t: Array) -> float:
            self.error = t - x
            return float((self.error**2).sum())

        def backward(self, dout: float = 1.0) -> Array:
            return dout * 2 * self.error

    return Given(SumOfSquares(), sample(4, 3, seed=17), {"t": 2 * sample(4, 3, seed=18)})


@room.wrong("W", cause="sign", index=(2, 1))
def one_flipped_sign() -> Given:
    """One entry of dW, of twenty, has the wrong sign."""

    class Flipped(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"][2, 1] *= -1
            return dx

    return Given(Flipped(5, 4), sample(6, 5, seed=19))


@room.wrong("x", cause="sign", index=(1,))
def one_flipped_sign_in_a_function() -> Given:
    """The second component of a gradient worked out by hand has the wrong sign."""

    def rosenbrock(x: Array) -> float:
        return float(100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)

    def slope(x: Array) -> Array:
        valley = x[1] - x[0] ** 2
        return np.array([-400 * x[0] * valley - 2 * (1 - x[0]), -200 * valley])

    return Given(rosenbrock, np.array([-1.2, 0.7]), {"grad": slope})
