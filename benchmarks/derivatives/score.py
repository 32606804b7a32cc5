"""An answer beside the exact gradient, and the sums of a method over many problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks.derivatives.answers import Answer, Method, ask
from benchmarks.points import Problem

TOLERANCES = (1e-6, 1e-8, 1e-10)
WRONG = 1e-3  # an error that should not go without a word
OFF = 1e-10  # an error that matters, when a claim is too small
_SHORT = 10.0  # a claimed error may be this many times too small


@dataclass(frozen=True)
class Case:
    """One answer.

    Attributes
    ----------
    problem, family : str
    error : float
        max|g - exact| / max|exact|, or max|g| where the exact gradient is zero; infinite without
        an answer.
    claimed : float or None
        The largest claimed error in the same unit.
    short : bool
        Whether an entry is off by more than ten times what is claimed for it.
    doubted : bool
        Whether the user has been told that some entry may be wrong.
    evaluations : int
    coordinates : int
    states : tuple of str
    said : str
    """

    problem: str
    family: str
    error: float
    claimed: float | None
    short: bool
    doubted: bool
    evaluations: int
    coordinates: int
    states: tuple[str, ...]
    said: str

    @property
    def record(self) -> dict[str, Any]:
        """What JSON can hold: null for an error that is not finite."""
        found = asdict(self)
        for key in ("error", "claimed"):
            if found[key] is not None and not np.isfinite(found[key]):
                found[key] = None
        return found


def judge(problem: Problem, answer: Answer) -> Case:
    """Compare an answer with the exact gradient."""
    exact = problem.exact_vector
    unit = float(np.abs(exact).max()) or 1.0
    off = np.abs(answer.gradient - exact)
    known = np.isfinite(answer.gradient)
    claimed, short = None, False
    if answer.claimed is not None:
        claimed = float(answer.claimed.max()) / unit
        allowed = _SHORT * answer.claimed + np.spacing(np.abs(exact))  # the exact one is rounded
        short = bool((off > allowed)[known].any())
    return Case(
        problem.name,
        problem.family,
        float(off.max()) / unit if known.all() else float("inf"),
        claimed,
        short,
        bool(answer.doubted.any()),
        answer.evaluations,
        len(exact),
        answer.states,
        answer.said,
    )


def run(method: Method, problems: Iterable[Problem]) -> list[Case]:
    """Ask `method` about every problem."""
    return [judge(problem, ask(method, problem)) for problem in problems]


def summary(cases: Sequence[Case], counted: bool = True) -> dict[str, Any]:
    """The line of a method in the table.

    Returns
    -------
    dict
        `right`: how many cases are right to each of `TOLERANCES`; `evaluations` and
        `most_evaluations`: of f for each coordinate, median and largest; `short`: cases whose
        claimed error is too small by over ten times, and `short_and_off` those of them that are off
        by over 1e-10; `claim`: median of claimed by true error; `silent`: cases off by over 1e-3
        without a word.
    """
    price = [case.evaluations / case.coordinates for case in cases]
    ratios = [
        case.claimed / case.error
        for case in cases
        if case.claimed is not None and 0 < case.error < np.inf and np.isfinite(case.claimed)
    ]
    claims = any(case.claimed is not None for case in cases)
    return {
        "cases": len(cases),
        "right": {f"{t:g}": sum(case.error <= t for case in cases) for t in TOLERANCES},
        "evaluations": median(price) if counted else None,
        "most_evaluations": max(price) if counted else None,
        "short": sum(case.short for case in cases) if claims else None,
        "short_and_off": sum(case.short and case.error > OFF for case in cases) if claims else None,
        "claim": median(ratios) if ratios else None,
        "silent": sum(case.error > WRONG and not case.doubted for case in cases),
    }


def by_family(cases: Iterable[Case]) -> dict[str, dict[str, Any]]:
    """The same of each family by itself."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.family, []).append(case)
    return {family: summary(members) for family, members in found.items()}
