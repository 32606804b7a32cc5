"""Right, and written as people write them: no base class, other names, functions, networks."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, Chain, Relu, Sigmoid, one_hot, sample, softmax

room = Room()


@room.right()
def parameters_in_lists() -> Given:
    """`params` and `grads` are lists in one order, as in the second book."""

    class Affine:
        def __init__(self) -> None:
            self.params = [sample(3, 4, seed=1), sample(4, seed=2)]
            self.grads = [np.zeros((3, 4)), np.zeros(4)]

        def forward(self, x: Array) -> Array:
            self.x = x
            W, b = self.params
            return x @ W + b

        def backward(self, dout: Array) -> Array:
            W, _ = self.params
            self.grads[0][...] = self.x.T @ dout
            self.grads[1][...] = dout.sum(axis=0)
            return dout @ W.T

    return Given(Affine(), sample(5, 3, seed=3))


@room.right()
def parameters_as_attributes() -> Given:
    """W and b with dW and db, as in the first book."""

    class Affine:
        def __init__(self) -> None:
            self.W, self.b = sample(3, 4, seed=4), sample(4, seed=5)
            self.dW, self.db = np.zeros((3, 4)), np.zeros(4)

        def forward(self, x: Array) -> Array:
            self.x = x
            return x @ self.W + self.b

        def backward(self, dout: Array) -> Array:
            self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
            return dout @ self.W.T

    return Given(Affine(), sample(5, 3, seed=6))


@room.right()
def names_of_torch() -> Given:
    """`weight` of shape (outputs, inputs) and `bias`, with `weight_grad` and `bias_grad`."""

    class Linear:
        def __init__(self) -> None:
            self.weight, self.bias = sample(4, 3, seed=7), sample(4, seed=8)
            self.weight_grad, self.bias_grad = np.zeros((4, 3)), np.zeros(4)

        def forward(self, x: Array) -> Array:
            self.x = x
            return x @ self.weight.T + self.bias

        def backward(self, dout: Array) -> Array:
            self.weight_grad, self.bias_grad = dout.T @ self.x, dout.sum(axis=0)
            return dout @ self.weight

    return Given(Linear(), sample(5, 3, seed=9))


@room.right()
def names_of_their_own() -> Given:
    """Nothing is called as usual, so it is said where things are."""

    class Mixer:
        def __init__(self) -> None:
            self.mixing, self.slopes = sample(3, 3, seed=10), np.zeros((3, 3))

        def forward(self, x: Array) -> Array:
            self.x = x
            return x @ self.mixing

        def backward(self, dout: Array) -> Array:
            self.slopes = self.x.T @ dout
            return dout @ self.mixing.T

    said = {"params": {"mixing": "mixing"}, "grads": {"mixing": "slopes"}}
    return Given(Mixer(), sample(5, 3, seed=11), said)


@room.right()
def network_of_layers() -> Given:
    """Two hidden layers, relu and sigmoid, with a backward that runs through all of them."""
    layers = Affine(3, 5), Relu(), Affine(5, 4, seed=3), Sigmoid(), Affine(4, 2, seed=5)
    return Given(Chain(*layers), sample(4, 3, seed=12))


@room.right()
def book_network() -> Given:
    """A network that has loss(x, t), and gradient(x, t) for all of its parameters."""

    class TwoLayerNet:
        def __init__(self) -> None:
            self.params = {
                "W1": sample(4, 5, seed=13),
                "b1": np.zeros(5),
                "W2": sample(5, 3, seed=14),
                "b2": np.zeros(3),
            }

        def hidden(self, x: Array) -> Array:
            return np.tanh(x @ self.params["W1"] + self.params["b1"])

        def predict(self, x: Array) -> Array:
            return softmax(self.hidden(x) @ self.params["W2"] + self.params["b2"])

        def loss(self, x: Array, t: Array) -> float:
            return float(-(t * np.log(self.predict(x))).sum() / len(x))

        def gradient(self, x: Array, t: Array) -> dict[str, Array]:
            hidden, d2 = self.hidden(x), (self.predict(x) - t) / len(x)
            d1 = d2 @ self.params["W2"].T * (1 - hidden**2)
            return {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": hidden.T @ d2, "b2": d2.sum(axis=0)}

    return Given(TwoLayerNet(), sample(4, 4, seed=15), {"t": one_hot(2, 0, 1, 1, of=3)})


@room.right()
def product_of_two_inputs() -> Given:
    """A row of numbers for each input, multiplied and summed: one number a sample."""

    class Dot:
        def forward(self, a: Array, b: Array) -> Array:
            self.a, self.b = a, b
            return (a * b).sum(axis=1)

        def backward(self, dout: Array) -> tuple[Array, Array]:
            return dout[:, None] * self.b, dout[:, None] * self.a

    return Given(Dot(), (sample(4, 3, seed=16), sample(4, 3, seed=17)))


@room.right()
def input_returned_as_it_is() -> Given:
    """Forward returns x and backward dout, the very arrays."""

    class Identity(nn.Layer):
        def forward(self, x: Array) -> Array:
            return x

        def backward(self, dout: Array) -> Array:
            return dout

    return Given(Identity(), sample(5, 4, seed=18))


@room.right()
def input_not_used() -> Given:
    """The output does not depend on x, and one of the parameters holds no numbers."""

    class Constant(nn.Layer):
        def __init__(self) -> None:
            self.params = {"level": sample(3, seed=19), "rest": np.zeros((0, 3))}

        def forward(self, x: Array) -> Array:
            self.x = x
            return np.tile(self.params["level"], (len(x), 1))

        def backward(self, dout: Array) -> Array:
            self.grads = {"level": dout.sum(axis=0), "rest": np.zeros((0, 3))}
            return np.zeros_like(self.x)

    return Given(Constant(), sample(4, 2, seed=20))


@room.right()
def a_row_of_samples() -> Given:
    """x has one axis: each sample is one number."""
    return Given(Sigmoid(), sample(6, seed=22))


@room.right()
def function_to_a_number() -> Given:
    """log sum exp of an array of two axes."""

    def log_sum_exp(x: Array) -> float:
        return float(np.log(np.exp(x).sum()))

    return Given(
        log_sum_exp, sample(3, 2, seed=23), {"grad": lambda x: np.exp(x) / np.exp(x).sum()}
    )


@room.right()
def function_of_a_mapping() -> Given:
    """x is a mapping of two arrays, and so is the gradient."""

    def energy(x: dict[str, Array]) -> float:
        return float(x["s"] @ x["J"] @ x["s"])

    def slopes(x: dict[str, Array]) -> dict[str, Array]:
        return {"s": (x["J"] + x["J"].T) @ x["s"], "J": np.outer(x["s"], x["s"])}

    return Given(energy, {"s": sample(3, seed=24), "J": sample(3, 3, seed=25)}, {"grad": slopes})


@room.right()
def function_with_its_jacobian() -> Given:
    """Polar coordinates to plane ones; the gradient is the whole matrix."""

    def plane(x: Array) -> Array:
        return x[0] * np.array([np.cos(x[1]), np.sin(x[1])])

    def matrix(x: Array) -> Array:
        c, s = np.cos(x[1]), np.sin(x[1])
        return np.array([[c, -x[0] * s], [s, x[0] * c]])

    return Given(plane, np.array([1.3, 0.4]), {"grad": matrix})


@room.right()
def function_of_each_number() -> Given:
    """arctan of each number, and the slope of each."""
    return Given(np.arctan, sample(3, 4, seed=26), {"grad": lambda x: 1 / (1 + x**2)})


@room.right()
def function_with_a_product() -> Given:
    """A running product; the gradient takes dout, and never makes the matrix."""

    def slopes(x: Array, dout: Array) -> Array:
        return (dout * np.cumprod(x))[::-1].cumsum()[::-1] / x

    return Given(np.cumprod, sample(5, seed=27), {"grad": slopes})
