"""Layers that look at a whole sample at once: softmax, and reshaping."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nn import functional
from nn.errors import ArgumentError, ShapeError, check_count
from nn.layers.base import Array, Layer
from nn.rows import Rows


class Softmax(Layer):
    """exp(x) / sum exp(x) along the last axis: probabilities.

    Not needed before a CrossEntropyLoss, which works on the raw outputs.
    """

    def forward(self, x: Array) -> Array:
        """Any shape of two axes or more, kept."""
        _check_classes(x, "Softmax")
        return functional.softmax(x)


class LogSoftmax(Layer):
    """x - log sum exp(x) along the last axis: logarithms of probabilities.

    Not needed before a CrossEntropyLoss, which works on the raw outputs and is not changed by it.
    """

    def forward(self, x: Array) -> Array:
        """Any shape of two axes or more, kept."""
        _check_classes(x, "LogSoftmax")
        return -functional.neg_log_softmax(x)


def _check_classes(x: Array, layer: str) -> None:
    if x.ndim < 2:
        raise ShapeError(f"{layer} needs x of shape (N, ..., classes), got {x.shape}")


class Flatten(Layer):
    """Make one row of each sample: (N, ...) -> (N, features)."""

    def forward(self, x: Array) -> Array:
        """(N, ...) -> (N, product of the rest)."""
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """A slice of channels becomes a slice of features; so does a single number."""
        if x.ndim == 1:
            return Rows(rows.delta[..., None], rows.sample)
        single = rows.start is not None and math.prod(rows.delta.shape[2:]) == 1
        if rows.corner is not None and not single:
            rows = rows.spread_windows(x.shape[1:])
        start = None if rows.start is None else rows.start * math.prod(x.shape[2:])
        if start is not None and rows.corner is not None:
            start = start + np.ravel_multi_index(tuple(rows.corner.T), x.shape[2:])
        return Rows(rows.delta.reshape(*rows.grid, -1), rows.sample, start)


class Unflatten(Layer):
    """Make an image, or what else has several axes, of each row: (N, features) -> (N, ...).

    Parameters
    ----------
    unflattened_size : sequence of int >= 1
        The shape of a sample, such as (1, 28, 28): channels, height, width. In a config it may be
        left out where the data are images.
    """

    def __init__(self, unflattened_size: Sequence[int]) -> None:
        if not isinstance(unflattened_size, tuple | list) or not unflattened_size:
            raise ArgumentError("unflattened_size", "a shape such as (1, 28, 28)", unflattened_size)
        for number in unflattened_size:
            check_count("unflattened_size", number)
        self.unflattened_size = tuple(map(int, unflattened_size))

    def forward(self, x: Array) -> Array:
        """(N, features) -> (N, *unflattened_size)."""
        features = math.prod(self.unflattened_size)
        if x.ndim < 2 or math.prod(x.shape[1:]) != features:
            raise ShapeError(
                f"{type(self).__name__} needs x of shape (N, {features}), got {x.shape}"
            )
        return x.reshape(len(x), *self.unflattened_size)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Reshape the changes of whole samples."""
        whole = rows.spread(x.shape[1:])
        return Rows(whole.delta.reshape(*rows.grid, *z.shape[1:]), rows.sample)

    def __repr__(self) -> str:
        return f"Unflatten({self.unflattened_size})"
