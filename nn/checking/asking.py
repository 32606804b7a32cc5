"""Asking a subject for the slopes of <dout, answer> by the entries of one array.

Differences of the answer are taken before they are weighted and summed, so that what does not
move adds no rounding. Where samples are treated alone, an entry of each is nudged at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.checking.behaviour import Behaviour
from nn.checking.subject import Subject
from nn.steps import gap

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_NEAR, _ACROSS, _FAR = 0.25, 2.0, 64.0  # lengths by which an entry is moved to see what it does


class Entries:
    """<dout, answer> with one entry of an array moved, as `nn.careful.walk.Asks` wants it.

    Parameters
    ----------
    subject : Subject
    found : Behaviour
    name : str
        Of an input or a parameter.

    Attributes
    ----------
    x, grain, length, eps
        As of `Asks`.
    samples : int
        How many samples can be asked about at once.
    here : (n,) array
        What moves with an entry, Σ |dout z| over the answers that do: stands for the value at x,
        so that rounding is judged by it.
    clean, dout : arrays
        The answer at x, and its weights; float64.
    slope : (n,) array
        Σ |dout dz| / h: what cancels in the slope, as far as the answers show.
    reach : (n,) array
        Σ |dout z| over the answers that move, where x is past 0 and as far on the other side: what
        they are made of may be as large at x too, and cancel.
    """

    def __init__(self, subject: Subject, found: Behaviour, name: str) -> None:
        self.subject, self.found, self.name = subject, found, name
        self.array = subject.tensors[name]
        self.x = self.array.astype(np.float64).ravel()
        self.grain = gap(self.array).astype(np.float64).ravel()
        finite = np.where(np.isfinite(self.array), self.array, 0).astype(np.float64)
        self.length = typical_length(finite).ravel()
        self.eps = found.eps
        self.clean = found.z.astype(np.float64)
        self.dout = found.dout.astype(np.float64)
        self.samples = len(found.z) if found.alone and name in subject.inputs else 1
        self.here, self.slope, self.reach = (np.zeros(len(self.x)) for _ in range(3))
        self._scale = np.abs(self.dout * self.clean)

    def measure(self, places: Places) -> None:
        """Find out what moves with some entries; far away, what rounding hides nearby."""
        for far in (_NEAR, _ACROSS, _FAR):
            h = self.length[places] * far
            for sign in (1, -1):
                seen = self._ask(places, self.x[places] + sign * h, self._gross)
                moved, gross, reach = seen
                self.here[places] = np.fmax(self.here[places], moved)
                if far == _NEAR:
                    self.slope[places] = np.fmax(self.slope[places], gross / h)
                if far == _ACROSS:
                    self.reach[places] = np.fmax(self.reach[places], reach)

    def at(self, places: Places, moved: Array) -> Array:
        """Return what stands for f with one entry moved, (K,); nan where that is not finite."""
        (changes,) = self._ask(places, moved, self._change)
        return np.asarray(self.here[places] + changes)

    def _change(self, dz: Array) -> tuple[Array, ...]:
        return (self._sums(self.dout * dz),)

    def _gross(self, dz: Array) -> tuple[Array, ...]:
        known = np.isfinite(dz)
        moved = self._scale * ((dz != 0) & ~np.isnan(dz))
        change = np.abs(self.dout * np.where(known, dz, 0.0))
        reach = np.where(known & (dz != 0), np.abs(self.dout * (self.clean + dz)), 0.0)
        return self._sums(moved), self._sums(change), self._sums(reach)

    def _sums(self, terms: Array) -> Array:
        return np.asarray(terms.reshape(self.samples, -1).sum(axis=1))

    def _ask(self, places: Places, moved: Array, read: Any) -> Array:
        """Return what `read` makes of the answers' changes, (numbers, K)."""
        own = self.array.size // self.samples  # entries of a sample
        sample = places // own if self.samples > 1 else np.zeros(len(places), np.intp)
        turn = turns(sample, self.samples)
        found: list[Any] = [None] * len(places)
        for now in range(int(turn.max(initial=-1)) + 1):
            asked = np.flatnonzero(turn == now)
            dz = self.nudged(places[asked], moved[asked])
            if np.isfinite(dz).all() or len(asked) == 1 or read == self._gross:
                read_off = np.stack(read(dz))
                for k in asked.tolist():
                    found[k] = read_off[:, sample[k]]
            else:  # one of them left the domain; ask for each alone
                for k in asked.tolist():
                    alone = np.stack(read(self.nudged(places[k : k + 1], moved[k : k + 1])))
                    found[k] = alone[:, sample[k]]
        values = np.array(found, np.float64).T
        return np.where(np.isfinite(values), values, np.nan)

    def nudged(self, places: Places, moved: Array) -> Array:
        """Return how the answer changes where some entries are moved; nan where it fails."""
        array = self.array
        index = places if array.flags.c_contiguous else np.unravel_index(places, array.shape)
        view = array.reshape(-1) if array.flags.c_contiguous else array
        saved = view[index].copy()
        try:
            view[index] = moved
            return np.asarray(self.subject.forward().astype(np.float64) - self.clean)
        except Exception:  # outside its domain: x itself it has answered
            return np.full(self.clean.shape, np.nan)
        finally:
            view[index] = saved


def turns(sample: Places, count: int) -> Places:
    """Return in which turn each is asked, if one of each sample is asked at a time."""
    if count == 1:
        return np.arange(len(sample))
    order = np.argsort(sample, kind="stable")
    first = np.searchsorted(sample[order], np.arange(count))
    turn = np.empty(len(sample), np.intp)
    turn[order] = np.arange(len(sample)) - first[sample[order]]
    return turn
