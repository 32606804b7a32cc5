"""The tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.checkers.score import Judged

Record = Mapping[str, Any]
_COLUMNS = {
    "caught": "wrong caught",
    "blamed": "right blamed",
    "objected": "unstable objected to",
    "named": "and named",
    "violation": "and why",
    "place": "place",
    "cause": "cause",
}


def scores(checkers: Iterable[Record]) -> str:
    """One line a checker; "-" for what it has no words for."""
    rows = [["checker", *_COLUMNS.values(), "undecided", "not run", "seconds"]]
    for checker in checkers:
        sums = checker["sums"]
        rows.append(
            [
                checker["name"],
                *(_share(sums[key]) for key in _COLUMNS),
                str(sums["undecided"]),
                str(sums["not_run"]),
                f"{sums['seconds']:.1f}",
            ]
        )
    return aligned(rows)


def mistakes(name: str, judged: Iterable[Judged]) -> str:
    """The cases that one checker has not judged well, and what it said of them."""
    rows = [
        [f"  {j.case.name}", j.case.kind, _verdict(j), j.answer.said[:70]]
        for j in judged
        if not j.good
    ]
    return f"{name}: {len(rows)} not as they should be" + ("\n" + aligned(rows, 4) if rows else "")


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Align columns: the first `left` to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in rows
    )


def _share(pair: Sequence[int] | None) -> str:
    return "-" if pair is None else f"{pair[0]} of {pair[1]}"


def _verdict(judged: Judged) -> str:
    return "unstable" if judged.answer.unstable else judged.answer.verdict
