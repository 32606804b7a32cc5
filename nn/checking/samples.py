"""Whether each sample of a batch is treated alone; and if not, whether that is batch norm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.behaviour import Behaviour
from nn.checking.objects import Object
from nn.checking.slots import can_be_wrapped, parts
from nn.checking.subject import Subject

Array = NDArray[Any]

_LIKE = 1e-2  # of the range of answers: as much as what keeps a variance from being 0 can do


def mixing(subject: Subject, found: Behaviour, meant: bool) -> bool:
    """Return whether samples are known to be treated alone; tell `found` if they should and aren't.

    Batch norm mixes samples on purpose. It is told by what it does: its answer stays the same
    where a feature of the whole batch is shifted and stretched.
    """
    count = _samples(subject, found.z)
    if not count:
        return False
    influence = _influence(subject, found.z)
    apart = _differs_alone(subject, found.z, count)
    if not influence and not apart:
        return influence is not None
    if meant:
        return False
    if _normalizes(subject) or _parts_normalize(subject):
        found.notes.append(
            "samples are mixed, as batch norm does, and its slopes by the other samples are"
            " checked too"
        )
        return False
    what = (
        "a sample's answer changes with the other samples of its batch"
        if influence
        else "a sample is answered otherwise alone than in its batch"
    )
    found.tell(
        "mixes samples",
        f"{what}. That is fine for batch norm, and is allowed by"
        " mixes_samples=True; elsewhere an axis is mistaken, such as 0 for 1",
    )
    return False


def _samples(subject: Subject, z: Array) -> int:
    """Return how many samples there are along axis 0; 0 where there is no telling."""
    shapes = [array.shape for array in subject.given.values()]
    if not isinstance(subject, Object) or subject.scalar or not subject.inputs:
        return 0
    if z.ndim < 1 or any(len(s) < 2 or s[0] != len(z) for s in shapes):
        return 0
    return len(z)


def _influence(subject: Subject, z: Array) -> bool | None:
    """Return whether changing half of the samples changes the answers to the other half."""
    half = (len(z) + 1) // 2
    if len(z) < 2:
        return None
    for moved, kept in ((np.s_[half:], np.s_[:half]), (np.s_[:half], np.s_[half:])):
        answer = _asked(
            subject, {**subject.given, **{n: _others(a, moved) for n, a in subject.inputs.items()}}
        )
        if answer is None or answer.shape != z.shape:
            return None
        if not _same(answer[kept], z[kept]):
            return True
    return False


def _others(x: Array, moved: slice) -> Array:
    changed = x.copy()
    changed[moved] = x[moved][::-1] * 1.5
    return changed


def _differs_alone(subject: Subject, z: Array, count: int) -> bool:
    """Return whether the first samples alone are answered otherwise than in their batch."""
    some = max(1, count // 2)
    if count == 1:
        twice = _asked(
            subject, {n: np.concatenate([a, a * 0.5]) for n, a in subject.all_inputs.items()}
        )
        return twice is not None and len(twice) == 2 and not _same(twice[:1], z)
    alone = _asked(subject, {name: a[:some] for name, a in subject.all_inputs.items()})
    return alone is not None and alone.shape[:1] == (some,) and not _same(alone, z[:some])


def _asked(subject: Subject, inputs: dict[str, Array]) -> Array | None:
    """Return the answer to other inputs; None if there is none."""
    try:
        return np.array(subject.answer({name: array.copy() for name, array in inputs.items()}))
    except Exception:  # it may be made for batches of one size, or for other numbers
        return None


def _same(a: Array, b: Array) -> bool:
    """Whether two answers are equal, up to what BLAS rounds otherwise in another batch."""
    if a.shape != b.shape:
        return False
    rounding = 500 * float(np.finfo(b.dtype if b.dtype.kind == "f" else np.float64).eps)
    size = np.abs(b[np.isfinite(b)]).max(initial=0.0)
    return np.allclose(a, b, rtol=rounding, atol=rounding * size, equal_nan=True)


def _normalizes(subject: Subject) -> bool:
    """Whether the answer stays when features of the whole batch are shifted and stretched."""
    if len(subject.inputs) != 1 or len(subject.given) != 1:
        return False
    ((name, x),) = subject.inputs.items()
    if not np.ptp(x):
        return False
    unit = 10 * x / x.std(dtype=np.float64)  # what is added to the variance hardly counts there
    feature = np.linspace(-1, 1, x.shape[1]).reshape(1, -1, *[1] * (x.ndim - 2))
    here = _asked(subject, {name: unit.astype(x.dtype)})
    there = _asked(subject, {name: (2 * unit + feature).astype(x.dtype)})
    if here is None or there is None or here.shape != there.shape:
        return False
    return bool(np.abs(here - there).max() <= _LIKE * np.ptp(here) > 0)


def _parts_normalize(subject: Subject) -> bool:
    """Whether all the parts that mix samples are batch norms."""
    thing = getattr(subject, "thing", None)
    inside = [part for _, part in parts(thing) if can_be_wrapped(part)]
    asked: list[tuple[Any, Array]] = []
    for part in inside:
        _spy(part, asked)
    try:
        _asked(subject, subject.inputs)
    finally:
        for part in inside:
            vars(part).pop("forward", None)
    mixed = []
    for part, x in asked:
        try:
            alone = Object(part, x, None, None, None)
            z = alone.forward()
        except Exception:  # it cannot be asked by itself
            return False
        if _samples(alone, z) and _influence(alone, z):
            mixed.append(_normalizes(alone))
    return bool(mixed) and all(mixed)


def _spy(part: Any, asked: list[tuple[Any, Array]]) -> None:
    """Have a part tell what its forward is given, until that attribute is taken away again."""
    forward = part.forward

    def told(x: Any, *rest: Any) -> Any:
        asked.append((part, np.array(x)))
        return forward(x, *rest)

    part.forward = told
