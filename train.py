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

exit status: 0 done, 1 unexpected failure or a full disk, 2 wrong usage, config or data,
3 not finite, 130 and 143 interrupted and saved"""


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
    what.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped")
    what.add_argument("--evaluate", metavar="RUN", help="loss and metric of what a run has learnt")
    what.add_argument("--predict", nargs=2, metavar=("RUN", "FILE"), help="for a .csv or .npy file")
    what.add_argument("--plot", nargs="+", metavar="RUN", help="draw curves anew; several in one")
    what.add_argument("--csv", metavar="RUN", help="write its metrics as metrics.csv")
    what.add_argument("--tensorboard", metavar="RUN", help="write its metrics for TensorBoard")
    what.add_argument("--export", nargs=2, metavar=("RUN", "FILE"), help="weights as .safetensors")
    only = parser.add_argument_group("with --config")
    only.add_argument("--dry-run", action="store_true", help="say what it will cost, and stop")
    only.add_argument("--overfit-one-batch", action="store_true", help="can it learn one by heart?")
    only.add_argument(
        "--set", metavar="TABLE.KEY=VALUE", action="append", default=[], help="in TOML"
    )
    only.add_argument("--seed", metavar="N", type=int, help="in place of the config's seed")
    parser.add_argument("--out", metavar="PATH", help="the run's folder, or the file to write")
    given = parser.parse_args(argv)
    changed = given.set or given.dry_run or given.overfit_one_batch or given.seed is not None
    if changed and given.config is None:
        parser.error("--set, --seed, --dry-run and --overfit-one-batch go with --config")
    return given


def train(given: argparse.Namespace) -> int:
    """Do what the command line says; return the exit status."""
    root = str(Path(__file__).resolve().parent)
    if sys.path[0] != root:  # python -P leaves it out; another `datasets` may be installed
        sys.path.insert(0, root)
    import datasets
    from nn import config, runs
    from nn.errors import DivergedError, NotFiniteError, NudgeError, SaveError

    try:
        if given.list or (given.config is None and given.resume is None):
            loaders = datasets.loaders()
            print(config.listing(loaders) if given.list else runs.use(vars(given), loaders))
            return 0
        # 1. Config: text to tables to objects; every fault in one message.
        source = given.config or runs.find_run(given.resume)[0] / "config.resolved.json"
        document = config.read(source)
        config.override(document, given.set)
        experiment = config.build(document, datasets.loaders(), source, given.seed)
        if given.resume and runs.has_finished(given.resume):
            print(f"{given.resume} has finished; there is nothing to go on with")
            return 0
        run = runs.Run(source, experiment.resolved, given.out)
        if given.resume:
            run = runs.go_on(experiment, *runs.find_run(given.resume))
        # 2. What will be trained, and what it will cost.
        print(runs.describe(experiment), flush=True)
        if given.overfit_one_batch or given.dry_run:
            said = (
                runs.overfit(experiment) if given.overfit_one_batch else runs.forecast(experiment)
            )
            print(said, *runs.advice(experiment), sep="\n")
            return 0
        print(runs.price(experiment), *runs.advice(experiment), sep="\n", flush=True)
        try:
            with run:
                # 3. Train: nudge every weight, step the other way, write it down.
                runs.perform(experiment, run)
                # 4. The figure, and pictures.
                print(runs.outcome(experiment, run), flush=True)
                runs.draw(experiment, run)
                print(f"saved in {run.folder}", flush=True)
        except KeyboardInterrupt as stop:
            print(runs.farewell(run))
            return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)
        except DivergedError as error:
            print(f"error: {error}\nsaved in {run.folder}", file=sys.stderr)
            return 3
        return 0
    except SaveError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (NudgeError, datasets.DatasetError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3 if isinstance(error, NotFiniteError) else 2


def interrupt(number: int, frame: FrameType | None) -> None:
    """Handle the first SIGINT or SIGTERM: stop and save. The next one ends it at once."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, frame: os._exit(128 + number))
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    given = arguments(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot say µ says ?
    try:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, interrupt)
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, interrupt)  # the terminal is gone
        return train(given)
    except KeyboardInterrupt as stop:
        print("interrupted before the first step")
        return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)
    except OSError as error:  # nobody reads any more, as in `| head`, or the disk is full
        if error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 128 + 13  # as if SIGPIPE had ended it; Windows has no such signal
        print(f"error: cannot print: {error.strerror or error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
