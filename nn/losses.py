"""Losses: how wrong the raw outputs z of a network are, one number a sample, and their mean.

A loss works on raw outputs because it is stable there, and knows what turns them into
predictions: probabilities for classes, the numbers themselves for regression.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nn import functional, metrics
from nn.errors import InputError, ShapeError, check_number

Array = NDArray[np.float64]


class Loss(ABC):
    """What every loss is: a number a sample, and the `metric` that a person reads beside it."""

    metric: ClassVar[Literal["accuracy", "r2"]] = "r2"

    @abstractmethod
    def per_sample(self, z: Array, t: Array) -> Array:
        """Return the loss of each sample, (N,), for targets as `targets` returns them."""

    def targets(self, t: Any, z: Array) -> NDArray[Any]:
        """Return the targets checked, and in the shape that fits the outputs z.

        Raises
        ------
        ShapeError, InputError
            If t does not fit z, or holds what cannot be a target.
        """
        return _like(t, z, type(self).__name__)

    def predict(self, z: Array) -> Array:
        """Return the prediction that belongs to raw outputs z, in the same shape."""
        return z

    def score(self, prediction: Array, t: Any) -> float:
        """Return the `metric` of predictions."""
        return metrics.r2(prediction, np.asarray(t))

    def mean(self, z: Array, t: Array) -> float:
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


class CrossEntropyLoss(Loss):
    """-log of the probability softmax(z) gives to the right class.

    z is (N, classes); t is (N,) class indices, or (N, classes) one-hot or probabilities.
    """

    metric = "accuracy"

    def targets(self, t: Any, z: Array) -> NDArray[Any]:
        """Return (N,) class indices, or (N, classes) probabilities where t is not one-hot."""
        if z.ndim != 2 or z.shape[1] < 2:
            raise ShapeError(
                f"CrossEntropyLoss needs outputs of shape (N, classes), got {z.shape};"
                " for yes or no from one output take BCEWithLogitsLoss"
            )
        target = _real(t)
        if target.shape == z.shape:
            return _classes_of(target)
        if target.size != len(z) or target.shape[:1] != z.shape[:1]:
            raise ShapeError(
                f"CrossEntropyLoss needs targets of shape ({len(z)},) or {z.shape} for outputs"
                f" of shape {z.shape}, got {target.shape}"
            )
        target = target.reshape(-1)
        bad = np.flatnonzero((target < 0) | (target >= z.shape[1]) | (target % 1 != 0))
        if bad.size:
            raise InputError(
                f"target {bad[0]} is {target[bad[0]]}: class indices are whole numbers from 0 to"
                f" {z.shape[1] - 1}"
            )
        return target.astype(np.int64)

    def per_sample(self, z: Array, t: Array) -> Array:
        """Return -log softmax(z) of the right class, or its mean where t gives probabilities."""
        costs = functional.neg_log_softmax(z)
        return costs[np.arange(len(z)), t] if t.ndim == 1 else np.asarray((t * costs).sum(axis=1))

    def predict(self, z: Array) -> Array:
        """Return softmax(z)."""
        return functional.softmax(z)

    def score(self, prediction: Array, t: Any) -> float:
        """Return the share of samples whose likeliest class is the right one."""
        return metrics.accuracy(prediction, self.targets(t, prediction))


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of sigmoid(z), averaged over a sample's outputs.

    z is (N, outputs) or (N,); t has as many numbers, each in [0, 1].
    """

    metric = "accuracy"

    def targets(self, t: Any, z: Array) -> NDArray[Any]:
        """Return t in the shape of z."""
        target = _like(t, z, "BCEWithLogitsLoss")
        bad = np.argwhere((target < 0) | (target > 1))
        if len(bad):
            raise InputError(
                f"target {int(bad[0][0])} is {target[tuple(bad[0])]}: BCEWithLogitsLoss needs"
                " targets from 0 to 1"
            )
        return target

    def per_sample(self, z: Array, t: Array) -> Array:
        """Return -t log sigmoid(z) - (1 - t) log(1 - sigmoid(z))."""
        sure = (
            np.maximum(z, 0.0) - t.reshape(z.shape) * z
        )  # exactly 0 for a sure answer, so that its tail is kept
        return _mean_of_outputs(sure + np.log1p(np.exp(-np.abs(z))))

    def predict(self, z: Array) -> Array:
        """Return sigmoid(z)."""
        return functional.sigmoid(z)

    def score(self, prediction: Array, t: Any) -> float:
        """Return the share of right yes-or-no answers."""
        return metrics.binary_accuracy(prediction, np.asarray(t))


class MSELoss(Loss):
    """(z - t)**2, averaged over a sample's outputs; t has the shape of z, or (N,) for (N, 1)."""

    def per_sample(self, z: Array, t: Array) -> Array:
        """Return the squared errors."""
        return _mean_of_outputs((z - t.reshape(z.shape)) ** 2)


class L1Loss(Loss):
    """|z - t|, averaged over a sample's outputs; t has the shape of z, or (N,) for (N, 1)."""

    def per_sample(self, z: Array, t: Array) -> Array:
        """Return the absolute errors."""
        return _mean_of_outputs(np.abs(z - t.reshape(z.shape)))


class HuberLoss(Loss):
    """Squared for small errors, straight for large.

    e**2 / 2 up to |e| = delta, delta * (|e| - delta / 2) beyond, for e = z - t; averaged
    over a sample's outputs. delta > 0 is in the unit of the target.

    References
    ----------
    Huber, Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35, 1964.
    """

    def __init__(self, delta: float = 1.0) -> None:
        check_number("delta", delta, above=0)
        self.delta = delta

    def per_sample(self, z: Array, t: Array) -> Array:
        """Return the errors, bent at delta."""
        size = np.abs(z - t.reshape(z.shape))
        small = np.minimum(size, self.delta)
        return _mean_of_outputs(small * (size - small / 2))


def _mean_of_outputs(errors: Array) -> Array:
    per_sample = errors.reshape(len(errors), -1)
    return np.asarray(per_sample.sum(axis=1) / per_sample.shape[1])


def _real(t: Any) -> NDArray[Any]:
    target = np.asarray(t)
    if target.dtype.kind not in "fiub":
        raise InputError(f"targets must be real numbers, got dtype {target.dtype}")
    if target.dtype.kind == "f" and not np.isfinite(target).all():
        bad = np.argwhere(~np.isfinite(target))[0]
        raise InputError(f"target {int(bad[0]) if bad.size else 0} is not finite")
    return target


def _like(t: Any, z: Array, loss: str) -> Array:
    """Targets in the shape of the outputs: (N,) against (N, 1) must never broadcast to (N, N)."""
    target = _real(t).astype(np.float64)
    if not metrics.same_numbers(target.shape, z.shape):
        raise ShapeError(f"{loss} needs targets of shape {z.shape}, got {target.shape}")
    return target.reshape(z.shape)


def _classes_of(target: NDArray[Any]) -> NDArray[Any]:
    """Class indices of one-hot rows; other rows of probabilities as they are."""
    bad = np.flatnonzero((target < 0).any(axis=1) | (np.abs(target.sum(axis=1) - 1) > 1e-5))
    if bad.size:
        raise InputError(
            f"target {bad[0]} is {target[bad[0]]}: targets of shape (N, classes) must be one-hot,"
            " or probabilities that sum to 1 in every row"
        )
    if np.isin(target, (0, 1)).all():
        return np.asarray(target.argmax(axis=1))
    return target.astype(np.float64)
