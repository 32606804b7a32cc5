"""Slopes along random signs of many entries at once, of each block of samples alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.careful.walk import Walk
from nn.checking.asking import Entries, turns
from nn.checking.verdicts import SURE, UNSURE

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_BLOCKS = 256  # of samples that are followed side by side
_ROUNDINGS = 64.0  # of the terms of a gradient
_SEEN = 16.0  # times what three other douts showed
_TELLS = 0.5  # of a usual gradient: a slope known no better tells nothing


@dataclass
class Along:
    """A slope along signs of some entries, beside what backward says of it.

    Attributes
    ----------
    places : (n,) integers
        The entries.
    off, allowed : floats
        How far apart the two are, and may be, in units of a gradient.
    told : bool
        Whether an entry of usual size would show.
    """

    places: Places
    off: float
    allowed: float
    told: bool

    @property
    def fails(self) -> bool:
        """Whether some entry seems to be wrong."""
        return np.isfinite(self.allowed) and not self.off <= self.allowed


class Lines:
    """<dout, answer> along signs of entries, as `nn.careful.walk.Asks` wants it.

    Where samples are treated alone there is a line for each block of them, and one of each is
    asked in the same forward; else there is one.

    Attributes
    ----------
    step : float
        How far an entry moves for a way of 1 along the line.
    """

    def __init__(self, entries: Entries, places: Places, signs: Array) -> None:
        self._entries, self._places, self._signs = entries, places, signs
        array = entries.array
        own = array.size // entries.samples  # entries of a sample
        self._per = -(-entries.samples // _BLOCKS)  # samples of a block
        self.blocks = -(-entries.samples // self._per)
        self.block = places // own // self._per
        self.step = float(np.sqrt(np.mean(typical_length(array.astype(np.float64)) ** 2)))
        self._saved = array.copy()
        self.x, self.grain = np.zeros(self.blocks), np.full(self.blocks, 2.0**-50)
        self.length, self.eps = np.full(self.blocks, 0.1), entries.eps
        self.here = np.zeros(self.blocks)
        size = np.abs(entries.dout * entries.clean)
        for t in (0.025, -0.025):
            dz = self._change(np.full(self.blocks, t))
            self.here = np.fmax(self.here, self._sums(size * ((dz != 0) & np.isfinite(dz))))

    def at(self, places: Places, moved: Array) -> Array:
        """Return what stands for f a way along some of the lines."""
        turn = turns(places, self.blocks)
        found = np.empty(len(places))
        for now in range(int(turn.max(initial=-1)) + 1):
            asked = np.flatnonzero(turn == now)
            t = np.zeros(self.blocks)
            t[places[asked]] = moved[asked]
            sums = self._sums(self._entries.dout * self._change(t))
            found[asked] = self.here[places[asked]] + sums[places[asked]]
        return found

    def _sums(self, terms: Array) -> Array:
        if self.blocks == 1:
            return np.array([terms.sum()])
        each = terms.reshape(len(terms), -1).sum(axis=1)
        return np.add.reduceat(each, np.arange(0, len(each), self._per))

    def _change(self, t: Array) -> Array:
        entries = self._entries
        moved = self._saved.astype(np.float64).ravel()
        moved[self._places] += t[self.block] * self.step * self._signs
        try:
            entries.array[...] = moved.reshape(entries.array.shape)
            return np.asarray(entries.subject.forward().astype(np.float64) - entries.clean)
        except Exception:  # outside its domain: x itself it has answered
            return np.full(entries.clean.shape, np.nan)
        finally:
            entries.array[...] = self._saved


def look_along(
    entries: Entries, given: Array, eps: float, places: Places, rng: np.random.Generator
) -> list[Along]:
    """Compare along new random signs of some entries, a line for each block of samples.

    Parameters
    ----------
    given : (n,) array
        What backward gives, of all entries.
    eps : float
        Rounding error of the terms of a gradient.
    """
    signs = rng.choice([-1.0, 1.0], len(places))
    line = Lines(entries, places, signs)
    slopes = Walk(line, line.here, 0.0).slopes()
    seen = entries.found.rounding.get(entries.name)
    known = seen.ravel() if seen is not None and seen.size == len(given) else None
    found = []
    for block in np.unique(line.block).tolist():
        mine = line.block == block
        own, a, slope = places[mine], given[places[mine]], slopes[block]
        rounding = _ROUNDINGS * eps * float(np.sqrt(a @ a)) * len(own) ** 0.25
        if known is not None:
            rounding += _SEEN * float(np.linalg.norm(known[own]))
        said = float(a @ signs[mine])
        error = (slope.truncation + slope.rounding) / line.step
        if slope.state == "kink" and np.isfinite(slope.left + slope.right):
            low, high = sorted((slope.left / line.step, slope.right / line.step))
            room = SURE * max(error - (high - low) / 2, 0.0) + rounding
            off, allowed = max(low - said, said - high, 0.0), room
            unseen = high - low + room
        else:
            allowed = (SURE if slope.state == "converged" else UNSURE) * error + rounding
            off = abs(said - slope.value / line.step)
            unseen = allowed
        usual = float(np.sqrt(a @ a / len(a)))
        told = bool(np.isfinite(off + allowed)) and (unseen <= _TELLS * usual or usual == 0)
        found.append(Along(own, off, allowed if np.isfinite(allowed) else np.inf, told))
    return found
