"""Whether a gradient that is wrong at x is right beside it: then x itself is the odd point.

Where several units stand at their kinks together, a right backward takes each at one of its
slopes, and what comes out need not lie between the two slopes of the whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.checking.answers import ask
from nn.checking.asking import Entries
from nn.checking.behaviour import Behaviour
from nn.checking.entrywise import judge_entries
from nn.checking.subject import Subject
from nn.checking.table import Checked

_AWAY = 2.0**-14  # of the length over which f may change
_FIRST = 16  # wrong entries looked at; the others only if one of these is right
_MOST = 256  # looked at in all


def look_beside(
    subject: Subject, found: Behaviour, part: Checked, eps: float, rng: np.random.Generator
) -> None:
    """Call wrong entries undecided, at a kink, where they are right a little beside x."""
    wrong = np.flatnonzero((part.verdicts == "wrong") & np.isfinite(part.analytic))
    if part.problem or not len(wrong) or part.name in found.growing | found.whole:
        return
    here = Entries(subject, found, part.name)
    wrong = wrong[:_MOST]
    wrong = wrong[[not _by_itself(here, int(part.places[k])) for k in wrong]]
    if not len(wrong):
        return
    tensors = subject.tensors
    saved = {name: array.copy() for name, array in tensors.items()}
    try:
        for array in tensors.values():
            away = _AWAY * typical_length(array.astype(np.float64))
            array += (away * rng.uniform(0.5, 1, array.shape) * _signs(rng, array.shape)).astype(
                array.dtype
            )
        moved = _at(subject, found)
        if moved is None:
            return
        for some in (wrong[:_FIRST], wrong[_FIRST:]):
            again = _right(subject, moved, part, some, eps)
            part.verdicts[some[again]] = "undecided"
            part.whys[some[again]] = "kink"
            if not again.any():
                return
    finally:
        for name, array in tensors.items():
            array[...] = saved[name]


def _by_itself(entries: Entries, place: int) -> bool:
    """Whether an entry moves one output alone, and nothing else moves that: no units combine."""
    x, away = entries.x, entries.length / 4
    alone = np.array([place])
    up, down = (entries.nudged(alone, x[alone] + side * away[alone]) for side in (1, -1))
    moved = (up != 0) | (down != 0)
    if moved.sum() != 1:
        return False
    others = np.delete(np.arange(len(x)), place)
    apart = away[others] * (1 + 0.4 * np.sin(others))  # no two alike, so that nothing cancels
    return bool((entries.nudged(others, x[others] + apart)[moved] == 0).all())


def _signs(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return rng.choice([-1.0, 1.0], shape)


def _at(subject: Subject, found: Behaviour) -> Behaviour | None:
    """Ask for the answer and the gradients where x and the parameters are now."""
    try:
        z = subject.forward()
        return replace(found, z=z, gradients=ask(subject, found.dout.copy()))
    except Exception:  # it may be outside its domain
        return None


def _right(
    subject: Subject, moved: Behaviour, part: Checked, some: NDArray[Any], eps: float
) -> NDArray[np.bool_]:
    """Whether entries that were wrong are right now."""
    given = moved.gradients.get(part.name)
    if not len(some) or given is None or np.shape(given) != part.shape:
        return np.zeros(len(some), bool)
    entries = Entries(subject, moved, part.name)
    places = part.places[some]
    again = judge_entries(entries, np.asarray(given), eps, places)
    return np.asarray(again.verdicts == "right")
