"""A report in words, for people and, as JSON, for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nn.checking.report import Report
    from nn.checking.table import Checked, Entry

_MOST = 8  # entries in words
_KINKS = 3  # accepted kinks in words
_ENTRIES = 1000  # entries in JSON
_COLOURS = {"right": "32", "wrong": "1;31", "undecided": "33", "unstable": "1;35"}
_WHY = {
    "kink": "at a kink",
    "noise": "the answer is too noisy to tell",
    "edge of domain": "at the edge of the domain, where no difference converges",
    "precision": "the answer has too few digits there to tell",
    "not finite": "the answer is not finite near it",
}


def describe(report: Report, colour: bool = False) -> str:
    """Return a report in words; with the colours of a terminal if asked for."""

    def painted(text: str, verdict: str) -> str:
        return f"\033[{_COLOURS[verdict]}m{text}\033[0m" if colour else text

    lines = [f"{report.title}: {painted(report.verdict, report.verdict)}{_ending(report)}"]
    lines += [f"  {violation.tag}: {violation.sentence}" for violation in report.violations]
    causes = dict.fromkeys(str(cause) for cause in _causes(report))
    lines += [f"  {cause}" for cause in causes]
    lines += [f"  note: {note}" for note in report.notes]
    lines += _entries(report, painted)
    if report.table:
        lines += ["", *_table(report.table, painted)]
        lines += [f"  {p.name}: {p.chance or p.doubt}" for p in report.table if p.chance or p.doubt]
    asked = f"forward asked {report.evaluations:,} times, {report.seconds:.2f} s"
    random = report.table and report.dout is not None and report.dout.size > 1
    meaning = "slopes of sum(dout * forward(x)) for a random dout; " if random else ""
    lines.append(f"  {meaning}{asked}")
    return "\n".join(lines)


def _ending(report: Report) -> str:
    if report.verdict == "unstable":
        return ", so no gradient was judged"
    looked = sum(len(p.places) for p in report.table)
    off = sum(p.count("wrong") for p in report.table)
    if report.verdict == "wrong" and off:
        whole = all(len(p.places) == p.size for p in report.table)
        return f", in {off:,} of {looked:,} entries{'' if whole else ' looked at'}"
    return ""


def _causes(report: Report) -> list[Any]:
    """The causes, that of the worst array first."""
    first = report.cause
    return [first, *(c for c in report.causes.values() if c is not first)] if first else []


def _entries(report: Report, painted: Any) -> list[str]:
    """The worst entries, a line each, and how many more; then kinks that were accepted."""
    lacking = [p.name for p in report.table if p.problem]  # the cause, or a line, says it all
    bad = [e for e in report.worst_entries(_MOST + len(lacking)) if e.verdict != "right"]
    bad = [e for e in bad if e.name not in lacking][:_MOST]
    counted = [p for p in report.table if not p.problem]
    more = sum(p.count("wrong") + p.count("undecided") for p in counted) - len(bad)
    lines = [painted(entry_line(entry), entry.verdict) for entry in bad]
    lines = [f"  {line}" for line in lines]
    lines += [f"  {p.problem}" for p in report.table if p.problem and p.name not in report.causes]
    if any(p.stopped for p in report.table):
        lines.append("  the search for places stopped there; more entries may be wrong")
    elif more > 0:
        lines.append(f"  … and {more:,} more")
    kinks = [
        part.entry(k)
        for part in report.table
        for k in np.flatnonzero((part.verdicts == "right") & (part.whys == "kink")).tolist()
    ]
    for entry in kinks[:_KINKS]:
        lines.append(f"  {entry_line(entry)}")
    if len(kinks) > _KINKS:
        lines.append(
            f"  … and {len(kinks) - _KINKS:,} more kinks with a slope that is one of theirs"
        )
    return lines


def entry_line(entry: Entry) -> str:
    """Return all there is to say of an entry."""
    sample = "" if entry.sample is None else f" (sample {entry.sample})"
    if entry.why == "kink" and math.isfinite(entry.left + entry.right):
        sides = f"slope {entry.left + 0:.6g} below and {entry.right + 0:.6g} above"
        text = f"{entry.place}{sample} at a kink: analytic {entry.analytic + 0:.6g}, {sides}"
        if entry.verdict == "right":
            text += ", either or one between will do"
        elif entry.verdict == "undecided":
            text += "; right a little beside it, so several units switch there together"
    else:
        near = entry.verdict == "wrong" and abs(entry.ratio - 1) < 1e-5
        digits = 15 if near else 8  # so that the two can be told apart
        text = (
            f"{entry.place}{sample}: analytic {entry.analytic + 0:.{digits}g},"
            f" numeric {entry.numeric + 0:.{digits}g} ± {entry.bound:.1g}"
        )
        if math.isfinite(entry.ratio) and entry.verdict == "wrong":
            text += f", ratio {entry.ratio + 0:.{15 if near else 6}g}"
        if entry.verdict == "undecided":
            text += f"; undecided, {_WHY.get(entry.why, entry.why)}"
    if entry.bends:
        first = entry.bends[0]
        text += (
            f"; there output {list(first.output)} changes its slope from {first.left + 0:.4g} to"
            f" {first.right + 0:.4g}"
        )
        if len(entry.bends) > 1:
            text += f", and {len(entry.bends) - 1} more"
    return text


def _table(parts: Sequence[Checked], painted: Any) -> list[str]:
    """A line for each input and parameter."""
    head = ("gradient of", "shape", "entries", "looked at", "right", "wrong", "undecided", "")
    rows = [
        (
            part.name,
            str(part.shape),
            f"{part.size:,}",
            f"{len(part.places):,}"
            + (f" and {part.directions} directions" * bool(part.directions)),
            f"{part.count('right'):,}",
            f"{part.count('wrong'):,}",
            f"{part.count('undecided'):,}",
            part.verdict,
        )
        for part in parts
    ]
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]

    def line(row: Sequence[str]) -> str:
        left = [row[k].ljust(widths[k]) for k in range(2)]
        rest = [row[k].rjust(widths[k]) for k in range(2, 7)]
        return "  " + "  ".join([*left, *rest, ""])

    return [line(head).rstrip(), *(line(row) + painted(row[-1], row[-1]) for row in rows)]


def as_dict(report: Report) -> dict[str, Any]:
    """Return everything as JSON can hold it; numbers that are not finite are None."""
    cause = report.cause
    bad = [entry for entry in report.worst_entries(_ENTRIES) if entry.verdict != "right"]
    return {
        "title": report.title,
        "verdict": report.verdict,
        "cause": None if cause is None else {"tag": cause.tag, "sentence": cause.sentence},
        "causes": {n: {"tag": c.tag, "sentence": c.sentence} for n, c in report.causes.items()},
        "violations": [{"tag": v.tag, "sentence": v.sentence} for v in report.violations],
        "notes": report.notes,
        "worst": None if report.worst is None else _entry_dict(report.worst),
        "table": [
            {
                "name": part.name,
                "shape": list(part.shape),
                "verdict": part.verdict,
                "looked_at": len(part.places),
                "right": part.count("right"),
                "wrong": part.count("wrong"),
                "undecided": part.count("undecided"),
                "directions": part.directions,
                "chance": part.chance,
                "doubt": part.doubt,
                "problem": part.problem,
            }
            for part in report.table
        ],
        "entries": [_entry_dict(entry) for entry in bad],
        "evaluations": report.evaluations,
        "seconds": report.seconds,
    }


def _entry_dict(entry: Entry) -> dict[str, Any]:
    numbers = {
        name: _finite(getattr(entry, name))
        for name in ("analytic", "numeric", "bound", "ratio", "left", "right")
    }
    return {
        "name": entry.name,
        "index": list(entry.index),
        "sample": entry.sample,
        **numbers,
        "verdict": entry.verdict,
        "why": entry.why,
        "bends": [
            {"output": list(b.output), "left": _finite(b.left), "right": _finite(b.right)}
            for b in entry.bends
        ],
    }


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None
