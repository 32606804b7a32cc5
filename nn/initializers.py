"""Where weights start: (shape, rng) -> array.

A weight matrix has the shape (in, out), a convolution (out, in, height, width). `fan_in` counts
the inputs that meet in one unit, `fan_out` the units one input reaches.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nn.errors import ArgumentError, check_number

Array = NDArray[np.float64]
Shape = tuple[int, ...]
Distribution = Literal["uniform", "normal"]


def fans(shape: Shape) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight array."""
    if len(shape) == 2:
        return shape[0], shape[1]
    field = math.prod(shape[2:])
    inputs = shape[1] if len(shape) > 2 else shape[0]
    return inputs * field, shape[0] * field


class Initializer(ABC):
    """A rule for the first values of a weight array."""

    @abstractmethod
    def __call__(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Return a new float64 array of `shape`."""


@dataclass(frozen=True)
class Zeros(Initializer):
    """All zero: right for biases; in a hidden layer's weights it keeps all units alike for ever.

    References
    ----------
    Goodfellow, Bengio, Courville, Deep Learning, MIT Press 2016, section 8.4 (symmetry).
    """

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Return zeros; `rng` is not used."""
        return np.zeros(shape)


@dataclass(frozen=True)
class Normal(Initializer):
    """Normal numbers of mean 0 and standard deviation `std` >= 0.

    References
    ----------
    The 0.01 is that of Krizhevsky, Sutskever, Hinton, ImageNet Classification with Deep
    Convolutional Neural Networks, NeurIPS 2012, and of Deep Learning from Scratch.
    """

    std: float = 0.01

    def __post_init__(self) -> None:
        check_number("std", self.std, at_least=0)

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Draw the array."""
        return rng.normal(0.0, abs(self.std), shape)


@dataclass(frozen=True)
class Uniform(Initializer):
    """Even between -limit and +limit; without a limit, 1 / sqrt(fan_in).

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010, equation 1: the rule that was common before theirs.
    """

    limit: float | None = None

    def __post_init__(self) -> None:
        if self.limit is not None:
            check_number("limit", self.limit, at_least=0)

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Draw the array."""
        limit = 1 / math.sqrt(fans(shape)[0]) if self.limit is None else self.limit
        return rng.uniform(-limit, limit, shape)


@dataclass(frozen=True)
class Xavier(Initializer):
    """Variance 2 / (fan_in + fan_out): keeps signals even through sigmoid and tanh layers.

    *Deep Learning from Scratch* has 1 / fan_in, which is `Normal(1 / np.sqrt(fan_in))`.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010.
    """

    distribution: Distribution = "uniform"

    def __post_init__(self) -> None:
        _check_distribution(self.distribution)

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Draw the array."""
        return _draw(2 / sum(fans(shape)), self.distribution, shape, rng)


@dataclass(frozen=True)
class He(Initializer):
    """Variance 2 / fan_in: makes up for the half of its inputs that a relu turns off.

    References
    ----------
    He, Zhang, Ren, Sun, Delving Deep into Rectifiers, ICCV 2015.
    """

    distribution: Distribution = "normal"

    def __post_init__(self) -> None:
        _check_distribution(self.distribution)

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Draw the array."""
        return _draw(2 / fans(shape)[0], self.distribution, shape, rng)


def _check_distribution(distribution: str) -> None:
    if distribution not in ("uniform", "normal"):
        raise ArgumentError("distribution", "'uniform' or 'normal'", distribution)


def _draw(variance: float, distribution: str, shape: Shape, rng: np.random.Generator) -> Array:
    if distribution == "normal":
        return rng.normal(0.0, math.sqrt(variance), shape)
    limit = math.sqrt(3 * variance)
    return rng.uniform(-limit, limit, shape)
