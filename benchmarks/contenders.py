"""What is timed: our methods, and backprop by hand.

A step is what a training step needs of a method: forward and the gradient of the mean loss of the
batch, without the update. Everything is float64.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import nn
from benchmarks.backprop import backprop
from benchmarks.entries import H, Places, Sample, begin_loop, loop_at
from benchmarks.nets import Net
from nn.gradients import Grads
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


def ours(net: Net) -> list[Contender]:
    """Return the methods of this package."""
    two = f"{min(2, cores())}, BLAS 1"
    return [
        Contender(
            LOOP,
            lambda: net.network.numerical_gradient(net.x, net.batch.t, LOOP, H),
            "BLAS 1",
            some=lambda places: loop_at(net, places),
            begin=lambda: begin_loop(net),
        ),
        _method(net, "weight", "weight", two),
        _method(net, "node", "node", two),
        _method(
            net,
            "direction",
            nn.gradients.Direction(rng=0),
            "BLAS 1",
            note="10 random directions: a noisy estimate, so its difference is no error",
        ),
    ]


def _method(
    net: Net, name: str, method: str | nn.gradients.Method, threads: str, note: str = ""
) -> Contender:
    return Contender(
        name,
        lambda: net.network.numerical_gradient(net.x, net.batch.t, method, H),
        threads,
        note=note,
    )


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
