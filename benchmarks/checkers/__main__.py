"""Judge checkers of gradients by the gallery; print a table, write JSON.

python -m benchmarks.checkers [--quick] [--checkers TEXT ...] [--cases TEXT ...] [--mistakes]
                              [--out FOLDER]
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

from benchmarks.checkers import report
from benchmarks.checkers.answers import SECONDS, Checker, ask
from benchmarks.checkers.ours import ours
from benchmarks.checkers.rivals import installed, rivals
from benchmarks.checkers.score import Judged, judge, summary
from benchmarks.gallery import CASES
from benchmarks.gallery.case import Case

MEANING = {
    "caught": "wrong ones called wrong, of all; by other checkers, any alarm",
    "blamed": "right ones that raise an alarm, or a doubt where there is no kink",
    "objected": "unstable ones with any alarm",
    "named": "unstable ones called unstable; only ours has a word for it",
    "violation": "unstable ones of which the reason is told",
    "place": "where one entry alone is wrong: it is the one that is told as the worst",
    "cause": "where there is one to be named: it is named",
    "not_run": f"no view of the case as a pure function, too large, or not done in {SECONDS:g} s",
    "seconds": "of all cases, without what it takes to import a package",
    "null": "the checker has no words for it",
}
QUICK = 6  # every so many cases, where it is to be quick


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.checkers", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), metavar="FOLDER")
    parser.add_argument("--rivals", action=argparse.BooleanOptionalAction, default=True,
                        help="ask other checkers too")  # fmt: skip
    parser.add_argument("--checkers", nargs="+", metavar="TEXT",
                        help="those whose name has one of these in it; all by default")  # fmt: skip
    parser.add_argument("--cases", nargs="+", metavar="TEXT",
                        help="those whose name has one of these in it; all by default")  # fmt: skip
    parser.add_argument("--mistakes", action="store_true",
                        help="list the cases that a checker judges badly")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="a few of the cases")
    return parser.parse_args(given)


def chosen_checkers(chosen: argparse.Namespace) -> list[Checker]:
    """Return the checkers that are asked."""
    found = [*ours(), *(rivals() if chosen.rivals else [])]
    texts = chosen.checkers
    return [c for c in found if texts is None or any(text in c.name for text in texts)]


def chosen_cases(chosen: argparse.Namespace) -> list[Case]:
    """Return the cases that they are asked about."""
    texts = chosen.cases
    found = [c for c in CASES if texts is None or any(text in c.name for text in texts)]
    return found[:: QUICK if chosen.quick else 1]


def main(given: Sequence[str] | None = None) -> dict[str, Any]:
    """Run what the command line asks for, print it, write it, and return it."""
    chosen = arguments(given)
    checkers, cases = chosen_checkers(chosen), chosen_cases(chosen)
    if not checkers or not cases:
        what, texts = ("checker", chosen.checkers) if not checkers else ("case", chosen.cases)
        raise SystemExit(f"error: no {what} is called {' or '.join(texts or ['anything'])}")
    machine = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        **(installed() if chosen.rivals else {}),
    }
    print(" ".join(f"{key} {value}" for key, value in machine.items()), end="\n\n")
    judged: dict[str, list[Judged]] = {}
    for checker in tqdm(checkers, unit=" checkers", leave=False, disable=None):
        ask(checker, cases[0])  # whatever a package does when it is first used
        judged[checker.name] = [judge(case, ask(checker, case)) for case in cases]
    records = [
        {
            "name": checker.name,
            "sums": summary(judged[checker.name], checker.tells),
            "cases": [one.record for one in judged[checker.name]],
        }
        for checker in checkers
    ]
    kinds = [case.kind for case in cases]
    print(", ".join(f"{kinds.count(kind)} {kind}" for kind in ("wrong", "right", "unstable")))
    print(report.scores(records))
    if chosen.mistakes:
        for name, answers in judged.items():
            print("\n" + report.mistakes(name, answers))
    results = {"meaning": MEANING, "machine": machine, "checkers": records}
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / "checkers.json"
    text = json.dumps(results, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    print(f"\nwritten: {path}")
    return results


if __name__ == "__main__":
    main()
