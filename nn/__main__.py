"""The command of the framework: python -m nn check mylayers.py:Scale --input 8x5."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.checking import Report

EXAMPLES = """examples:
  python -m nn check mylayers.py:Scale --input 8x5 --set size=5
  python -m nn check mylayers.py:Conv --input 4x3x8x8 --seed 3 --plot conv.png
  python -m nn check mylayers.py:SoftmaxLoss --input 8x10 --classes 10
  python -m nn check mylayers.py:softplus --grad sigmoid --input 20
  python -m nn check mylayers.py:Scale --input x.npy --json

exit status: 0 right, 1 wrong, 2 could not be run, 3 undecided, 4 unstable"""

STATUS = {"right": 0, "wrong": 1, "undecided": 3, "unstable": 4}


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; nothing heavy is imported for it."""
    parser = argparse.ArgumentParser(prog="python -m nn", description="Commands of nn.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check gradients written by hand",
        description="Check the backward of a layer, loss or network, or the gradient of a function,"
        " by differences that know their own error.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("what", metavar="FILE.py:NAME", help="a class, an object or a function")
    check.add_argument("--input", metavar="SHAPE|FILE.npy", action="append", required=True,
                       help="8x5 draws normal numbers; once for each input of forward")  # fmt: skip
    check.add_argument("--set", metavar="NAME=VALUE", action="append", default=[],
                       help="an argument of the constructor, as TOML; may be repeated")  # fmt: skip
    check.add_argument("--target", metavar="SHAPE|FILE.npy", help="targets of a loss")
    check.add_argument("--classes", metavar="C", type=int,
                       help="targets of a loss: a class of so many for each sample")  # fmt: skip
    check.add_argument("--grad", metavar="[FILE.py:]NAME", help="the gradient of a function")
    check.add_argument("--dtype", choices=["float64", "float32"], default="float64",
                       help="of inputs that are drawn")  # fmt: skip
    check.add_argument("--mixes-samples", action="store_true",
                       help="samples are meant to depend on one another")  # fmt: skip
    check.add_argument("--seed", metavar="N", type=_seed, default=0, help="of all that is drawn")
    check.add_argument("--json", action="store_true", help="print JSON, for programs")
    check.add_argument("--plot", metavar="FILE", help="draw analytic against numeric gradients")
    return parser.parse_args(argv)


def _seed(text: str) -> int:
    """Read a whole number that is not negative."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number >= 0, got {text!r}")
    return int(text)


def check(given: argparse.Namespace) -> Report:
    """Build what the command line names, and check it."""
    import numpy as np

    from nn import registry
    from nn.checking import gradcheck
    from nn.errors import InputError

    file, colon, name = given.what.rpartition(":")
    if not colon:
        file, name = given.what, ""
    sys.path.insert(0, str(Path(file).resolve().parent))  # as `python FILE.py` would
    thing = registry.load(file, name)
    grad = None
    if given.grad is not None:
        of, _, gradient = given.grad.rpartition(":")
        grad = registry.load(of or file, gradient)
    if given.seed < 0:
        raise InputError(f"--seed must be 0 or more, got {given.seed}")
    rng = np.random.default_rng(given.seed)
    inputs = [_numbers("--input", text, rng, given.dtype) for text in given.input]
    t = None
    if given.classes is not None:
        if given.classes < 2 or given.target is not None:
            raise InputError("--classes must be 2 or more, and stand without --target")
        t = rng.integers(given.classes, size=len(inputs[0]))
    elif given.target is not None:
        t = _numbers("--target", given.target, rng, given.dtype)
    if isinstance(thing, type):
        thing = _built(thing, given.set, given.seed)
    elif given.set:
        raise InputError(f"{name} is no class, so there is nothing to --set")
    return gradcheck(
        thing,
        inputs[0] if len(inputs) == 1 else tuple(inputs),
        t,
        grad=grad,
        mixes_samples=given.mixes_samples,
        seed=given.seed,
        progress=not given.json,
    )


def _numbers(option: str, text: str, rng: Any, dtype: str) -> Any:
    """Return normal numbers of a shape such as 8x5, or what a file holds."""
    import numpy as np

    from nn.errors import InputError, nearest

    if text.endswith(".npy"):
        try:
            return np.load(text, allow_pickle=False)
        except FileNotFoundError:
            beside = [str(path) for path in Path(text).parent.glob("*.npy")]
            hint = nearest(text, beside)
            raise InputError(f"{option}: there is no file {text!r}{hint}") from None
        except (OSError, ValueError, EOFError):
            raise InputError(f"{option}: {text} is no file of NumPy's format .npy") from None
    sizes = text.split("x")
    if not all(size.isdecimal() and int(size) > 0 for size in sizes):
        raise InputError(f"{option} must be a shape, such as 8x5, or a file of .npy, got {text!r}")
    return rng.normal(size=tuple(map(int, sizes))).astype(dtype)


def _built(cls: type, assignments: Sequence[str], seed: int) -> Any:
    """Return an object of a class, its arguments checked against the signature."""
    from nn.config.call import Reader
    from nn.config.document import toml_value
    from nn.config.signature import options
    from nn.errors import ConfigError, InputError

    table, faults = {}, []
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            faults.append(f"--set {assignment!r} is not of the form name=value")
        table[key.strip()] = toml_value(text.strip())
    reader = Reader(Path())
    reader.faults += faults
    call = reader.call(cls, table, cls.__name__)
    seeded = {"rng": seed} if "rng" in options(cls) else {}
    made = None if reader.faults else call.make(reader.faults, seeded)
    if reader.faults:
        if len(reader.faults) == 1:
            raise InputError(reader.faults[0])
        raise ConfigError(f"arguments of {cls.__name__}", reader.faults)
    return made


def show(report: Report, given: argparse.Namespace) -> None:
    """Print a report, and draw it where that was asked for."""
    from nn.checking import describe

    if given.plot is not None:
        report.plot(given.plot)
        print(f"drawn: {given.plot}", file=sys.stderr)
    if given.json:
        print(json.dumps(report.as_dict(), indent=1, ensure_ascii=False))
    else:
        print(describe(report, sys.stdout.isatty() and "NO_COLOR" not in os.environ))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    given = arguments(argv)
    from nn.errors import NudgeError, told

    try:
        with redirect_stdout(sys.stderr if given.json else sys.stdout):  # what user code prints
            report = check(given)
        show(report, given)
        return STATUS[report.verdict]
    except NudgeError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except (Exception, SystemExit) as error:
        file = Path(given.what.rpartition(":")[0] or given.what).resolve()
        frames = traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).resolve() == file for frame in frames):
            print(f"error: {given.what} fails: {told(error)}", file=sys.stderr)
        elif isinstance(error, MemoryError):
            print(f"error: there is not enough memory: {error}", file=sys.stderr)
        else:  # a fault of ours
            traceback.print_exc()
    return 2


if __name__ == "__main__":
    sys.exit(main())
