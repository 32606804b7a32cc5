"""The nets that are compared, and those that grow: with cross-entropy, at their first weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import datasets
import nn
from benchmarks.batches import Batch, digits, pictures

Array = NDArray[np.float64]
ACTIVATIONS: dict[str, type[nn.Layer]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


@dataclass(frozen=True)
class Net:
    """A network and the batch on which its gradient is to be found.

    Attributes
    ----------
    name : str
    network : nn.Network
    batch : Batch
    sizes : tuple of int
        Inputs, units of each hidden layer, outputs; of images, the numbers left after pooling.
    activation : "sigmoid", "tanh", "relu", or "" where nobody wrote backprop for the net
    required : mapping of name -> float
        How many times as fast as the loop a method has to be.
    """

    name: str
    network: nn.Network
    batch: Batch
    sizes: tuple[int, ...]
    activation: str
    required: Mapping[str, float] = field(default_factory=dict)

    @property
    def x(self) -> Array:
        """The samples, (N, features)."""
        return self.batch.x

    @property
    def weights(self) -> list[tuple[Array, Array]]:
        """(W, b) of each linear layer, live."""
        linear = [layer for layer in self.network.layers if isinstance(layer, nn.Linear)]
        return [(layer.params["W"], layer.params["b"]) for layer in linear]

    @property
    def keys(self) -> list[str]:
        """What the network calls its parameters, in order."""
        return list(self.network.params)


class Swish(nn.Layer):
    """x times sigmoid(β x), with a β for each unit to learn: a layer as a user writes it."""

    def __init__(self, units: int) -> None:
        self.params["beta"] = np.ones(units)

    def forward(self, x: Array) -> Array:
        """(N, units), kept."""
        return np.asarray(x / (1 + np.exp(-self.params["beta"] * x)))


def dense(sizes: tuple[int, ...], activation: str, batch: Batch, aside: str = "") -> Net:
    """Make linear layers of these sizes, with an activation between them."""
    init = nn.He() if activation == "relu" else nn.Xavier()
    layers: list[nn.Layer] = []
    for place, (inputs, outputs) in enumerate(pairwise(sizes)):
        if place:
            layers.append(ACTIVATIONS[activation]())
        layers.append(nn.Linear(inputs, outputs, init=init, rng=place))
    name = f"{'-'.join(map(str, sizes))} {activation}{aside}"
    return Net(name, nn.Sequential(layers), batch, sizes, activation)


def own_layer(batch: Batch) -> Net:
    """Make a small net with a layer that has a `forward` and nothing else."""
    features = batch.x.shape[1]
    layers = [nn.Linear(features, 16, rng=0), Swish(16), nn.Linear(16, 10, rng=1)]
    return Net(f"{features}-16-10 own layer", nn.Sequential(layers), batch, (features, 16, 10), "")


def lenet(
    pool: type[nn.AvgPool2d] | type[nn.MaxPool2d], batch: Batch, required: Mapping[str, float]
) -> Net:
    """Make the net of configs/lenet-mnist.toml, with this way to pool."""
    rng = np.random.default_rng(0)
    layers = [
        nn.Unflatten((1, 28, 28)),
        nn.Conv2d(1, 8, 5, init=nn.He(), rng=rng),
        pool(2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 5, init=nn.He(), rng=rng),
        pool(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 10, rng=rng),
    ]
    sizes = (784, 8 * 12 * 12, 16 * 4 * 4, 10)
    how = "max-pooling" if pool is nn.MaxPool2d else "average pooling"
    return Net(f"LeNet, {how}", nn.Sequential(layers), batch, sizes, "", required)


Build = Callable[[datasets.Dataset | None], Net]
NETS: dict[str, Build] = {
    "own": lambda mnist: own_layer(digits(50)),
    "digits": lambda mnist: dense((64, 32, 10), "sigmoid", digits(50)),
    "sigmoid": lambda mnist: dense((784, 50, 10), "sigmoid", pictures(mnist, 100)),
    "dense": lambda mnist: dense(
        (784, 50, 10), "sigmoid", pictures(mnist, 100, True), ", standardized"
    ),
    "relu": lambda mnist: dense((784, 128, 10), "relu", pictures(mnist, 100)),
    "tanh": lambda mnist: dense((784, 100, 100, 10), "tanh", pictures(mnist, 100)),
    "lenet": lambda mnist: lenet(nn.AvgPool2d, pictures(mnist, 64), {"auto": 120}),
    "lenet-max": lambda mnist: lenet(nn.MaxPool2d, pictures(mnist, 64), {"weight": 80}),
}


def wide(width: int) -> Net:
    """Make a 64-width-10 net."""
    return dense((64, width, 10), "sigmoid", digits(100))


def deep(depth: int) -> Net:
    """Make a net of `depth` hidden layers of 32 units."""
    return dense((64, *[32] * depth, 10), "sigmoid", digits(100))
