"""Judge derivatives by the points whose gradients are known; print tables, write JSON.

python -m benchmarks.derivatives [--quick] [--methods TEXT ...] [--worst ERROR] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.derivatives import report
from benchmarks.derivatives.answers import Method
from benchmarks.derivatives.kinks import at_relu, kinks
from benchmarks.derivatives.ours import BEST, best_step, ours
from benchmarks.derivatives.rivals import installed, rivals
from benchmarks.derivatives.score import Case, by_family, run, summary
from benchmarks.points import KINKS, SHARP, SMOOTH, Point, Problem

MEANING = {
    "error": "max|g - exact| / max|exact|; max|g| where the exact gradient is zero",
    "right": "cases whose error is at most so much",
    "evaluations": "calls of f for each coordinate, median over the cases",
    "short": "cases with an entry off by over ten times what is claimed; null without claims",
    "short_and_off": "those of them whose error is above 1e-10",
    "claim": "claimed error by true error, median over the cases",
    "silent": "cases off by over 1e-3 of which the user is not told: no exception, no warning, no"
    " state, a finite answer, and no claim of an error above 1e-3",
    "all": "all smooth problems; those with noise cannot be right to 1e-8, by any method",
    "clean": "those where f is as good as float64",
    "kinks": "found: told in every entry that has one. Without a state 'kink', any doubt counts",
    "best": "the central difference whose h, for each entry, is the best of a grid: it knows the"
    " answer, and where f is noisy it is lucky",
}
QUICK = 12  # every so many problems, where it is to be quick


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.derivatives", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), metavar="FOLDER")
    parser.add_argument("--rivals", action=argparse.BooleanOptionalAction, default=True,
                        help="ask other packages too")  # fmt: skip
    parser.add_argument("--methods", nargs="+", metavar="TEXT",
                        help="those whose name has one of these in it; all by default")  # fmt: skip
    parser.add_argument("--worst", type=float, metavar="ERROR",
                        help="list the cases that are off by more")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="a few of the points")
    return parser.parse_args(given)


def chosen_methods(chosen: argparse.Namespace) -> list[str | Method]:
    """Return the methods that are asked; `BEST` is one that knows each problem."""
    found: list[str | Method] = [*ours(), *(rivals() if chosen.rivals else []), BEST]
    if chosen.methods is None:
        return found
    names = {m if isinstance(m, str) else m.name: m for m in found}
    return [m for name, m in names.items() if any(part in name for part in chosen.methods)]


def examine(
    method: str | Method, problems: list[Problem], points: list[Point], sharp: list[Problem]
) -> tuple[dict[str, Any], list[Case]]:
    """Return the record of a method, and its cases on all smooth problems."""
    if isinstance(method, str):
        cases = [run(best_step(problem), [problem])[0] for problem in problems]
        steep = [run(best_step(problem), [problem])[0] for problem in sharp]
    else:
        cases, steep = run(method, problems), run(method, sharp)
    counted = isinstance(method, Method) and method.counted
    noisy = {problem.name for problem in problems if problem.noise}
    record: dict[str, Any] = {
        "name": method if isinstance(method, str) else method.name,
        "all": summary(cases, counted),
        "clean": summary([case for case in cases if case.problem not in noisy], counted),
        "sharp": summary(steep, counted),
        "families": by_family(cases),
        "cases": [case.record for case in [*cases, *steep]],
    }
    if isinstance(method, Method):
        record["kinks"] = {**kinks(method, points, sharp), "sharp": len(sharp)}
        record["relu"] = at_relu(method, KINKS[0])
    return record, [*cases, *steep]


def main(given: Sequence[str] | None = None) -> dict[str, Any]:
    """Run what the command line asks for, print it, write it, and return it."""
    chosen = arguments(given)
    step = QUICK if chosen.quick else 1
    problems, points, sharp = SMOOTH[::step], KINKS[::step], SHARP[::step]
    machine = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        **(installed() if chosen.rivals else {}),
    }
    print(" ".join(f"{key} {value}" for key, value in machine.items()), end="\n\n")
    records, cases = [], []
    for method in tqdm(chosen_methods(chosen), unit=" methods", leave=False, disable=None):
        record, own = examine(method, problems, points, sharp)
        records.append(record)
        cases.append(own)
    if not records:
        raise SystemExit(f"error: no method is called {' or '.join(chosen.methods)}")
    show(records)
    if chosen.worst is not None:
        for record, own in zip(records, cases, strict=True):
            print("\n" + report.worst(record["name"], own, chosen.worst))
    results = {"meaning": MEANING, "machine": machine, "methods": records}
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / "derivatives.json"
    text = json.dumps(results, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    print(f"\nwritten: {path}")
    return results


def show(records: list[dict[str, Any]]) -> None:
    """Print the tables."""
    titles = {
        "all": "smooth problems",
        "clean": "of these, those without noise",
        "sharp": "smooth but sharp",
    }
    for key, title in titles.items():
        print(f"{records[0][key]['cases']} {title}: right to …")
        print(report.accuracy(records, key), end="\n\n")
    print("right to 1e-8, by family")
    print(report.families(records, 1e-8))
    able = [record for record in records if "kinks" in record]
    if able:
        print("\nkinks; where a method has no word for them, any doubt it utters counts")
        print(report.told(able))


if __name__ == "__main__":
    main()
