"""How a parameter enters a layer that is a sum over it: what each of its entries is multiplied by.

    z[n, j, s] = Σ_i a[n, i, s] p[i, j] + what is not of this parameter

n counts samples, j units, s the places each unit has: none in a linear layer, the pixels in a
convolution. A nudge of p[i, j] by h moves unit j by h a[n, i, s], and nothing else. And with D, the
slopes of the loss by z, the slope by p[i, j] is Σ a[n, i, s] D[n, j, s].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]
_NUMBERS = 1 << 20  # of a at a time


@dataclass(frozen=True, slots=True)
class Terms:
    """What the entries of a parameter are multiplied by.

    Attributes
    ----------
    a : (N, I, ...) array
        By sample, entry and place; (N, units, ...) if `own`.
    entry_axes : int
        How many axes of a count the entries: a view of an image's patches has three.
    axis : 1, -1 or None
        The axis of z that counts the units; None where every number of a sample is a unit.
    own : bool
        Whether each unit has one entry of its own: z[n, j, s] = a[n, j, s] p[j].
    units_first : bool
        Whether p is (units, I) rather than (I, units), in the order of its numbers.
    """

    a: Array
    axis: Literal[1, -1] | None = 1
    own: bool = False
    units_first: bool = False
    entry_axes: int = 1

    @property
    def entries(self) -> int:
        """I: how many entries a unit has."""
        return 1 if self.own else math.prod(self.a.shape[1 : 1 + self.entry_axes])

    @property
    def space(self) -> tuple[int, ...]:
        """The places each unit has; () where a unit is one number of a sample."""
        return self.a.shape[1 + self.entry_axes :]

    def part(self, entries: range) -> Array:
        """Return a by entry, place and sample: (entries, ..., N)."""
        found = np.empty((len(entries), *self.space, len(self.a)))
        shape = self.a.shape[1 : 1 + self.entry_axes]
        batch = np.moveaxis(self.a, 0, -1)
        for target, entry in zip(found, entries, strict=True):
            target[...] = batch[np.unravel_index(entry, shape)]
        return found

    def table(self, p: Array) -> Array:
        """Return a view of p, or of what is shaped like it, as (I, units)."""
        if self.own:
            return p.reshape(1, -1)
        return p.reshape(-1, self.entries).T if self.units_first else p.reshape(self.entries, -1)

    def begin(self, units: Places, sample: tuple[int, ...]) -> tuple[Places | None, Places | None]:
        """Return where the boxes of some units begin in samples of z: start and corner of rows."""
        axes = len(sample)
        if self.axis is None:
            at = np.stack(np.unravel_index(units, sample), axis=1)
            return at[:, 0], at[:, 1:] if axes > 1 else None
        if self.axis == 1 or axes == 1:
            return units, None
        corner = np.zeros((len(units), axes - 1), np.intp)
        corner[:, -1] = units
        return None, corner

    def box(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of a unit's box in samples of z."""
        if self.axis is None:
            return (1,) * len(sample)
        if self.axis == 1 or len(sample) == 1:
            return (1, *sample[1:])
        return (*sample[:-1], 1)

    def by_slopes(self, slopes: Array) -> Array:
        """Return the slopes by all entries, (I, units), of those by z: D of shape (N, ...)."""
        d = slopes
        if self.axis is None:
            d = np.moveaxis(np.moveaxis(slopes, 0, -1).reshape(-1, len(slopes)), -1, 0)
        if self.axis == -1:
            d = np.moveaxis(d, -1, 1)
        if self.own:
            places = "xyzuvw"[: d.ndim - 2]
            a = self.a.reshape(d.shape)
            return np.asarray(np.einsum(f"nj{places},nj{places}->j", a, d))[None]
        if not self.space and self.entry_axes == 1:
            return np.asarray(self.a.T.dot(d))
        batch = np.moveaxis(d, 0, -1).reshape(d.shape[1], -1).T
        found = np.empty((self.entries, d.shape[1]))
        some = max(1, _NUMBERS // max(1, len(batch)))
        for first in range(0, self.entries, some):
            entries = range(first, min(first + some, self.entries))
            found[first : first + some] = self.part(entries).reshape(len(entries), -1).dot(batch)
        return found


def as_terms(found: Terms | Array | None) -> Terms | None:
    """Return what a layer's `terms` says, in full."""
    return Terms(np.asarray(found)) if isinstance(found, np.ndarray) else found
