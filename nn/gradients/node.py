"""Node perturbation: every unit nudged by ±h in every sample; its weights follow by a product."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nn.gradients.machine import spread
from nn.gradients.moves import Moves
from nn.gradients.tail import Tail
from nn.layers import Place
from nn.rows import Places, Rows

Array = NDArray[np.float64]


def by_nodes(tail: Tail, place: Place, names: list[str]) -> dict[str, Array]:
    """Return slopes by the weights of the sums that a layer makes: the part of these samples.

    D is the slope of the batch's loss by each number of the layer's answer. Weights enter
    linearly, so theirs is a sum of D times what they are multiplied by: the numbers of weight
    perturbation up to O(h²).

    Parameters
    ----------
    tail : Tail
    place, names
        Parameters of the layer at `place` that it has `terms` for.

    References
    ----------
    Jabri and Flower, Weight Perturbation, IEEE Transactions on Neural Networks 3, 1992.
    Widrow and Lehr, 30 Years of Adaptive Neural Networks, Proceedings of the IEEE 78, 1990
    (rule III of Madaline: nodes).
    """
    here = tail.path(place).here
    slopes = node_slopes(tail, place)
    found = {}
    for name in names:
        terms, slopes_by = here.terms(name), np.empty(here.layer.params[name].shape)
        assert terms is not None
        terms.table(slopes_by)[...] = terms.by_slopes(slopes)
        found[name] = slopes_by
    return found


def node_slopes(tail: Tail, place: Place) -> Array:
    """Return D, in the shape of a layer's answer: the slope of the batch's loss by each number."""
    z = tail.path(place).here.z
    samples, shape = len(z), z.shape[1:]
    units, box = math.prod(shape), (1,) * len(shape)
    moves = Moves.of(
        np.moveaxis(z, 0, -1).reshape(units, samples), tail.problem.h, f"output of layer {place}"
    )
    limit = tail.limit(place, box) // 2
    across = min(samples, limit)
    at_once = max(1, limit // samples)
    found = np.empty((units, samples))

    def fill(first: int) -> None:
        some = np.arange(first, min(first + at_once, units))
        begin = _begin(np.tile(some, 2), shape)
        for left in range(0, samples, across):
            part = slice(left, min(left + across, samples))
            delta = np.empty((2, len(some), part.stop - left))
            for side, move in zip(delta, (moves.up, moves.down), strict=True):
                side[...] = move[some, part] if isinstance(move, np.ndarray) else move
            sample = None if across == samples else np.arange(left, part.stop)
            rows = Rows(delta.reshape(2 * len(some), -1, *box), sample, *begin)
            found[some, part] = tail.difference(rows, place)

    spread(fill, range(0, units, at_once), tail.pays(place, box, 2 * samples * units))
    found /= moves.distance * len(tail.problem.x)
    return np.moveaxis(found.reshape(*shape, samples), -1, 0)


def _begin(units: Places, shape: tuple[int, ...]) -> tuple[Places | None, Places | None]:
    """Return where units lie in samples of that shape: start and corner of rows."""
    at = np.stack(np.unravel_index(units, shape), axis=1)
    return at[:, 0], at[:, 1:] if len(shape) > 1 else None
