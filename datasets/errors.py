"""What can be wrong with a request for data, and the checks that say it in one sentence.

The checks name the option; `catalogue.load` puts the name of the dataset in front.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real


class DatasetError(ValueError):
    """Data that cannot be had: a wrong option, an impossible split, a damaged file."""


class UnknownNameError(DatasetError):
    """A dataset or an option nobody knows; the message says which known one is nearest."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list them all."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).casefold(), folded, n=1)
    return f"; did you mean {folded[close[0]]!r}?" if close else f"; known: {', '.join(names)}"


def check_count(option: str, value: object, *, at_least: int, at_most: int | None = None) -> None:
    """Raise `DatasetError` unless `value` is a whole number (not a bool) within the bounds."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    number = _as_float(value)
    if not whole or number < at_least or (at_most is not None and number > at_most):
        bounds = f">= {at_least}" if at_most is None else f"from {at_least} to {at_most}"
        raise DatasetError(f"{option} must be a whole number {bounds}, got {value!r}")


def check_number(
    option: str,
    value: object,
    *,
    at_least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> None:
    """Raise `DatasetError` unless `value` is a finite number (not a bool) within the bounds."""
    number = _as_float(value)
    if not (math.isfinite(number) and at_least <= number and above < number < below):
        signs = ((">=", at_least), (">", above), ("<", below))
        bounds = " and ".join(f"{sign} {bound:g}" for sign, bound in signs if math.isfinite(bound))
        expected = f"a finite number {bounds}".rstrip()
        raise DatasetError(f"{option} must be {expected}, got {value!r}")


def check_flag(option: str, value: object) -> None:
    """Raise `DatasetError` unless `value` is True or False."""
    if not isinstance(value, bool):
        raise DatasetError(f"{option} must be true or false, got {value!r}")


def _as_float(value: object) -> float:
    """`value` as a float; nan if it is no number, an infinity if it is too large for one."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, -1 if value < 0 else 1)
