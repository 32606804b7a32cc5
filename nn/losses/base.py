"""What a loss is: one number a sample, and how it changes with the outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nn import metrics
from nn.errors import InputError, ShapeError
from nn.layers import forget
from nn.rows import Rows

Array = NDArray[np.float64]


class Loss(ABC):
    """What every loss is: a number a sample, and the `metric` that a person reads beside it."""

    metric: ClassVar[Literal["accuracy", "r2"]] = "r2"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Forget the parent's `changes` where this class has another `per_sample`."""
        super().__init_subclass__(**kwargs)
        forget(cls, Loss, "per_sample", ("changes",))

    @abstractmethod
    def per_sample(self, z: Array, t: NDArray[Any]) -> Array:
        """Return the loss of each sample, (N,), for targets as `targets` returns them."""

    def targets(self, t: Any, z: Array) -> NDArray[Any]:
        """Return the targets checked, and in the shape that fits the outputs z.

        Raises
        ------
        ShapeError, InputError
            If t does not fit z, or holds what cannot be a target.
        """
        return like(t, z, type(self).__name__)

    def changes(self, z: Array, t: NDArray[Any]) -> Callable[[Rows], Array]:
        """Return a function that tells by how much the loss of perturbed rows changes.

        Parameters
        ----------
        z, t : arrays
            The unchanged outputs of a batch, and its targets as `targets` returns them.

        Returns
        -------
        callable, Rows of changed outputs -> (G, K) array
            Here the loss of each changed sample, less that of the unchanged one.
        """
        clean = np.asarray(self.per_sample(z, t), np.float64)

        def change(rows: Rows) -> Array:
            targets = np.concatenate([rows.samples(t)] * rows.grid[0])
            changed = np.asarray(self.per_sample(rows.whole(z), targets), np.float64)
            return np.asarray(changed.reshape(rows.grid) - rows.samples(clean))

        return change

    def predict(self, z: Array) -> Array:
        """Return the prediction that belongs to raw outputs z, in the same shape."""
        return z

    def score(self, prediction: Array, t: Any) -> float:
        """Return the `metric` of predictions."""
        return metrics.r2(prediction, np.asarray(t))

    def mean(self, z: Array, t: NDArray[Any]) -> float:
        """Return the mean over the samples, for targets as `targets` returns them."""
        losses = np.asarray(self.per_sample(z, t))
        if losses.shape != (len(z),) or losses.dtype.kind not in "fiu":
            raise ShapeError(
                f"{type(self).__name__}.per_sample must return one real number for each of the"
                f" {len(z)} samples, got {losses.dtype} of shape {losses.shape}"
            )
        return float(losses.sum()) / len(losses)

    def __call__(self, z: Any, t: Any) -> float:
        """Return the mean loss over the samples, for outputs z and targets as the user has them."""
        outputs = np.asarray(z, np.float64)
        if outputs.ndim == 0 or outputs.size == 0:
            raise ShapeError(
                f"{type(self).__name__} needs the outputs of a batch, (N, ...), got shape"
                f" {outputs.shape}"
            )
        return self.mean(outputs, self.targets(t, outputs))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def real(t: Any) -> NDArray[Any]:
    """Return targets as an array of finite real numbers, or raise."""
    target = np.asarray(t)
    if target.dtype.kind not in "fiub":
        raise InputError(f"targets must be real numbers, got dtype {target.dtype}")
    if target.dtype.kind == "f" and not np.isfinite(target).all():
        bad = np.argwhere(~np.isfinite(target))[0]
        raise InputError(f"target {int(bad[0]) if bad.size else 0} is not finite")
    return target


def like(t: Any, z: Array, loss: str) -> Array:
    """Targets in the shape of the outputs: (N,) against (N, 1) must never broadcast to (N, N)."""
    target = real(t).astype(np.float64)
    if not metrics.same_numbers(target.shape, z.shape):
        raise ShapeError(f"{loss} needs targets of shape {z.shape}, got {target.shape}")
    return target.reshape(z.shape)


def total(terms: Array) -> Array:
    """Sum over the last axis; numpy's own sum takes five times as long over a handful."""
    *rest, short = terms.shape
    return np.asarray(terms.reshape(-1, short).dot(np.ones(short)).reshape(rest))
