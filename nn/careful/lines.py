"""A function along a line through x, in one precision; its first three derivatives there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn.errors import NotFiniteError
from nn.probing import Function, one_number
from nn.steps import Array

DTYPES = {name: np.dtype(name) for name in ("float64", "float32", "float16")}
UNFIT = (ArithmeticError, ValueError)  # what math.log(-1), 1 / 0 and math.exp(1000) raise


class Line:
    """f along the line x + t v, every number on the way in one dtype.

    `wider` turns true when f answers in a wider dtype; such an answer is rounded.
    """

    def __init__(self, f: Function, x: Array, v: Array, dtype: str) -> None:
        self.f, self.dtype, self.wider = f, DTYPES[dtype], False
        with np.errstate(all="ignore"):
            self.x, self.v = x.astype(self.dtype), v.astype(self.dtype)

    def __call__(self, t: Any) -> Any:
        """Return f(x + t v), a number of the dtype; nan where f has no finite answer."""
        nothing = self.dtype.type(np.nan)
        with np.errstate(all="ignore"):
            point = np.asarray(self.x + self.dtype.type(t) * self.v)
            if not np.isfinite(point).all():
                return nothing
            try:
                answer = self.f(point[()])
            except UNFIT:
                return nothing
            self.wider |= np.asarray(answer).dtype.itemsize > self.dtype.itemsize
            try:
                return self.dtype.type(one_number(answer))
            except NotFiniteError:
                return nothing

    def quotients(self, h: Array, scheme: str) -> Array:
        """Return the estimates of a scheme for each h, (K,); nan where there is none."""
        ahead, behind = scheme != "backward", scheme != "forward"
        still = self(0)
        found = np.full(h.shape, np.nan)
        with np.errstate(all="ignore"):
            for k, step in enumerate(h.astype(self.dtype)):
                plus = self(step) if ahead else still
                minus = self(-step) if behind else still
                found[k] = (plus - minus) / (step * self.dtype.type(ahead + behind))
        found[~np.isfinite(found)] = np.nan
        return found


class Estimate(NamedTuple):
    """A number, and how far it may be off."""

    value: float
    error: float


def derivatives(line: Line, reach: float) -> list[Estimate]:
    """f', f'' and f''' along a float64 line, by Richardson's extrapolation at every scale.

    Central differences, h halved again and again. Each h and those above it give an estimate
    and its error, from the differences within their tableau and from the rounding of f and x.
    Going from small h to large, the best is taken for as long as none contradicts those before
    it: a large h alone may step over all that f does near x.

    References
    ----------
    Press et al., Numerical Recipes, 3rd ed., section 5.7, Ridders' method; O. Lepskii, 1991,
    Theory of Probability and its Applications 35(3), for the choice among scales.
    """
    top = min(int(np.ceil(np.log2(max(reach, 1.0)))) + 1, 1020)
    least = 8 * float(np.spacing(reach)) if reach else 2.0**-100
    h = np.array([2.0**e for e in range(top, top - 1100, -1) if 2.0**e >= least])
    here = float(line(0))
    up, down = (np.array([line(side * step) for step in h]) for side in (1, -1))
    size = np.fmax(np.fmax(np.abs(up), np.abs(down)), abs(here))
    with np.errstate(all="ignore"):
        first = (up - down) / (2 * h)
        second = (up - 2 * here + down) / h**2
        third = np.full(h.shape, np.nan)
        third[1:] = (up[:-1] - 2 * up[1:] + 2 * down[1:] - down[:-1]) / (2 * h[1:] ** 3)
        noise = np.abs(up - 2 * here + down)[-12:]  # so near x, f has no other reason to bend
        lost = np.fmax(2.0**-52 * (size + reach * np.abs(first)), np.fmax.reduce(noise))
        return [
            _extrapolated(difference, lost * factor / h**order)
            for order, factor, difference in ((1, 1, first), (2, 4, second), (3, 4, third))
        ]


def _extrapolated(difference: Array, lost: Array) -> Estimate:
    """Best estimate from differences (K,) of h, h/2, h/4, …, with rounding errors `lost` (K,)."""
    value, error = difference.copy(), np.full(difference.shape, np.inf)
    column = difference
    for power in 4.0 ** np.arange(1, 9):
        last, column = column, np.full(column.shape, np.nan)
        column[1:] = (power * last[1:] - last[:-1]) / (power - 1)
        off = np.abs(column - last)
        off[1:] = np.maximum(off[1:], np.abs(column[1:] - last[:-1])) + 2 * lost[1:]
        better = off < error  # never of nan
        value[better], error[better] = column[better], off[better]
    best, low, high = Estimate(0.0, np.inf), -np.inf, np.inf
    for v, e in zip(value[::-1], error[::-1], strict=True):
        if v - e > high or v + e < low:
            break
        if e < np.inf:
            low, high = max(low, v - e), min(high, v + e)
        if e < best.error:
            best = Estimate(float(v), float(e))
    return best
