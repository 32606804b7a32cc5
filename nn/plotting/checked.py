"""What `plot_gradcheck` needs to know of a report, and what it picks from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from .arrays import FloatArray

MARKERS = ("o", "s", "^", "D", "v", "P")


class CheckedArray(Protocol):
    """An input or parameter, and K of its entries that were compared."""

    @property
    def name(self) -> str:
        """As in "W"."""

    @property
    def size(self) -> int:
        """Number of entries there are, K or more."""

    @property
    def analytic(self) -> FloatArray:
        """What backward gives; (K,), as all that follow."""

    @property
    def numeric(self) -> FloatArray:
        """What differences say."""

    @property
    def bound(self) -> FloatArray:
        """How far the two may be apart."""

    @property
    def left(self) -> FloatArray:
        """Slopes below, and `right` above."""

    @property
    def right(self) -> FloatArray:
        """Slopes above."""

    @property
    def verdicts(self) -> Any:
        """Each "right", "wrong" or "undecided"."""

    @property
    def whys(self) -> Any:
        """Each "kink", or another word that plays no part here."""


class CheckReport(Protocol):
    """What a check of a gradient has found."""

    @property
    def title(self) -> str:
        """What was checked."""

    @property
    def verdict(self) -> str:
        """Of the whole."""

    @property
    def table(self) -> Sequence[CheckedArray]:
        """Every input and parameter."""

    @property
    def cause(self) -> Any:
        """None, or something with a `tag`."""

    @property
    def violations(self) -> Sequence[Any]:
        """What kept gradients from being compared, each with `tag` and `sentence`."""

    def worst_entries(self, most: int = 8) -> Sequence[Any]:
        """Some entries, the worst first, each with `place`, `verdict` and its numbers."""


def columns(table: Sequence[CheckedArray], field: str) -> FloatArray:
    """Join one field of all arrays."""
    return np.concatenate(
        [np.empty(0), *(np.asarray(getattr(part, field), np.float64) for part in table)]
    )


def wrong_entries(report: CheckReport, most: int) -> list[Any]:
    """Return the wrong entries that shall be named, the worst first."""
    return [entry for entry in report.worst_entries(most) if entry.verdict == "wrong"]


def is_bar(part: CheckedArray) -> Any:
    """Tell which entries are at a kink with both slopes known; (K,) bools."""
    return (np.asarray(part.whys) == "kink") & np.isfinite(part.left + part.right)


def markers(table: Sequence[CheckedArray]) -> list[str]:
    """Return a marker for each array; where there are too many, all right ones share the last."""
    if len(table) <= len(MARKERS):
        return list(MARKERS[: len(table)])
    ranked = sorted(range(len(table)), key=lambda k: bool((table[k].verdicts == "right").all()))
    own = sorted(ranked[: len(MARKERS) - 1])
    return [MARKERS[own.index(k)] if k in own else MARKERS[-1] for k in range(len(table))]
