"""From differences at many steps to one slope, and to what its error can be at most.

The difference at step h is D(h) = slope + a h**p + b h**2p + …, with p = 2 from both sides and
p = 1 from one. Two steps cancel the first term, three the second (Richardson); the table of all
ways to do so is Neville's. Each way has a truncation error, seen in how its neighbours differ, and
a rounding error, the noise of f over h. The best is the one with the smallest sum.

References
----------
Ridders, Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering Software 4, 1982.
Moré and Wild, Estimating computational noise, SIAM Journal on Scientific Computing 33, 2011.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_COLUMNS = 6  # cancel five terms at most
_SAFE = 2.0  # the noise is some two times the largest difference that a few neighbours showed
_AGREE = 2.0  # an estimate this far beyond what finer ones allow for is none
_FALLS = {1: (3.0, 3.0), 2: (15.0, 63.0)}  # by how much a column is believed to be better
_MINOR = 1e-12  # of the slope: an error that no steps need be asked about
_CLOSE = 4.5  # steps this near one another show how fast differences settle


@dataclass(frozen=True)
class Estimate:
    """The best slope of n coordinates, and what is known of its error; all (n,) arrays.

    Attributes
    ----------
    value, truncation, rounding : floats
        |value - slope| is at most about truncation + rounding; infinite where nothing is known.
    at, order : integers
        The finest of the levels that `value` is made of, and how many coarser ones it needs.
    levels : integers
        How many there are.
    noise : floats
        Of f: the largest seen at levels finer than `at`.
    settled : bools
        Whether the noise has stopped falling as steps get finer.
    expected : floats
        Noise of rounding f once, at the finest level.
    h : (n, levels) floats
        Steps, coarse to fine; nan where there are no more.
    """

    value: Array
    truncation: Array
    rounding: Array
    at: Places
    order: Places
    levels: Places
    noise: Array
    settled: Flags
    expected: Array
    h: Array

    @property
    def error(self) -> Array:
        """The bound."""
        return self.truncation + self.rounding


def extrapolate(
    quotients: Array,
    h: Array,
    floor: Array,
    power: int,
    bends: Array | None = None,
    blur: Array | None = None,
    gain: float | None = None,
) -> Estimate:
    """Return the best slope that difference quotients lead to.

    Parameters
    ----------
    quotients : (n, M) array
        D(h); nan where unknown.
    h : (n, M) array
        Steps, coarse to fine.
    floor : (n, M) array
        Error of an answer, at least: what rounding it once can have done.
    power : 1 or 2
        p: 2 where D is from both sides.
    bends : (n, M) array, optional
        f(x + h) + f(x - h) - 2 f(x); what is not smooth in it is noise too.
    blur : (n,) array, optional
        How far off x what f makes of it may be, by one rounding: of x² say, in 1 - x².
    gain : float, optional
        The noise of D is this, times that of f, over h**2: of second differences. Else 2/p over h.
    """
    known = np.isfinite(quotients)
    order = np.argsort(np.where(known, -h, np.inf), axis=1, kind="stable")

    def sorted_(values: Array) -> Array:
        return np.take_along_axis(np.where(known, values, np.nan), order, axis=1)

    D, H, rounding = sorted_(quotients), sorted_(h), sorted_(floor)
    per_step = 2.0 / power if gain is None else gain / H  # noise of D over noise of f / h
    T, E, B = _neville(D, H, per_step, power)
    noise, shown = _noise(T, B, H, None if bends is None else sorted_(bends))
    A = np.maximum(_amplified(per_step * rounding / H, H, power), _SAFE * noise * B)
    finer = per_step if gain is None else _after(gain / H)
    lawful = _coarsest_lawful(D, H, np.fmax(rounding, noise) * finer, power)
    best = _best(T, E, A, noise, rounding, H, lawful)
    if blur is None:
        return best
    hidden = _hidden_noise(best, blur, B, shown, lawful)
    if not hidden.any():
        return best
    wary = _best(T, E, np.maximum(A, _SAFE * hidden[:, None] * B), noise, rounding, H, lawful)
    # The finest is still the best guess, but it may be as far off as the coarser ones allow.
    apart = np.where(hidden > 0, np.abs(best.value - wary.value) + wary.error, 0)
    return replace(best, rounding=np.fmax(best.rounding, apart))


def _before(a: Array) -> Array:
    """The same of the next coarser level."""
    moved = np.full_like(a, np.nan)
    moved[..., 1:] = a[..., :-1]
    return moved


def _after(a: Array) -> Array:
    """The same of the next finer level."""
    moved = np.full_like(a, np.nan)
    moved[..., :-1] = a[..., 1:]
    return moved


def _neville(D: Array, H: Array, per_step: float | Array, power: int) -> tuple[Array, Array, Array]:
    """Return the table T, its truncation errors E, and B, how it amplifies noise; (J, n, M)."""
    T, E, B = [D], [np.full_like(D, np.inf)], [per_step / H]
    near, coarse = _before(H) / H < _CLOSE, H
    for j in range(1, min(_COLUMNS, D.shape[1])):
        coarse = _before(coarse)
        ratio = (coarse / H) ** power
        last, coarser = T[-1], _before(T[-1])
        T.append(last + (last - coarser) / (ratio - 1))
        # Across a wide gap nothing says that the error fell as it should.
        falls = np.where(near, _FALLS[power][min(j, 2) - 1], 1.0)
        E.append(np.abs(last - coarser) / falls)
        B.append((ratio * B[-1] + _before(B[-1])) / (ratio - 1))
    return np.stack(T), np.stack(E), np.stack(B)


def _amplified(A: Array, H: Array, power: int) -> Array:
    """Return what Neville's table makes of the errors A of its first column, at most."""
    found, coarse = [A], H
    for _ in range(1, min(_COLUMNS, A.shape[1])):
        coarse = _before(coarse)
        ratio = (coarse / H) ** power
        found.append((ratio * found[-1] + _before(found[-1])) / (ratio - 1))
    return np.stack(found)


def _noise(T: Array, B: Array, H: Array, bends: Array | None) -> tuple[Array, Array]:
    """Return the noise of f that the levels finer than each show, and that of each; (n, M).

    Two neighbours of one column differ by noise, amplified, and by truncation. The column where
    they differ least has least of the latter.
    """
    between = np.fmin.reduce(np.abs(T - _before(T)) / (B + _before(B)), axis=0)
    if bends is not None:
        unit = H / H[:, :1]  # h² may be too small a number
        curve, _, amplified = _neville(bends / unit**2, unit, 4.0 / unit, 2)  # all over h once more
        apart = np.abs(curve - _before(curve)) / (amplified + _before(amplified))
        between = np.fmax(between, np.fmin.reduce(apart, axis=0))
    own = between[np.arange(len(H)), np.maximum(np.isfinite(H).sum(axis=1) - 1, 0)]
    own = np.where(np.isfinite(own), own, np.inf)
    finer = np.fmax.accumulate(_after(between)[:, ::-1], axis=1)[:, ::-1]
    return np.fmax(finer, own[:, None]), between


def _hidden_noise(best: Estimate, blur: Array, B: Array, shown: Array, lawful: Places) -> Array:
    """Return noise that such short steps may not show, (n,); 0 where there is none.

    Near x = 1, and for steps so short that 2 h x and 2 h round to the same, x² is off by the same
    rounding everywhere: a clean function with another slope. Coarser levels show the noise that
    it is, or that there is none.
    """
    rows, levels, hidden = np.arange(len(blur)), np.arange(B.shape[2]), blur * np.abs(best.value)
    top = best.h[rows, np.minimum(lawful, len(levels) - 1)][:, None]
    coarser = (levels < best.at[:, None]) & (best.h >= top / 20)
    seen = np.sort(np.where(coarser & np.isfinite(shown), shown, np.inf), axis=1)
    least = seen[:, :2].max(axis=1)  # one may be small by chance
    matters = hidden * B[best.order, rows, best.at] > _MINOR * np.abs(best.value)
    return np.where(matters & (least > hidden / 8) & np.isfinite(hidden), hidden, 0.0)


def _coarsest_lawful(D: Array, H: Array, noise: Array, power: int) -> Places:
    """Return the coarsest level from which D settles no slower than a + b h**p would.

    A wave shorter than h, a saturated tanh: coarse differences that say nothing of the slope
    differ from finer ones less than the law foretells from how those differ.
    """
    gone = np.abs(D - _after(D))
    unit = (H / H[:, :1]) ** power
    length = unit - _after(unit)
    foretold = _after(gone) * length / _after(length)
    noisy = 2 * noise / _after(H)
    fails = gone + noisy < 0.2 * (foretold - _after(noisy) * length / _after(length))
    levels = np.arange(H.shape[1])
    return np.asarray(np.where(fails, levels + 1, 0).max(axis=1))


def _best(
    T: Array, E: Array, A: Array, noise: Array, rounding: Array, H: Array, lawful: Places
) -> Estimate:
    """Choose, among the estimates that agree with all finer ones, that of the least error."""
    J, n, M = T.shape
    level, rows = np.arange(M), np.arange(n)
    uses = level - np.arange(J)[:, None]
    total = E + A
    usable = np.isfinite(T) & np.isfinite(total) & (uses[:, None] >= lawful[:, None])
    total = np.where(usable, total, np.inf)
    column = total.argmin(axis=0)[None]
    least = np.take_along_axis(total, column, axis=0)[0]
    value = np.take_along_axis(T, column, axis=0)[0]
    for finer in range(1, M):
        room = _AGREE * (total + least[:, finer, None])
        clash = np.abs(T - value[:, finer, None]) > room
        clash &= np.isfinite(least[:, finer])[:, None] & (level < finer)
        total = np.where(clash, np.inf, total)
    order, at = np.divmod(total.transpose(1, 0, 2).reshape(n, -1).argmin(axis=1), M)
    found = order, rows, at
    nothing = ~np.isfinite(total[found])
    levels = np.isfinite(H).sum(axis=1)
    last = np.maximum(levels - 1, 0)
    seen = noise[rows, last], noise[rows, np.maximum(last - 2, 0)]
    return Estimate(
        value=np.where(nothing, np.nan, T[found]),
        truncation=np.where(nothing, np.inf, E[found]),
        rounding=np.where(nothing, np.inf, A[found]),
        at=at,
        order=order,
        levels=levels,
        noise=noise[rows, at],
        settled=(levels > 2) & (seen[0] > seen[1] / 3),
        expected=rounding[rows, last],
        h=H,
    )
