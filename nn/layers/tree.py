"""Layers inside layers, and where each stands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from nn.layers.base import Array, Layer, foreign


class Place(tuple[int, ...]):
    """The way to a layer: (3,) is layer 3, (3, 1) the layer 1 of that; written 3 and 3.1.

    Places compare in the order in which a batch comes by.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return ".".join(map(str, self))


class Block(Layer):
    """A layer made of layers in a row: what changes their answer, changes that of the block alike.

    Attributes
    ----------
    layers : tuple of Layer
        Parameters of the second of them, in a block that is layer 3, are called "3.1.W".
    """

    layers: tuple[Layer, ...]

    @abstractmethod
    def trace(self, x: Array) -> list[Array]:
        """Return x and the output of every layer inside."""


def leaves(layers: Sequence[Layer], above: Sequence[int] = ()) -> Iterator[tuple[Place, Layer]]:
    """Yield every layer that is not made of others, with its place, in order."""
    for place, layer in enumerate(layers):
        here = Place((*above, place))
        if isinstance(layer, Block):
            yield from leaves(layer.layers, here)
        else:
            yield here, layer


def parts(layers: Sequence[Layer], above: Sequence[int] = ()) -> Iterator[tuple[Place, Layer]]:
    """Yield the same, but for blocks with a forward of their own: those are taken as they are."""
    for place, layer in enumerate(layers):
        here = Place((*above, place))
        if isinstance(layer, Block) and not foreign(layer):
            yield from parts(layer.layers, here)
        else:
            yield here, layer
