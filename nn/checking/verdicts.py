"""Right, wrong or undecided: an entry of a gradient beside a difference that knows its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nn.careful.verdict import Slope

Verdict = Literal["right", "wrong", "undecided", "unstable"]

SURE = 4.0  # times the bound of a slope that has converged: what is off by more is wrong
UNSURE = 10.0  # where f is noisy; the engine's bounds have been short by less
_TELLS = 0.05  # of the largest slope: a bound this wide tells nothing of an entry
_NOTHING = 1e-6  # of the terms of a slope: an error that lets it be 0, where they cancel


@dataclass(frozen=True)
class Ruling:
    """What is found of one entry.

    Attributes
    ----------
    verdict : "right", "wrong" or "undecided"
    why : str
        "" for a plain comparison; else "kink", "noise", "edge of domain", "precision" or
        "not finite".
    allowed : float
        How far off the gradient may be.
    """

    verdict: Verdict
    why: str
    allowed: float


def rule(analytic: float, slope: Slope, rounding: float, gross: float, largest: float) -> Ruling:
    """Compare one entry.

    Parameters
    ----------
    analytic : float
        What backward gives.
    slope : Slope
        What differences say.
    rounding : float
        How far off a right gradient may be by rounding.
    gross : float
        Sum of the sizes of the terms of the slope.
    largest : float
        The largest slope of its array.
    """
    error = slope.truncation + slope.rounding
    if slope.state == "not finite":
        return Ruling("undecided", "not finite", np.inf)
    if slope.state == "kink":
        return _at_kink(analytic, slope, rounding, error)
    if slope.state == "edge of domain" and not np.isfinite(slope.value + error):
        return Ruling("undecided", "edge of domain", np.inf)
    allowed = (SURE if slope.state == "converged" else UNSURE) * error + rounding
    if not np.isfinite(allowed):
        return Ruling("undecided", "precision", np.inf)
    if not abs(analytic - slope.value) <= allowed:  # also nan
        return Ruling("wrong", "", allowed)
    if allowed - rounding > max(_TELLS * max(abs(slope.value), largest), _NOTHING * gross):
        return Ruling("undecided", "noise" if slope.state == "noisy" else "precision", allowed)
    return Ruling("right", "", allowed)


def _at_kink(analytic: float, slope: Slope, rounding: float, error: float) -> Ruling:
    """A slope between those of both sides is a subgradient; beside the kink there is one."""
    low, high = min(slope.left, slope.right), max(slope.left, slope.right)
    if not (np.isfinite(low) and np.isfinite(high)):
        within = np.isfinite(analytic) and not (analytic < low or analytic > high)
        return Ruling("undecided" if within else "wrong", "kink", np.inf)
    beside = error < (high - low) / 4  # x lies next to the kink, and its slope is known
    if beside:
        allowed = SURE * error + rounding
        return Ruling(
            "right" if abs(analytic - slope.value) <= allowed else "wrong", "kink", allowed
        )
    room = SURE * max(error - (high - low) / 2, 0.0) + rounding
    inside = low - room <= analytic <= high + room
    return Ruling("right" if inside else "wrong", "kink", (high - low) / 2 + room)
