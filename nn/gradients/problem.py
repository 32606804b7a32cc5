"""What a gradient method is given, and what it must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.gradients.inspection import Inspection, Inspector
from nn.layers import Block, Layer, Place, Trace, TwoMode, in_mode, run, trace, two_mode
from nn.losses import Loss

Array = NDArray[np.float64]
Grads = dict[str, Array]
_SOME = 32  # samples that stand for a batch of which not all is kept


class Site(NamedTuple):
    """Where a parameter is used: the name it has in the layer at a place of the network."""

    place: Place
    layer: Layer
    name: str


class Work(NamedTuple):
    """What one gradient takes: so many of a unit, such as 4 822 "loss evaluations"."""

    number: int
    unit: str


@dataclass(frozen=True)
class Problem:
    """The loss of a batch as a function of the parameters.

    Attributes
    ----------
    layers, loss
        The network.
    params : mapping of name -> array
        The live arrays that the layers read.
    sites : mapping of name -> tuple of Site
        All layers that hold that array, in order.
    x : (N, ...) float64
        The batch.
    t : array
        Its targets, as `loss.targets` returns them.
    activations : list of arrays, or None
        With no parameter nudged: x, the output of every layer, the last of them z. None for a
        batch so large that only z is kept.
    z : (N, ...) float64
        The outputs with no parameter nudged.
    inspector : Inspector
        Remembers from step to step what the layers can be relied on for.
    h : float > 0, or None for a step by the size of each parameter
    memory : int
        Bytes that perturbed rows may take.
    begun : int
        What `inspector.begun` was when layers had drawn for this batch.
    """

    layers: Sequence[Layer]
    loss: Loss
    params: Mapping[str, Array]
    sites: Mapping[str, tuple[Site, ...]]
    x: Array
    t: NDArray[Any]
    activations: Trace | None
    z: Array
    inspector: Inspector
    h: float | None
    memory: int
    begun: int = 0

    @property
    def size(self) -> int:
        """Number of parameters, each entry counted."""
        return sum(p.size for p in self.params.values())

    @cached_property
    def two_mode(self) -> list[TwoMode]:
        """The layers that learn otherwise than they answer."""
        return two_mode(self.layers)

    def training(self) -> AbstractContextManager[None]:
        """Have those layers train inside of a `with`."""
        return in_mode(self.two_mode, training=True)

    def value(self) -> float:
        """Return the mean loss of the batch, as it is trained on: one whole forward pass."""
        with self.training():
            return self.loss.mean(run(self.layers, self.x), self.t)

    @cached_property
    def clean_value(self) -> float:
        """The same with no parameter nudged, of the outputs already known."""
        return self.loss.mean(self.z, self.t)

    def inspection(self) -> Inspection:
        """Return what is known of the layers."""
        with self.training():
            return self.inspector.look(self.layers, self.x)

    @cached_property
    def some(self) -> Trace:
        """The activations, of some samples at least."""
        return self.activations or trace(self.layers, self.x[:_SOME])

    def end(self) -> None:
        """Have layers remember what they remember of a batch; once, when its gradient is known."""
        if self.two_mode:
            with self.training():
                _end(self.layers, self.activations or trace(self.layers, self.x))


def begin(layers: Sequence[Layer], x: Array, above: str = "") -> None:
    """Have layers draw what they draw for a batch; once, before its gradient is asked for."""
    for number, layer in enumerate(layers):
        if isinstance(layer, TwoMode):
            layer.begin(x)
        if isinstance(layer, Block):
            begin(layer.layers, x, f"{above}{number}.")
        x = run([layer], x, number, above)


def _end(layers: Sequence[Layer], activations: Trace) -> None:
    """Have layers remember what they remember of a batch."""
    for number, (layer, x) in enumerate(zip(layers, activations, strict=False)):
        if isinstance(layer, TwoMode):
            layer.end(x)
        if isinstance(layer, Block):
            _end(layer.layers, activations.inside.get(number) or trace(layer.layers, x))


class Method(ABC):
    """A way to get the gradient of a `Problem` by differences."""

    name: ClassVar[str]

    @abstractmethod
    def work(self, problem: Problem) -> Work:
        """Return what one gradient takes, counted."""

    def ways(self, problem: Problem) -> dict[Place, str]:
        """Return how the slopes of each layer with parameters are found, by its place."""
        return {site.place: self.name for sites in problem.sites.values() for site in sites}

    def news(self, problem: Problem) -> list[str]:
        """Return what the user should know about those ways, and has not been told."""
        return []

    @abstractmethod
    def gradient(self, problem: Problem) -> Grads:
        """Return dL/dp for every parameter; the parameters end with the bits they began with."""
