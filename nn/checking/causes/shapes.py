"""Patterns of order: transposed, not summed, shifted, swapped, turned round."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np

from nn.checking.causes.evidence import Evidence
from nn.checking.report import Cause


def wrong_shape(seen: Evidence) -> Cause | None:
    """The gradient has another shape than its array."""
    if not seen.part.problem or seen.raw is None:
        return None
    raw, shape = np.asarray(seen.raw), seen.array.shape
    if raw.dtype.kind not in "fiub":
        return None
    true = seen.full(seen.d) if seen.whole else None
    extra = raw.ndim - len(shape)
    for axes in [tuple(range(extra))] if extra > 0 else []:
        summed = raw.sum(axis=axes)
        if raw.size == seen.array.size:
            break  # axes of length 1 only
        if summed.shape == shape and (true is None or seen.same(summed, true)):
            return Cause(
                "not summed over the batch",
                f"the gradient of {seen.name} has shape {raw.shape} for {shape}: it still has an"
                " axis of samples; all samples share the parameter, so add: dout.sum(axis=0)",
            )
    if raw.shape == shape[::-1] and (true is None or seen.same(raw.T, true)):
        return Cause(
            "transposed",
            f"the gradient of {seen.name} has shape {raw.shape} for {shape}: it is transposed;"
            " turn the product round",
        )
    if raw.size == seen.array.size and true is not None and seen.same(raw.reshape(shape), true):
        return Cause(
            "wrong shape",
            f"the gradient of {seen.name} has the right numbers in shape {raw.shape} for {shape};"
            " give it the shape of what it belongs to",
        )
    samples = raw.shape[:1] == (seen.samples,) and not seen.is_input
    if samples and raw.sum(axis=0).size == seen.array.size:
        return Cause(
            "not summed over the batch",
            f"the gradient of {seen.name} has shape {raw.shape} for {shape}: it still has an axis"
            " of samples; add over it",
        )
    return Cause("wrong shape", f"{seen.part.problem}: summed over the wrong axis, or not reshaped")


def transposed(seen: Evidence) -> Cause | None:
    """The numbers are right and stand at transposed places."""
    if not seen.whole:
        return None
    given, slopes = seen.given_jacobian, seen.jacobian
    square = given is not None and slopes is not None and slopes.shape[0] == slopes.shape[1]
    if square and seen.same(given, slopes.T):  # type: ignore[union-attr]
        return Cause(
            "transposed",
            f"backward multiplies dout by the Jacobian by {seen.name} where its transpose is due:"
            " W for W.T, say",
        )
    true = seen.full(seen.d)
    for order in permutations(range(true.ndim)):
        turned = true.transpose(order)
        moved = turned.shape == true.shape and order != tuple(range(true.ndim))
        if moved and seen.everywhere(turned):
            return Cause(
                "transposed",
                f"the gradient of {seen.name} is transposed: entry (i, j) stands at (j, i); turn"
                " the product round",
            )
        if (
            turned.shape != true.shape
            and true.ndim < 5
            and seen.everywhere(turned.reshape(true.shape))
        ):
            return Cause(
                "transposed",
                f"the gradient of {seen.name} has the right numbers in another order: reshape does"
                " not transpose, so transpose first",
            )
    return None


def shifted(seen: Evidence) -> Cause | None:
    """The numbers are right and stand one place further along an axis or two; or run backwards."""
    if not seen.whole or not seen.wrong.any():
        return None
    true, given = seen.full(seen.d), seen.full(seen.a)
    for steps in _shifts(true.shape):
        inner = tuple(_inside(step) for step in steps)
        moved = np.roll(true, steps, tuple(range(true.ndim)))
        if given[inner].any() and seen.same(given[inner], moved[inner]):
            along = [
                f"{'late' if step > 0 else 'early'} along axis {axis}"
                for axis, step in enumerate(steps)
                if step
            ]
            return Cause(
                "shifted by one",
                f"the gradient of {seen.name} stands one place too {' and too '.join(along)}: an"
                " index is off by one",
            )
    long = [axis for axis, length in enumerate(true.shape) if length > 1]
    for count in range(1, len(long) + 1):
        for axes in combinations(long, count):
            if seen.everywhere(np.flip(true, axes)):
                which = f"axis {axes[0]}" if count == 1 else f"axes {', '.join(map(str, axes))}"
                return Cause(
                    "turned round",
                    f"the gradient of {seen.name} runs backwards along {which}: an order is"
                    " reversed, or a kernel is turned round once too often or not at all",
                )
    return None


def wrong_axis(seen: Evidence) -> Cause | None:
    """A sum of dout over other axes than those that are due, where the shapes happen to fit."""
    dout = seen.dout
    if seen.is_input or seen.subject.scalar or not seen.whole or dout.ndim < 2:
        return None
    for count in range(1, dout.ndim):
        for axes in combinations(range(1, dout.ndim), count):
            summed = dout.sum(axis=axes)
            if summed.size == seen.array.size and seen.everywhere(summed.ravel()):
                which = f"axis {axes[0]}" if count == 1 else f"axes {', '.join(map(str, axes))}"
                return Cause(
                    "not summed over the batch",
                    f"the gradient of {seen.name} is dout added up over {which}, which happens to"
                    " fit, and not over the samples: add up over axis 0, and what else shares it",
                )
    return None


def _shifts(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shifts by one along one or two axes that are long enough to show them; fewest axes first."""
    choices = [(0, 1, -1) if length >= 3 else (0,) for length in shape]
    found = [steps for steps in product(*choices) if 0 < sum(map(abs, steps)) <= 2]
    return sorted(found, key=lambda steps: sum(map(abs, steps)))


def _inside(step: int) -> slice:
    """What stays inside where all is moved by a step."""
    return slice(1, None) if step > 0 else slice(None, -1) if step < 0 else slice(None)


def swapped(seen: Evidence) -> Cause | None:
    """It is the gradient of another array."""
    for other in seen.table:
        if other.name == seen.name or other.shape != seen.part.shape:
            continue
        if len(other.numeric) != len(seen.a) or seen.same(other.numeric, seen.d):
            continue
        if seen.same(seen.a, other.numeric):
            return Cause(
                "swapped",
                f"the gradient of {seen.name} is that of {other.name}: two names are mixed up",
            )
    return None
