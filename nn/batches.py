"""Samples and targets: checked once, then served as shuffled mini-batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError, ShapeError, check_count

Array = NDArray[Any]
_ROWS = 4096  # looked at at once


def minibatches(
    samples: int, batch_size: int, rng: np.random.Generator | int | None = None
) -> Iterator[NDArray[np.int64]]:
    """Return the indices of one epoch: every sample once, in a new order; the last may be short.

    Parameters
    ----------
    samples, batch_size : int >= 1
    rng : numpy Generator, int or None
        Decides the order: the same state of a generator gives the same batches, and None
        different ones each time.
    """
    check_count("samples", samples)
    check_count("batch_size", batch_size)
    order = np.random.default_rng(rng).permutation(samples)
    return (order[start : start + batch_size] for start in range(0, samples, batch_size))


def in_pieces(call: Callable[[Array], Array], x: Array, size: int = 1024) -> Array:
    """Return `call(x)`, asked `size` samples at a time, so that a large x needs little memory."""
    pieces = (x[first : first + size] for first in range(0, len(x), size))
    return np.concatenate([call(piece).copy() for piece in pieces])  # one buffer may hold them all


def check_samples(x: Any, t: Any, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return finite samples and their targets, one for each; `name` is for errors.

    The samples keep their dtype: pictures take an eighth of the memory as bytes, and a batch
    becomes float64 when it is used.
    """
    samples, targets = np.asarray(x), np.asarray(t)
    if samples.ndim == 0 or len(samples) == 0 or targets.shape[:1] != samples.shape[:1]:
        raise ShapeError(
            f"{name} and t need a row for every sample, got {samples.shape} and {targets.shape}"
        )
    if samples.dtype.kind not in "fiub":
        raise InputError(f"{name} must be real numbers, got dtype {samples.dtype}")
    if samples.dtype.kind == "f":
        for first in range(0, len(samples), _ROWS):
            bad = np.argwhere(~np.isfinite(samples[first : first + _ROWS]))
            if len(bad):
                row, *rest = bad[0].tolist()
                column = f", column {', '.join(map(str, rest))}" if rest else ""
                raise InputError(f"{name} is not finite in row {first + row}{column}")
    return samples, targets
