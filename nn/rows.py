"""Perturbed rows: samples of a batch, each with one change, that can be followed alone.

A nudge of one weight changes little: in a linear layer one number of each sample, in a
convolution one channel. Everything before that layer stays, the other units of the layer stay, and
the loss is a mean over samples. So nothing but the change is carried on, from layer to layer, until
it has become a change of the loss. `docs/perturbed-rows.md` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]


def samples_last(slices: int, samples: int, shape: tuple[int, ...], fill: float = 0.0) -> Array:
    """Return an array of (slices, samples, *shape) in which the samples lie next to each other.

    A picture has few pixels in a row, a batch has many samples: loops along them are long, and
    neighbouring pixels are cut out of such an array by whole blocks.
    """
    return np.moveaxis(np.full((slices, *shape, samples), fill), -1, 1)


@dataclass(frozen=True, slots=True)
class Rows:
    """A grid of changes: slices down, samples across.

    Row (g, k) is sample `sample[k]` of the batch with delta[g, k] added to a box of it, which
    begins at `start[g]` on axis 1 and at `corner[g]` on the axes after that. All else in that
    sample is as it was.

    Attributes
    ----------
    delta : (G, K, width, ...) float64
        What is added; (G, K) where a sample is a single number.
    sample : (K,) int, or None
        Which samples of the batch; None for all of them, in order.
    start : (G,) int, or None
        Where the slices begin; None where they are the whole of axis 1.
    corner : (G, axes) int, or None
        Where windows begin on the other axes; None where they are the whole of these.
    """

    delta: Array
    sample: Places | None = None
    start: Places | None = None
    corner: Places | None = None

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

    def of(self, clean: NDArray[Any]) -> Any:
        """Return the numbers of a batch that lie where the changes do; broadcasts to `delta`.

        Parameters
        ----------
        clean : (N, features, ...)
        """
        if self.corner is not None:
            if self.sample is not None and 4 * len(self.sample) < len(clean):
                return self._windows(self.samples(clean))
            return self.samples(self._windows(clean), axis=1)
        columns = self.columns
        if isinstance(columns, slice):
            return self.samples(clean if columns == slice(None) else clean[:, columns])
        slices, width = columns.shape
        found = np.moveaxis(clean, 0, -1).take(columns.ravel(), axis=0)
        found = found.reshape(slices, width, *found.shape[1:])
        return self.samples(np.moveaxis(found, -1, 1), axis=1)

    def _windows(self, clean: Array) -> Array:
        """Return a box of all samples for each slice, (G, N, width, ...)."""
        assert self.corner is not None
        begin = self._begin()
        batch = np.moveaxis(clean, 0, -1)
        shape, axes = self.delta.shape[2:], begin.shape[1]
        if shape == (1,) * axes:
            flat = np.ravel_multi_index(tuple(begin.T), batch.shape[:-1])
            found = batch.reshape(-1, len(clean)).take(flat, axis=0)
            return np.asarray(found.reshape(len(flat), len(clean), *shape))
        index = []
        for axis, length in enumerate(shape):
            along = [1] * axes
            along[axis] = length
            index.append(
                begin[:, axis].reshape(-1, *[1] * axes) + np.arange(length).reshape(1, *along)
            )
        return np.moveaxis(batch[tuple(index)], -1, 1)

    def _begin(self) -> Places:
        """Where each box begins on every axis of a sample, (G, axes)."""
        slices, axes = len(self.delta), self.delta.ndim - 2
        begin = np.zeros((slices, axes), np.intp)
        if self.start is not None:
            begin[:, 0] = self.start
        if self.corner is not None:
            begin[:, 1:] = self.corner
        return begin

    def moved(self, clean: Array) -> Array:
        """Return the changed numbers alone, (G, K, width, ...)."""
        changed: Array = self.of(clean) + self.delta
        return changed

    def whole(self, clean: Array) -> Array:
        """Return each changed sample in full, one after the other: (G * K, features, ...)."""
        slices, samples = self.grid
        rest = clean.shape[1:]
        if self.start is None and self.corner is None:
            return self.moved(clean).reshape(slices * samples, *rest)
        copies = np.repeat(self.samples(clean)[None], slices, axis=0)
        self.added_to(copies)
        return copies.reshape(slices * samples, *rest)

    def added_to(self, whole: Array) -> Array:
        """Add each change to its box of an array of (G, K, features, ...), and return that."""
        shape = self.delta.shape[2:]
        for target, change, begin in zip(whole, self.delta, self._begin().tolist(), strict=True):
            box = tuple(slice(b, b + length) for b, length in zip(begin, shape, strict=True))
            target[(slice(None), *box)] += change
        return whole

    def plus(self, other: Rows, shape: tuple[int, ...]) -> Rows:
        """Return both changes of the same samples, of that shape, together."""
        alike = _equal(self.start, other.start) and _equal(self.corner, other.corner)
        if alike and self.delta.shape == other.delta.shape:
            return self.with_delta(self.delta + other.delta)
        ahead = self._begin() - other._begin()
        room = np.array(other.delta.shape[2:]) - np.array(self.delta.shape[2:])
        if (ahead >= 0).all() and (ahead <= room).all():  # a pixel in the middle of a window
            inside = Rows(self.delta, None, ahead[:, 0], ahead[:, 1:])
            return other.with_delta(inside.added_to(other.delta.copy(order="K")))
        return self.widened(self.added_to(other.spread(shape).delta.copy(order="K")))

    def spread(self, shape: tuple[int, ...]) -> Rows:
        """Return the same changes, each in the whole of a sample of that shape."""
        if self.start is None and self.corner is None:
            return self
        return Rows(self.added_to(samples_last(*self.grid, shape)), self.sample)

    def spread_windows(self, shape: tuple[int, ...]) -> Rows:
        """Return the same slices of axis 1, the whole of the other axes of such a sample."""
        if self.corner is None:
            return self
        whole = samples_last(*self.grid, (self.delta.shape[2], *shape[1:]))
        Rows(self.delta, None, None, self.corner).added_to(whole)
        return Rows(whole, self.sample, self.start)

    def samples(self, values: NDArray[Any], axis: int = 0) -> Any:
        """Return what belongs to each sample of the grid, such as its target: (K, ...)."""
        sample = self.sample
        if sample is None:
            return values
        if _in_a_row(sample):  # a part of the batch need not be copied
            part = slice(int(sample[0]), int(sample[-1]) + 1)
            return values[(slice(None),) * axis + (part,)]
        return values.take(sample, axis=axis)

    def with_delta(self, delta: Array) -> Rows:
        """Return the same boxes of the same samples, changed by something else."""
        return Rows(delta, self.sample, self.start, self.corner)

    def widened(self, delta: Array) -> Rows:
        """Return the same samples, changed everywhere."""
        return Rows(delta, self.sample)

    def part(self, place: int, samples: Places) -> Rows:
        """Return some rows of the slice at `place`."""
        return self._of(self.delta[place : place + 1], slice(place, place + 1)).only(samples)

    def _of(self, delta: Array, slices: slice) -> Rows:
        start = None if self.start is None else self.start[slices]
        return Rows(delta, self.sample, start, None if self.corner is None else self.corner[slices])

    def only(self, samples: Places) -> Rows:
        """Return the given columns of the grid."""
        kept = samples if self.sample is None else self.sample.take(samples)
        return Rows(self.delta.take(samples, axis=1), kept, self.start, self.corner)


def _in_a_row(sample: Places) -> bool:
    """Whether samples are neighbours, each once and in order."""
    if not len(sample) or int(sample[-1]) - int(sample[0]) + 1 != len(sample):
        return False
    return bool((np.diff(sample) == 1).all())


def _equal(a: Places | None, b: Places | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))
