"""How far to nudge: the default step, and the points a step leads to.

A difference has two enemies. Truncation error grows with the step h (as h for a one-sided
difference, as h**2 for a central one); rounding error grows as eps / h. Their sum is smallest
near h = eps**(1/2) for one side and h = eps**(1/3) for both, times a length typical of x.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn.errors import (
    StepError,
    StepTooSmallError,
    UnknownNameError,
    is_finite,
    nearest,
    shown,
)

Scheme = Literal["forward", "backward", "central"]
Array = NDArray[Any]

# What each scheme adds to x and takes from it, in steps.
_MOVES: dict[str, tuple[int, int]] = {"forward": (1, 0), "backward": (0, 1), "central": (1, 1)}


class Nudge(NamedTuple):
    """The points a difference is taken between, and how far apart they are (float64)."""

    plus: Array
    minus: Array
    distance: Array


def default_step(x: ArrayLike, scheme: Scheme = "central") -> Array:
    """Step for a two-evaluation difference at `x`, by dtype, scheme and size of x.

    eps**(1/3) * max(|x|, 0.1) / 2 for the central difference, eps**(1/2) * max(|x|, 0.1) for a
    one-sided one, with the eps of the dtype of x, or that of float64 if x is wider: what f
    answers is read as float64.

    Parameters
    ----------
    x : number or array of any shape
        Numbers that are not floating-point ones count as float64.
    scheme : "forward", "backward" or "central"

    Returns
    -------
    float64 array of the shape of x, > 0

    References
    ----------
    The rule of `statsmodels.tools.numdiff`; the exponents are derived in Press et al.,
    Numerical Recipes, 3rd ed., section 5.7.
    """
    check_scheme(scheme)
    at = np.asarray(x)
    narrow = at.dtype if at.dtype.kind == "f" and at.dtype.itemsize < 8 else np.float64
    eps = float(np.finfo(narrow).eps)
    length = np.maximum(np.abs(at.astype(np.float64)), 0.1)
    return np.asarray(eps ** (1 / 3) * length / 2 if scheme == "central" else eps**0.5 * length)


def check_scheme(scheme: str) -> None:
    """Raise `UnknownNameError`, with the nearest name, unless `scheme` is one of the three."""
    if not (isinstance(scheme, str) and scheme in _MOVES):
        raise UnknownNameError(f"unknown scheme {shown(scheme)}{nearest(scheme, _MOVES)}")


def check_step(h: object, others: str = "None for a default") -> None:
    """Raise `StepError` unless h is None or a finite number that is not negative.

    `others` says what else it could have been. Zero passes here, to be refused by `nudge`, which
    can name a step that works.
    """
    if h is not None and not (is_finite(h) and h >= 0):
        other_side = "; the left side is scheme='backward'" if is_finite(h) else ""
        raise StepError(
            f"h must be a positive finite number, or {others}; got {shown(h)}{other_side}"
        )


def nudge(x: Array, h: float | Array | None, scheme: Scheme = "central", name: str = "x") -> Nudge:
    """Move every entry of `x` up and down by `h`, in the dtype of x.

    Parameters
    ----------
    x : floating-point array of any shape
    h : float > 0, or one for each entry, or None for `default_step`
    scheme : "forward", "backward" or "central"
    name : str
        What x is called in an error.

    Returns
    -------
    Nudge
        Three arrays of the shape of x. A given h is taken at its word in float64, as in the
        textbook: the distance is 2h (h from one side). Otherwise it is the distance that the
        rounded points really have; in float32 and float16 that may differ from 2h in the
        first digits.

    Raises
    ------
    StepTooSmallError
        If h is zero in the dtype of x, or if x + h or x - h rounds to x.
    StepError
        If x + h or x - h leaves the range of the dtype.
    """
    up, down = _MOVES[scheme]
    wanted = default_step(x, scheme) if h is None else np.array(np.broadcast_to(h, x.shape), float)
    wide = np.result_type(x.dtype, np.float64)
    with np.errstate(all="ignore"):
        step = wanted.astype(x.dtype)
        plus, minus = np.asarray(x + up * step), np.asarray(x - down * step)
        distance = np.asarray(plus.astype(wide) - minus.astype(wide)).astype(np.float64)
        at_its_word = h is not None and not isinstance(h, np.ndarray)
        if at_its_word and wide == plus.dtype == np.float64:
            distance = (up + down) * wanted
    stuck = np.asarray(up * (plus == x) + down * (minus == x) > 0)
    if stuck.any():
        index = first_index(stuck)
        why = "is zero" if step[index] == 0 else "vanishes, x + h or x - h rounds to x,"
        raise StepTooSmallError(
            f"h = {wanted[index]} {why} in {x.dtype.name} at"
            f" {entry(name, index)} = {x[index]}; a step that works there is"
            f" {float(gap(x[index]))!r}"
        )
    beyond = ~(np.isfinite(plus) & np.isfinite(minus) & np.isfinite(distance))
    if beyond.any():
        index = first_index(beyond)
        raise StepError(
            f"{entry(name, index)} = {x[index]} moved by h = {wanted[index]} leaves the range of"
            f" {x.dtype.name} (largest number {np.finfo(x.dtype).max}); take a smaller h"
        )
    return Nudge(plus, minus, distance)


def nudge_along(x: Array, unit: Array, h: float, scheme: Scheme = "central") -> Nudge:
    """Move all of `x` by `h` along the unit vector `unit`, and back.

    Returns
    -------
    Nudge
        Two arrays like x, and how far apart they are along `unit`, after rounding.

    Raises
    ------
    StepTooSmallError
        If h is zero, or rounding to the dtype of x turns the step aside by over a hundredth.
    StepError
        If a point leaves the range of the dtype.
    """
    up, down = _MOVES[scheme]
    with np.errstate(all="ignore"):
        plus = np.asarray(x + up * h * unit).astype(x.dtype)
        minus = np.asarray(x - down * h * unit).astype(x.dtype)
        moved = plus.astype(np.float64) - minus.astype(np.float64)
        distance = float(np.vdot(moved, unit))
    if not (np.isfinite(moved).all() and math.isfinite(distance)):
        raise StepError(
            f"x = {brief(x)} moved by h = {h} leaves the range of {x.dtype.name}; take a smaller h"
        )
    aside = float(np.linalg.norm(moved / (up + down) / h - unit)) if h else 1.0
    if aside > 0.01:
        coarsest = float(gap(x)[unit != 0].max())
        enough = max(100 * coarsest * math.sqrt(x.size), 1e-300)
        raise StepTooSmallError(
            f"h = {h} is too small for {x.dtype.name} at x = {brief(x)}: rounding turns x + h v"
            f" aside by {aside:.0%} of h; a step that works there is {enough!r}"
        )
    return Nudge(plus, minus, np.asarray(distance))


def gap(x: Array) -> Array:
    """Return how far x is from the next number of its dtype, as far as there is one."""
    size = np.abs(x)
    with np.errstate(all="ignore"):
        gap = np.spacing(size)
    return np.where(np.isfinite(gap), gap, size - np.nextafter(size, np.zeros_like(size)))


def brief(x: Array) -> str:
    """Return an array on one line, the middle of a long one left out."""
    return " ".join(np.array2string(x, threshold=6, edgeitems=2).split())


def first_index(where: Array) -> tuple[int, ...]:
    """Index of the first true entry."""
    return tuple(int(i) for i in np.argwhere(where)[0])


def entry(name: str, index: tuple[int, ...]) -> str:
    """What an entry is called in a message: "x[2, 3]", or "x" for a number."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name
