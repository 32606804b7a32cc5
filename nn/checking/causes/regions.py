"""Patterns of place: wrong on one side of zero, where a unit is off, for one sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nn.checking.causes.evidence import Evidence, Flags
from nn.checking.report import Cause

Array = NDArray[np.float64]

_FEW = 10  # entries among which two that are wrong lie on one side by chance


def one_side(seen: Evidence) -> Cause | None:
    """Wrong entries and right ones lie on two sides of some value, of x or of the answer."""
    if not seen.is_input:
        return None
    clear = np.abs(seen.d) > seen.part.bound
    right, wrong = (seen.part.verdicts == "right") & clear, seen.wrong
    if right.sum() < 2 or wrong.sum() < 2 or len(wrong) < _FEW:
        return None
    x = seen.array.astype(np.float64).reshape(-1)[seen.places]
    scales = [("x", x), ("|x|", np.abs(x))]
    if seen.z.shape == seen.array.shape:
        z = seen.z.reshape(-1)[seen.places]
        scales += [("the output", z), ("|output|", np.abs(z))]
    for name, values in scales:
        side = _apart(values[wrong], values[right])
        if side:
            return Cause(
                "wrong on one side",
                f"the gradient of {seen.name} is wrong only where {name} {side}, and right"
                " elsewhere: look at the branch or mask for that side",
            )
    return None


def _apart(wrong: Array, right: Array) -> str:
    """Say on which side of which value all wrong ones lie, and no right one; "" if of none."""
    for low, high, sign in ((wrong, right, "<"), (right, wrong, ">")):
        below, above = float(low.max()), float(high.min())
        if below < above:
            between = 0.0 if below <= 0 <= above else _round_between(below, above)
            at = {"<": "<=" if below == between else "<", ">": ">=" if above == between else ">"}
            return f"{at[sign]} {between:g}"
    return ""


def _round_between(low: float, high: float) -> float:
    """The number of fewest digits between two."""
    for digits in range(17):
        rounded = round((low + high) / 2, digits)
        if low <= rounded <= high:
            return rounded
    return (low + high) / 2


def unit_off(seen: Evidence) -> Cause | None:
    """Wrong through some outputs alone: those that are zero, negative, of one side of x."""
    if seen.subject.scalar or seen.z.size < 4 or not seen.whole:
        return None
    for text, mask in _masks(seen):
        if mask.all() or not mask.any():
            continue
        if _right_with(seen, ~mask) and _wrong_with(seen, mask):
            return Cause(
                "wrong on one side",
                f"the gradient of {seen.name} is wrong only through outputs where {text}, and right"
                " through the others: look at the branch or mask for those",
            )
    return None


def _masks(seen: Evidence) -> Iterator[tuple[str, Flags]]:
    z = seen.z
    yield "the unit is off (the output is 0)", z == 0
    yield "the output is < 0", z < 0
    yield "the output is > 0", z > 0
    for name, x in seen.subject.inputs.items():
        if x.shape == z.shape:
            yield f"{name} < 0", x < 0
            yield f"{name} > 0", x > 0


def _right_with(seen: Evidence, mask: Flags) -> bool:
    dout = seen.dout * mask
    numeric, analytic = seen.numeric(dout), seen.analytic(dout)
    if numeric is None or analytic is None or not numeric.any():
        return False
    return seen.same(analytic, numeric)


def _wrong_with(seen: Evidence, mask: Flags) -> bool:
    dout = seen.dout * mask
    numeric, analytic = seen.numeric(dout), seen.analytic(dout)
    return numeric is not None and analytic is not None and not seen.same(analytic, numeric)


def of_samples(seen: Evidence) -> Cause | None:
    """A parameter's gradient holds one sample alone, or all but one."""
    n = seen.samples
    if seen.is_input or seen.subject.scalar or n < 2 or seen.z.shape[:1] != (n,) or not seen.whole:
        return None
    J = seen.jacobian
    if J is None:
        return None
    each = (J * seen.dout.ravel()).reshape(len(J), n, -1).sum(axis=2).T
    for place in (n - 1, 0, *range(1, n - 1)):
        for times in (1.0, float(n)):
            if seen.everywhere(times * each[place]):
                return Cause(
                    "one sample only",
                    f"the gradient of {seen.name} is that of sample {place} alone: a loop that"
                    " writes `=` where it should add `+=`, or an index instead of a sum",
                )
        if seen.everywhere(each.sum(axis=0) - each[place]):
            return Cause(
                "one sample left out",
                f"the gradient of {seen.name} leaves out sample {place}: a loop that starts too"
                " late or ends too soon",
            )
    return None


def of_positions(seen: Evidence) -> Cause | None:
    """A parameter's gradient holds one position along an axis alone: the last turn of a loop."""
    z = seen.z
    if seen.is_input or seen.subject.scalar or z.ndim < 2 or not seen.whole:
        return None
    J = seen.jacobian
    if J is None:
        return None
    weighted = (J * seen.dout.ravel()).reshape(len(J), *z.shape)
    for axis in range(1, z.ndim):
        for place in (z.shape[axis] - 1, 0):
            if z.shape[axis] < 2:
                continue
            alone = np.take(weighted, place, axis + 1).reshape(len(J), -1).sum(axis=1)
            if seen.everywhere(alone):
                return Cause(
                    "one position only",
                    f"the gradient of {seen.name} is that of position {place} along axis {axis} of"
                    " the output alone: a loop that writes `=` where it should add `+=`",
                )
    return None


def ignores_dout(seen: Evidence) -> Cause | None:
    """The same whatever dout is."""
    if seen.subject.scalar or seen.raw is None:
        return None
    plain, twice = seen.analytic(seen.dout), seen.analytic(_other(seen.dout))
    if plain is None or twice is None or not plain.any() or not seen.same(plain, twice):
        return None
    return Cause(
        "ignores dout",
        f"the gradient of {seen.name} is the same whatever dout is: multiply by dout, the gradient"
        " that comes from behind",
    )


def _other(dout: Array) -> Array:
    return -2 * np.roll(dout.ravel(), 1).reshape(dout.shape)


def not_linear(seen: Evidence) -> Cause | None:
    """Right for one dout, and not in proportion to it."""
    if seen.name not in seen.found.unequal:
        return None
    nothing = seen.analytic(0 * seen.dout)
    if nothing is not None and nothing.any():
        like = ", in proportion to itself: is it weight decay?" if _parallel(seen, nothing) else ""
        return Cause(
            "extra term",
            f"the gradient of {seen.name} has a term that does not depend on dout{like}; with dout"
            " of zeros it must be zero",
        )
    return Cause(
        "not linear",
        f"the gradient of {seen.name} does not grow as dout does: backward clips, rounds or"
        " squares; clip after the gradient, in training",
    )


def _parallel(seen: Evidence, term: Array) -> bool:
    own = seen.array.astype(np.float64).ravel()
    c = float(term @ own / (own @ own or 1.0))
    return seen.same(term, c * own)
