"""Layers that look at a whole sample at once: softmax, and reshaping."""

from __future__ import annotations

import math

from nn import functional
from nn.errors import ShapeError
from nn.layers.base import Array, Layer
from nn.rows import Rows


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

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """A slice of channels becomes a slice of features."""
        if x.ndim == 1:
            return Rows(rows.delta[..., None], rows.sample)
        size = math.prod(x.shape[2:])
        start = None if rows.start is None else rows.start * size
        return Rows(rows.delta.reshape(*rows.grid, -1), rows.sample, start)
