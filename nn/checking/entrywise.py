"""Every entry of an array looked at alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.verdict import Slope
from nn.careful.walk import Walk
from nn.checking.asking import Entries
from nn.checking.coarse import Coarse
from nn.checking.digits import SINGLE
from nn.checking.kinks import bends_at
from nn.checking.table import Bend, Checked
from nn.checking.verdicts import Ruling, rule

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_TERMS = 64.0  # roundings that a gradient may have made of each of its terms
_NOTHING = 4.0  # roundings of the largest slope beside it, or of the largest answer
_INSIDE = 2.0  # roundings, over the step, of what answers may be made of
_SEEN = 16.0  # times what three other douts showed
_AT_REST = 1e-6  # of an answer over a length: what moves a millionth of it may stand still
_KINKS = 200  # entries of an array that are asked for the outputs that bend
_NEAR = 1e-5  # of all slopes: how well those of outputs beside a kink are known


def judge_entries(
    entries: Entries,
    analytic: NDArray[Any],
    eps: float,
    places: Places,
    progress: Callable[[int], object] | None = None,
) -> Checked:
    """Compare some entries of an array with differences.

    Parameters
    ----------
    entries : Entries
    analytic : array of the shape of the array that is nudged
    eps : float
        Rounding error of the terms of a gradient.
    places : (K,) integers
        Flat indices of the entries to look at.
    """
    entries.measure(places)
    slopes = Walk(_Some(entries, places), entries.here[places], 0.0, progress).slopes()
    given = np.asarray(analytic, np.float64).ravel()[places]
    rulings = _rule_all(entries, given, slopes, eps, places)
    bends: dict[int, tuple[Bend, ...]] = {}
    for k, (ruling, slope) in enumerate(zip(rulings, slopes, strict=True)):
        if len(bends) < _KINKS and (ruling.why == "kink" or ruling.verdict == "wrong"):
            rulings[k], found = _with_bends(entries, int(places[k]), given[k], ruling, slope)
            if found:
                bends[int(places[k])] = found
    return Checked(
        name=entries.name,
        shape=entries.array.shape,
        places=places,
        analytic=given,
        numeric=np.array([s.value for s in slopes]),
        bound=np.array([r.allowed for r in rulings]),
        left=np.array([s.left for s in slopes]),
        right=np.array([s.right for s in slopes]),
        verdicts=np.array([r.verdict for r in rulings], dtype=object),
        whys=np.array([r.why for r in rulings], dtype=object),
        bends=bends,
        samples=entries.name in entries.subject.inputs and entries.array.ndim > 1,
    )


def _rule_all(
    entries: Entries, given: Array, slopes: list[Slope], eps: float, places: Places
) -> list[Ruling]:
    """Rule on each entry; where answers have few digits, by a second slope that replaces the first.

    What may be left of a slope whose terms cancel is judged by these, or by what answers that stand
    still may move.
    """
    largest = max((abs(s.value) for s in slopes if np.isfinite(s.value)), default=0.0)
    rounding = _rounding(entries, given, slopes, places, eps)
    usual = float(np.abs(entries.dout * entries.clean).max())
    at_rest = _AT_REST * np.fmax(entries.here[places], usual) / entries.length[places]
    gross = np.fmax(entries.slope[places], at_rest)

    def ruling(k: int) -> Ruling:
        return rule(float(given[k]), slopes[k], float(rounding[k]), float(gross[k]), largest)

    rulings = [ruling(k) for k in range(len(places))]
    for k in range(len(places)):
        if not _few_digits(entries, rulings[k], slopes[k]):
            continue
        coarse, first = Coarse(entries, int(places[k])), slopes[k]
        slopes[k] = coarse.slope(first)
        again = ruling(k)
        if again.verdict == "wrong" and coarse.allow(float(given[k]), largest):
            again = replace(again, verdict="undecided", why="precision")
        if again.verdict == "wrong":
            slopes[k] = first
        else:
            rulings[k] = again
    return rulings


def _few_digits(entries: Entries, ruling: Ruling, slope: Slope) -> bool:
    """Whether an entry may be wrong or undecided only because answers have few digits."""
    if entries.eps < SINGLE:
        return False
    upright = slope.state == "kink" and not np.isfinite(slope.left + slope.right)
    unsure = ruling.verdict == "undecided" and ruling.why in ("noise", "precision")
    return upright or unsure or ruling.verdict == "wrong"


def _rounding(
    entries: Entries, given: Array, slopes: list[Slope], places: Places, eps: float
) -> Array:
    """Return how far off each entry of a right gradient may be by its own rounding.

    By the terms that show in the answers; by what backward was seen to round, since terms may
    cancel inside; and where both are as good as nothing beside the largest slope of the same
    sample or parameter, or beside the largest answer, by that. And terms may cancel in forward:
    what it then rounds is of the size that its answers have elsewhere.
    """
    allowed = _TERMS * eps * entries.slope[places]
    values = np.abs([s.value for s in slopes])
    usual = float(np.abs(entries.dout * entries.clean).max())
    row = places // (entries.array.size // entries.samples)
    largest = np.zeros(entries.samples)
    np.fmax.at(largest, row, np.where(np.isfinite(values), values, 0.0))
    nothing = _NOTHING * eps * np.fmax(largest[row], usual / entries.length[places])
    allowed += np.where((values <= nothing) & (np.abs(given) <= nothing), nothing, 0.0)
    # 1 + erf(x) is a staircase where it is nearly 0, and each tread has a clean slope of its own.
    steps = np.array([s.step for s in slopes])
    inside = np.fmin(entries.reach[places], usual)
    allowed += np.where(steps > 0, _INSIDE * eps * inside / steps, 0.0)
    seen = entries.found.rounding.get(entries.name)
    if seen is not None and seen.size == entries.array.size:
        middle = float(np.median(seen))  # no mean: the largest may be of another size
        allowed += _SEEN * (seen.reshape(-1)[places] + middle)
    return np.asarray(allowed)


def _with_bends(
    entries: Entries, place: int, analytic: float, ruling: Ruling, slope: Slope
) -> tuple[Ruling, tuple[Bend, ...]]:
    """Accept what a sum over outputs may be where some of them bend: each has slopes of its own.

    The jumps of two outputs can cancel in the sum, which then has one slope, and that of no
    convention for either.
    """
    bends, (low, high) = bends_at(entries, place)
    if not bends or ruling.verdict != "wrong":
        return ruling, bends
    room = _NEAR * max(entries.slope[place], abs(low), abs(high))
    if low - room <= analytic <= high + room:
        half = (high - low) / 2 + room
        return replace(ruling, verdict="right", why="kink", allowed=half), bends
    return ruling, bends


class _Some:
    """Some entries of an array as the coordinates of a walk."""

    def __init__(self, entries: Entries, places: Places) -> None:
        self._entries, self._places = entries, places
        self.x, self.grain = entries.x[places], entries.grain[places]
        self.length, self.eps = entries.length[places], entries.eps

    def at(self, places: Places, moved: Array) -> Array:
        """Return what stands for f with one of them moved."""
        return self._entries.at(self._places[places], moved)
