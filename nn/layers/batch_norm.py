"""Batch normalization: features brought to mean 0 and variance 1 over the batch."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nn.errors import InputError, ShapeError, check_count, check_number
from nn.layers.base import Array
from nn.layers.modes import TwoMode
from nn.layers.normalization import Moved
from nn.layers.terms import Terms
from nn.rows import Rows


class BatchNorm(TwoMode):
    """What the two have in common; `shapes` are those it takes."""

    shapes: ClassVar[dict[int, str]]  # by number of axes

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True
    ) -> None:
        check_count("num_features", num_features)
        check_number("eps", eps, above=0)
        check_number("momentum", momentum, at_least=0, at_most=1)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        if affine:
            self.params["gamma"] = np.ones(num_features)
            self.params["beta"] = np.zeros(num_features)
        self.buffers["running_mean"] = np.zeros(num_features)
        self.buffers["running_var"] = np.ones(num_features)

    @property
    def mixes(self) -> bool:  # type: ignore[override]
        """In training, the mean is that of the batch."""
        return self.training

    def _column(self, numbers: Array, axes: int) -> Array:
        """Return a number a feature, so that it broadcasts to a batch of so many axes."""
        return numbers.reshape(1, -1, *[1] * (axes - 2))

    def _moments(self, x: Array) -> tuple[Array, Array]:
        """Return x less its means, and its variances with eps: of the batch or remembered."""
        if not self.training:
            mean, variance = (
                self._column(self.buffers[name], x.ndim) for name in ("running_mean", "running_var")
            )
            return x - mean, variance + self.eps
        axes = (0, *range(2, x.ndim))
        centred = x - x.mean(axis=axes, keepdims=True)
        return centred, (centred**2).mean(axis=axes, keepdims=True) + self.eps

    def _normal(self, x: Array) -> Array:
        centred, variance = self._moments(x)
        return centred / np.sqrt(variance)

    def forward(self, x: Array) -> Array:
        """(N, num_features, ...), kept."""
        if x.ndim not in self.shapes or x.shape[1] != self.num_features:
            needed = " or ".join(f"(N, {self.num_features}{rest})" for rest in self.shapes.values())
            raise ShapeError(f"{type(self).__name__} needs x of shape {needed}, got {x.shape}")
        if self.training and x.size == self.num_features:
            raise ShapeError(
                f"{type(self).__name__} needs two numbers of each feature at least, to see how"
                f" they vary, got one: x of shape {x.shape}; train on larger batches"
            )
        z = self._normal(x)
        if self.params:
            z *= self._column(self.params["gamma"], x.ndim)
            z += self._column(self.params["beta"], x.ndim)
        return z

    def end(self, x: Array) -> None:
        """Move the running mean and variance towards those of the batch: once a step."""
        axes = (0, *range(2, x.ndim))
        count = x.size // self.num_features
        variance = x.var(axis=axes) * count / (count - 1)
        for name, numbers in (("running_mean", x.mean(axis=axes)), ("running_var", variance)):
            kept = self.buffers[name]
            kept += self.momentum * (numbers - kept)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Follow what the changes of whole batches do to means and variances, and to themselves."""
        if not self.training:
            factor = 1 / np.sqrt(self.buffers["running_var"] + self.eps)
            return rows.with_delta(rows.delta * self._of_features(rows, self._scaled(factor), x))
        if rows.sample is not None or rows.grid[1] != len(x):
            raise InputError(
                f"{type(self).__name__} mixes samples: only rows of whole batches can be pushed"
            )
        rows = rows.spread_windows(x.shape[1:])
        centred, variance = self._moments(x)
        around = Rows(rows.delta, None, rows.start)
        axes = (1, *range(3, rows.delta.ndim))
        moved = Moved(
            rows.delta, rows.of(centred), around.of(variance), axes, x.size // self.num_features
        )
        found = rows.of(centred) * moved.scale_rise
        found = found + moved.rest * moved.scale
        if self.params:
            found *= self._of_features(rows, self.params["gamma"], x)
        return rows.with_delta(found)

    def _scaled(self, factor: Array) -> Array:
        return factor * self.params["gamma"] if self.params else factor

    def _of_features(self, rows: Rows, numbers: Array, x: Array) -> Any:
        """Return a number a feature where the changes lie."""
        return Rows(rows.delta, None, rows.start).of(self._column(numbers, x.ndim))

    def terms(self, name: str, x: Array) -> Terms:
        """gamma is multiplied by the normalized numbers, each by those of its feature."""
        if name == "gamma":
            return Terms(self._normal(x), own=True)
        return Terms(np.ones((len(x), 1, *x.shape[2:])))

    def __repr__(self) -> str:
        text = f"{type(self).__name__}({self.num_features}"
        text += "" if self.eps == 1e-5 else f", eps={self.eps:g}"
        text += "" if self.momentum == 0.1 else f", momentum={self.momentum:g}"
        return f"{text}{'' if self.params else ', affine=False'})"


class BatchNorm1d(BatchNorm):
    """(x - mean) / sqrt(variance + eps) · gamma + beta, feature by feature, over the batch.

    In training, mean and variance are those of the batch, and once a step the running ones move
    towards them; otherwise the running ones take their place.

    Parameters
    ----------
    num_features : int >= 1
        In a config, may be left out where the data or the layer before decides.
    eps : float > 0
        Keeps the division from failing where all numbers are equal.
    momentum : float in [0, 1]
        How far the running ones move each step.
    affine : bool
        Whether there are gamma and beta.

    Attributes
    ----------
    params : "gamma" and "beta" (num_features,)
    buffers : "running_mean" and "running_var" (num_features,)
        The variance is that of a sample, divided by one less than its count, as in torch.

    References
    ----------
    Ioffe, Szegedy, Batch Normalization, ICML 2015.
    """

    shapes: ClassVar = {2: "", 3: ", L"}


class BatchNorm2d(BatchNorm):
    """The same as BatchNorm1d for images: channel by channel, over the batch and all pixels.

    Parameters
    ----------
    num_features : int >= 1
        Channels. In a config, may be left out where the data or the layer before decides.
    eps : float > 0
        Keeps the division from failing where all numbers are equal.
    momentum : float in [0, 1]
        How far the running mean and variance move each step.
    affine : bool
        Whether there are gamma and beta.

    Attributes
    ----------
    params : "gamma" and "beta" (num_features,)
    buffers : "running_mean" and "running_var" (num_features,)
        The variance is that of a sample, divided by one less than its count, as in torch.

    References
    ----------
    Ioffe, Szegedy, Batch Normalization, ICML 2015.
    """

    shapes: ClassVar = {4: ", H, W"}
