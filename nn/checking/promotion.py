"""A layer in float32 checked in float64, where its code is the same in both.

In float32 a difference is right to three or four digits, and a relu may bend within the step that
this takes. Most code asks nobody for a dtype: with x and the parameters as float64 it answers in
float64, and so does its backward. What float32 itself makes of the gradient is looked at apart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.answers import ask, numbers
from nn.checking.backwards import look_at_rounding
from nn.checking.behaviour import Behaviour
from nn.checking.digits import SINGLE, of_answers, of_dtype
from nn.checking.memory import Memory
from nn.checking.subject import Subject

Array = NDArray[Any]

_LIKE = 3e4  # roundings that answers and gradients in both may be apart


def promote(
    subject: Subject, memory: Memory, found: Behaviour, rng: np.random.Generator
) -> tuple[Behaviour, Memory]:
    """Have a subject work in float64 from now on, if it can; else leave everything as it is.

    Returns
    -------
    found : Behaviour
        With the answer and the gradients in float64. A gradient that float32 makes another is kept.
    memory : Memory
        What the subject holds before it is asked anything.
    """
    eps = max(map(of_dtype, (found.z, *subject.tensors.values())))
    if eps < SINGLE or found.growing or found.whole:
        return found, memory
    memory.restore(generators=False)
    inputs = subject.inputs
    try:
        subject.inputs = {name: a.astype(np.float64) for name, a in inputs.items()}
        subject.widen()
        wide = Memory(*subject.things)
        promoted = _in_float64(subject, found, eps, rng)
    except Exception:  # its arrays cannot be replaced, or it wants float32
        promoted = None
    if promoted is None:
        subject.inputs = inputs
        memory.restore(generators=False)
        return found, memory
    return promoted, wide


def _in_float64(
    subject: Subject, found: Behaviour, eps: float, rng: np.random.Generator
) -> Behaviour | None:
    """Ask for everything again; None if the answers do not come in float64, or are others."""
    z = subject.forward()
    digits = of_answers(subject, z, rng)
    if digits > SINGLE or not _alike(z, found.z, eps):
        return None
    wide = replace(found, z=z, dout=found.dout.astype(np.float64), eps=digits, rounding={})
    given = ask(subject, wide.dout.copy())
    for name, array in subject.tensors.items():
        if np.any(given.get(name)) and not _follows(subject, array, z):
            return None
    subject.forward()
    wide.gradients = {
        name: given[name] if _alike(given.get(name), g, eps) else g
        for name, g in found.gradients.items()
    }
    if not subject.scalar:
        look_at_rounding(subject, wide)
    return wide


def _alike(a: Any, b: Any, eps: float) -> bool:
    if not (numbers(a) and numbers(b)) or a.shape != b.shape:
        return False
    size = float(np.abs(b).max(initial=0.0))
    return bool(np.all(np.abs(a - b) <= _LIKE * eps * size))


def _follows(subject: Subject, array: Array, z: Array) -> bool:
    """Whether the answer follows steps that float32 cannot tell: else it reads float32, or no more.

    Of each entry an eighth of the gap between numbers of float32, and a quarter: twice as far.
    """
    saved, moved = array.copy(), []
    gap = np.nan_to_num(np.spacing(np.abs(saved).astype(np.float32)).astype(np.float64))
    try:
        for step in (gap / 8, gap / 4):
            array[...] = saved + step
            moved.append(subject.forward() - z)
    finally:
        array[...] = saved
    far = float(np.linalg.norm(moved[1]))
    return far > 0 and float(np.linalg.norm(moved[1] - 2 * moved[0])) <= 0.1 * far
