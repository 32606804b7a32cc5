"""The tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.derivatives.score import OFF, TOLERANCES, Case

Record = Mapping[str, Any]
_KEYS = [f"{t:g}" for t in TOLERANCES]


def aligned(rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Align columns: the first `left` to the left, numbers to the right."""
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in lines
    )


def accuracy(methods: Iterable[Record], key: str) -> str:
    """How often each method is right, what it costs, and how it errs; `key` names the sums."""
    rows = [["method", *(f"to {k}" for k in _KEYS), "f calls", "most", "short",
             f"off {OFF:g} too", "claim", "silent"]]  # fmt: skip
    for method in methods:
        sums = method[key]
        rows.append(
            [
                method["name"],
                *(f"{sums['right'][k]} ({sums['right'][k] / sums['cases']:.0%})" for k in _KEYS),
                short(sums["evaluations"]),
                short(sums["most_evaluations"]),
                short(sums["short"]),
                short(sums["short_and_off"]),
                short(sums["claim"]),
                short(sums["silent"]),
            ]
        )
    return aligned(rows)


def families(methods: Sequence[Record], tolerance: float) -> str:
    """How many of each family each method has right; a column a method, told by its number."""
    rows = [["family", "cases", *(f"[{place}]" for place in range(1, len(methods) + 1))]]
    for name, first in methods[0]["families"].items():
        right = [str(m["families"][name]["right"][f"{tolerance:g}"]) for m in methods]
        rows.append([name, str(first["cases"]), *right])
    legend = [f"  [{place}] {m['name']}" for place, m in enumerate(methods, start=1)]
    return "\n".join([aligned(rows), *legend])


def told(methods: Iterable[Record]) -> str:
    """Who tells kinks, and what is reported for the relu at 0."""
    rows = [["method", "kinks told", "no word", "entries wrongly", "fair beside", "sharp mistaken",
             "relu at 0", "claimed", "says"]]  # fmt: skip
    for method in methods:
        k, relu = method["kinks"], method["relu"]
        rows.append(
            [
                method["name"],
                f"{k['found']} of {k['at']}",
                str(k["silent"]),
                str(k["false"]),
                f"{k['fair']} of {k['beside']}",
                f"{len(k['mistaken'])} of {k['sharp']}",
                short(relu["value"]),
                short(relu["claimed"]),
                relu["says"][:40] or "-",
            ]
        )
    return aligned(rows)


def worst(name: str, cases: Iterable[Case], above: float) -> str:
    """The cases of one method that are off by more than `above`, or claim too little."""
    rows = [["case", "family", "error", "claimed", "f calls", "says"]]
    for case in cases:
        if case.error > above or case.short:
            says = ", ".join(sorted(set(case.states))) or case.said[:60]
            rows.append(
                [
                    case.problem,
                    case.family,
                    f"{case.error:.1e}",
                    ("short: " if case.short else "") + short(case.claimed),
                    short(case.evaluations / case.coordinates),
                    says or "-",
                ]
            )
    return f"{name}: off by more than {above:g}\n{aligned(rows, left=2)}"


def short(value: float | None) -> str:
    """A number in three figures, "-" for none."""
    if value is None:
        return "-"
    if value and not 1e-2 <= abs(value) < 1e5:
        return f"{value:.1e}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
