"""An answer beside what is known of its case, and the sums of a checker over many cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.checkers.answers import Answer, Checker, ask
from benchmarks.gallery.case import Case


@dataclass(frozen=True)
class Judged:
    """An answer, and what it is worth.

    Attributes
    ----------
    case : Case
    answer : Answer
    good : bool
        A wrong one is caught, and not as unstable; a right one passes, or is undecided at a kink;
        an unstable one is objected to.
    named : bool or None
        An unstable one is called that; None for the other kinds.
    place : bool or None
        The worst entry is the only wrong one; None where there is not one only.
    cause : bool or None
        None where there is none to be named.
    violation : bool or None
        Among the reasons why it is unstable is the true one.
    """

    case: Case
    answer: Answer
    good: bool
    named: bool | None = None
    place: bool | None = None
    cause: bool | None = None
    violation: bool | None = None

    @property
    def record(self) -> dict[str, Any]:
        """What JSON can hold."""
        answer = self.answer
        return {
            "case": self.case.name,
            "kind": self.case.kind,
            "verdict": "unstable" if answer.unstable else answer.verdict,
            "good": self.good,
            "said": answer.said,
            "name": answer.name,
            "index": None if answer.index is None else list(answer.index),
            "cause": answer.cause,
            "violations": list(answer.violations),
            "seconds": answer.seconds,
        }


def judge(case: Case, answer: Answer) -> Judged:
    """Compare an answer with what is known."""
    alarm = answer.verdict == "alarm"
    if case.kind == "right":
        return Judged(case, answer, answer.verdict == "pass" or _may_doubt(case, answer))
    if case.kind == "unstable":
        named = alarm and answer.unstable
        return Judged(case, answer, alarm, named, violation=case.violation in answer.violations)
    place = cause = None
    if case.index is not None:
        place = alarm and (answer.name, answer.index) == (case.tensors[0], case.index)
    if case.cause is not None:
        cause = alarm and answer.cause == case.cause
    return Judged(case, answer, alarm and not answer.unstable, place=place, cause=cause)


def _may_doubt(case: Case, answer: Answer) -> bool:
    return case.kink and answer.verdict == "undecided"


def run(checker: Checker, cases: Iterable[Case]) -> list[Judged]:
    """Ask `checker` about every case."""
    return [judge(case, ask(checker, case)) for case in cases]


def summary(judged: Sequence[Judged], tells: Sequence[str] = ()) -> dict[str, Any]:
    """The line of a checker in the table.

    Returns
    -------
    dict
        Pairs [how many, of how many]: `caught` of the wrong ones; `blamed` of the right ones, an
        alarm or a doubt where there is no kink; `objected` and `named` of the unstable ones, and
        their `violation`; `place`; `cause`. None for what a checker, by `tells`, has no words for.
        `undecided` and `not_run` are counts of all kinds, `seconds` the sum.
    """
    found: dict[str, Any] = {
        "cases": len(judged),
        "caught": _share(j.good for j in judged if j.case.kind == "wrong"),
        "blamed": _share(_blames(j) for j in judged if j.case.kind == "right"),
        "objected": _share(j.good for j in judged if j.case.kind == "unstable"),
        "named": _share(j.named for j in judged),
        "violation": _share(j.violation for j in judged),
        "place": _share(j.place for j in judged),
        "cause": _share(j.cause for j in judged),
        "undecided": sum(j.answer.verdict == "undecided" for j in judged),
        "not_run": sum(j.answer.verdict == "error" for j in judged),
        "seconds": sum(j.answer.seconds for j in judged),
    }
    words = {"violation": "unstable", "place": "place", "cause": "cause"}
    return {k: None if k in words and words[k] not in tells else v for k, v in found.items()}


def _blames(judged: Judged) -> bool:
    return not judged.good and judged.answer.verdict != "error"


def _share(found: Iterable[bool | None]) -> list[int]:
    known = [value for value in found if value is not None]
    return [sum(known), len(known)]
