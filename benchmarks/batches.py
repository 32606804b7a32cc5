"""The pictures that the nets look at: MNIST where it lies on this machine, or a stand-in.

A benchmark never downloads. Weight perturbation saves work where pixels are zero or alike, so the
stand-in is as sparse and as grey as MNIST, and every report says which of the two it was.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import datasets

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
_SAMPLES = 6000  # of MNIST: enough for the mean and spread of a pixel
_BOX, _MARGIN, _LEVELS = 20, 4, 255  # MNIST's digits fill a box of 20x20 in the middle of 28x28


class Batch(NamedTuple):
    """Samples x of shape (N, features), classes t of shape (N,), and what they are."""

    x: Array
    t: Labels
    source: str


def find_mnist(folder: str | None = None) -> datasets.Dataset | None:
    """Load MNIST from `folder`, from NUDGE_DATA, or from the cache; None if it is in neither.

    Raises
    ------
    datasets.DatasetError
        If `folder` is given and does not hold it.
    """
    if folder is not None:
        return datasets.load("mnist", path=folder, samples=_SAMPLES)
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    options: dict[str, Any] = {"path": str(Path(base).expanduser() / "nudge" / "mnist")}
    if os.environ.get("NUDGE_DATA"):
        options = {}  # the loader looks there, and downloads nothing
    try:
        return datasets.load("mnist", samples=_SAMPLES, **options)
    except datasets.DatasetError:
        return None


def pictures(mnist: datasets.Dataset | None, count: int, standardize: bool = False) -> Batch:
    """Return 28x28 pictures of digits; standardized ones have hardly a zero among them."""
    if mnist is None:
        data = datasets.load("digits")
        x, t = _enlarged(data.x_train.astype(np.float64).reshape(-1, 8, 8) / 16), data.t_train
        source = "stand-in for MNIST: digits enlarged to 28x28"
    else:
        x, t, source = mnist.x_train.astype(np.float64), mnist.t_train, "MNIST"
    if standardize:
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        source += ", each pixel standardized"
    return Batch(np.ascontiguousarray(x[:count]), t[:count], source)


def digits(count: int) -> Batch:
    """Return 8x8 pictures of digits, standardized."""
    data = datasets.load("digits", standardize=True)
    x = np.ascontiguousarray(data.x_train[:count], np.float64)
    return Batch(x, data.t_train[:count], "digits 8x8, standardized")


def _enlarged(small: Array) -> Array:
    """Turn (N, 8, 8) pictures into (N, 784): interpolated, of 256 greys, with a margin."""
    size = small.shape[1]
    place = np.linspace(0, size - 1, _BOX)
    left = np.minimum(place.astype(int), size - 2)
    weights = np.zeros((_BOX, size))
    weights[np.arange(_BOX), left] = 1 - (place - left)
    weights[np.arange(_BOX), left + 1] = place - left
    large = np.einsum("ar,nrc,bc->nab", weights, small, weights)
    grey = np.round(large * _LEVELS) / _LEVELS
    return np.pad(grey, ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN))).reshape(len(small), -1)
