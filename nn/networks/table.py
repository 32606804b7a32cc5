"""The table of layers: what each is, and what it makes of a sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.layers import Block, Layer, Place, run

Array = NDArray[np.float64]


class Row(NamedTuple):
    """A line of the table of layers; `shape` is that of one sample's output."""

    place: Place
    layer: str
    shape: tuple[int, ...]
    parameters: int


def rows(layers: Sequence[Layer], x: Array, above: Place) -> Iterator[Row]:
    """Yield a line a layer, and after that of a block those of the layers inside."""
    for number, layer in enumerate(layers):
        z, place = run([layer], x), Place((*above, number))
        inside = layer.layers if isinstance(layer, Block) else ()
        count = sum(p.size for p in layer.params.values())
        name = type(layer).__name__ if inside else repr(layer)
        yield Row(place, name, z.shape[1:], count)
        yield from rows(inside, x, place)
        x = z
