"""All that is known of one coordinate when its next step is chosen, or its state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ENOUGH = 2.0**-37  # of the slope: an error that need not be made smaller
STRANGE = 2.0**-27  # of f: noise that rounding in float64 does not explain
NOTHING = 2.0**-32  # of how f changes: an error of a slope that may as well be 0


@dataclass
class Side:
    """What an estimate says of one coordinate: `nn.careful.extrapolation.Estimate`, row by row."""

    value: float
    error: float


@dataclass
class View:
    """All that is known of one coordinate when its next step is chosen.

    Attributes
    ----------
    value, truncation, rounding : floats
        The slope, from both sides (from one, where the other is closed), and its error's parts.
    at, order, levels : integers
        Where in `h` the estimate lies, from how many coarser levels, of how many.
    h : (levels,) array
        Steps that could be used, coarse to fine.
    asked : (K,) array
        All steps, coarse to fine.
    noise, settled, expected : float, bool, float
    here, nearest, largest : floats
        |f(x)|, the largest |f| at the finest level, and at all.
    change : float
        |f - f(x)| over h, at the coarsest level in use.
    span : float
        The same at the middle one of all levels.
    above, below : Side
        The slopes from one side.
    quantized : bool
        Answers have a grain: near x they do not change at all.
    random : bool
        f answers x itself with different numbers.
    failed : bool
        f was not finite at the step asked last.
    """

    value: float
    truncation: float
    rounding: float
    at: int
    order: int
    levels: int
    h: Array
    asked: Array
    noise: float
    settled: bool
    expected: float
    here: float
    nearest: float
    largest: float
    change: float
    span: float
    above: Side
    below: Side
    quantized: bool
    random: bool
    failed: bool

    @property
    def error(self) -> float:
        """The bound: truncation and rounding."""
        return self.truncation + self.rounding

    @property
    def jump(self) -> float:
        """By how much the slopes of both sides differ."""
        return abs(self.above.value - self.below.value)

    @property
    def strange(self) -> bool:
        """Whether f has noise that rounding does not explain."""
        return self.noise > max(STRANGE * self.largest, 2.0**6 * self.expected)

    @property
    def enough(self) -> bool:
        """Whether the error need not be made smaller."""
        return self.error <= ENOUGH * abs(self.value) or self.nothing

    @property
    def nothing(self) -> bool:
        """Whether the slope may as well be 0, beside how f changes nearby."""
        could_be = abs(self.value) <= 4 * self.error <= 4 * NOTHING * self.span
        return could_be and not self.nearest > 4 * self.here > 0

    @property
    def scale(self) -> float:
        """What an error is small or large beside: the slope; where that is 0, how f changes."""
        return max(abs(self.value), self.change / 64)
