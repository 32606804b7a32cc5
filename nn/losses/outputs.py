"""Losses that look at each output alone, and take the mean over a sample's outputs."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import functional, metrics
from nn.errors import InputError, check_number
from nn.layers import forget, ours
from nn.losses.base import Array, Loss, like, total
from nn.rows import Rows


class OutputwiseLoss(Loss):
    """A loss that is the mean of `costs`, one for each output.

    To be inherited from; the class adds `costs`.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Forget the parent's `rise` where this class has other `costs`."""
        super().__init_subclass__(**kwargs)
        forget(cls, OutputwiseLoss, "costs", ("rise",))

    @abstractmethod
    def costs(self, z: Array, t: Array) -> Array:
        """Return what each output costs, in the shape of z and t, whatever that is."""

    def rise(self, delta: Array, z: Array, t: Array) -> Array:
        """Return what moving z by `delta` adds to the costs; z and t broadcast to delta."""
        return self.costs(z + delta, t) - self.costs(z, t)

    def per_sample(self, z: Array, t: NDArray[Any]) -> Array:
        """Return the mean of the costs over a sample's outputs."""
        costs = self.costs(z, t.reshape(z.shape)).reshape(len(z), -1)
        return np.asarray(costs.sum(axis=1) / costs.shape[1])

    def changes(self, z: Array, t: NDArray[Any]) -> Callable[[Rows], Array]:
        """Look at the outputs that moved, alone."""
        if not ours(type(self), "costs", "rise") and not self._outputs_alone(z, t):
            return super().changes(z, t)
        outputs = math.prod(z.shape[1:])

        def change(rows: Rows) -> Array:
            rise = self.rise(rows.delta, rows.of(z), rows.of(t)).reshape(*rows.grid, -1)
            return np.asarray(total(rise) / outputs)

        return change

    def _outputs_alone(self, z: Array, t: Array) -> bool:
        """Whether the costs of some outputs are the same without the others beside them."""
        if z.ndim < 2:
            return True
        whole = np.array(self.costs(z, t))
        ends = (slice(0, 1), slice(z.shape[1] - 1, None))
        return all(
            np.array_equal(whole[:, end], self.costs(z[:, end], t[:, end]), equal_nan=True)
            for end in ends
        )


class BCEWithLogitsLoss(OutputwiseLoss):
    """Binary cross-entropy of sigmoid(z), averaged over a sample's outputs.

    z is (N, outputs) or (N,); t has as many numbers, each in [0, 1].
    """

    metric = "accuracy"

    def targets(self, t: Any, z: Array) -> NDArray[Any]:
        """Return t in the shape of z."""
        target = like(t, z, "BCEWithLogitsLoss")
        bad = np.argwhere((target < 0) | (target > 1))
        if len(bad):
            raise InputError(
                f"target {int(bad[0][0])} is {target[tuple(bad[0])]}: BCEWithLogitsLoss needs"
                " targets from 0 to 1"
            )
        return target

    def costs(self, z: Array, t: Array) -> Array:
        """Return -t log sigmoid(z) - (1 - t) log(1 - sigmoid(z))."""
        sure = np.maximum(z, 0.0) - t * z  # exactly 0 for a sure answer, so that its tail is kept
        return np.asarray(sure + np.log1p(np.exp(-np.abs(z))))

    def rise(self, delta: Array, z: Array, t: Array) -> Array:
        """Return log1p(sigmoid(z) expm1(delta)) - t delta, where the change is small."""
        grown = functional.sigmoid(z) * np.expm1(delta)
        near = np.log1p(grown) - t * delta
        return np.where(np.abs(grown) < 0.5, near, super().rise(delta, z, t))

    def predict(self, z: Array) -> Array:
        """Return sigmoid(z)."""
        return functional.sigmoid(z)

    def score(self, prediction: Array, t: Any) -> float:
        """Return the share of right yes-or-no answers."""
        return metrics.binary_accuracy(prediction, np.asarray(t))


class MSELoss(OutputwiseLoss):
    """(z - t)**2, averaged over a sample's outputs; t has the shape of z, or (N,) for (N, 1)."""

    def costs(self, z: Array, t: Array) -> Array:
        """Return the squared errors."""
        return np.asarray((z - t) ** 2)

    def rise(self, delta: Array, z: Array, t: Array) -> Array:
        """Return (z + delta - t)**2 - (z - t)**2, multiplied out: nothing cancels."""
        return delta * (2 * (z - t) + delta)


class L1Loss(OutputwiseLoss):
    """|z - t|, averaged over a sample's outputs; t has the shape of z, or (N,) for (N, 1)."""

    def costs(self, z: Array, t: Array) -> Array:
        """Return the absolute errors."""
        return np.abs(z - t)


class HuberLoss(OutputwiseLoss):
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

    def costs(self, z: Array, t: Array) -> Array:
        """Return the errors, bent at delta."""
        size = np.abs(z - t)
        small = np.minimum(size, self.delta)
        return small * (size - small / 2)
