"""A few entries of a gradient: where all of them would take too long, a sample stands for them.

Entries are places in the vector of all parameters, one array after the other.
"""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from benchmarks.nets import Net
from nn.gradients import Grads
from nn.gradients.machine import one_thread
from nn.probing import Subject
from nn.steps import Nudge, nudge

Array = NDArray[np.float64]
Places = NDArray[np.intp]
H = 1e-4  # for everything that nudges


class Sample(NamedTuple):
    """Slopes at some entries, (k,), and the seconds that all entries would take at their pace."""

    slopes: Array
    seconds: float


class Begun(Exception):
    """Raised to leave a loop that has begun: what it allocates is allocated by then."""


def flat(grads: Grads) -> Array:
    """All entries in one vector."""
    return np.concatenate([np.ravel(g) for g in grads.values()])


def unflat(net: Net, vector: Array) -> Grads:
    """The vector as arrays again, views of it."""
    found, first = {}, 0
    for key, p in net.network.params.items():
        found[key] = vector[first : first + p.size].reshape(p.shape)
        first += p.size
    return found


def draw(net: Net, count: int, rng: np.random.Generator) -> Places:
    """Draw entries evenly from all, none twice."""
    return rng.choice(net.network.size, min(count, net.network.size), replace=False)


def find(net: Net, place: int) -> tuple[str, tuple[int, ...]]:
    """Return the name and the index of the entry at a place."""
    for key, p in net.network.params.items():
        if place < p.size:
            return key, tuple(int(i) for i in np.unravel_index(place, p.shape))
        place -= p.size
    raise IndexError("beyond the last parameter")


def loop_at(net: Net, places: Places) -> Sample:
    """Nudge some entries as the loop does, by the code that it is made of, and time that.

    What the loop does once, before the first entry, does not count.
    """
    with one_thread(), np.errstate(all="ignore"):
        problem = net.network.problem(net.x, net.batch.t, H)
        subject = Subject(problem.params)
        nudges = {key: nudge(p, H, "central", key) for key, p in problem.params.items()}
        entries = [find(net, int(place)) for place in places]
        with subject.held(lambda _: problem.value()) as base:
            found = []
            begun = perf_counter()
            for key, index in entries:
                plus, minus, distance = nudges[key]
                points = Nudge(plus[index], minus[index], distance[index])
                slope = subject.quotient(
                    lambda _: problem.value(), key, index, points, "central", base
                )
                found.append(slope)
            taken = perf_counter() - begun
    return Sample(np.array(found), taken / len(places) * net.network.size)


def begin_loop(net: Net) -> None:
    """Begin the loop over all entries, and leave it after a few."""
    done = []

    def enough(_: int) -> None:
        done.append(_)
        if len(done) == 10:
            raise Begun

    problem = net.network.problem(net.x, net.batch.t, H)
    try:
        nn.numerical_gradient(lambda _: problem.value(), problem.params, H, progress=enough)
    except Begun:
        return
