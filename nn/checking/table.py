"""What was looked at: single entries, and all of an input or a parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking import words
from nn.checking.verdicts import Verdict

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bend:
    """An output whose slope jumps: where in the answer, and its slopes below and above."""

    output: tuple[int, ...]
    left: float
    right: float


@dataclass(frozen=True)
class Entry:
    """One entry of an input or a parameter.

    Attributes
    ----------
    name, index
        Which: "W", (2, 1).
    sample : int or None
        The sample it belongs to, where it is one of an input.
    analytic, numeric, bound : floats
        What backward gives, what differences say, and how far apart they may be.
    left, right : floats
        Slopes from both sides.
    verdict, why : str
        "kink", "noise", "edge of domain", "precision", "not finite", or "".
    bends : tuple of Bend
        At a kink, the outputs that have it.
    """

    name: str
    index: tuple[int, ...]
    sample: int | None
    analytic: float
    numeric: float
    bound: float
    left: float
    right: float
    verdict: Verdict
    why: str = ""
    bends: tuple[Bend, ...] = ()

    @property
    def ratio(self) -> float:
        """Analytic by numeric; nan where that says nothing."""
        return self.analytic / self.numeric if self.numeric else float("nan")

    @property
    def place(self) -> str:
        """Name and index: "W[2, 1]"."""
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name

    def __str__(self) -> str:
        return words.entry_line(self)


@dataclass
class Checked:
    """One input or parameter, and all its entries that were looked at one by one.

    Attributes
    ----------
    name, shape
    places : (K,) integers
        Flat indices of the entries that were looked at.
    analytic, numeric, bound, left, right : (K,) arrays
    verdicts, whys : (K,) arrays of str
    verdict : str
        Of the whole.
    directions : int
        How many stood for the entries; 0 if all were looked at one by one.
    chance, doubt : str
        Where directions did: what they may have missed, and why they are not to be trusted.
    stopped : bool
        More entries may be wrong: the search for them was not ended.
    problem : str
        What keeps a gradient from being compared at all: there is none, it has another shape.
    """

    name: str
    shape: tuple[int, ...]
    places: NDArray[np.intp]
    analytic: Array
    numeric: Array
    bound: Array
    left: Array
    right: Array
    verdicts: NDArray[Any]
    whys: NDArray[Any]
    bends: dict[int, tuple[Bend, ...]] = field(default_factory=dict)
    samples: bool = False
    directions: int = 0
    chance: str = ""
    doubt: str = ""
    stopped: bool = False
    problem: str = ""

    @property
    def size(self) -> int:
        """Number of entries there are."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def verdict(self) -> Verdict:
        """Wrong if an entry is, undecided if one is or directions leave a doubt, else right."""
        if self.problem or (self.verdicts == "wrong").any():
            return "wrong"
        return "undecided" if self.doubt or (self.verdicts == "undecided").any() else "right"

    def count(self, verdict: Verdict) -> int:
        """Return how many of the entries looked at have a verdict."""
        return int((self.verdicts == verdict).sum())

    def entry(self, k: int) -> Entry:
        """Return the k-th entry that was looked at."""
        index = tuple(int(i) for i in np.unravel_index(int(self.places[k]), self.shape))
        return Entry(
            name=self.name,
            index=index,
            sample=index[0] if self.samples and index else None,
            analytic=float(self.analytic[k]),
            numeric=float(self.numeric[k]),
            bound=float(self.bound[k]),
            left=float(self.left[k]),
            right=float(self.right[k]),
            verdict=self.verdicts[k],
            why=str(self.whys[k]),
            bends=self.bends.get(int(self.places[k]), ()),
        )

    def by_offence(self) -> NDArray[np.intp]:
        """Return the order of the entries, the worst first: wrong ones by how far off they are."""
        rank = np.select([self.verdicts == "wrong", self.verdicts == "undecided"], [2, 1], 0)
        with np.errstate(all="ignore"):
            off = np.abs(self.analytic - self.numeric)
            off = np.where(np.isnan(off), np.inf, off)
            share = off / np.maximum(self.bound, 1e-300)
        return np.lexsort((-np.where(rank == 2, off, share), -rank))
