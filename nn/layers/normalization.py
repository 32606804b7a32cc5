"""Layer normalization: the numbers of a sample brought to mean 0 and variance 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nn.errors import ArgumentError, ShapeError, check_count, check_number
from nn.layers.base import Array, Layer
from nn.layers.terms import Terms
from nn.rows import Rows


class Moved:
    """How mean and variance of some numbers change with them."""

    def __init__(
        self, delta: Array, centred: Array, variance: Array, axes: tuple[int, ...], count: int
    ) -> None:
        """Take changes and what they change; `variance` has eps in it, and broadcasts to delta.

        They are `count` numbers along the axes, of which those that are not in delta do not change.
        """
        self.shift = delta.sum(axis=axes, keepdims=True) / count
        self.rest = delta - self.shift  # all of them may move alike, and then little is left
        changed = math.prod(delta.shape[axis] for axis in axes)
        terms = self.rest**2 + 2 * centred * (self.rest if changed == count else delta)
        rise = terms.sum(axis=axes, keepdims=True) / count
        rise += self.shift**2 * ((count - changed) / count)
        before, after = np.sqrt(variance), np.sqrt(np.maximum(variance + rise, 0.0))
        self.scale = 1 / after
        self.scale_rise = -rise / (before * after * (before + after))


class LayerNorm(Layer):
    """(x - mean) / sqrt(variance + eps) · gamma + beta, over the last axes of each sample.

    Parameters
    ----------
    normalized_shape : int >= 1, or a sequence of them
        The last axes of x. In a config, may be left out: all axes of a sample.
    eps : float > 0
        Keeps the division from failing where all numbers are equal.
    elementwise_affine : bool
        Whether there are gamma and beta.

    Attributes
    ----------
    params : "gamma" and "beta" (normalized_shape)

    References
    ----------
    Ba, Kiros, Hinton, Layer Normalization, arXiv:1607.06450, 2016.
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
    ) -> None:
        shape = normalized_shape
        self.normalized_shape = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
        if not self.normalized_shape:
            raise ArgumentError("normalized_shape", "a number or a shape", normalized_shape)
        for number in self.normalized_shape:
            check_count("normalized_shape", number)
        check_number("eps", eps, above=0)
        self.eps = eps
        if elementwise_affine:
            self.params["gamma"] = np.ones(self.normalized_shape)
            self.params["beta"] = np.zeros(self.normalized_shape)

    @property
    def _axes(self) -> tuple[int, ...]:
        return tuple(range(-len(self.normalized_shape), 0))

    def forward(self, x: Array) -> Array:
        """(N, ..., *normalized_shape), kept."""
        axes = len(self.normalized_shape)
        if x.ndim <= axes or x.shape[-axes:] != self.normalized_shape:
            needed = ", ".join(map(str, self.normalized_shape))
            raise ShapeError(
                f"{type(self).__name__} needs x of shape (N, ..., {needed}), got {x.shape}"
            )
        z = self._normal(x)
        if self.params:
            z *= self.params["gamma"]
            z += self.params["beta"]
        return z

    def _normal(self, x: Array) -> Array:
        centred, variance = self._moments(x)
        return centred / np.sqrt(variance)

    def _moments(self, x: Array) -> tuple[Array, Array]:
        centred = x - x.mean(axis=self._axes, keepdims=True)
        return centred, (centred**2).mean(axis=self._axes, keepdims=True) + self.eps

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Follow what the change does to mean and variance of its sample, and to itself."""
        if x.ndim - 1 > len(self.normalized_shape):
            rows = rows.spread(x.shape[1:])
        centred, variance = self._moments(x)
        axes = tuple(range(rows.delta.ndim - len(self.normalized_shape), rows.delta.ndim))
        moved = Moved(
            rows.delta, rows.of(centred), rows.samples(variance), axes,
            math.prod(self.normalized_shape),
        )  # fmt: skip
        found = rows.samples(centred) * moved.scale_rise
        found -= moved.shift * moved.scale
        found = rows.with_delta(rows.delta * moved.scale).added_to(found)
        if self.params:
            found *= self.params["gamma"]
        return rows.widened(found)

    def terms(self, name: str, x: Array) -> Terms | None:
        """gamma is multiplied by the normalized numbers, each by its own; beta by ones."""
        a = self._normal(x) if name == "gamma" else np.ones(x.shape)
        if x.ndim == 1 + len(self.normalized_shape):
            return Terms(a.reshape(len(x), -1), axis=None, own=True)
        if len(self.normalized_shape) == 1:
            return Terms(np.moveaxis(a, -1, 1), axis=-1, own=True)
        return None

    def __repr__(self) -> str:
        shape = self.normalized_shape
        text = str(shape[0]) if len(shape) == 1 else str(shape)
        text += "" if self.eps == 1e-5 else f", eps={self.eps:g}"
        return f"LayerNorm({text}{'' if self.params else ', elementwise_affine=False'})"
