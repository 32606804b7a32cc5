"""Right numbers in wrong places: transposed, not summed, one too far, in another order."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Embedding, LayerNorm, sample

room = Room()


@room.wrong("W", cause="transposed")
def square_weights_transposed() -> Given:
    """dW is dout.T @ x; with as many inputs as outputs its shape gives nothing away."""

    class Turned(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"] = dout.T @ self.x
            return dx

    return Given(Turned(4, 4), sample(5, 4, seed=1))


@room.wrong("x")
def weights_not_transposed_on_the_way_back() -> Given:
    """dx is dout @ W; with as many inputs as outputs its shape gives nothing away."""

    class Straight(Affine):
        def backward(self, dout: Array) -> Array:
            super().backward(dout)
            return dout @ self.params["W"]

    return Given(Straight(4, 4), sample(5, 4, seed=2))


@room.wrong("x")
def reshaped_instead_of_transposed() -> Given:
    """Two axes are exchanged forward; backward the shape is put right, and not the order."""

    class ChannelsLast(nn.Layer):
        def forward(self, x: Array) -> Array:
            return x.transpose(0, 2, 1)

        def backward(self, dout: Array) -> Array:
            n, length, channels = dout.shape
            return dout.reshape(n, channels, length)

    return Given(ChannelsLast(), sample(4, 2, 3, seed=3))


@room.wrong("b", cause="not summed over the batch")
def bias_not_summed() -> Given:
    """The gradient of b has a row for each sample."""

    class Rows(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["b"] = dout
            return dx

    return Given(Rows(4, 3), sample(5, 4, seed=4))


@room.wrong("b")
def bias_summed_over_features() -> Given:
    """The gradient of b is summed over the wrong axis; N is the number of outputs, so it fits."""

    class WrongAxis(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["b"] = dout.sum(axis=1)
            return dx

    return Given(WrongAxis(4, 5), sample(5, 4, seed=5))


@room.wrong("b", cause="one sample only")
def bias_of_the_first_sample() -> Given:
    """Written for one sample: the gradient of b is the first row of dout."""

    class FirstRow(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["b"] = dout[0]
            return dx

    return Given(FirstRow(3, 4), sample(5, 3, seed=6))


@room.wrong("W", cause="one sample only")
def weights_of_the_last_sample() -> Given:
    """A loop over samples assigns dW where it should add; the last sample remains."""

    class Loop(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            for row, slope in zip(self.x, dout, strict=True):
                self.grads["W"] = np.outer(row, slope)
            return dx

    return Given(Loop(3, 4), sample(6, 3, seed=7))


@room.wrong("scale", cause="wrong shape")
def number_with_a_gradient_for_each_feature() -> Given:
    """One number scales everything; its gradient is summed over samples, and not over features."""

    class Scale(nn.Layer):
        def __init__(self) -> None:
            self.params = {"scale": np.array([1.7])}

        def forward(self, x: Array) -> Array:
            self.x = x
            return x * self.params["scale"]

        def backward(self, dout: Array) -> Array:
            self.grads = {"scale": (dout * self.x).sum(axis=0)}
            return dout * self.params["scale"]

    return Given(Scale(), sample(5, 4, seed=8))


@room.wrong("E", cause="shifted by one")
def embedding_rows_counted_from_one() -> Given:
    """The gradient of each word is written to the row after it."""

    class FromOne(Embedding):
        def backward(self, dout: Array) -> Array:
            self.grads = {"E": np.zeros_like(self.params["E"])}
            np.add.at(self.grads["E"], self.ids + 1, dout)
            return np.zeros(self.ids.shape)

    return Given(FromOne(7, 3), np.array([[0, 2, 5], [1, 1, 4], [3, 0, 2], [5, 4, 3]]))


@room.wrong("E")
def embedding_assigns_where_it_should_add() -> Given:
    """Of a word that stands twice in the batch, the gradient of one place is lost."""

    class Assigning(Embedding):
        def backward(self, dout: Array) -> Array:
            self.grads = {"E": np.zeros_like(self.params["E"])}
            self.grads["E"][self.ids] += dout
            return np.zeros(self.ids.shape)

    return Given(Assigning(6, 3), np.array([[0, 2, 2], [1, 2, 4], [3, 0, 5]]))


@room.wrong("x", cause="shifted by one")
def slopes_one_place_too_far() -> Given:
    """Each place along a sample has its own weight; each slope is written one place too far."""

    class Places(nn.Layer):
        def __init__(self) -> None:
            self.weights = np.array([0.5, -1.2, 2.0, 0.9, -0.4, 1.6])

        def forward(self, x: Array) -> Array:
            self.x = x
            return self.weights * np.sin(x)

        def backward(self, dout: Array) -> Array:
            right = dout * self.weights * np.cos(self.x)
            return np.roll(right, 1, axis=1)

    return Given(Places(), sample(4, 6, seed=9))


@room.wrong("a", "b", cause="swapped")
def factors_swapped() -> Given:
    """The slope of a * b by a is b, not a."""

    class Times:
        def forward(self, a: Array, b: Array) -> Array:
            self.a, self.b = a, b
            return a * b

        def backward(self, dout: Array) -> tuple[Array, Array]:
            return dout * self.a, dout * self.b

    return Given(Times(), (sample(4, 3, seed=10), sample(4, 3, seed=11)))


@room.wrong("gamma", "beta", cause="swapped")
def gamma_and_beta_swapped() -> Given:
    """Scale and shift of a layer norm have each other's gradient."""

    class Swapped(LayerNorm):
        def of_params(self, dout: Array) -> None:
            self.grads = {"beta": (dout * self.normed).sum(axis=0), "gamma": dout.sum(axis=0)}

    return Given(Swapped(5), sample(4, 5, seed=12))


@room.wrong("b", index=(0,))
def loop_starts_at_one() -> Given:
    """The first entry of db is never summed up: its loop starts at 1."""

    class FromOne(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["b"] = np.zeros_like(self.params["b"])
            for j in range(1, len(self.params["b"])):
                self.grads["b"][j] = dout[:, j].sum()
            return dx

    return Given(FromOne(3, 5), sample(4, 3, seed=13))


@room.wrong("W", index=(3, 0))
def one_entry_off_by_little() -> Given:
    """One entry of dW is a thousandth too large."""

    class Off(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["W"][3, 0] *= 1.001
            return dx

    return Given(Off(5, 3), sample(6, 5, seed=14))
