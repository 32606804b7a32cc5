"""Right, and not easily seen to be: norms, losses, windows, sequences, weights used twice."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import (
    Affine,
    Array,
    Attention,
    BatchNorm,
    Embedding,
    LayerNorm,
    Softmax,
    one_hot,
    sample,
    sigmoid,
    softmax,
)

room = Room()


@room.right()
def batch_norm() -> Given:
    """Every sample changes the answer to every other, as it should."""
    return Given(BatchNorm(3), sample(6, 3, seed=1))


@room.right()
def batch_norm_of_two() -> Given:
    """With two samples the normed numbers are ±1 but for eps, and their slopes all but 0."""
    return Given(BatchNorm(3), sample(2, 3, seed=2))


@room.right()
def layer_norm_with_large_mean() -> Given:
    """Numbers around a million that differ by one: taking off the mean costs most digits."""
    return Given(LayerNorm(5), 1e6 + sample(4, 5, seed=3))


@room.right()
def layer_norm_of_equal_numbers() -> Given:
    """Nothing to normalise: eps alone stands under the root, and the slopes are steep."""
    return Given(LayerNorm(4), np.full((3, 4), [[0.7], [-1.1], [2.0]]))


@room.right()
def bias_before_layer_norm() -> Given:
    """A shift is taken off again: its gradient is 0, and rounding makes 1e-17 of it."""

    class Shifted(LayerNorm):
        def __init__(self, features: int) -> None:
            super().__init__(features)
            self.params["shift"] = np.array([0.4])

        def forward(self, x: Array) -> Array:
            return super().forward(x + self.params["shift"])

        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            self.grads["shift"] = np.array([dx.sum()])
            return dx

    return Given(Shifted(5), sample(4, 5, seed=4))


@room.right()
def root_mean_square_norm() -> Given:
    """x / sqrt(mean x²): no mean is taken off."""

    class RmsNorm(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.size = np.sqrt((x**2).mean(axis=1, keepdims=True))
            self.y = x / self.size
            return self.y

        def backward(self, dout: Array) -> Array:
            along = (dout * self.y).mean(axis=1, keepdims=True)
            return (dout - self.y * along) / self.size

    return Given(RmsNorm(), sample(4, 5, seed=5))


@room.right()
def softmax_of_large_logits() -> Given:
    """Logits in the hundreds: some probabilities are 1 but for 1e-100."""
    return Given(Softmax(), 300 * sample(4, 5, seed=6))


@room.right()
def softmax_of_a_shared_shift() -> Given:
    """Logits that are all but equal, around a thousand."""
    return Given(Softmax(), 1000 + sample(4, 5, seed=7))


@room.right()
def cross_entropy_loss() -> Given:
    """One number for the batch, and targets beside the input."""

    class CrossEntropy:
        def forward(self, x: Array, t: Array) -> float:
            self.y, self.t = softmax(x), t
            return float(-(t * np.log(self.y)).sum() / len(x))

        def backward(self, dout: float = 1.0) -> Array:
            return dout * (self.y - self.t) / len(self.t)

    return Given(CrossEntropy(), 3 * sample(5, 3, seed=8), {"t": one_hot(0, 2, 1, 1, 0, of=3)})


@room.right()
def embedding_with_repeated_words() -> Given:
    """Whole numbers in, which have no slope; a word that stands three times is added to thrice."""
    return Given(Embedding(6, 3), np.array([[0, 2, 2], [1, 2, 4], [3, 0, 5]]))


@room.right()
def convolution_by_loops() -> Given:
    """Images, channels, a kernel of 2 x 2 and a bias."""

    class Convolution(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": sample(3, 2, 2, 2, seed=9), "b": sample(3, seed=10)}

        def forward(self, x: Array) -> Array:
            self.x = x
            n, _, height, width = x.shape
            out = np.zeros((n, 3, height - 1, width - 1))
            for i in range(height - 1):
                for j in range(width - 1):
                    window = x[:, :, i : i + 2, j : j + 2]
                    out[:, :, i, j] = np.tensordot(window, self.params["W"], ((1, 2, 3), (1, 2, 3)))
            return out + self.params["b"][:, None, None]

        def backward(self, dout: Array) -> Array:
            dx, dW = np.zeros_like(self.x), np.zeros_like(self.params["W"])
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    window, here = np.s_[:, :, i : i + 2, j : j + 2], dout[:, :, i, j]
                    dx[window] += np.tensordot(here, self.params["W"], 1)
                    dW += np.tensordot(here, self.x[window], (0, 0))
            self.grads = {"W": dW, "b": dout.sum(axis=(0, 2, 3))}
            return dx

    return Given(Convolution(), sample(4, 2, 3, 4, seed=11))


@room.right()
def lstm() -> Given:
    """Three steps of a cell with four gates; the gradient runs back through state and memory."""

    class Lstm(nn.Layer):
        def __init__(self, inputs: int, units: int) -> None:
            self.params = {
                "W": sample(inputs, 4 * units, seed=12),
                "U": sample(units, 4 * units, seed=13),
                "b": sample(4 * units, seed=14),
            }

        def forward(self, x: Array) -> Array:
            h = c = np.zeros((len(x), len(self.params["U"])))
            self.steps: list[tuple[Array, ...]] = []
            for now in x.swapaxes(0, 1):
                z = now @ self.params["W"] + h @ self.params["U"] + self.params["b"]
                i, f, o, g = np.split(z, 4, axis=1)
                i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
                self.steps.append((now, h, c, i, f, o, g, np.tanh(f * c + i * g)))
                c = f * c + i * g
                h = o * np.tanh(c)
            return h

        def backward(self, dout: Array) -> Array:
            self.grads = {name: np.zeros_like(p) for name, p in self.params.items()}
            dh, dc, dx = dout, np.zeros_like(dout), []
            for now, h, c, i, f, o, g, squashed in reversed(self.steps):
                dc = dc + dh * o * (1 - squashed**2)
                di, df, do, dg = dc * g, dc * c, dh * squashed, dc * i
                gates = (di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2))
                dz = np.concatenate(gates, axis=1)
                self.grads["W"] += now.T @ dz
                self.grads["U"] += h.T @ dz
                self.grads["b"] += dz.sum(axis=0)
                dh, dc = dz @ self.params["U"].T, dc * f
                dx.append(dz @ self.params["W"].T)
            return np.stack(dx[::-1], axis=1)

    return Given(Lstm(3, 2), sample(4, 3, 3, seed=15))


@room.right()
def attention() -> Given:
    """Three inputs of three axes."""
    shape = (4, 3, 2)
    return Given(Attention(), tuple(sample(*shape, seed=seed) for seed in (16, 17, 18)))


@room.right()
def weights_there_and_back() -> Given:
    """tanh(x W) Wᵀ: W is used twice, and its gradient is a sum of two."""

    class Tied(nn.Layer):
        def __init__(self) -> None:
            self.params = {"W": sample(5, 3, seed=19)}

        def forward(self, x: Array) -> Array:
            self.x, self.h = x, np.tanh(x @ self.params["W"])
            return self.h @ self.params["W"].T

        def backward(self, dout: Array) -> Array:
            dz = dout @ self.params["W"] * (1 - self.h**2)
            self.grads = {"W": self.x.T @ dz + dout.T @ self.h}
            return dz @ self.params["W"].T

    return Given(Tied(), sample(4, 5, seed=20))


@room.right()
def one_sample() -> Given:
    """A batch of one."""
    return Given(Affine(4, 3), sample(1, 4, seed=21))


@room.right()
def whole_numbers() -> Given:
    """x is an array of whole numbers, which stand for numbers."""
    return Given(Affine(3, 4), np.arange(15).reshape(5, 3) - 7)


@room.right()
def every_second_column() -> Given:
    """x is a view of another array: turned over, with gaps."""
    return Given(Affine(4, 3), sample(8, 10, seed=21).T[::2, ::-2])
