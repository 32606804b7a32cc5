"""Arrays too large to look at every entry: signed random directions, and the way to the place.

Along a direction of signs ±1, an entry that is off by e moves the slope by exactly ±e, whatever
the others do. So one wrong entry is missed only where e is within the bound of the slope itself;
and two that are off by as much cancel in one of two directions.

A direction crosses the kinks of many units, and that its slope fails is a reason to look, no
verdict: wrong is what is wrong in an entry.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.asking import Entries
from nn.checking.entrywise import judge_entries
from nn.checking.lines import Along, look_along
from nn.checking.table import Checked

Array = NDArray[np.float64]
Places = NDArray[np.intp]

DIRECTIONS = 6  # for each group of entries
_STRATA = (1e-3, 1e-6)  # of the largest gradient: entries of a size are looked at together
_LEAF = 16  # entries that are looked at one by one
_TESTS = 160  # directions that may be spent on finding places
_AGAIN = 3  # new signs for halves that both pass where the whole failed
_PLACES = 4  # wrong entries to find
_SAMPLE = 24  # entries drawn to see whether many are wrong
_FEW = 4  # entries drawn where nothing seems to be wrong


class Searcher:
    """Looks at a large array by directions, and goes to the entries that are wrong."""

    def __init__(
        self, entries: Entries, analytic: NDArray[Any], eps: float, rng: np.random.Generator
    ) -> None:
        self.entries, self.eps, self.rng = entries, eps, rng
        self.given = np.asarray(analytic, np.float64).ravel()
        self.tests = 0
        self.cleared = np.zeros(len(self.given), bool)  # looked at alone, and right

    def look(self, places: Places) -> list[Along]:
        """Compare along new random signs of some entries."""
        self.tests += 1
        return look_along(self.entries, self.given, self.eps, places, self.rng)

    def strata(self) -> list[Places]:
        """Return the entries in groups of like gradients: zeros apart, small ones apart."""
        size = np.abs(self.given)
        largest = float(size.max(initial=0.0))
        bounds = np.array([largest * s for s in _STRATA])
        group = np.where(size == 0, len(bounds) + 1, (size[:, None] < bounds).sum(axis=1))
        return [np.flatnonzero(group == k) for k in np.unique(group)]

    def failing_again(self, lines: list[Along]) -> list[Along]:
        """Return those, of the worst, that fail along other signs too, as a wrong entry does."""
        worst = sorted(lines, key=lambda line: -line.off)[:_PLACES]
        again = [[a for _ in range(_AGAIN) for a in self.look(w.places) if a.fails] for w in worst]
        return [found[0] for found in again if found]

    def lasting(self, lines: list[Along]) -> bool:
        """Whether some of these fail along most signs, without what is right when looked at alone.

        A direction cannot come as near to x as an entry alone can, and a kink right beside x
        spoils it at all steps.
        """
        left = [line.places[~self.cleared[line.places]] for line in lines]
        tries = [
            [any(a.fails for a in self.look(places)) for _ in range(4)]
            for places in left
            if len(places)
        ]
        return any(sum(fails) >= 3 for fails in tries)

    def go_to(self, failed: list[Along]) -> list[Checked]:
        """Halve what fails, the worst first, down to entries looked at alone."""
        waiting, found = list(failed), list[Checked]()
        while waiting and self.tests < _TESTS and len(found) < _PLACES:
            waiting.sort(key=lambda along: along.off)
            places = waiting.pop().places
            if len(places) <= _LEAF:
                part = judge_entries(self.entries, self.given, self.eps, places)
                if (part.verdicts == "wrong").any():
                    found.append(part)
                self.cleared[places[part.verdicts == "right"]] = True
                continue
            # Neighbours stay together: what is wrong is often a row.
            halves = np.array_split(places, 2)
            for _ in range(_AGAIN):
                worse = [a for half in halves for a in self.look(half) if a.fails]
                if worse:
                    waiting += worse
                    break
        return found


def judge_directions(
    entries: Entries, analytic: NDArray[Any], eps: float, rng: np.random.Generator
) -> Checked:
    """Compare all entries of an array with differences along random signs of them."""
    searcher = Searcher(entries, analytic, eps, rng)
    failed: list[Along] = []
    bounds = np.full(len(searcher.given), np.inf)  # one direction that shows an error will do
    told = np.zeros(len(searcher.given), bool)
    for group in searcher.strata():
        for _ in range(DIRECTIONS):
            lines = searcher.look(group)
            for line in lines:
                told[line.places] |= line.told
                bounds[line.places] = np.fmin(bounds[line.places], line.allowed)
            again = searcher.failing_again([line for line in lines if line.fails])
            if again:
                failed += again
                break
    tried = searcher.tests
    drawn = rng.choice(entries.array.size, min(_SAMPLE if failed else _FEW, len(told)), False)
    parts = [judge_entries(entries, analytic, eps, np.sort(drawn))]
    if failed and (parts[0].verdicts == "wrong").sum() <= 1:
        parts += searcher.go_to(failed)
    found = _joined(parts)
    found.directions = tried
    wrong = (found.verdicts == "wrong").any()
    found.stopped = bool((wrong and searcher.tests >= _TESTS) or len(parts) > _PLACES)
    if wrong:
        return found
    if failed and searcher.lasting(failed):
        found.doubt = "directions do not agree with backward, and no entry was found that does not"
    elif not told.all():
        share = 1 - told.mean()
        found.doubt = f"{share:.0%} of the entries lie in directions that bend too often to tell"
    else:
        found.chance = _chance(searcher.given, bounds)
    return found


def _chance(given: Array, bounds: Array) -> str:
    """Say what may have been missed."""
    small = float((np.abs(given) <= bounds).mean())
    share = "no entry has" if not small else f"{small:.2g} of the entries have"
    share = "every entry has" if small == 1 else share
    return (
        f"one wrong entry shows where it is off by more than {bounds.max():.1e}, and {share} a"
        f" gradient too small for that; two equal errors hide each other with a chance of"
        f" {0.5**DIRECTIONS:.1%}"
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
