"""The networks there are: any layers in a row, and the two-layer net of the book."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nn.errors import ArgumentError, check_count, check_number
from nn.initializers import Initializer, Normal
from nn.layers import Layer, Linear, Place, Sigmoid
from nn.losses import Loss
from nn.networks.base import Network


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

    def key(self, place: Place, name: str) -> str:
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
        rng: np.random.Generator | int | None = None,
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

    def key(self, place: Place, name: str) -> str:
        """Return "W1", "b1", "W2", "b2", or "activation.name"."""
        return {0: f"{name}1", 1: f"activation.{name}", 2: f"{name}2"}[place[0]]
