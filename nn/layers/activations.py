"""Activations: functions of each number alone."""

from __future__ import annotations

from typing import Literal

import numpy as np

from nn import functional
from nn.errors import ArgumentError, check_number
from nn.layers.base import Array, Elementwise
from nn.rows import Rows


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x)): squeezes into (0, 1)."""

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return functional.sigmoid(x)


class Tanh(Elementwise):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)): squeezes into (-1, 1)."""

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return np.tanh(x)


class ReLU(Elementwise):
    """max(x, 0).

    References
    ----------
    Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
    """

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return np.maximum(x, 0.0)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Do the same in one array: large pictures stay in the processor's cache."""
        found = rows.moved(x)
        np.maximum(found, 0.0, out=found)
        found -= rows.of(z)
        return rows.with_delta(found)


class LeakyReLU(Elementwise):
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


class GELU(Elementwise):
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


class Softplus(Elementwise):
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


class ELU(Elementwise):
    """x above zero, alpha * (exp(x) - 1) below.

    References
    ----------
    Clevert, Unterthiner, Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear
    Units, ICLR 2016.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        check_number("alpha", alpha)
        self.alpha = alpha

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0.0)))


class SiLU(Elementwise):
    """x * sigmoid(x), also called swish.

    References
    ----------
    Elfwing, Uchibe, Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation
    in Reinforcement Learning, Neural Networks 107, 2018.
    """

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        return x * functional.sigmoid(x)
