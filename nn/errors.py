"""What can go wrong, by name, and the help a name that is nearly right deserves.

Every exception of the framework is a `NudgeError`; those that reject a value are `ValueError`s
too, so that code that knows nothing of `nn` can catch them.
"""

from __future__ import annotations

import difflib
import math
import pkgutil
import re
import sys
from collections.abc import Iterable
from numbers import Integral, Real
from pathlib import Path
from typing import TypeGuard

import numpy as np


class NudgeError(Exception):
    """The root of all errors raised on purpose by `nn`."""


class InputError(NudgeError, ValueError):
    """What was given cannot be worked with: complex or empty numbers, a folder that is taken."""


class ShapeError(InputError):
    """An array of the wrong shape: the message gives the shape needed and the shape met."""


class SaveError(NudgeError, OSError):
    """Something that could not be written: a full disk, a folder that is read-only."""


class StepError(NudgeError, ValueError):
    """A step h that is not a positive finite number."""


class StepTooSmallError(StepError):
    """A step that is zero in the dtype of x, or so small that x + h or x - h rounds to x."""


class FunctionError(NudgeError, ValueError):
    """A function that cannot be differentiated as it stands."""


class NotOneNumberError(FunctionError):
    """A function that returned something else than one real number."""


class NotFiniteError(FunctionError):
    """A function that returned nan or an infinity."""


class ImpureFunctionError(FunctionError):
    """A function that changes its input, or answers the same input with different numbers."""


class ArgumentError(NudgeError, ValueError):
    """A constructor's argument outside its bounds; `argument` is its name."""

    def __init__(self, argument: str, expected: str, got: object) -> None:
        super().__init__(argument, expected, got)  # the arguments, so that it can be pickled
        self.argument, self.expected, self.got = argument, expected, got

    def __str__(self) -> str:
        return f"{self.argument} must be {self.expected}, got {shown(self.got)}"


class UnknownNameError(NudgeError, ValueError):
    """A name nobody knows; the message says which known one is nearest."""


class ConfigError(NudgeError, ValueError):
    """A config that cannot be run; `faults` lists every fault found, a sentence each."""

    def __init__(self, source: str, faults: Iterable[str]) -> None:
        self.source, self.faults = source, list(faults)
        super().__init__(self.source, self.faults)

    def __str__(self) -> str:
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n  ".join([f"{self.source}: {count}", *self.faults])


class DivergedError(NudgeError, ArithmeticError):
    """A loss or gradient that is not finite stopped training, before another update was made."""


class UndefinedMetricError(InputError):
    """A metric that has no value for these targets: r2 of targets that are all the same."""


class GradientMismatch(NudgeError, AssertionError):
    """A gradient that is wrong, or that cannot be judged; `report` says all that was found."""

    def __init__(self, report: object) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return str(self.report)


class UnusedInputWarning(UserWarning):
    """All differences were exactly zero on a copied input; f may read another array."""


class FallbackWarning(UserWarning):
    """A gradient is found another way than was asked for, because that would not be right."""


def blame(error: BaseException) -> str:
    """Say an error of the user's code in a line, with the file and line it comes from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{Path(error.filename).name}, line {error.lineno}"
        return f"{type(error).__name__}: {error.msg} ({place})"
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    if trace is None:
        return what
    return f"{what} ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"


def told(error: BaseException) -> str:
    """Say an error of the user's code as `blame` does, and which known name is nearest."""
    return blame(error) + (_meant(error) or "")


def _meant(error: BaseException) -> str | None:
    """Which name was probably meant, where an error is about one that is not there."""
    name = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError) and isinstance(name, str):
        known = {*sys.stdlib_module_names, *(m.name for m in pkgutil.iter_modules())}
        return _close(name.partition(".")[0], known)
    if isinstance(error, AttributeError) and isinstance(name, str):
        return _close(name, dir(error.obj))
    wanted = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
    if isinstance(error, ImportError) and wanted and wanted[2] in sys.modules:
        return _close(wanted[1], dir(sys.modules[wanted[2]]))
    return None


def _close(name: str, known: Iterable[str]) -> str | None:
    found = nearest(name, known)
    return found if found.startswith("; did you mean") else None


def nearest(name: object, known: Iterable[str]) -> str:
    """Say which known name `name` was probably meant to be: "; did you mean 'central'?"."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {folded[close[0]]!r}?"
    return f"; known: {', '.join(names)}" if names else ""


def shown(value: object) -> str:
    """Return what `value` looks like, on one short line; numpy's numbers as plain numbers."""
    try:
        with np.printoptions(legacy="1.25"):  # 1.0, not np.float64(1.0)
            text = " ".join(repr(value).split())
    except ValueError:  # a whole number of thousands of digits
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_real(value: object) -> TypeGuard[float]:
    """Whether `value` is a real number; True and False are not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: object) -> TypeGuard[float]:
    """Whether `value` is a real number that a float can hold."""
    try:
        return is_real(value) and math.isfinite(value)
    except OverflowError:  # a whole number or a fraction beyond all floats
        return False


def check_number(
    argument: str,
    value: float,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    below: float = math.inf,
    at_most: float = math.inf,
) -> None:
    """Raise `ArgumentError` unless `value` is a finite real number within the bounds."""
    inside = is_finite(value) and above < value < below and at_least <= value <= at_most
    if not inside:
        bounds = [
            f"{sign} {bound:g}"
            for sign, bound in ((">", above), (">=", at_least), ("<", below), ("<=", at_most))
            if math.isfinite(bound)
        ]
        expected = " ".join(["a finite number", " and ".join(bounds)]).strip()
        raise ArgumentError(argument, expected, value)


_MOST = 2**53  # beyond it a float cannot tell a whole number from the next


def check_count(argument: str, value: int, *, at_least: int = 1) -> None:
    """Raise `ArgumentError` unless `value` is a whole number of at least `at_least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < at_least:
        raise ArgumentError(argument, f"a whole number >= {at_least}", value)
    if value > _MOST:
        raise ArgumentError(argument, f"a whole number of at most {_MOST}", value)
