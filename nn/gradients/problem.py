"""What a gradient method is given, and what it must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nn.layers import Layer, run
from nn.losses import Loss

Array = NDArray[np.float64]
Grads = dict[str, Array]


@dataclass(frozen=True)
class Problem:
    """The loss of a batch as a function of the parameters.

    Attributes
    ----------
    layers, loss
        The network.
    params : mapping of name -> array
        The live arrays that the layers read.
    x : (N, ...) float64
        The batch.
    t : array
        Its targets, as `loss.targets` returns them.
    z : (N, ...) float64
        The outputs with no parameter nudged.
    h : float > 0, or None for a step by the size of each parameter
    """

    layers: Sequence[Layer]
    loss: Loss
    params: Mapping[str, Array]
    x: Array
    t: NDArray[Any]
    z: Array
    h: float | None = 1e-4

    @property
    def size(self) -> int:
        """Number of parameters, each entry counted."""
        return sum(p.size for p in self.params.values())

    def value(self) -> float:
        """Return the mean loss of the batch: one whole forward pass."""
        return self.loss.mean(run(self.layers, self.x), self.t)

    def clean_value(self) -> float:
        """Return the same of the outputs already known."""
        return self.loss.mean(self.z, self.t)


class Method(ABC):
    """A way to get the gradient of a `Problem` by differences."""

    name: ClassVar[str]

    @abstractmethod
    def evaluations(self, problem: Problem) -> int:
        """Return the price of one gradient, in forward passes of the whole batch."""

    @abstractmethod
    def gradient(self, problem: Problem) -> Grads:
        """Return dL/dp for every parameter; the parameters end with the bits they began with."""
