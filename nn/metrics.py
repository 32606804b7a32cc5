"""How good predictions are, in numbers a person reads: (prediction, target) -> number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ShapeError, UndefinedMetricError

Array = NDArray[Any]


def accuracy(prediction: Array, target: Array) -> float:
    """Share of samples whose largest score is that of the right class, in [0, 1].

    Parameters
    ----------
    prediction : array, (N, classes)
        Scores or probabilities.
    target : array, (N,) class indices or (N, classes) one-hot
    """
    y, t = np.asarray(prediction), np.asarray(target)
    _check_rows(y, t)
    if y.ndim == 2 and y.shape[1] == 1:
        raise ShapeError(
            "accuracy needs a score for each of two or more classes, got one; binary_accuracy"
            " judges probabilities of yes"
        )
    if y.ndim == 2 and t.shape == y.shape:
        t = t.argmax(axis=1)
    if y.ndim != 2 or t.size != len(y):
        raise ShapeError(
            f"accuracy needs predictions (N, classes) and targets (N,) or (N, classes), got"
            f" {y.shape} and {t.shape}"
        )
    return float(np.mean(y.argmax(axis=1) == t.reshape(-1)))


def binary_accuracy(prediction: Array, target: Array) -> float:
    """Share of right yes-or-no answers, in [0, 1]; a probability counts as yes from 0.5 on.

    Parameters
    ----------
    prediction : array, (N,) or (N, outputs)
        Probabilities.
    target : array of the same shape, 0 or 1
    """
    return float(np.mean((np.asarray(prediction) >= 0.5) == (_alike(target, prediction) >= 0.5)))


def mean_absolute_error(prediction: Array, target: Array) -> float:
    """Mean |prediction - target|, in the unit of the target."""
    return float(np.mean(np.abs(_alike(target, prediction) - prediction)))


def root_mean_squared_error(prediction: Array, target: Array) -> float:
    """Square root of the mean squared error, in the unit of the target."""
    return float(np.sqrt(np.mean((_alike(target, prediction) - prediction) ** 2)))


def r2(prediction: Array, target: Array) -> float:
    """Coefficient of determination: 1 - sum of squared errors / sum of squares about the mean.

    1 is perfect, 0 what the mean of the targets would score; there is no lower bound.

    Raises
    ------
    UndefinedMetricError
        If all targets are the same: there is nothing to explain.
    """
    t = _alike(target, prediction)
    spread = ((t - t.mean(axis=0)) ** 2).sum()
    if spread == 0 or (t == t[0]).all():  # the mean of equal numbers may be off by their last bit
        raise UndefinedMetricError("r2 needs targets that differ: their variance is zero")
    return float(1 - ((t - prediction) ** 2).sum() / spread)


def _alike(target: Array, prediction: Array) -> Array:
    """The target as float64 in the shape of the prediction: (N,), (N, 1) must not broadcast."""
    y, t = np.asarray(prediction), np.asarray(target)
    _check_rows(y, t)
    if not same_numbers(t.shape, y.shape):
        raise ShapeError(f"targets of shape {t.shape} do not fit predictions of shape {y.shape}")
    return t.astype(np.float64).reshape(y.shape)


def same_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two shapes hold the same numbers of the same samples, but for axes of length 1."""
    alike = [n for n in one[1:] if n != 1] == [n for n in other[1:] if n != 1]
    return one[:1] == other[:1] and alike


def _check_rows(y: Array, t: Array) -> None:
    if y.ndim == 0 or t.ndim == 0 or len(y) != len(t) or len(y) == 0:
        raise ShapeError(f"targets of shape {t.shape} do not fit predictions of shape {y.shape}")
