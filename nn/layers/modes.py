"""Layers that learn otherwise than they answer: dropout, batch normalization.

Within one step the loss must be a function of the parameters and of nothing else, or its nudges
mean nothing. So whatever such a layer draws is drawn when a step begins, and whatever it remembers
of the batch is written when the step has ended; in between `forward` repeats itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from nn.layers.base import Array, Layer
from nn.layers.tree import Block


class TwoMode(Layer):
    """A layer with a `forward` for training and another for all else.

    To be inherited from. Its `forward` looks at `training`, which is True while a gradient is
    found. It may draw in `begin` and remember in `end`, which come once a step.

    Attributes
    ----------
    training : bool
        Of the object: while one thread finds a gradient, another must not use the same network.
    """

    training: bool = False

    def begin(self, x: Array) -> None:
        """Prepare for the gradient of a batch, of which this layer is given x."""

    def end(self, x: Array) -> None:
        """Remember what is to be remembered of a batch, when its gradient is known."""


def two_mode(layers: Sequence[Layer]) -> list[TwoMode]:
    """Return those of the layers, and of the layers inside them, that have two modes."""
    found: list[TwoMode] = []
    for layer in layers:
        if isinstance(layer, TwoMode):
            found.append(layer)
        if isinstance(layer, Block):
            found += two_mode(layer.layers)
    return found


@contextmanager
def in_mode(layers: Iterable[TwoMode], training: bool) -> Iterator[None]:
    """Have layers train, or not, for as long as a `with` lasts."""
    before = [(layer, layer.training) for layer in layers]
    try:
        for layer, _ in before:
            layer.training = training
        yield
    finally:
        for layer, mode in before:
            layer.training = mode
