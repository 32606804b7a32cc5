"""Patterns of memory: what forward kept is not what backward reads.

A cause is named only where mending it makes the gradient right: the state before the first call,
what was kept before it was overwritten, or one state for each use of a part.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.answers import ask
from nn.checking.attributes import attributes
from nn.checking.causes.evidence import Evidence
from nn.checking.report import Cause
from nn.checking.slots import can_be_wrapped, parts

Array = NDArray[Any]


def stale(seen: Evidence) -> Cause | None:
    """Right the first time, and wrong once another forward came before."""
    seen.memory.restore()
    if not _mended(seen, seen.subject.forward):
        return None
    return Cause(
        "overwritten cache",
        f"the gradient of {seen.name} is right after the first forward and wrong after others: it"
        " is made of what an earlier call has left; keep what backward needs anew in each forward",
    )


def deaf(seen: Evidence) -> Cause | None:
    """The same after a forward of other inputs, where the slopes are others.

    A cache is to blame where the thing keeps an array of that shape that stays the same as well,
    and nothing else that backward gives hears of the other inputs.
    """
    if not seen.is_input or seen.jacobian is None:
        return None
    thing = getattr(seen.subject, "thing", None)
    arrays = {n: v for n, v in attributes(thing).items() if isinstance(v, np.ndarray)}
    kept = {n: v.copy() for n, v in arrays.items() if v.shape == seen.array.shape}
    x, saved, here = seen.array, seen.array.copy(), seen.analytic(seen.dout)
    try:
        x[...] = np.roll(saved.ravel(), 1).reshape(saved.shape)
        there = seen.analytic(seen.dout)
        now = attributes(thing)
        others = seen.others(seen.dout)
        slopes = seen.slopes()
    finally:
        x[...] = saved
    if here is None or there is None or not np.array_equal(here, there):
        return None
    if slopes is None or seen.same(slopes, seen.jacobian):
        return None
    still = [n for n, v in kept.items() if n in now and np.array_equal(now[n], v)]
    if still and not others:
        return Cause(
            "overwritten cache",
            f"the gradient of {seen.name} stays the same whatever forward was asked, as does"
            f" {type(thing).__name__}.{still[0]}, which an earlier call has left: keep what"
            " backward needs anew in each forward",
        )
    return Cause(
        "missing term",
        f"the gradient of {seen.name} does not depend on {seen.name} at all, and the slopes do: the"
        " derivative of something in between is left out, such as the 1 - y² of a tanh or the mask"
        " of a relu",
    )


def _mended(seen: Evidence, prepare: Callable[[], Any]) -> bool:
    """Whether the gradient is right after all, once `prepare` was called in place of forward."""
    try:
        prepare()
        given = np.asarray(ask(seen.subject, seen.found.dout.copy()).get(seen.name))
    except Exception:
        return False
    if given.dtype.kind not in "fiub" or given.shape != seen.array.shape:
        return False
    return seen.true(given.astype(np.float64).ravel()[seen.places])


def overwritten(seen: Evidence) -> Cause | None:
    """An attribute was changed after forward had set it, within the same forward."""
    thing = getattr(seen.subject, "thing", None)
    for holder in [thing, *(part for _, part in parts(thing))] if thing is not None else []:
        with _traced(holder) as kept:
            seen.subject.forward()
        for name, values in kept.items():
            now = getattr(holder, name, None)
            for value in values:
                if not isinstance(now, np.ndarray) or _alike(now, value):
                    continue
                if _mended(seen, partial(_put_back, seen, holder, name, value)):
                    return Cause(
                        "overwritten cache",
                        f"backward reads {type(holder).__name__}.{name}, which forward overwrites"
                        " after it was kept: keep a copy, or another name",
                    )
    return None


def _put_back(seen: Evidence, holder: Any, name: str, value: Array) -> None:
    seen.subject.forward()
    setattr(holder, name, value.copy())


def kept_twice(seen: Evidence) -> Cause | None:
    """An attribute was set twice in one forward, to different numbers."""
    thing = getattr(seen.subject, "thing", None)
    if thing is None:
        return None
    with _traced(thing) as kept:
        seen.subject.forward()
    for name, values in kept.items():
        if name not in seen.subject.slots and not _alike(values[0], values[-1]):
            return Cause(
                "overwritten cache",
                f"forward sets {type(thing).__name__}.{name} {len(values)} times, to other numbers"
                " each, and backward finds the last alone: keep one for each use",
            )
    return None


def _alike(a: Array, b: Array) -> bool:
    return a.shape == b.shape and np.array_equal(a, b)


@contextmanager
def _traced(thing: Any) -> Any:
    """Yield every array that becomes an attribute of a thing, as it was then, by name."""
    own: Any = type(thing)
    kept: dict[str, list[Array]] = {}
    inherited, before = own.__setattr__, vars(own).get("__setattr__")

    def keep(self: Any, name: str, value: Any) -> None:
        if self is thing and isinstance(value, np.ndarray):
            kept.setdefault(name, []).append(value.copy())
        inherited(self, name, value)

    try:
        own.__setattr__ = keep  # no subclass: a registry might hear of it
    except TypeError:  # a class that was not written in Python
        yield kept
        return
    try:
        yield kept
    finally:
        if before is None:
            del own.__setattr__
        else:
            own.__setattr__ = before


def used_twice(seen: Evidence) -> Cause | None:
    """A part is used twice, or shares what it keeps with another: the last use overwrote it."""
    thing = getattr(seen.subject, "thing", None)
    inside = dict(parts(thing)) if thing is not None else {}
    inside = {name: part for name, part in inside.items() if can_be_wrapped(part)}
    if not inside:
        return None
    kept: dict[int, list[dict[Any, Any]]] = {id(part): [] for part in inside.values()}
    counts: dict[str, int] = dict.fromkeys(inside, 0)
    try:
        for name, part in inside.items():
            _remember_each_use(name, part, kept[id(part)], counts)
        mended = _mended(seen, seen.subject.forward)
    finally:
        for part in inside.values():
            vars(part).pop("forward", None)
            vars(part).pop("backward", None)
    often = [name for name, count in counts.items() if count > 1]
    if not mended:
        if often and (seen.is_input or seen.name.startswith(often[0])):
            return Cause(
                "overwritten cache",
                f"{often[0]} is used {counts[often[0]]} times in one forward, and keeps one cache"
                " and one gradient for all uses: give each use a cache of its own, and add up the"
                " gradients of its parameters",
            )
        return None
    which = (
        f"{often[0]} is used {counts[often[0]]} times" if often else "parts share what they keep"
    )
    return Cause(
        "overwritten cache",
        f"{which} in one forward, and the last use overwrites what the first had kept for backward:"
        " give each use an object of its own, or a stack of what it keeps",
    )


def _remember_each_use(
    name: str, part: Any, kept: list[dict[Any, Any]], counts: dict[str, int]
) -> None:
    """Have a part keep its state after each forward, and take it back for each backward."""
    forward, backward = part.forward, part.backward

    def one_more(*given: Any) -> Any:
        z = forward(*given)
        counts[name] += 1
        kept.append(_state(part))
        return z

    def from_the_last(*given: Any) -> Any:
        if kept:
            for holder, held in kept.pop().values():
                holder.update(_copies(held))
        return backward(*given)

    part.forward, part.backward = one_more, from_the_last


def _state(part: Any) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Return what a part and its class keep between calls: each dict, and copies of what it has."""
    keeps = ("params", "grads", "forward", "backward")
    own = {k: v for k, v in vars(part).items() if k not in keeps}
    found = {id(vars(part)): (vars(part), _copies(own))}
    shared = {k: v for base in type(part).__mro__[:-1] for k, v in vars(base).items()}
    for holder in [*own.values(), *shared.values()]:
        if isinstance(holder, dict):
            found[id(holder)] = (holder, _copies(holder))
    return found


def _copies(held: dict[str, Any]) -> dict[str, Any]:
    return {
        k: v.copy() if isinstance(v, np.ndarray) and v.dtype.kind == "f" else v
        for k, v in held.items()
    }
