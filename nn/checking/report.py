"""What a check has found: a verdict, a place, a cause, and everything that was looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking import words
from nn.checking.behaviour import Violation
from nn.checking.table import Checked, Entry
from nn.checking.verdicts import Verdict

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cause:
    """Why a gradient is wrong: a short tag, a sentence with what to look at, and if it is a guess.

    A guess goes by what the missing numbers resemble, and by no rule that they obey.
    """

    tag: str
    sentence: str
    guess: bool = False

    def __str__(self) -> str:
        return f"{self.tag}{', perhaps' * self.guess}: {self.sentence}"


@dataclass(repr=False)
class Report:
    """What `nn.gradcheck` found; `print` says it in words. It is true where all is right.

    Attributes
    ----------
    title : str
        What was checked.
    verdict : "right", "wrong", "undecided" or "unstable"
    cause : Cause or None
        Of the worst entry's array.
    causes : dict of name -> Cause
        Of each array that is wrong, where one was found.
    table : list of Checked
        Every input and parameter.
    violations : list of Violation
        What must hold and does not; the verdict is "unstable" then.
    notes : list of str
    dout : array
        What backward was handed; the numbers are slopes of Σ dout * forward(x).
    evaluations : int
        How often forward was asked.
    seconds : float
    """

    title: str
    verdict: Verdict
    table: list[Checked] = field(default_factory=list)
    causes: dict[str, Cause] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dout: Array | None = None
    evaluations: int = 0
    seconds: float = 0.0

    @property
    def worst(self) -> Entry | None:
        """The entry that is off the most, wrong ones first; None if none was looked at."""
        return next(iter(self.worst_entries(1)), None)

    @property
    def cause(self) -> Cause | None:
        """The cause of the worst array; of another, where that is only a guess and this is none."""
        worst = self.worst
        first = None if worst is None else self.causes.get(worst.name)
        firm = [cause for cause in self.causes.values() if not cause.guess]
        if first is not None and (not first.guess or not firm):
            return first
        return next(iter([*firm, *self.causes.values()]), None)

    def worst_entries(self, most: int = 8) -> list[Entry]:
        """Return some entries, the worst first; arrays take turns by how wrong they are."""
        found: list[tuple[tuple[float, ...], Entry]] = []
        for part in self.table:
            size = np.abs(part.numeric[np.isfinite(part.numeric)]).max(initial=0.0)
            for k in part.by_offence()[:most].tolist():
                entry = part.entry(k)
                off = abs(entry.analytic - entry.numeric)
                rank = {"wrong": 2, "undecided": 1}.get(entry.verdict, 0)
                share = off / (size or 1.0) if rank == 2 else off / max(entry.bound, 1e-300)
                found.append(((-rank, -share if share == share else -np.inf), entry))
        found.sort(key=lambda pair: pair[0])
        return [entry for _, entry in found[:most]]

    def __str__(self) -> str:
        return words.describe(self)

    def __repr__(self) -> str:
        return f"<Report of {self.title}: {self.verdict}>"

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON can hold it; numbers that are not finite are None."""
        return words.as_dict(self)

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw analytic against numeric gradients, and save that where a path says so.

        Returns the matplotlib Axes; see `nn.plot_gradcheck`.
        """
        from nn.plotting import plot_gradcheck, save_axes

        axes = plot_gradcheck(self)
        if path is not None:
            save_axes(axes, path)
        return axes
