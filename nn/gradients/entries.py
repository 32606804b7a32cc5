"""Weights that move many numbers of each sample, or samples that a layer will mix.

A weight of a convolution moves all pixels of a channel, in every sample. And where a layer to come
takes the mean of its batch, a nudge is followed in the whole batch or not at all. So one weight is
one slice of the rows here, and the samples of the batch lie across it, in order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.gradients.machine import spread
from nn.gradients.moves import Moves
from nn.gradients.tail import Tail
from nn.layers import Place, Terms
from nn.rows import Rows

Array = NDArray[np.float64]


def by_entries(tail: Tail, place: Place, name: str, moves: Moves, terms: Terms) -> Array:
    """Return slopes by a parameter, the part of these samples, entry by entry of its units.

    Parameters
    ----------
    tail : Tail
    place, name
        The parameter `name` of the layer at `place`.
    moves : Moves
        How far its entries are nudged.
    terms : Terms
        What they are multiplied by; no unit has entries of its `own`.
    """
    here = tail.path(place).here
    p, shape, samples = here.layer.params[name], here.z.shape[1:], len(here.z)
    entries, units, box = terms.entries, p.size // terms.entries, terms.box(here.z.shape[1:])
    across, at_once = _cut(tail, place, box, samples)
    found, mixed = np.zeros((entries, units)), tail.path(place).mixed

    def fill(first: int) -> None:
        some = np.arange(first, min(first + at_once, entries))
        a = terms.part(range(first, first + len(some)))
        alive = a.reshape(len(a), -1).any(axis=1)  # the border of pictures is blank
        some, a = some[alive], a[alive]
        if not some.size:
            return
        used = np.arange(samples)
        if not mixed:  # few samples have a word that many others are embedded beside
            used = np.flatnonzero(a.reshape(-1, samples).any(axis=0))
            a = a[..., used] if len(used) < samples else a
        for left in range(0, len(used), across):
            part = a[..., left : left + across].reshape(len(a), *box, -1)
            sample = None if part.shape[-1] == samples else used[left : left + across]
            one_h = not isinstance(moves.up, np.ndarray)
            nudged = _nudged(part, moves.up, moves.down) if one_h else part
            for unit in range(units):
                if not one_h:
                    up, down = (
                        _broadcast(terms.table(np.asarray(move))[some, unit], part)
                        for move in (moves.up, moves.down)
                    )
                    nudged = _nudged(part, up, down)
                begin = terms.begin(np.full(len(nudged), unit), shape)
                change = tail.difference(Rows(np.moveaxis(nudged, -1, 1), sample, *begin), place)
                found[some, unit] += change.sum(axis=1)

    pays = tail.pays(place, box, 2 * samples * entries * units)
    spread(fill, range(0, entries, at_once), pays)
    return _finished(tail, terms, found, p, moves)


def by_units(tail: Tail, place: Place, name: str, moves: Moves, terms: Terms) -> Array:
    """Return the same where each unit has one entry of its own."""
    here = tail.path(place).here
    p, shape, samples = here.layer.params[name], here.z.shape[1:], len(here.z)
    box = terms.box(shape)
    across, at_once = _cut(tail, place, box, samples)
    a = np.moveaxis(terms.a, 0, -1)
    found = np.zeros((1, p.size))

    def fill(first: int) -> None:
        some = np.arange(first, min(first + at_once, p.size))
        begin = terms.begin(np.tile(some, 2), shape)
        for left in range(0, samples, across):
            part = a[some, ..., left : left + across].reshape(len(some), *box, -1)
            sample = None if across == samples else np.arange(left, left + part.shape[-1])
            up, down = (
                _broadcast(move.ravel()[some], part) if isinstance(move, np.ndarray) else move
                for move in (moves.up, moves.down)
            )
            nudged = _nudged(part, up, down)
            change = tail.difference(Rows(np.moveaxis(nudged, -1, 1), sample, *begin), place)
            found[0, some] += change.sum(axis=1)

    spread(fill, range(0, p.size, at_once), tail.pays(place, box, 2 * samples * p.size))
    return _finished(tail, terms, found, p, moves)


def _cut(tail: Tail, place: Place, box: tuple[int, ...], samples: int) -> tuple[int, int]:
    """Return how many samples, and how many weights, are nudged at once."""
    limit = tail.limit(place, box) // 2
    across = samples if tail.path(place).mixed else min(samples, limit)
    return across, max(1, limit // across)


def _nudged(a: Array, up: Array | float, down: Array | float) -> Array:
    """Return all that weights move when nudged up, then all when nudged down."""
    found = np.empty((2 * len(a), *a.shape[1:]))
    np.multiply(a, up, out=found[: len(a)])
    np.multiply(a, down, out=found[len(a) :])
    return found


def _broadcast(moves: Array, a: Array) -> Array:
    """Return one move for each of the weights that a is of."""
    return moves.reshape(-1, *[1] * (a.ndim - 1))


def _finished(tail: Tail, terms: Terms, found: Array, p: Array, moves: Moves) -> Array:
    """Return slopes in the shape of p, of sums over the samples of loss up less loss down."""
    slopes = np.empty(p.shape)
    terms.table(slopes)[...] = found
    return np.asarray(slopes / (moves.distance * len(tail.problem.x)))
