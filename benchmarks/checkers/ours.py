"""Our own checker, as its users call it."""

from __future__ import annotations

from typing import Any

import nn
from benchmarks.checkers.answers import Answer, CannotRunError, Checker, Verdict, first_line
from benchmarks.gallery.case import Given

NAME = "nn.gradcheck"
_VERDICTS: dict[str, Verdict] = {
    "right": "pass",
    "wrong": "alarm",
    "unstable": "alarm",
    "undecided": "undecided",
}


def ours() -> list[Checker]:
    """Return `nn.gradcheck`."""
    return [Checker(NAME, _gradcheck, ("unstable", "place", "cause"))]


def _gradcheck(given: Given) -> Answer:
    """What it raises counts against it: unlike others it has a verdict for all that can happen."""
    try:
        report: Any = nn.gradcheck(given.thing, given.x, **given.options)
    except Exception as error:
        raise CannotRunError(first_line(error)) from error
    worst, cause = report.worst, report.cause
    violations = tuple(str(v.tag) for v in report.violations)
    wrong = report.verdict == "wrong"
    return Answer(
        _VERDICTS[report.verdict],
        report.verdict if cause is None else f"{report.verdict}: {cause.tag}",
        unstable=report.verdict == "unstable",
        name=worst.name if wrong and worst is not None else None,
        index=tuple(int(i) for i in worst.index) if wrong and worst is not None else None,
        cause=None if cause is None else str(cause.tag),
        violations=violations,
    )
