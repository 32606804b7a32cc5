"""Train a network by central differences: python train.py --config configs/digits.toml."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

EXAMPLES = """examples:
  python train.py --config configs/digits.toml
  python train.py --config configs/digits.toml --set optimizer.lr=0.05 --set train.epochs=4
  python train.py --config configs/moons.toml --set model.activation=ReLU --seed 3 --out runs/relu
  python train.py --config configs/iris.toml --set 'optimizer={type="Adam", lr=0.01}'
  python train.py --list

exit status: 0 done, 1 unexpected failure, 2 wrong usage, config or data, 3 not finite,
130 and 143 interrupted and saved"""


class Terminated(KeyboardInterrupt):
    """SIGTERM: stop as for Ctrl-C, with another exit status."""


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; nothing heavy is imported for it."""
    parser = argparse.ArgumentParser(
        description="Train a network whose gradients come from central differences alone.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--config", metavar="FILE", help="what to train, as TOML (or JSON)")
    what.add_argument("--list", action="store_true", help="show all that a config can name")
    parser.add_argument(
        "--set",
        metavar="TABLE.KEY=VALUE",
        action="append",
        default=[],
        help="change the config; a value is TOML, a bare word a string; may be repeated",
    )
    parser.add_argument("--out", metavar="DIR", help="run folder (default: runs/<config name>)")
    parser.add_argument("--seed", metavar="N", type=int, help="in place of the config's seed")
    return parser.parse_args(argv)


def train(given: argparse.Namespace) -> int:
    """Do what the command line says; return the exit status."""
    root = str(Path(__file__).resolve().parent)
    if sys.path[0] != root:  # python -P leaves it out; another `datasets` may be installed
        sys.path.insert(0, root)
    import datasets
    from nn import config, runs
    from nn.errors import DivergedError, NotFiniteError, NudgeError

    try:
        if given.list:
            print(config.listing(datasets.loaders()))
            return 0
        # 1. Config: text to tables to objects; every fault in one message.
        document = config.read(given.config)
        config.override(document, given.set)
        experiment = config.build(document, datasets.loaders(), given.config, given.seed)
        # 2. What will be trained, and what it will cost.
        print(runs.describe(experiment), flush=True)
        print(runs.price(experiment), flush=True)
        run = runs.Run(given.config, experiment.resolved, given.out)
        try:
            with run:
                # 3. Train: nudge every weight, step the other way, write it down.
                runs.perform(experiment, run)
                # 4. The figure, and pictures.
                print(runs.outcome(experiment, run), flush=True)
                runs.draw(experiment, run)
                print(f"saved in {run.folder}", flush=True)
        except KeyboardInterrupt as stop:
            print(f"interrupted after {run.summary.get('steps', 0)} steps; saved in {run.folder}")
            return status(stop)
        except DivergedError as error:
            print(f"error: {error}\nsaved in {run.folder}", file=sys.stderr)
            return 3
        return 0
    except (NudgeError, datasets.DatasetError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3 if isinstance(error, NotFiniteError) else 2


def status(stop: KeyboardInterrupt) -> int:
    """Exit status of an interrupted run."""
    return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)


def terminate(number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM."""
    raise Terminated


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    given = arguments(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot say µ says ?
    signal.signal(signal.SIGTERM, terminate)
    try:
        return train(given)
    except KeyboardInterrupt as stop:
        print("interrupted before the first step")
        return status(stop)
    except BrokenPipeError:  # `| head`: nobody listens any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13  # as if SIGPIPE had ended it; Windows has no such signal


if __name__ == "__main__":
    sys.exit(main())
