"""Every gradient beside its differences: the table of a report, its causes, its verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.answers import numbers
from nn.checking.asking import Entries
from nn.checking.behaviour import Behaviour
from nn.checking.beside import look_beside
from nn.checking.causes import Evidence, find_cause
from nn.checking.digits import SINGLE, of_dtype, of_numbers
from nn.checking.directions import judge_directions
from nn.checking.entrywise import judge_entries
from nn.checking.memory import Memory
from nn.checking.promotion import promote
from nn.checking.report import Report
from nn.checking.strangers import strangers
from nn.checking.subject import Subject
from nn.checking.table import Checked

Array = NDArray[Any]

_SHOWN = 24  # entries of a large array that has no gradient at all: whether any slope is not 0
_NUMBERS = 40_000_000  # through forward for one step of all entries of an array


def compare(
    subject: Subject,
    found: Behaviour,
    report: Report,
    memory: Memory,
    most: int,
    rng: np.random.Generator,
    progress: Callable[[int], object] | None,
) -> None:
    """Fill the table of a report, and its causes and verdict."""
    narrow = _eps(subject, found) > SINGLE
    found, memory = promote(subject, memory, found, rng)
    eps = {name: _eps(subject, found) for name in subject.tensors}
    if narrow:  # then backward may be, too
        given = {n: g for n, g in found.gradients.items() if numbers(g) and n in eps}
        eps |= {name: max(eps[name], of_numbers(g)) for name, g in given.items()}
    size = found.z.size + sum(array.size for array in subject.tensors.values())
    for name, array in subject.tensors.items():
        if not np.isfinite(array).any() or _left_out(subject, found, name):
            continue
        entries = Entries(subject, found, name)
        few = _few(entries, most, size)
        part = _judge(entries, found.gradients.get(name), eps[name], few, most, rng, progress)
        if part.verdict == "right" and name in found.unequal:
            part = _judge(entries, found.unequal[name], eps[name], few, most, rng, progress)
        else:
            look_beside(subject, found, part, eps[name], rng)
        report.table.append(part)
    for part in report.table:
        if part.verdict == "wrong":
            cause = find_cause(Evidence(subject, found, part, report.table, memory, eps[part.name]))
            if cause is not None:
                report.causes[part.name] = cause
    unknown = strangers(subject, memory.arrays, found)
    if unknown:
        report.notes.append(
            f"{' and '.join(unknown)} move{'s' if len(unknown) == 1 else ''} the answer, and no"
            " gradient of that was looked for; if it is learnt, name it: params={...}, grads={...}"
        )
    report.notes += [
        f"{part.name} is all ones: a forgotten factor {part.name} would not show; give it other"
        " numbers"
        for part in report.table
        if part.verdict == "right" and (subject.tensors[part.name] == 1).all()
    ]
    verdicts = {part.verdict for part in report.table}
    report.verdict = next(
        (v for v in ("wrong", "undecided") if v in verdicts),
        "right",
    )


def _eps(subject: Subject, found: Behaviour) -> float:
    """Return the rounding error of the numbers that gradients are made of."""
    return max(found.eps, *map(of_dtype, subject.tensors.values()))


def _left_out(subject: Subject, found: Behaviour, name: str) -> bool:
    """Whether backward means to give no gradient: of whole numbers, such as lengths."""
    whole = name in subject.given and subject.given[name].dtype.kind != "f"
    if not (whole and found.gradients.get(name) is None):
        return False
    found.notes.append(f"{name} holds whole numbers and has no gradient, so it was not looked at")
    return True


def _judge(
    entries: Entries,
    given: Any,
    eps: float,
    few: bool,
    most: int,
    rng: np.random.Generator,
    progress: Callable[[int], object] | None,
) -> Checked:
    """Compare the gradient of one array."""
    array = entries.array
    analytic, problem = _comparable(entries.name, given, array)
    if not (problem or few):
        part = judge_directions(entries, analytic, eps, rng)
        if progress is not None:
            progress(array.size)
        return part
    places = np.flatnonzero(np.isfinite(array))  # a mask of -inf cannot be nudged
    places = places[:most] if few else np.sort(rng.permutation(places)[:_SHOWN])
    part = judge_entries(entries, analytic, eps, places, progress)
    if problem and (part.numeric != 0).any():
        part.problem = problem
        part.verdicts[:] = np.where(part.numeric != 0, "wrong", part.verdicts)
    return part


def _few(entries: Entries, most: int, numbers: int) -> bool:
    """Whether an array has few enough entries for each to be looked at alone.

    By their number, and by the numbers that go through forward for them; never by the clock.
    """
    size = entries.array.size
    return size <= most and size // entries.samples * numbers <= _NUMBERS


def not_finite(subject: Subject, found: Behaviour) -> str:
    """Say where an answer is not finite."""
    bad = np.argwhere(~np.isfinite(found.z))[0].tolist()
    return (
        f"forward answers {found.z[tuple(bad)]} at output {bad}, so there is no slope; give an x"
        f" that {subject.title} has finite answers to"
    )


def _comparable(name: str, given: Any, array: Array) -> tuple[Array, str]:
    """Return a gradient in the shape of its array, and what is wrong where it has another."""
    nothing = np.zeros(array.shape)
    if given is None:
        return nothing, f"backward gives no gradient of {name}"
    g = np.asarray(given)
    if g.dtype.kind not in "fiub":
        return nothing, f"backward gives no numbers for {name}"
    if g.shape == array.shape or g.size == array.size == 1:
        return g.astype(np.float64).reshape(array.shape), ""
    return np.full(array.shape, np.nan), (
        f"the gradient of {name} has shape {g.shape}, and {name} has {array.shape}"
    )
