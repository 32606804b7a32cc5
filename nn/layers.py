"""Layers: arrays in, arrays out, with named parameters to learn.

A layer needs no more than `forward`. It learns because its parameters are nudged, not because it
knows its own derivative; `backward` is for authors who want to have theirs checked.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nn import functional
from nn.errors import ArgumentError, InputError, ShapeError, check_count, check_number
from nn.initializers import Initializer, Xavier, Zeros

Array = NDArray[np.float64]
Seed = np.random.Generator | int | None


class Layer(ABC):
    """What every layer is: `params`, and a `forward` that gives the same answer every time.

    Attributes
    ----------
    params : dict of name -> float64 array
        What is learnt; empty unless the layer says otherwise.
    grads : dict of name -> array
        Filled by `backward`, where an author wrote one.
    """

    params: dict[str, Array]
    grads: dict[str, Array]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Give each layer its own empty `params` and `grads`; no `super().__init__()` needed."""
        layer = super().__new__(cls)
        layer.params, layer.grads = {}, {}
        return layer

    def __init__(self) -> None:
        super().__init__()  # a layer without options takes none: ReLU(0.1) fails

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """Return the output for a batch: samples along axis 0, of x and of the answer."""

    def __call__(self, x: Any) -> Array:
        """Return `forward(x)`, of x as float64."""
        return self.forward(np.asarray(x, np.float64))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def run(layers: Sequence[Layer], x: Array) -> Array:
    """Push a batch through the layers, in order.

    Raises
    ------
    ShapeError, InputError
        If a layer cannot take what the one before it gives, or does not answer with one row of
        float64 a sample; says which layer.
    """
    for place, layer in enumerate(layers):
        try:
            z = layer.forward(x)
        except ShapeError as error:
            raise ShapeError(f"layer {place}, {layer!r}: {error}") from error
        if not isinstance(z, np.ndarray) or z.shape[:1] != x.shape[:1]:
            got = f"shape {z.shape}" if isinstance(z, np.ndarray) else type(z).__name__
            raise ShapeError(
                f"layer {place}, {layer!r}: forward must return an array with a row for each of"
                f" the {len(x)} samples, got {got}"
            )
        if z.dtype.kind in "iub":
            z = z.astype(np.float64)
        elif z.dtype != np.float64:
            raise InputError(
                f"layer {place}, {layer!r}: forward must return float64, got {z.dtype}; what a"
                " nudge changes is lost in another precision"
            )
        x = z
    return x


class Linear(Layer):
    """z = x W + b.

    Parameters
    ----------
    in_features, out_features : int >= 1
        In a config, may be left out where the data or the layer before decides.
    bias : bool
        Without one, z = x W.
    init : Initializer
        Where W starts, Xavier by default; b starts at zero.
    rng : numpy Generator, int or None
        Source of the first weights; None is a different one each time.

    Attributes
    ----------
    params : "W" (in_features, out_features) and "b" (out_features,)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        init: Initializer | None = None,
        rng: Seed = None,
    ) -> None:
        check_count("in_features", in_features)
        check_count("out_features", out_features)
        generator = np.random.default_rng(rng)
        shape = (in_features, out_features)
        self.params["W"] = (Xavier() if init is None else init)(shape, generator)
        if bias:
            self.params["b"] = Zeros()((out_features,), generator)

    def forward(self, x: Array) -> Array:
        """(N, in_features) -> (N, out_features)."""
        W = self.params["W"]
        if x.ndim != 2 or x.shape[1] != W.shape[0]:
            hint = "; a Flatten layer before it makes rows of images" if x.ndim > 2 else ""
            raise ShapeError(f"Linear needs x of shape (N, {W.shape[0]}), got {x.shape}{hint}")
        z = x.dot(W)
        if "b" in self.params:
            z += self.params["b"]
        return np.asarray(z)

    def __repr__(self) -> str:
        inputs, outputs = self.params["W"].shape
        return f"Linear({inputs}, {outputs}{'' if 'b' in self.params else ', bias=False'})"


class Sigmoid(Layer):
    """1 / (1 + exp(-x)): squeezes into (0, 1)."""

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return functional.sigmoid(x)


class Tanh(Layer):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)): squeezes into (-1, 1)."""

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return np.tanh(x)


class ReLU(Layer):
    """max(x, 0).

    References
    ----------
    Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
    """

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return np.maximum(x, 0.0)


class LeakyReLU(Layer):
    """x above zero, negative_slope * x below.

    References
    ----------
    Maas, Hannun, Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        check_number("negative_slope", negative_slope)
        self.negative_slope = negative_slope

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return np.where(x > 0, x, self.negative_slope * x)


class GELU(Layer):
    """x times the chance that a standard normal number is below x.

    Parameters
    ----------
    approximate : "none" or "tanh"
        "tanh" is faster and off by up to 5e-4.

    References
    ----------
    Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415, 2016.
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ArgumentError("approximate", "'none' or 'tanh'", approximate)
        self.approximate = approximate

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return functional.gelu_tanh(x) if self.approximate == "tanh" else functional.gelu(x)


class Softplus(Layer):
    """log(1 + exp(beta x)) / beta: a relu without the kink, sharper for larger beta > 0.

    References
    ----------
    Dugas, Bengio, Bélisle, Nadeau, Garcia, Incorporating Second-Order Functional Knowledge for
    Better Option Pricing, NeurIPS 2000.
    """

    def __init__(self, beta: float = 1.0) -> None:
        check_number("beta", beta, above=0)
        self.beta = beta

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return functional.softplus(self.beta * x) / self.beta


class Softmax(Layer):
    """exp(x) / sum exp(x) along the last axis: probabilities.

    Not needed before a CrossEntropyLoss, which works on the raw outputs.
    """

    def forward(self, x: Array) -> Array:
        """Any shape of two axes or more, kept."""
        if x.ndim < 2:
            raise ShapeError(f"Softmax needs x of shape (N, ..., classes), got {x.shape}")
        return functional.softmax(x)


class Flatten(Layer):
    """Make one row of each sample: (N, ...) -> (N, features)."""

    def forward(self, x: Array) -> Array:
        """(N, ...) -> (N, product of the rest)."""
        return x.reshape(len(x), math.prod(x.shape[1:]))
