"""Time the gradient of several nets by every method there is; write JSON and a picture.

python -m benchmarks.gradients [--quick] [--nets NAME ...] [--mnist FOLDER] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import datasets
from benchmarks.batches import find_mnist
from benchmarks.compare import compare
from benchmarks.entries import H
from benchmarks.growth import growth
from benchmarks.nets import NETS
from benchmarks.report import BELOW, describe, describe_growth
from benchmarks.rivals import installed
from benchmarks.timing import Settings
from nn.gradients.machine import cores

MEANING = {
    "step": "forward and the gradient of the batch's mean cross-entropy, without the update;"
    " float64 everywhere, at the first weights",
    "seconds": "a step: median over the rounds of the median of a turn",
    "least_seconds": "the fastest step",
    "rounds": "seconds in each round; null where the method had used up the limit",
    "extrapolated": "one gradient would exceed the limit: seconds of a random sample of entries,"
    " another one each round, times all over sampled",
    "loop_over_this": "median over the rounds of the loop's seconds by this one's",
    "this_over_backprop": "median over the rounds of this one's seconds by those of backprop with"
    " one BLAS thread",
    "largest_difference": "from the loop, largest absolute value over what `compared` says",
    "peak_bytes": "most that Python and numpy hold for one step at a time (tracemalloc), measured"
    " apart from time; null where it is not seen or would take too long",
    "ways": "how the slopes of each layer are found, by its place; null where nothing is chosen",
    "required": "how many times as fast as the loop a method has to be",
    "exponents": "p of seconds ~ value**p, least squares of logarithms over the upper half",
    "exponents_by_parameters": "the same of seconds ~ P**p, P the number of weights",
    "predicted": f"the power of what `against` names by what a method does; {BELOW}",
}
QUICK = ("own", "digits", "sigmoid")
_ENTRIES = 200  # of a loop that is extrapolated, in all rounds together, at least


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gradients", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), metavar="FOLDER")
    parser.add_argument("--nets", nargs="+", choices=NETS, metavar="NAME",
                        help=f"of {', '.join(NETS)}; all by default")  # fmt: skip
    parser.add_argument("--rounds", type=int, help="7 by default")
    parser.add_argument("--limit", type=float, default=Settings.limit, metavar="SECONDS",
                        help="extrapolate what takes longer; %(default)g by default")  # fmt: skip
    parser.add_argument("--mnist", metavar="FOLDER",
                        help="where its files lie; else NUDGE_DATA, else the cache")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="some ten seconds, rough")
    parser.add_argument("--rivals", action=argparse.BooleanOptionalAction, default=True,
                        help="time other packages too")  # fmt: skip
    chosen = parser.parse_args(given)
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("--rounds must be at least 1")
    return chosen


def settings_of(chosen: argparse.Namespace) -> Settings:
    """Turn the command line into how to time."""
    if chosen.quick:
        limit = min(chosen.limit, 1.0)
        return Settings(chosen.rounds or 2, turn=0.02, limit=limit, entries=20)
    rounds = chosen.rounds or Settings.rounds
    entries = max(Settings.entries, math.ceil(_ENTRIES / rounds))
    return Settings(rounds, limit=chosen.limit, entries=entries)


def machine(rivals: bool) -> dict[str, Any]:
    """Say what the numbers were measured on."""
    return {
        "cores": cores(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        **(installed() if rivals else {}),
    }


def main(given: Sequence[str] | None = None) -> dict[str, Any]:
    """Run what the command line asks for, print it, write it, and return it."""
    chosen = arguments(given)
    settings = settings_of(chosen)
    results: dict[str, Any] = {
        "meaning": MEANING,
        "machine": machine(chosen.rivals),
        "settings": {**vars(settings), "h": H, "quick": chosen.quick},
        "nets": [],
    }
    try:
        mnist = find_mnist(chosen.mnist)
    except datasets.DatasetError as error:
        raise SystemExit(f"error: {error}") from error
    print(" ".join(f"{key} {value}" for key, value in results["machine"].items()), end="\n\n")
    for name in chosen.nets or (QUICK if chosen.quick else NETS):
        results["nets"].append(compare(NETS[name](mnist), settings, chosen.rivals))
        print(describe(results["nets"][-1]), end="\n\n", flush=True)
    results["growth"] = growth(settings, chosen.quick)
    print(describe_growth(results["growth"]))
    write(results, chosen.out)
    return results


def write(results: dict[str, Any], folder: Path) -> None:
    """Write gradients.json and gradients.png."""
    from benchmarks.picture import draw_results

    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False)
    (folder / "gradients.json").write_text(text + "\n", encoding="utf-8")
    draw_results(results, folder / "gradients.png")
    print(f"\nwritten: {folder / 'gradients.json'}, {folder / 'gradients.png'}")


if __name__ == "__main__":
    main()
