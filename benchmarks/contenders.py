"""What is timed: our methods, and backprop by hand.

A step is what a training step needs of a method: forward and the gradient of the mean loss of the
batch, without the update. Everything is float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import nn
from benchmarks.backprop import backprop
from benchmarks.entries import H, Places, Sample, begin_loop, loop_at
from benchmarks.nets import Net
from nn.gradients import Grads, get_method
from nn.gradients.machine import cores, one_thread

LOOP, BACKPROP = "loop", "backprop"


@dataclass(frozen=True)
class Contender:
    """A way to find the gradient of one net.

    Attributes
    ----------
    name : str
    whole : callable
        Returns dL/dp for every parameter.
    threads : str
        What it may use.
    some : callable, Places -> Sample, or None
        Finds a few entries, where time goes entry by entry; None where it does not.
    begin : callable or None
        Begins `whole` and leaves it early: for the memory of what takes too long.
    around : callable
        Returns a context to be timed in.
    traced : bool
        Whether tracemalloc sees what it allocates.
    note : str
        For the reader of its numbers.
    left_out : str
        What it does for a whole gradient and not for a sample of entries.
    ways : mapping of str -> str
        How the slopes of each layer are found, by its place, where a method chooses.
    """

    name: str
    whole: Callable[[], Grads]
    threads: str
    some: Callable[[Places], Sample] | None = None
    begin: Callable[[], None] | None = None
    around: Callable[[], AbstractContextManager[Any]] = nullcontext
    traced: bool = True
    note: str = ""
    left_out: str = ""
    ways: Mapping[str, str] = field(default_factory=dict)


def ours(net: Net) -> list[Contender]:
    """Return the methods of this package.

    Where a layer takes the largest of several numbers, units before it are never nudged one by
    one, so node is left out: what it would do instead is auto.
    """
    by_rows = ["weight", "node", "auto"]
    if any(layer.ties for layer in net.network.layers):
        by_rows.remove("node")
    direction = nn.gradients.Direction(rng=0)
    return [
        Contender(
            LOOP,
            lambda: net.network.numerical_gradient(net.x, net.batch.t, LOOP, H),
            "BLAS 1",
            some=lambda places: loop_at(net, places),
            begin=lambda: begin_loop(net),
        ),
        *(_by_rows(net, name) for name in by_rows),
        Contender(
            "direction",
            lambda: net.network.numerical_gradient(net.x, net.batch.t, direction, H),
            "BLAS 1",
            note="10 random directions: a noisy estimate, so its difference is no error",
        ),
    ]


def _by_rows(net: Net, name: str) -> Contender:
    chosen = get_method(name).ways(net.network.problem(net.x, net.batch.t, H))
    ways = {str(place): way for place, way in chosen.items()}
    return Contender(
        name,
        lambda: net.network.numerical_gradient(net.x, net.batch.t, name, H),
        f"{min(2, cores())}, BLAS 1",
        note=_told(ways) if name == "auto" else "",
        ways=ways,
    )


def _told(ways: Mapping[str, str]) -> str:
    """{"1": "weight", "4": "node", "8": "node"} -> "layer 1 by weight, layers 4, 8 by node"."""
    found = []
    for way in dict.fromkeys(ways.values()):
        places = [place for place, other in ways.items() if other == way]
        found.append(f"layer{'s' * (len(places) > 1)} {', '.join(places)} by {way}")
    return ", ".join(found)


def by_hand(net: Net) -> list[Contender]:
    """Return backprop with BLAS held to one thread, as ours is, and with its default."""
    if not net.activation:
        return []

    def gradient() -> Grads:
        pairs = backprop(net.weights, net.activation, net.x, net.batch.t)
        return dict(zip(net.keys, (g for pair in pairs for g in pair), strict=True))

    return [
        Contender(BACKPROP, gradient, "BLAS 1", around=one_thread),
        Contender("backprop, BLAS free", gradient, "BLAS default"),
    ]
