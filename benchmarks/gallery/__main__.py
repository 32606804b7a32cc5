"""Leaf through the gallery: python -m benchmarks.gallery [NAME] [--kind wrong] [--plot FILE].

Without a name it lists the cases; with one it shows the code, and what `nn.gradcheck` says of it.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Sequence

import nn
from benchmarks.gallery import CASES, NAMED
from benchmarks.gallery.case import Case
from nn.errors import nearest


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gallery", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the case to show")
    parser.add_argument("--kind", choices=["wrong", "right", "unstable"], help="list these alone")
    parser.add_argument("--plot", metavar="FILE", help="draw what was found")
    chosen = parser.parse_args(given)
    if chosen.name is not None and chosen.name not in NAMED:
        parser.error(f"no case is called {chosen.name!r}{nearest(chosen.name, NAMED)}")
    return chosen


def listed(case: Case) -> str:
    """Return a line about a case: what it is, and what must be said of it."""
    said = case.violation or case.cause or ""
    return f"{case.kind:8}  {case.name:38}  {said:24}  {case.about.splitlines()[0]}"


def main(given: Sequence[str] | None = None) -> None:
    """List the cases, or show one."""
    chosen = arguments(given)
    if chosen.name is None:
        for case in CASES:
            if chosen.kind in (None, case.kind):
                print(listed(case))
        return
    case = NAMED[chosen.name]
    print(inspect.getsource(case.build))
    handed = case.build()
    report = nn.gradcheck(handed.thing, handed.x, **handed.options)
    print(report)
    if chosen.plot is not None:
        report.plot(chosen.plot)
        print(f"drawn: {chosen.plot}")


if __name__ == "__main__":
    main()
