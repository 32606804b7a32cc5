"""The way from a layer to the loss, out of all blocks it stands in, and what a row costs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.layers import Block, Layer, Place, ours
from nn.rows import Rows

Array = NDArray[np.float64]


class Link(NamedTuple):
    """A layer, the batch it is given, and its answer."""

    layer: Layer
    x: Array
    z: Array


@dataclass(frozen=True)
class Path:
    """A layer, and all that a change of its answer goes through.

    A block adds to its input, which has not changed, so it is left as its last layer is.

    Attributes
    ----------
    here : Link
    after : tuple of Link
    mixed : bool
        Whether rows must be whole batches, because of a layer on the way that mixes samples.
    """

    here: Link
    after: tuple[Link, ...]
    mixed: bool


def path(layers: Sequence[Layer], activations: Sequence[Array], place: Place) -> Path:
    """Return the path that begins at a place, for a batch with these activations."""
    after: list[Link] = []
    for depth, number in enumerate(place):
        links = [Link(*at) for at in zip(layers, activations, activations[1:], strict=False)]
        after = links[number + 1 :] + after
        if depth < len(place) - 1:
            block = layers[number]
            assert isinstance(block, Block)
            layers, activations = block.layers, block.trace(activations[number])
    return Path(links[number], tuple(after), any(link.layer.mixes for link in after))


def effort(path: Path, box: tuple[int, ...]) -> tuple[int, int]:
    """Return how many numbers a row has where it is widest, and in all.

    A row without a change is sent along, a box of such a shape in the middle of the answer; or
    rows of a whole batch, where samples are mixed.
    """
    z = path.here.z
    samples = len(z) if path.mixed else 1
    some = None if path.mixed else np.zeros(1, np.intp)
    if z.ndim == 1:
        rows = Rows(np.zeros((1, samples)), some)
    else:
        begin = [(length - part) // 2 for length, part in zip(z.shape[1:], box, strict=True)]
        start = None if box[0] == z.shape[1] else np.array(begin[:1])
        corner = None if box[1:] == z.shape[2:] else np.array([begin[1:]])
        rows = Rows(np.zeros((1, samples, *box)), some, start, corner)
    widest = total = rows.delta.size
    for layer, x, z in path.after:
        room = layer.room(rows, x)
        rows = push(layer, rows, x, z)
        widest = max(widest, rows.delta.size, room)
        total += rows.delta.size + room
    return -(-widest // samples), -(-total // samples)


def push(layer: Layer, rows: Rows, x: Array, z: Array) -> Rows:
    """Push rows through a layer; one that is not ours need not know of windows."""
    if rows.corner is not None and not ours(type(layer), "push"):
        rows = rows.spread(x.shape[1:])
    return layer.push(rows, x, z)
