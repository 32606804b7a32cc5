"""What must hold before any gradient can be judged, found out by asking.

forward answers the same inputs with the same numbers, whatever it was asked before, and leaves
its inputs and its parameters alone; each sample is answered alone as in its batch. backward leaves
everything alone too, and answers the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.memory import Memory
from nn.checking.samples import mixing
from nn.checking.subject import Subject, changed
from nn.errors import blame

Array = NDArray[Any]


@dataclass(frozen=True)
class Violation:
    """Something that must hold and does not: a short tag, and a sentence with what to look at."""

    tag: str
    sentence: str


@dataclass
class Behaviour:
    """What is known of a subject, before its gradients are looked at.

    Attributes
    ----------
    z, dout : arrays
        The answer to the inputs as they are, and what is handed to backward.
    gradients : dict of name -> what backward gave
        After other inputs had been asked about, as in training.
    violations : list of Violation
    notes : list of str
    alone : bool
        No sample's answer depends on another sample.
    growing : set of str
        Gradients that are larger by the same amount after each call.
    whole : set of str
        Gradients that x as it was given, in whole numbers, has changed.
    unequal : dict of str -> float
        Gradients that do not go as dout does, and the factor of dout that showed it.
    rounding : dict of str -> array
        How far the gradients of 3 dout, 5 dout and 7 dout are from three times, five times …: what
        backward itself rounds.
    """

    z: Array
    dout: Array
    gradients: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    alone: bool = False
    growing: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    unequal: dict[str, float] = field(default_factory=dict)
    rounding: dict[str, Array] = field(default_factory=dict)

    def tell(self, tag: str, sentence: str) -> None:
        """Add a violation."""
        self.violations.append(Violation(tag, sentence))


def observe(
    subject: Subject, memory: Memory, rng: np.random.Generator, mixes: bool = False
) -> Behaviour:
    """Ask whether all holds that must; stop at the first thing that does not.

    `memory` is what the subject holds before it is asked anything; `mixes`: samples are meant to
    be mixed. Errors of the user's code at x itself are raised.
    """
    params = {name: p.copy() for name, p in subject.params.items()}
    z = subject.forward()
    dtype = z.dtype if z.dtype.kind == "f" else np.dtype(np.float64)
    weights = rng.uniform(0.5, 1.5, z.shape) * rng.choice([-1.0, 1.0], z.shape)
    found = Behaviour(z, np.ones(z.shape, dtype) if subject.scalar else weights.astype(dtype))
    _look_at_forward(subject, memory, found, params)
    if found.violations or not np.isfinite(z).all():
        return found
    found.alone = mixing(subject, found, mixes)
    if not found.violations:
        _look_at_backward(subject, memory, found, params)
    if not found.violations and not subject.scalar:
        _look_at_scale(subject, found)
        _look_at_rounding(subject, found)
    return found


def _look_at_forward(
    subject: Subject, memory: Memory, found: Behaviour, params: dict[str, Array]
) -> None:
    where = changed(subject.passed, subject.all_inputs)
    if where:
        found.tell(
            "forward changes x",
            f"forward writes into its input: {where} changed; let it work on a copy, x.copy()",
        )
    where = changed(subject.params, params)
    if where:
        found.tell(
            "forward changes parameters",
            f"forward changes its parameter {where}: the loss is no function of it; keep running"
            " figures elsewhere, and update parameters in the optimizer",
        )
    if found.violations:
        return
    answers = [subject.forward() for _ in range(2)]
    _ask_of_others(subject)
    answers.append(subject.forward())
    if all(equal(answer, found.z) for answer in answers):
        return
    if equal(answers[0], found.z) and equal(answers[1], found.z):
        found.tell(
            "forward remembers",
            "forward answers x with other numbers once it was asked about other inputs: it reads"
            " what an earlier call has left",
        )
        return
    memory.restore(generators=False)
    if equal(subject.forward(), found.z):
        found.tell(
            "forward remembers",
            "forward answers the same x with other numbers each time, and with the first ones again"
            " where it has forgotten the calls between: it keeps something, such as a state, a"
            " counter or running figures",
        )
        return
    found.tell(
        "random forward",
        "forward answers the same x with other numbers each time: it is random; draw its mask once"
        " and keep it for as long as the gradient is checked",
    )


def _ask_of_others(subject: Subject) -> None:
    """Have forward answer other inputs; whether it can does not matter."""
    saved = {name: array.copy() for name, array in subject.inputs.items()}
    try:
        for array in subject.inputs.values():
            array[...] = array[::-1] * 0.75 if array.ndim else array * 0.75
        subject.forward()
    except Exception:  # they may be outside its domain
        pass
    finally:
        for name, array in subject.inputs.items():
            array[...] = saved[name]


def _look_at_backward(
    subject: Subject, memory: Memory, found: Behaviour, params: dict[str, Array]
) -> None:
    memory.restore(generators=False)
    _ask_of_others(subject)  # so that what is kept of a first call, and of it alone, shows
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
    """Ask again with whole numbers, where x was given as such: gradients must not be cut to them."""
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


def _look_at_scale(subject: Subject, found: Behaviour) -> None:
    """Ask with dout times a power of two: a product with a Jacobian goes as dout does, exactly."""
    kind = np.finfo(found.dout.dtype)
    power = {8: 20, 4: 10}.get(kind.dtype.itemsize, 3)
    for factor in (2.0**power, 2.0**-power, -1.0):
        subject.forward()
        scaled = ask(subject, (found.dout * factor).astype(found.dout.dtype))
        for name, g in found.gradients.items():
            other = scaled.get(name)
            if name in found.growing or name in found.unequal or g is None or other is None:
                continue
            if not nearly(np.asarray(other) / factor, g):
                found.unequal[name] = factor
    subject.forward()


def _look_at_rounding(subject: Subject, found: Behaviour) -> None:
    """Ask with dout times odd numbers, which round otherwise on the way."""
    apart: dict[str, Array] = {}
    sizes = [np.abs(g).max(initial=0.0) for g in found.gradients.values() if _numbers(g)]
    most = 1e3 * float(np.finfo(found.dout.dtype).eps) * max(map(float, sizes), default=0.0)
    for factor in (3.0, 5.0, 7.0):
        subject.forward()
        scaled = ask(subject, (found.dout * factor).astype(found.dout.dtype))
        for name, g in found.gradients.items():
            other = scaled.get(name)
            if name in found.growing or name in found.unequal or not _numbers(g):
                continue
            if _numbers(other) and np.shape(other) == np.shape(g):
                off = np.abs(other.astype(np.float64) / factor - g.astype(np.float64))
                apart[name] = np.fmax(apart.get(name, 0.0), np.where(off <= most, off, 0.0))
    found.rounding = apart
    subject.forward()


def ask(subject: Subject, dout: Array) -> dict[str, Any]:
    """Return copies of what backward gives: its arrays may be used again."""
    found = subject.backward(dout)
    return {name: g if g is None else np.array(g) for name, g in found.items()}


def _numbers(g: Any) -> bool:
    return isinstance(g, np.ndarray) and g.dtype.kind in "fiu"


def equal(a: Any, b: Any) -> bool:
    """Whether two answers are the same, number for number."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return a.shape == b.shape and a.dtype == b.dtype and bool(np.all(a == b))
    return np.array_equal(a, b, equal_nan=True)


def nearly(a: Any, b: Any) -> bool:
    """Whether two gradients are the same but for rounding."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return equal(a, b)
    eps = max(np.finfo(g.dtype).eps if g.dtype.kind == "f" else 1e-16 for g in (a, b))
    size = np.abs(b[np.isfinite(b)]).max(initial=0.0)
    return np.allclose(a, b, rtol=1e3 * eps, atol=1e3 * eps * size, equal_nan=True)


def _grows(a: Any, b: Any, c: Any) -> bool:
    """Whether each call adds the same."""
    if a is None or b is None or c is None or not np.shape(a) == np.shape(b) == np.shape(c):
        return False
    first, second = np.asarray(b) - np.asarray(a), np.asarray(c) - np.asarray(b)
    size = float(np.abs(second).max(initial=0.0))
    return size > 0 and bool(np.allclose(first, second, rtol=1e-6, atol=1e-6 * size))
