"""Layers: arrays in, arrays out, with named parameters to learn.

A layer needs no more than `forward`. It learns because its parameters are nudged, not because it
knows its own derivative; `backward` is for authors who want to have theirs checked.

base            what a layer is, and how a batch runs through several
linear          weighted sums
activations     functions of each number alone
whole           softmax, and reshaping
"""

from nn.layers.activations import GELU, LeakyReLU, ReLU, Sigmoid, Softplus, Tanh
from nn.layers.base import Elementwise, Layer, answer, forget, ours, run
from nn.layers.linear import Linear
from nn.layers.whole import Flatten, Softmax

__all__ = [
    "GELU",
    "Elementwise",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "Linear",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "answer",
    "forget",
    "ours",
    "run",
]
