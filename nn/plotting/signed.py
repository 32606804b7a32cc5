"""Two axes of one scale for numbers of both signs: a picture's diagonal is its y = x."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from .arrays import FloatArray
from .writing import plain, signed_power

LINEAR = 0.7  # of a decade: what stands on a symmetric-log axis for a decade that ends at 0


@dataclass(frozen=True)
class Signed:
    """A scale from `low` to `high`, logarithmic beyond `threshold` on both sides of 0, if it is.

    Numbers that are not finite have a place too, at the edges `bottom` and `top`.
    """

    low: float
    high: float
    threshold: float = 0.0
    bottom: float = 0.0
    top: float = 0.0
    ends: tuple[bool, bool] = (False, False)

    @classmethod
    def of(cls, values: FloatArray, sizes: FloatArray, ends: tuple[bool, bool]) -> Signed:
        """Choose the scale that shows finite `values`.

        Parameters
        ----------
        values : (K,)
        sizes : (M,)
            Those of numbers that shall be told from 0; beyond three decades the scale is
            logarithmic.
        ends : pair of bools
            Whether to leave room at the bottom, and at the top, for what is not finite.
        """
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        least = float(sizes.min(initial=np.inf))
        most = max(high, -low)
        if least < 1e-3 * most:
            power = max(math.floor(math.log10(least)), math.ceil(math.log10(most)) - 40, -300)
            threshold = 10.0**power
        else:
            threshold = 0.0
        flat = cls(low, high, threshold)
        u, v = flat.along(np.array([low, high])).tolist()
        room = 0.06 * (v - u) or 1.0
        u, v = u - room * (2.5 if ends[0] else 1), v + room * (2.5 if ends[1] else 1)
        limits = flat.back(np.array([u, v, u + room / 1.5, v - room / 1.5]))
        left, right, bottom, top = limits.tolist()
        return cls(left, right, threshold, bottom, top, ends)

    def along(self, values: FloatArray) -> FloatArray:
        """Return how far along the axis values lie: decades, or the values themselves."""
        if not self.threshold:
            return values
        size = np.abs(values) / self.threshold
        with np.errstate(divide="ignore"):
            far = LINEAR + np.log10(size)
        where: FloatArray = np.sign(values) * np.where(size <= 1, LINEAR * size, far)
        return where

    def back(self, where: FloatArray) -> FloatArray:
        """Return the values that lie so far along the axis."""
        if not self.threshold:
            return where
        size = np.abs(where)
        far = 10.0 ** np.clip(size - LINEAR, -1, 307 - math.log10(self.threshold))
        values: FloatArray = np.sign(where) * np.where(size <= LINEAR, size / LINEAR, far)
        return values * self.threshold

    def seen(self, values: FloatArray) -> FloatArray:
        """Return values with those that are not finite at the edges; nan is at the top."""
        return np.nan_to_num(values, nan=self.top, posinf=self.top, neginf=self.bottom)

    def powers(self, most: int = 8) -> list[float]:
        """Return powers of ten of both signs, and 0, so few that their names have room."""
        first = round(math.log10(self.threshold))
        ends = [abs(float(end)) for end in self.along(np.array([self.low, self.high]))]
        signs = [sign for sign, v in ((-1, self.low), (1, self.high)) if sign * v > 0]
        step = max(1, math.ceil(sum(ends) / most))
        size = max(abs(self.low), abs(self.high))
        start = max(first, math.ceil(first - LINEAR + 0.8 * step))
        kept = range(start, math.floor(math.log10(size)) + 1, step)
        return [0.0, *(sign * 10.0**n for sign in signs for n in kept)]

    def ticks(self) -> list[float]:
        """Return where numbers stand along an axis: not beside what is not finite."""
        if self.threshold:
            found = np.array(self.powers())
        else:
            found = np.asarray(MaxNLocator(nbins=6).tick_values(self.low, self.high))
        low, bottom, top, high = self.along(
            np.array([self.low, self.bottom, self.top, self.high])
        ).tolist()
        where = self.along(found)
        ends = (bottom + (bottom - low) * 1.5, top - (high - top) * 1.5)
        clear = (where >= (ends[0] if self.ends[0] else low)) & (
            where <= (ends[1] if self.ends[1] else high)
        )
        return [float(tick) for tick in found[clear]]

    def lay(self, ax: Axes) -> None:
        """Give both axes this scale, on a square."""
        ax.set_box_aspect(1)
        for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
            if self.threshold:
                how = {"linthresh": self.threshold, "linscale": LINEAR * 0.9}
                getattr(ax, f"set_{name}scale")("symlog", base=10, **how)
            axis.set_major_locator(FixedLocator(self.ticks()))
            axis.set_major_formatter(FuncFormatter(signed_power if self.threshold else plain))
            axis.set_minor_locator(NullLocator())
        ax.set(xlim=(self.low, self.high), ylim=(self.low, self.high))
