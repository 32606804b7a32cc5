"""Layers: arrays in, arrays out, with named parameters to learn.

A layer needs no more than `forward`. It learns because its parameters are nudged, not because it
knows its own derivative; `backward` is for authors who want to have theirs checked.

terms           how a parameter enters a layer that is a sum over it
base            what a layer is, and how a batch runs through several
tree            layers inside layers, and where each stands
modes           layers that learn otherwise than they answer
linear          weighted sums
activations     functions of each number alone
whole           softmax, and reshaping
windows         windows that slide over images
convolution     the same weighted sum at every place of an image
pooling         the largest of each window, or the mean
normalization   over a sample
batch_norm      over a batch
dropout         some numbers left out at random
embedding       a vector for each of some things
residual        layers in a row that learn what to add
"""

from nn.layers.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn.layers.base import Elementwise, Layer, answer, foreign, forget, ours, run
from nn.layers.batch_norm import BatchNorm1d, BatchNorm2d
from nn.layers.convolution import Conv2d
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.linear import Linear
from nn.layers.modes import TwoMode, in_mode, two_mode
from nn.layers.normalization import LayerNorm
from nn.layers.pooling import AvgPool2d, MaxPool2d
from nn.layers.residual import Residual
from nn.layers.terms import Terms, as_terms
from nn.layers.tree import Block, Place, Trace, leaves, parts, trace
from nn.layers.whole import Flatten, LogSoftmax, Softmax, Unflatten

__all__ = [
    "ELU",
    "GELU",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Block",
    "Conv2d",
    "Dropout",
    "Elementwise",
    "Embedding",
    "Flatten",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MaxPool2d",
    "Place",
    "ReLU",
    "Residual",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "Terms",
    "Trace",
    "TwoMode",
    "Unflatten",
    "answer",
    "as_terms",
    "foreign",
    "forget",
    "in_mode",
    "leaves",
    "ours",
    "parts",
    "run",
    "trace",
    "two_mode",
]
