"""Weight perturbation: every weight nudged by ±h, its rows followed to the loss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.gradients.machine import spread
from nn.gradients.moves import Moves
from nn.gradients.tail import Tail
from nn.layers import Place, answer
from nn.rows import Rows

Array = NDArray[np.float64]
Places = NDArray[np.intp]


class Pairs(NamedTuple):
    """What nudged weights are multiplied by: the numbers of a (N, I) array that are not zero.

    Attributes
    ----------
    sample : (K,) int
    value : (K,) float64
        Each value of a sample once, where that saves much: a grey picture has few.
    entry : (M,) int
        The column i of each number that is not zero.
    of : (M,) int, or None
        Which of the K it is; None where K is M and each is itself.
    """

    sample: Places
    value: Array
    entry: Places
    of: Places | None

    @classmethod
    def read(cls, a: Array, distinct: bool) -> Pairs:
        """Look for the numbers that are not zero, and if wanted for the distinct ones."""
        places = np.flatnonzero(a)
        sample, entry = np.divmod(places, a.shape[1])
        value = a.ravel()[places]
        levels = np.unique(value)
        if not distinct or len(levels) * len(a) > 2 * len(value):
            return cls(sample, value, entry, None)
        # A table of samples by levels says which pairs there are, without sorting them.
        pair = sample * len(levels) + np.searchsorted(levels, value)
        present = np.zeros(len(a) * len(levels), bool)
        present[pair] = True
        pairs = np.flatnonzero(present)
        rank = np.empty(present.size, np.intp)
        rank[pairs] = np.arange(len(pairs))
        of_sample, of_level = np.divmod(pairs, len(levels))
        return cls(of_sample, levels[of_level], entry, rank[pair])

    def total(self, slopes: Array, entries: int) -> Array:
        """Return the sum of (K,) slopes over the samples, for each of the I entries."""
        each = slopes if self.of is None else slopes.take(self.of)
        return np.bincount(self.entry, each, entries).astype(np.float64, copy=False)


def by_pairs(tail: Tail, place: Place, name: str, moves: Moves, a: Array) -> Array:
    """Return slopes by a parameter that enters as the weights of a sum: the part of these samples.

    Weight (i, j) nudged by h moves output j of sample n by h a[n, i], and nothing else; where
    a[n, i] is zero, nothing at all.

    Parameters
    ----------
    tail : Tail
    place, name
        The parameter `name` of the layer at `place`.
    moves : Moves
        How far its entries are nudged.
    a : (N, I) array
        What they are multiplied by.
    """
    p = tail.path(place).here.layer.params[name]
    entries = a.shape[1]
    units = p.size // entries
    pairs = Pairs.read(a, distinct=not isinstance(moves.up, np.ndarray))
    samples, limit = max(len(pairs.value), 1), tail.limit(place, (1,)) // 2
    across, at_once = min(samples, limit), max(1, limit // samples)
    found = np.zeros((entries, units))

    def fill(first: int) -> None:
        some = np.arange(first, min(first + at_once, units))
        slopes = np.empty((len(some), len(pairs.value)))
        for left in range(0, len(pairs.value), across):
            part = slice(left, left + across)
            value, entry = pairs.value[part], pairs.entry[part]
            delta = np.empty((2, len(some), len(value), 1))
            for side, move in zip(delta, (moves.up, moves.down), strict=True):
                if isinstance(move, np.ndarray):
                    move = move.reshape(entries, units)[entry][:, some].T
                side[:, :, 0] = value * move
            rows = Rows(delta.reshape(-1, len(value), 1), pairs.sample[part], np.tile(some, 2))
            slopes[:, part] = tail.difference(rows, place)
        for unit, row in zip(some, slopes, strict=True):
            found[:, unit] = pairs.total(row, entries)

    spread(fill, range(0, units, at_once), tail.pays(place, (1,), 2 * samples * units))
    return found.reshape(p.shape) / (moves.distance * len(tail.problem.x))


def in_place(tail: Tail, place: Place, name: str, moves: Moves) -> Array:
    """Return slopes by any parameter, the part of these samples: nudge it, run its layer alone.

    The parameter ends with the bits it began with, also when the layer raises.
    """
    here = tail.path(place).here
    layer, x, z = here.layer, here.x, here.z
    p = layer.params[name]
    saved, found = p.copy(), np.zeros(p.shape)
    try:
        for index in np.ndindex(p.shape):
            delta = np.empty((2, *z.shape))
            for side, move in zip(delta, (moves.up, moves.down), strict=True):
                p[index] += move[index] if isinstance(move, np.ndarray) else move
                np.subtract(answer(layer, x), z, out=side)
                p[index] = saved[index]
            found[index] = _difference(tail, place, delta)
    finally:
        p[...] = saved
    return np.asarray(found / (moves.distance * len(tail.problem.x)))


def _difference(tail: Tail, place: Place, delta: Array) -> float:
    """Sum over the samples of the loss after delta[0] less that after delta[1]."""
    start = None
    if delta.ndim > 2:
        moved = np.flatnonzero(delta.any(axis=(0, 1, *range(3, delta.ndim))))
        if not moved.size:
            return 0.0
        start = np.full(2, moved[0])
        delta = delta[:, :, moved[0] : moved[-1] + 1]
    box, samples = delta.shape[2:], delta.shape[1]
    across = tail.limit(place, box, delta[0, 0].size) // 2
    total = 0.0
    for first in range(0, samples, across):
        sample = np.arange(first, min(first + across, samples)) if across < samples else None
        rows = Rows(delta[:, first : first + across], sample, start)
        up, down = tail.follow(rows, place)
        total += float(up.sum() - down.sum())
    return total
