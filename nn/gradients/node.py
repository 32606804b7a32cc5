"""Node perturbation: every unit nudged by ±h in every sample; its weights follow by a product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.gradients.machine import spread
from nn.gradients.moves import Moves
from nn.gradients.tail import Tail

Array = NDArray[np.float64]


def by_nodes(tail: Tail, place: int, names: list[str]) -> dict[str, Array]:
    """Return slopes by the weights of the sums that a layer makes: the part of these samples.

    D[j, n] is the slope of the batch's loss by output j of sample n. Weights enter linearly, so
    theirs is Σ_n a[n, i] D[j, n]: the numbers of weight perturbation up to O(h²).

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
    problem = tail.problem
    layer, x, z = problem.layers[place], *tail.activations[place : place + 2]
    slopes = node_slopes(tail, place, z)
    found = {}
    for name in names:
        a, p = layer.terms(name, x), layer.params[name]
        assert a is not None
        found[name] = a.T.dot(slopes.T).reshape(p.shape)
    return found


def node_slopes(tail: Tail, place: int, z: Array) -> Array:
    """Return D, (units, N): the slope of the batch's loss by each output of a layer."""
    samples, units = z.shape
    moves = Moves.of(z.T, tail.problem.h, f"output of layer {place}")
    limit = tail.limit(place) // 2
    across = min(samples, limit)
    at_once = max(1, limit // samples)
    found = np.empty((units, samples))

    def fill(first: int) -> None:
        some = np.arange(first, min(first + at_once, units))
        for left in range(0, samples, across):
            part = slice(left, left + across)
            delta = np.empty((2, len(some), len(z[part]), 1))
            for side, move in zip(delta, (moves.up, moves.down), strict=True):
                side[:, :, 0] = move[some, part] if isinstance(move, np.ndarray) else move
            sample = None if across == samples else np.arange(left, left + len(z[part]))
            found[some, part] = tail.difference(delta, sample, some, place)

    spread(fill, range(0, units, at_once), tail.pays(place, 2 * samples * units))
    found /= moves.distance * len(tail.problem.x)
    return found
