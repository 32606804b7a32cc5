"""What must hold of backward: it answers the same twice, and changes nothing.

That it goes as dout does is no condition but a part of being right, and is looked at here too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.answers import ask, ask_of_others, equal, nearly, numbers
from nn.checking.behaviour import Behaviour
from nn.checking.memory import Memory
from nn.checking.subject import Subject, changed
from nn.errors import blame

Array = NDArray[Any]


def look_at_backward(
    subject: Subject, memory: Memory, found: Behaviour, params: dict[str, Array]
) -> None:
    """Tell what does not hold, and keep the gradients; `params` are copies of the parameters."""
    memory.restore(generators=False)
    ask_of_others(subject)  # so that what is kept of a first call, and of it alone, shows
    subject.forward()
    dout = found.dout.copy()
    first = ask(subject, dout)
    looked = (
        ("backward changes dout", {"dout": dout}, {"dout": found.dout}, "dout.copy()"),
        ("backward changes x", subject.passed, subject.all_inputs, "a copy"),
        ("backward changes parameters", subject.params, params, "a copy"),
    )
    for tag, now, before, copy in looked:
        where = changed(now, before)
        if where:
            found.tell(tag, f"backward writes into {where}, which others read too; work on {copy}")
    if found.violations:
        return
    try:
        second = ask(subject, found.dout.copy())
    except Exception as error:
        found.tell(
            "backward differs",
            f"a second backward after the same forward fails, {blame(error)}: the first one has"
            " used up or overwritten what forward had kept",
        )
        return
    subject.forward()
    third = ask(subject, found.dout.copy())
    found.gradients = third
    for name in first.keys() | second.keys() | third.keys():
        a, b, c = (g.get(name) for g in (first, second, third))
        if equal(a, b) and equal(b, c):
            continue
        if _grows(a, b, c):
            found.growing.add(name)
        elif equal(a, c):
            found.tell(
                "backward differs",
                f"a second backward after the same forward gives another gradient of {name}: the"
                " first one has overwritten the cache that forward had kept",
            )
        else:
            found.tell(
                "backward differs",
                f"backward answers the same dout with another gradient of {name} each time",
            )
    _look_at_whole_numbers(subject, found)


def _look_at_whole_numbers(subject: Subject, found: Behaviour) -> None:
    """Ask again with whole numbers, where x was given as such: no gradient may be cut to them."""
    whole = [n for n, a in subject.given.items() if a.dtype.kind != "f" and n in subject.inputs]
    if not whole or found.violations:
        return
    subject.forward(as_given=True)
    given = ask(subject, found.dout.copy())
    subject.forward()
    for name, g in given.items():
        if not nearly(g, found.gradients.get(name)) and name not in found.growing:
            found.gradients[name] = g
            found.whole.add(name)
            found.notes.append(
                f"with x as it is, {subject.given[whole[0]].dtype}, backward gives another gradient"
                f" of {name} than with the same x as float64"
            )


def look_at_scale(subject: Subject, found: Behaviour) -> None:
    """Ask with dout times a power of two: a product with a Jacobian goes as dout does, exactly."""
    kind = np.finfo(found.dout.dtype)
    power = {8: 20, 4: 10}.get(kind.dtype.itemsize, 3)
    for factor in (2.0**power, 2.0**-power, -1.0):
        subject.forward()
        scaled = ask(subject, (found.dout * factor).astype(found.dout.dtype))
        for name, g in found.gradients.items():
            other = scaled.get(name)
            if name in found.growing or name in found.unequal:
                continue
            if not (numbers(g) and numbers(other) and np.isfinite(other).all()):
                continue  # it may be too large for its dtype
            if not nearly(other / factor, g):
                found.unequal[name] = other / factor
    subject.forward()


def look_at_rounding(subject: Subject, found: Behaviour) -> None:
    """Ask with dout times odd numbers, which round otherwise on the way."""
    apart: dict[str, Array] = {}
    sizes = [np.abs(g).max(initial=0.0) for g in found.gradients.values() if numbers(g)]
    most = 1e3 * float(np.finfo(found.dout.dtype).eps) * max(map(float, sizes), default=0.0)
    for factor in (3.0, 5.0, 7.0):
        subject.forward()
        scaled = ask(subject, (found.dout * factor).astype(found.dout.dtype))
        for name, g in found.gradients.items():
            other = scaled.get(name)
            if name in found.growing or name in found.unequal or not numbers(g):
                continue
            if numbers(other) and np.shape(other) == np.shape(g):
                off = np.abs(other.astype(np.float64) / factor - g.astype(np.float64))
                apart[name] = np.fmax(apart.get(name, 0.0), np.where(off <= most, off, 0.0))
    found.rounding = apart
    subject.forward()


def _grows(a: Any, b: Any, c: Any) -> bool:
    """Whether each call adds the same."""
    if a is None or b is None or c is None or not np.shape(a) == np.shape(b) == np.shape(c):
        return False
    first, second = np.asarray(b) - np.asarray(a), np.asarray(c) - np.asarray(b)
    size = float(np.abs(second).max(initial=0.0))
    return size > 0 and bool(np.allclose(first, second, rtol=1e-6, atol=1e-6 * size))
