"""Layers inside layers, and where each stands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from nn.layers.base import Array, Layer, foreign, run
from nn.rows import Rows


class Place(tuple[int, ...]):
    """The way to a layer: (3,) is layer 3, (3, 1) the layer 1 of that; written 3 and 3.1.

    Places compare in the order in which a batch comes by.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return ".".join(map(str, self))


class Block(Layer):
    """A layer made of layers in a row, whose answer moves as theirs does.

    Attributes
    ----------
    layers : tuple of Layer
        Parameters of the second of them, in a block that is layer 3, are called "3.1.W".
    """

    layers: tuple[Layer, ...]

    @abstractmethod
    def joined(self, rows: Rows, inner: Rows, shape: tuple[int, ...]) -> Rows:
        """Return the changes of the answer, of those of the input and of what is inside.

        Parameters
        ----------
        rows : Rows
            Changes of the input.
        inner : Rows
            What the layers inside make of them.
        shape : tuple of int
            Of a sample of the answer.
        """

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Push changes through the layers inside, and join them."""
        inner, inside = rows, trace(self.layers, x)
        for layer, given, answer in zip(self.layers, inside, inside[1:], strict=False):
            inner = layer.push(inner, given, answer)
        return self.joined(rows, inner, z.shape[1:])


class Trace(list[Array]):
    """A batch, and what each layer made of it.

    Attributes
    ----------
    inside : dict of int -> Trace
        The same of the layers inside of a block, by its number.
    """

    def __init__(self, x: Array) -> None:
        super().__init__([x])
        self.inside: dict[int, Trace] = {}


def trace(layers: Sequence[Layer], x: Array, above: str = "") -> Trace:
    """Return x and the output of every layer, also of those inside of blocks.

    Raises
    ------
    ShapeError, InputError
        As `run` does.
    """
    found = Trace(x)
    for number, layer in enumerate(layers):
        if isinstance(layer, Block) and not foreign(layer):
            found.inside[number] = trace(layer.layers, found[-1], f"{above}{number}.")
        z = run([layer], found[-1], number, above)
        mine = any(foreign(part) for _, part in leaves([layer]))
        found.append(z.copy() if mine else z)  # its next answer may lie in this memory
    return found


def leaves(layers: Sequence[Layer], above: Sequence[int] = ()) -> Iterator[tuple[Place, Layer]]:
    """Yield every layer that may hold parameters, with its place, in order.

    A block is among them, before the layers inside, if it holds something of its own.
    """
    for number, layer in enumerate(layers):
        place = Place((*above, number))
        if not isinstance(layer, Block) or layer.params or layer.buffers or foreign(layer):
            yield place, layer
        if isinstance(layer, Block):
            yield from leaves(layer.layers, place)


def parts(layers: Sequence[Layer], above: Sequence[int] = ()) -> Iterator[tuple[Place, Layer]]:
    """Yield what a batch goes through, one after the other.

    Of a block whose forward is ours the layers inside; one with a forward of its own as it is.
    """
    for number, layer in enumerate(layers):
        place = Place((*above, number))
        if isinstance(layer, Block) and not foreign(layer):
            yield from parts(layer.layers, place)
        else:
            yield place, layer
