"""The way from a layer to the loss, out of all blocks it stands in, and what a row costs on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn.layers import Block, Layer, Place, Terms, Trace, answer, as_terms, foreign, ours
from nn.rows import Rows

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Link:
    """A layer, the batch it is given, and its answer.

    Attributes
    ----------
    layer : Layer
    x, z : arrays
    inside : tuple of Link
        Of a block whose forward is ours: the layers it is made of.
    mixed : bool
        Whether it mixes samples, so that only rows of whole batches can be pushed.
    """

    layer: Layer
    x: Array
    z: Array
    inside: tuple[Link, ...]
    mixed: bool

    def terms(self, name: str) -> Terms | None:
        """Return how a parameter enters as the weights of a sum; None where it does not."""
        return None if self.z.ndim == 1 else as_terms(self.layer.terms(name, self.x))


@dataclass(frozen=True, slots=True)
class Path:
    """A layer, and all that a change of its answer goes through.

    A block adds to its input, which has not changed, so it is left as its last layer is.

    Attributes
    ----------
    here : Link
    after : tuple of Link
    """

    here: Link
    after: tuple[Link, ...]

    @property
    def mixed(self) -> bool:
        """Whether rows must be whole batches, because of a layer on the way that mixes samples."""
        return any(link.mixed for link in self.after)


def links(
    layers: Sequence[Layer],
    activations: Trace,
    mixing: frozenset[Place],
    above: Place = Place(()),  # noqa: B008
) -> tuple[Link, ...]:
    """Return the layers of a network with what they are given; `mixing` are those that mix."""
    found = []
    for number, layer in enumerate(layers):
        place, x, z = Place((*above, number)), activations[number], activations[number + 1]
        inside: tuple[Link, ...] = ()
        if isinstance(layer, Block) and number in activations.inside:
            inside = links(layer.layers, activations.inside[number], mixing, place)
        mixed = place in mixing or any(link.mixed for link in inside)
        found.append(Link(layer, x, z, inside, mixed))
    return tuple(found)


def path(links: Sequence[Link], place: Place) -> Path:
    """Return the path that begins at a place."""
    after: tuple[Link, ...] = ()
    here = links[place[0]]
    for depth, number in enumerate(place):
        here, after = links[number], (*links[number + 1 :], *after)
        links = here.inside if depth < len(place) - 1 else ()
    return Path(here, after)


def push(link: Link, rows: Rows, note: Callable[[int], object] | None = None) -> Rows:
    """Push rows through a layer, in the way that it can take them.

    Parameters
    ----------
    link : Link
    rows : Rows
    note : callable, optional
        Called with the numbers that it takes: beside the changes, and for those it returns.
    """
    layer, x, z = link.layer, link.x, link.z
    if link.inside:
        assert isinstance(layer, Block)
        inner = rows
        for part in link.inside:
            inner = push(part, inner, note)
        found = layer.joined(rows, inner, z.shape[1:])
    else:
        if rows.corner is not None and not ours(type(layer), "push"):
            rows = rows.spread(x.shape[1:])  # it need not know of windows
        if note is not None:
            note(layer.room(rows, x))
        alone = not (link.mixed and foreign(layer))
        found = layer.push(rows, x, z) if alone else push_batches(link, rows)
    if note is not None:
        note(found.delta.size)
    return found


def push_batches(link: Link, rows: Rows) -> Rows:
    """Push rows of whole batches through a layer that mixes samples: one batch at a time."""
    rows = rows.spread(link.x.shape[1:])
    found = np.empty((len(rows.delta), *link.z.shape))
    for changed, delta in zip(found, rows.delta, strict=True):
        np.subtract(answer(link.layer, link.x + delta), link.z, out=changed)
    return rows.widened(found)


ARRAYS = 16  # of the widest numbers that are alive at the same time, on two cores


def batch_needs(path: Path, box: tuple[int, ...]) -> int:
    """Return the bytes that rows of a whole batch take, up and down, for a weight of such a box."""
    return 2 * len(path.here.z) * effort(path, box)[0] * 8 * ARRAYS


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
    noted = [rows.delta.size]
    for link in path.after:
        rows = push(link, rows, noted.append)
    return -(-max(noted) // samples), -(-sum(noted) // samples)
