"""Arrays too large to look at every entry: signed random directions, and the way to the place.

Along a direction of signs ±1, an entry that is off by e moves the slope by exactly ±e, whatever
the others do. So one wrong entry is missed only where e is within the bound of the slope itself;
and two that are off by as much cancel in one of two directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.careful.walk import Walk
from nn.checking.asking import Entries
from nn.checking.entrywise import judge_entries
from nn.checking.report import Checked
from nn.checking.verdicts import SURE, UNSURE

Array = NDArray[np.float64]
Places = NDArray[np.intp]

DIRECTIONS = 6  # for each group of entries
_STRATA = (1e-3, 1e-6)  # of the largest gradient: entries of a size are looked at together
_LEAF = 16  # entries that are looked at one by one
_TESTS = 160  # directions that may be spent on finding places
_PLACES = 4  # wrong entries to find
_SAMPLE = 24  # entries drawn to see whether many are wrong
_ROUNDINGS = 64.0  # of the terms of a gradient


@dataclass
class Along:
    """A slope along signs of some entries, and what backward says of it.

    Attributes
    ----------
    off, allowed : floats
        How far apart the two are, and may be, in units of a gradient.
    told : bool
        Whether a difference could tell at all.
    """

    off: float
    allowed: float
    told: bool = True

    @property
    def fails(self) -> bool:
        """Whether some entry must be wrong."""
        return self.told and not self.off <= self.allowed


class Line:
    """<dout, answer> along a direction, as `nn.careful.walk.Asks` wants it: one number, at 0."""

    def __init__(self, entries: Entries, places: Places, signs: Array) -> None:
        self._entries, self._places, self._signs = entries, places, signs
        array = entries.array
        self.step = float(np.sqrt(np.mean(typical_length(array.astype(np.float64)) ** 2)))
        self._saved = array.copy()
        self.x, self.grain = np.zeros(1), np.array([2.0**-50])
        self.length, self.eps = np.array([0.1]), entries.eps
        self.here = np.zeros(1)
        for t in (0.025, -0.025):
            dz = self._change(t)
            moved = np.sum(np.abs(entries.dout * entries.clean)[(dz != 0) & np.isfinite(dz)])
            self.here[0] = max(self.here[0], float(moved))

    def at(self, places: Places, moved: Array) -> Array:
        """Return what stands for f a way along the direction."""
        answers = [np.sum(self._entries.dout * self._change(float(t))) for t in moved]
        return np.asarray(self.here[0] + np.array(answers, np.float64))

    def _change(self, t: float) -> Array:
        entries = self._entries
        moved = self._saved.astype(np.float64).ravel()
        moved[self._places] += t * self.step * self._signs
        try:
            entries.array[...] = moved.reshape(entries.array.shape)
            return np.asarray(entries.subject.forward().astype(np.float64) - entries.clean)
        except Exception:  # outside its domain: x itself it has answered
            return np.full(entries.clean.shape, np.nan)
        finally:
            entries.array[...] = self._saved


class Searcher:
    """Looks at a large array by directions, and goes to the entries that are wrong."""

    def __init__(
        self, entries: Entries, analytic: NDArray[Any], eps: float, rng: np.random.Generator
    ) -> None:
        self.entries, self.eps, self.rng = entries, eps, rng
        self.given = np.asarray(analytic, np.float64).ravel()
        self.tests = 0

    def look(self, places: Places) -> Along:
        """Compare along new random signs of some entries."""
        self.tests += 1
        signs = self.rng.choice([-1.0, 1.0], len(places))
        line = Line(self.entries, places, signs)
        (slope,) = Walk(line, line.here, 0.0).slopes()
        a = self.given[places]
        own = _ROUNDINGS * self.eps * float(np.sqrt(a @ a)) * np.sqrt(len(places)) ** 0.5
        seen = self.entries.found.rounding.get(self.entries.name)
        if seen is not None and seen.size == len(self.given):
            own += 16 * float(np.linalg.norm(seen.ravel()[places]))
        said = float(a @ signs)
        error = (slope.truncation + slope.rounding) / line.step
        if slope.state == "kink" and np.isfinite(slope.left + slope.right):
            low, high = sorted((slope.left / line.step, slope.right / line.step))
            room = SURE * max(error - (high - low) / 2, 0.0) + own
            return Along(max(low - said, said - high, 0.0), room)
        allowed = (SURE if slope.state == "converged" else UNSURE) * error + own
        if not np.isfinite(allowed) or not np.isfinite(slope.value):
            return Along(np.nan, np.inf, told=False)
        return Along(abs(said - slope.value / line.step), allowed)

    def strata(self) -> list[Places]:
        """Return the entries in groups of like gradients: zeros apart, small ones apart."""
        size = np.abs(self.given)
        largest = float(size.max(initial=0.0))
        edges = [np.inf, *(largest * s for s in _STRATA), 0.0]
        groups = [
            np.flatnonzero((size < high) & (size >= low) & (size > 0))
            for high, low in pairwise(edges)
        ]
        return [g for g in (*groups, np.flatnonzero(size == 0)) if len(g)]

    def go_to(self, group: Places) -> list[Checked]:
        """Halve a group that fails, the worse half first, down to entries looked at alone."""
        waiting, found = [(np.inf, group)], list[Checked]()
        while waiting and self.tests < _TESTS and len(found) < _PLACES:
            waiting.sort(key=lambda pair: pair[0])
            _, places = waiting.pop()
            if len(places) <= _LEAF:
                part = judge_entries(self.entries, self.given, self.eps, places)
                if (part.verdicts == "wrong").any():
                    found.append(part)
                continue
            # Neighbours stay together: what is wrong is often a row.
            for half in np.array_split(places, 2):
                seen = self.look(half)
                if seen.fails:
                    waiting.append((seen.off, half))
        return found


def judge_directions(
    entries: Entries, analytic: NDArray[Any], eps: float, rng: np.random.Generator
) -> Checked:
    """Compare all entries of an array with differences along random signs of them."""
    searcher = Searcher(entries, analytic, eps, rng)
    failed: list[Places] = []
    allowed, untold, tried = 0.0, 0, 0
    bounds = np.zeros(len(searcher.given))
    for group in searcher.strata():
        for _ in range(DIRECTIONS):
            seen, tried = searcher.look(group), tried + 1
            if seen.fails:
                failed.append(group)
                break
            untold += not seen.told
            if seen.told:
                bounds[group] = np.fmax(bounds[group], seen.allowed)
                allowed = max(allowed, seen.allowed)
    parts = []
    if failed:
        drawn = rng.choice(entries.array.size, min(_SAMPLE, entries.array.size), replace=False)
        parts.append(judge_entries(entries, analytic, eps, np.sort(drawn)))
        few = (parts[0].verdicts == "wrong").sum() <= 1
        parts += searcher.go_to(failed[0]) if few else []
    else:
        drawn = rng.choice(entries.array.size, min(4, entries.array.size), replace=False)
        parts.append(judge_entries(entries, analytic, eps, np.sort(drawn)))
    found = _joined(parts)
    found.directions, found.failed = tried, len(failed)
    if untold == tried:
        found.verdicts[found.verdicts == "right"] = "undecided"
        found.whys[found.verdicts == "undecided"] = "precision"
    found.chance = _chance(searcher.given, bounds, allowed) if not failed else ""
    return found


def _chance(given: Array, bounds: Array, allowed: float) -> str:
    """Say what may have been missed."""
    small = float((np.abs(given) <= bounds).mean())
    share = f"{small:.2g} of all" if small else "none"
    return (
        f"one wrong entry shows where it is off by more than {allowed:.1e}; a share of {share}"
        f" have gradients too small for that. Two of the same error cancel with a chance of"
        f" {0.5**DIRECTIONS:.2g}"
    )


def _joined(parts: list[Checked]) -> Checked:
    """Put entries that were looked at in several goes together, each once."""
    first = parts[0]
    places = np.concatenate([p.places for p in parts])
    _, keep = np.unique(places, return_index=True)
    columns = ("analytic", "numeric", "bound", "left", "right", "verdicts", "whys")
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(p, name) for p in parts])[keep] for name in columns
    }
    bends = {place: found for p in parts for place, found in p.bends.items()}
    return Checked(
        first.name, first.shape, places[keep], **joined, bends=bends, samples=first.samples
    )
