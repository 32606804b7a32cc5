"""The loss for one of several classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import functional, metrics
from nn.errors import InputError, ShapeError
from nn.losses.base import Array, Loss, real, total
from nn.rows import Rows

_NUMBERS = 1 << 16  # of whole samples at a time


class CrossEntropyLoss(Loss):
    """-log of the probability softmax(z) gives to the right class.

    z is (N, classes); t is (N,) class indices, or (N, classes) one-hot or probabilities.
    """

    metric = "accuracy"

    def targets(self, t: Any, z: Array) -> NDArray[Any]:
        """Return (N,) class indices, or (N, classes) probabilities where t is not one-hot."""
        if z.ndim != 2 or z.shape[1] < 2:
            hint = "for yes or no from one output take BCEWithLogitsLoss"
            hint = "one sample is a batch of one, z[None]" if z.ndim == 1 else hint
            hint = "a Flatten and a Linear make them of images" if z.ndim > 2 else hint
            raise ShapeError(
                f"CrossEntropyLoss needs outputs of shape (N, classes), got {z.shape}; {hint}"
            )
        target = real(t)
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

    def per_sample(self, z: Array, t: NDArray[Any]) -> Array:
        """Return -log softmax(z) of the right class, or its mean where t gives probabilities."""
        costs = functional.neg_log_softmax(z)
        return costs[np.arange(len(z)), t] if t.ndim == 1 else np.asarray((t * costs).sum(axis=1))

    def changes(self, z: Array, t: NDArray[Any]) -> Callable[[Rows], Array]:
        """Return log Σ_k p_k exp(δ_k) - δ_t, written so that small changes do not cancel.

        With p = softmax(z), log Σ p exp(δ) is log1p(Σ p expm1(δ)), and only the classes whose
        output moved count.
        """
        p = functional.softmax(z)

        def change(rows: Rows) -> Array:
            grown = np.expm1(rows.delta)
            grown *= rows.of(p)
            grown = total(grown)
            found: Array = np.log1p(grown)
            if t.ndim == 2:
                found *= rows.samples(t.sum(axis=1))
            found -= _at_target(rows, t)
            far = ~(np.abs(grown) < 0.5)  # also nan: exp overflowed
            if far.any():
                self._find_far(found, far, rows, z, t)
            return found

        return change

    def _find_far(
        self, found: Array, far: NDArray[np.bool_], rows: Rows, z: Array, t: NDArray[Any]
    ) -> None:
        """Fill in what changes much by the difference itself, a few whole samples at a time."""
        directly = super().changes(z, t)
        some = max(1, _NUMBERS // z.shape[1])
        for place in np.flatnonzero(far.any(axis=1)).tolist():
            each = np.flatnonzero(far[place])
            for first in range(0, len(each), some):
                samples = each[first : first + some]
                found[place, samples] = directly(rows.part(place, samples))[0]

    def predict(self, z: Array) -> Array:
        """Return softmax(z)."""
        return functional.softmax(z)

    def score(self, prediction: Array, t: Any) -> float:
        """Return the share of samples whose likeliest class is the right one."""
        return metrics.accuracy(prediction, self.targets(t, prediction))


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


def _at_target(rows: Rows, t: NDArray[Any]) -> Array:
    """Change of the right class's output, (G, K); of its mean where t gives probabilities."""
    if t.ndim == 2:
        return total(rows.delta * rows.of(t))
    right = rows.samples(t)
    slices, samples, width = rows.delta.shape
    flat: Array = rows.delta.reshape(slices, samples * width)
    across = np.arange(samples) * width
    if rows.start is None:
        return np.asarray(flat.take(across + right, axis=1))
    inside = right - rows.start[:, None]
    found = np.take_along_axis(flat, across + inside.clip(0, width - 1), axis=1)
    return np.where((inside >= 0) & (inside < width), found, 0.0)
