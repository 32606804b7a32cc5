"""The V of a difference: its error against the step h, as theory has it and as it is.

A difference of step h is wrong by c h**p, because a chord is no tangent, and by R / h, because
two numbers that are nearly the same are subtracted: on log axes a V. From one side p = 1 and
c = |f''| / 2, from both p = 2 and c = |f'''| / 6. With u = eps / 2, what one rounding costs at
most, each f is wrong by u |f|, and each x + h by u |x|, which moves f by u |x f'|. From one side
two f and one moved x are divided by h, R = u (2 |f| + |x f'|); from both two and two by 2h,
R = u (|f| + |x f'|). The sum is smallest at h = (R / (p c))**(1 / (p + 1)): with R = 2 u |f|
alone that is the 2 sqrt(u |f| / |f''|) of textbooks, and with R = u |f| (3 u |f| / |f'''|)**(1/3).

An f of many operations may lose more than u |f|; then the points lie above the line of theory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nn.errors import UnknownNameError, nearest
from nn.steps import Array

LESSON_H = 1e-4  # the step of the lesson's book
_ALONE = 8.0  # an error is alone where it is this many times the others
_NEAR = 10**0.125  # neighbours in h: a quarter of a decade, h in its middle


class Optimum(NamedTuple):
    """A step and the error it makes."""

    h: float
    error: float


@dataclass(frozen=True, eq=False)
class StepCurve:
    """Error of one scheme in one precision for every h; c, p, u and R as in the module.

    Attributes
    ----------
    scheme, dtype : str
    h : float64 array, (K,), rising
        The steps asked for; the dtype rounds them.
    estimate, error : float64 array, (K,)
        What the scheme answers, and |estimate - f'(x)|, the absolute error. Both are nan where f
        or the quotient is not finite, so where h is zero in the dtype; where only x + h is x,
        the estimate is 0. No error is below what f'(x) itself is known to.
    slope : float
        f'(x).
    reach : float
        |x|, or in several dimensions the size x has along the direction of the step.
    c : float, >= 0
        Truncation error is c h**p; 0 where that derivative cannot be told from 0.
    p : int
    u : float
    roundoff : float, >= 0
        R.
    """

    scheme: str
    dtype: str
    h: Array
    estimate: Array
    error: Array
    slope: float
    reach: float
    c: float
    p: int
    u: float
    roundoff: float

    def truncation(self, h: Any) -> Any:
        """Error of a chord in place of a tangent, c h**p, of a number or an array."""
        with np.errstate(all="ignore"):
            return self.c * np.asarray(h, np.float64)[()] ** self.p

    def rounding(self, h: Any) -> Any:
        """Error of lost digits, at worst: R / h, of a number or an array."""
        with np.errstate(all="ignore"):
            return self.roundoff / np.asarray(h, np.float64)[()]

    def at(self, h: float) -> float:
        """Error at a step of the grid; nan if it is none of them."""
        here = np.isclose(self.h, h, rtol=1e-9, atol=0)
        return float(self.error[here][0]) if here.any() else math.nan

    @property
    def predicted(self) -> Optimum | None:
        """Where c h**p + R / h is smallest; None if theory lacks one of the two."""
        if not self.c * self.roundoff > 0:
            return None
        h = (self.roundoff / (self.p * self.c)) ** (1 / (self.p + 1))
        return Optimum(h, float(self.truncation(h) + self.rounding(h)))

    @cached_property
    def envelope(self) -> Array:
        """The largest error among the neighbours of each h, (K,): what can be counted on."""
        first = np.searchsorted(self.h, self.h / _NEAR)
        behind = np.searchsorted(self.h, self.h * _NEAR, side="right")
        largest = [np.fmax.reduce(self.error[a:b]) for a, b in zip(first, behind, strict=True)]
        return np.where(np.isnan(self.error), np.nan, largest)

    @cached_property
    def measured(self) -> Optimum | None:
        """Where `envelope` is smallest: a lucky point alone is not the best. None if all is nan.

        An estimate of 0 counts only where the slope is 0: x + h may have been x.
        """
        error = np.where((self.estimate == 0) & (self.slope != 0), np.nan, self.envelope)
        if np.isnan(error).all():
            return None
        best = np.flatnonzero(error == np.nanmin(error))
        h = math.sqrt(self.h[best[0]]) * math.sqrt(self.h[best[-1]])
        return Optimum(h, float(error[best[0]]))

    @property
    def truncation_slope(self) -> float:
        """Slope of log error over log h, 1.5 decades on the right of the V; nan if too few."""
        with np.errstate(all="ignore"):
            others = _ALONE * (self.rounding(self.h) + self._quotient)
        alone = self.truncation(self.h) > others
        start = self.h[alone][0] if alone.any() else math.inf
        return self._fit(alone & (self.h <= 32 * start), decades=0.3)

    @property
    def rounding_slope(self) -> float:
        """Slope of log error over log h on the left, as far as x + h is not x; nan if too few."""
        return self._fit(self._left, decades=1.0)

    @property
    def rounding_excess(self) -> float:
        """Middle error on the left as a part of R / h; above 1 if f loses more than its last digit.

        Below a half for an f that is right to the last digit; nan where there is no left.
        """
        with np.errstate(all="ignore"):
            parts = self.error[self._left] / self.rounding(self.h[self._left])
        return float(np.nanmedian(parts)) if np.isfinite(parts).any() else math.nan

    @property
    def _left(self) -> Array:
        with np.errstate(all="ignore"):
            others = _ALONE * (self.truncation(self.h) + self._quotient)
        alone = self.rounding(self.h) > others
        return np.asarray(alone & (self.h > 4 * self.u * self.reach))

    @property
    def _quotient(self) -> float:
        """What rounding the quotient costs, for any h."""
        return self.u * abs(self.slope)

    def _fit(self, where: Array, decades: float) -> float:
        use = where & (self.error > 0)
        h, error = np.log10(self.h[use]), np.log10(self.error[use])
        if h.size < 6 or np.ptp(h) < decades:
            return math.nan
        return float(np.polyfit(h, error, 1)[0])


@dataclass(frozen=True, eq=False)
class StepSweep:
    """What `step_sweep` found: a `StepCurve` for each scheme and dtype, and the truth.

    Attributes
    ----------
    where : str
        "sin at x = 1".
    value, slope : float
        f(x), and the f'(x) that errors are measured by.
    known : bool
        Whether f'(x) was given; otherwise it was estimated from f.
    floor : float
        How far `slope` may be off.
    curves : tuple of StepCurve
        Scheme by scheme, each in all dtypes; `sweep["central", "float32"]` is one of them.
    notes : tuple of str
        What else is to be said, a sentence each.
    """

    where: str
    value: float
    slope: float
    known: bool
    floor: float
    curves: tuple[StepCurve, ...]
    notes: tuple[str, ...] = ()

    def __getitem__(self, key: tuple[str, str]) -> StepCurve:
        curves = {(curve.scheme, curve.dtype): curve for curve in self.curves}
        if key not in curves:
            known = [" ".join(names) for names in curves]
            raise UnknownNameError(f"no curve {' '.join(key)!r}{nearest(' '.join(key), known)}")
        return curves[key]

    @property
    def schemes(self) -> dict[str, list[StepCurve]]:
        """The curves of each scheme."""
        names = dict.fromkeys(curve.scheme for curve in self.curves)
        return {name: [c for c in self.curves if c.scheme == name] for name in names}

    def table(self) -> str:
        """Theory and measurement side by side, a line a curve, for a terminal."""
        return "\n".join(self._lines())

    __str__ = table

    def _lines(self) -> Iterator[str]:
        source = "given" if self.known else f"estimated from f, to {self.floor:.0e}"
        yield f"{self.where}: f'(x) = {self.slope!r}, {source}; errors are absolute"
        yield f"{'':18}{'best step h':<22}{'error there':<22}{'slopes':<16}error at"
        names = ("scheme", "dtype", *("theory", "measured") * 2, "right", "left", "h = 1e-4")
        yield _row(names)
        for curve in self.curves:
            theory, best = curve.predicted, curve.measured
            figures = [theory and theory.h, best and best.h]
            figures += [theory and theory.error, best and best.error]
            slopes = [curve.truncation_slope, curve.rounding_slope]
            shown = [_figure(number) for number in figures]
            shown += ["-" if math.isnan(slope) else f"{slope:.2f}" for slope in slopes]
            yield _row((curve.scheme, curve.dtype, *shown, _figure(curve.at(LESSON_H))))
        yield from self.notes


def _figure(number: float | None) -> str:
    return "-" if number is None or math.isnan(number) else f"{number:.1e}"


def _row(cells: tuple[str, ...]) -> str:
    widths = (9, 9, 11, 11, 11, 11, 8, 8, 8)
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
