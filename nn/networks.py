"""Networks: layers in a row, a loss at the end, and parameters that answer by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn import gradients
from nn.errors import (
    ArgumentError,
    InputError,
    ShapeError,
    check_count,
    check_number,
)
from nn.gradients import Grads, Problem
from nn.initializers import Initializer, Normal
from nn.layers import Layer, Linear, Seed, Sigmoid, run
from nn.losses import CrossEntropyLoss, Loss
from nn.parameters import Parameters, adopt

Array = NDArray[np.float64]


class Row(NamedTuple):
    """A line of the table of layers; `shape` is that of one sample's output."""

    layer: str
    shape: tuple[int, ...]
    parameters: int


class Network(ABC):
    """What every network is: layers, a loss, and what is asked of them.

    Parameters
    ----------
    layers : sequence of Layer
    loss : Loss, optional
        CrossEntropyLoss unless told otherwise. It works on the raw outputs; `predict` applies
        what belongs to it (softmax, sigmoid or nothing).
    """

    def __init__(self, layers: Sequence[Layer], loss: Loss | None = None) -> None:
        self.layers = list(layers)
        self.loss_function = CrossEntropyLoss() if loss is None else loss
        if not isinstance(self.loss_function, Loss):
            raise ArgumentError("loss", "a Loss, such as CrossEntropyLoss()", loss)
        if self.loss_function.metric not in ("accuracy", "r2"):
            raise ArgumentError(
                "metric of the loss", "'accuracy' or 'r2'", self.loss_function.metric
            )
        for layer in self.layers:
            if not isinstance(layer, Layer):
                what = "an instance, not a class" if isinstance(layer, type) else "an nn.Layer"
                raise ArgumentError("each layer", what, layer)
            adopt(layer)

    @abstractmethod
    def key(self, place: int, name: str) -> str:
        """Return what the parameter `name` of the layer at `place` is called."""

    @property
    def params(self) -> Parameters:
        """The parameters by name; an array that several layers share is named once."""
        owners: dict[str, tuple[Layer, str]] = {}
        seen: set[int] = set()
        for place, layer in enumerate(self.layers):
            for name, p in layer.params.items():
                if id(p) not in seen:
                    seen.add(id(p))
                    owners[self.key(place, name)] = (layer, name)
        return Parameters(owners)

    def forward(self, x: Any) -> Array:
        """Return the raw outputs of a batch: samples along axis 0, of x and of the answer."""
        return run(self.layers, _batch(x))

    def predict(self, x: Any) -> Array:
        """Return probabilities for classes, numbers for regression."""
        return self.loss_function.predict(self.forward(x))

    def loss(self, x: Any, t: Any) -> float:
        """Return the mean loss of a batch."""
        return self.loss_function(self.forward(x), t)

    def score(self, x: Any, t: Any) -> float:
        """Return the metric of the loss: accuracy for classes, r2 for regression."""
        return self.loss_function.score(self.predict(x), t)

    def accuracy(self, x: Any, t: Any) -> float:
        """Return the share of samples told right, in [0, 1]."""
        if self.loss_function.metric != "accuracy":
            raise InputError(
                f"{self.loss_function!r} has no classes to be right about; score(x, t) gives"
                f" {self.loss_function.metric}"
            )
        return self.score(x, t)

    def problem(self, x: Any, t: Any, h: float | None = 1e-4) -> Problem:
        """Return the loss of a batch as a function of the parameters."""
        batch = _batch(x)
        with gradients.one_thread(), np.errstate(all="ignore"):
            z = run(self.layers, batch)
        targets = self.loss_function.targets(t, z)
        return Problem(self.layers, self.loss_function, self.params, batch, targets, z, h)

    def numerical_gradient(
        self, x: Any, t: Any, method: str = "loop", h: float | None = 1e-4
    ) -> Grads:
        """Return dL/dp for every parameter, by central differences.

        Parameters
        ----------
        x : (N, ...) array
        t : targets, as the loss takes them
        method : str
            One of `nn.gradients.METHODS`.
        h : float > 0
            The nudge; None for one by the size of each parameter.

        Returns
        -------
        dict of the keys of `params`
        """
        return gradients.gradient(self.problem(x, t, h), method)

    @property
    def size(self) -> int:
        """Number of parameters, each entry counted."""
        return sum(p.size for p in self.params.values())

    def table(self, x: Any) -> list[Row]:
        """Return a line a layer: what it is, the shape of one output, how many parameters."""
        self.forward(x)  # says which layer does not fit
        z, rows = _batch(x), []
        for layer in self.layers:
            z = run([layer], z)
            count = sum(p.size for p in layer.params.values())
            rows.append(Row(repr(layer), z.shape[1:], count))
        return rows

    def __repr__(self) -> str:
        return f"{type(self).__name__}([{', '.join(map(repr, self.layers))}])"


class Sequential(Network):
    """Any layers, one after the other; parameters are called "0.W", "0.b", "2.W", ….

    Examples
    --------
    >>> net = Sequential([Linear(2, 8), Sigmoid(), Linear(8, 2)])
    >>> list(net.params)
    ['0.W', '0.b', '2.W', '2.b']
    """

    def __init__(self, layers: Sequence[Layer], loss: Loss | None = None) -> None:
        if isinstance(layers, Layer) or not layers:
            raise ArgumentError("layers", "a list of at least one layer", layers)
        super().__init__(layers, loss)

    def key(self, place: int, name: str) -> str:
        """Return "place.name"."""
        return f"{place}.{name}"


class TwoLayerNet(Network):
    """x W1 + b1, an activation, · W2 + b2: the network of the book.

    Parameters
    ----------
    input_size, hidden_size, output_size : int >= 1
        Inputs, hidden units and outputs.
    weight_init_std : float >= 0, or Initializer
        Standard deviation of the first weights.
    activation : Layer, optional
        Sigmoid unless told otherwise; parameters of its own are called "activation.…".
    loss : Loss, optional
        CrossEntropyLoss unless told otherwise.
    rng : numpy Generator, int or None
        Source of the first weights; None is a different one each time.

    Attributes
    ----------
    params : "W1" (input_size, hidden_size), "b1" (hidden_size,), "W2" (hidden_size,
        output_size), "b2" (output_size,)

    References
    ----------
    Saito, Deep Learning from Scratch, section 4.5.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        weight_init_std: float | Initializer = 0.01,
        activation: Layer | None = None,
        loss: Loss | None = None,
        rng: Seed = None,
    ) -> None:
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "output_size": output_size}
        for argument, size in sizes.items():
            check_count(argument, size)
        init = weight_init_std
        if not isinstance(init, Initializer):
            check_number("weight_init_std", init, at_least=0)
            init = Normal(init)
        generator = np.random.default_rng(rng)
        first = Linear(input_size, hidden_size, init=init, rng=generator)
        last = Linear(hidden_size, output_size, init=init, rng=generator)
        super().__init__([first, Sigmoid() if activation is None else activation, last], loss)

    def key(self, place: int, name: str) -> str:
        """Return "W1", "b1", "W2", "b2", or "activation.name"."""
        return {0: f"{name}1", 1: f"activation.{name}", 2: f"{name}2"}[place]


def _batch(x: Any) -> Array:
    """The door: real numbers as float64, at least one sample; no layer may write into them."""
    batch = np.asarray(x)
    if batch.dtype.kind not in "fiub":
        raise InputError(f"x must be real numbers, got dtype {batch.dtype}")
    if batch.ndim == 0 or batch.size == 0:
        raise ShapeError(f"x must be a batch of samples, (N, ...), got shape {batch.shape}")
    kept = np.asarray(batch, np.float64).view()
    kept.flags.writeable = False
    return kept
