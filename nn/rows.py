"""Perturbed rows: samples of a batch, each with one change, that can be followed alone.

A nudge of one weight changes little: in a linear layer one number of each sample. Everything
before that layer stays, the other units of the layer stay, and the loss is a mean over samples.
So nothing but the change is carried on, from layer to layer, until it has become a change of the
loss. `docs/perturbed-rows.md` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """A grid of changes: slices down, samples across.

    Row (g, k) is sample `sample[k]` of the batch with delta[g, k] added to a slice of axis 1 that
    begins at `start[g]`. All else in that sample is as it was.

    Attributes
    ----------
    delta : (G, K, width, ...) float64
        What is added; (G, K) where a sample is a single number.
    sample : (K,) int, or None
        Which samples of the batch; None for all of them, in order.
    start : (G,) int, or None
        Where the slices begin; None where they are the whole of axis 1.
    """

    delta: Array
    sample: Places | None = None
    start: Places | None = None

    @property
    def grid(self) -> tuple[int, int]:
        """How many slices and how many samples: (G, K)."""
        return self.delta.shape[0], self.delta.shape[1]

    @property
    def columns(self) -> Places | slice:
        """Indices of axis 1 that are changed: (G, width), or a slice where all G are the same."""
        if self.start is None:
            return slice(None)
        width = self.delta.shape[2]
        if (self.start == self.start[0]).all():
            return slice(int(self.start[0]), int(self.start[0]) + width)
        return self.start[:, None] + np.arange(width)

    def of(self, clean: Array) -> Array:
        """Return the numbers of a batch that lie where the changes do; broadcasts to `delta`.

        Parameters
        ----------
        clean : (N, features, ...)
        """
        columns = self.columns
        if isinstance(columns, slice):
            whole = clean if columns == slice(None) else clean[:, columns]
            return self.samples(whole)
        slices, width = columns.shape
        found = clean.swapaxes(0, 1).take(columns.ravel(), axis=0)
        if self.sample is not None:
            found = found.take(self.sample, axis=1)
        return found.reshape(slices, width, *found.shape[1:]).swapaxes(1, 2)

    def moved(self, clean: Array) -> Array:
        """Return the changed numbers alone, (G, K, width, ...)."""
        return self.of(clean) + self.delta

    def whole(self, clean: Array) -> Array:
        """Return each changed sample in full, one after the other: (G * K, features, ...)."""
        slices, samples = self.grid
        if self.start is None:
            return self.moved(clean).reshape(slices * samples, *clean.shape[1:])
        copies = np.repeat(self.samples(clean)[None], slices, axis=0)
        width = self.delta.shape[2]
        for copy, change, start in zip(copies, self.delta, self.start.tolist(), strict=True):
            copy[:, start : start + width] += change
        return copies.reshape(slices * samples, *clean.shape[1:])

    def samples(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return what belongs to each sample of the grid, such as its target: (K, ...)."""
        return values if self.sample is None else values.take(self.sample, axis=0)

    def with_delta(self, delta: Array) -> Rows:
        """Return the same slices of the same samples, changed by something else."""
        return Rows(delta, self.sample, self.start)

    def widened(self, delta: Array) -> Rows:
        """Return the same samples, changed in the whole of axis 1."""
        return Rows(delta, self.sample)

    def part(self, place: int, samples: Places) -> Rows:
        """Return some rows of the slice at `place`."""
        start = None if self.start is None else self.start[place : place + 1]
        kept = samples if self.sample is None else self.sample.take(samples)
        return Rows(self.delta[place : place + 1].take(samples, axis=1), kept, start)

    def only(self, samples: Places) -> Rows:
        """Return the given columns of the grid."""
        kept = samples if self.sample is None else self.sample.take(samples)
        return Rows(self.delta.take(samples, axis=1), kept, self.start)
