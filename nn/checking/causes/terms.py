"""Patterns of what is missing: a term or a factor that is a function of x, output, dout or W."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.causes.evidence import Evidence
from nn.checking.report import Cause

Array = NDArray[np.float64]

_SURE = 1 - 1e-8  # share of the missing numbers that is explained
_LIKELY = 0.9  # correlation that is worth a word
_ALIKE = 0.5  # correlation of a gradient with the true one that says it is part of it


def missing_slope(seen: Evidence) -> Cause | None:
    """Each number on its own: what backward multiplies dout by, and what it should."""
    if not seen.is_input or seen.z.shape != seen.array.shape or not seen.whole:
        return None
    J = seen.jacobian
    if J is None or J.size < 16:
        return None
    slopes = np.diagonal(J)
    if np.abs(J - np.diag(slopes)).max() > 1e-6 * np.abs(J).max():
        return None
    with np.errstate(all="ignore"):
        given = seen.a / seen.dout.ravel()
    x, y = seen.array.astype(np.float64).ravel(), seen.z.ravel()
    said, true = _formula(given, x, y), _formula(slopes, x, y)
    if said and true and said != true:
        return Cause(
            "missing term",
            f"backward multiplies dout by {said}, and the slope is {true}"
            + ", where y is the output" * ("y" in said + true),
        )
    missing = _formula(slopes - given, x, y)
    if missing:
        return Cause("missing term", f"dout * ({missing}) is missing, where y is the output")
    with np.errstate(all="ignore"):
        times = _formula(slopes / given, x, y)
    if times:
        return Cause(
            "missing term", f"a factor {times} is missing, where x is the input and y the output"
        )
    return None


def _formula(slope: Array, x: Array, y: Array) -> str:
    """Return a slope as a short polynomial of x or of y; "" if it is none."""
    if not np.isfinite(slope).all() or len(slope) < 8:
        return ""
    for columns in ((), ("y",), ("x",), ("y", "y²"), ("x", "x²"), ("y", "xy"), ("x", "y")):
        powers = {"x": x, "y": y, "x²": x * x, "y²": y * y, "xy": x * y}
        A = np.stack([np.ones_like(x), *(powers[c] for c in columns)], axis=1)
        if np.linalg.matrix_rank(A) < A.shape[1]:
            continue
        c = np.linalg.lstsq(A, slope, rcond=None)[0]
        if np.abs(A @ c - slope).max() <= 1e-6 * np.abs(slope).max():
            return _polynomial(c, ("", *columns))
    return ""


def _polynomial(c: NDArray[Any], names: tuple[str, ...]) -> str:
    text = ""
    for value, name in zip(c, names, strict=True):
        if abs(value) < 1e-5 * np.abs(c).max():
            continue
        size = f"{abs(value):.4g}"
        term = name if name and size == "1" else f"{size}{name}"
        text += (" - " if value < 0 else " + ") + term
    return text.removeprefix(" + ").strip() or "0"


def _times(seen: Evidence, r: Array, known: Array, name: str) -> str:
    """Say which constant times a known array is missing, and what that often is."""
    c = float((r * known).sum() / (known * known).sum())
    said = f"is {name} itself" if abs(c - 1) < 1e-6 else f"is {c:.4g} times {name}"
    own = name in seen.subject.params and name == seen.name
    return f"{said}: is it the decay of a weight?" if own else said


def around(seen: Evidence) -> Cause | None:
    """What is missing is dout itself."""
    if not (seen.is_input and seen.whole and seen.z.shape == seen.array.shape):
        return None
    if not seen.same(seen.d - seen.a, seen.dout.ravel()):
        return None
    return Cause(
        "missing term",
        f"what is missing from the gradient of {seen.name} is dout itself: a path around the rest,"
        " as of x in x + f(x)",
    )


def missing_paths(seen: Evidence) -> Cause | None:
    """All that backward gives is right, and some ways from an entry to an output are left out."""
    given, true = seen.given_jacobian, seen.jacobian
    if given is None or true is None or not given.any():
        return None
    size = np.abs(true).max()
    missing = (given == 0) & (np.abs(true) > 1e-6 * size)
    if not missing.any() or np.abs(given - true)[~missing].max() > seen.near * size:
        return None
    n, o = (int(i) for i in np.argwhere(missing)[0])
    here = np.unravel_index(n, seen.array.shape)
    there = np.unravel_index(o, seen.z.shape)
    where = f"{seen.name}[{_index(here)}] also moves output [{_index(there)}]"
    if seen.is_input and seen.z.shape == seen.array.shape and np.diagonal(given).any():
        where = f"each output is taken to depend on its own input alone, but {where}"
    return Cause(
        "missing term",
        f"{int(missing.sum())} of the slopes of outputs by {seen.name} are left out: {where}",
    )


def _index(index: tuple[np.intp, ...]) -> str:
    return ", ".join(map(str, index))


def missing_term(seen: Evidence) -> Cause | None:
    """What is missing is made of one or two known things, in all or along an axis."""
    if not seen.whole or not seen.wrong.any() or not np.isfinite(seen.a).all():
        return None
    r = seen.full(seen.d - seen.a)
    for text, parts in _made_of(seen):
        if _explained(r, parts) > _SURE:
            said = _times(seen, r, parts[0][0], text) if parts[0][1] == () else text
            return Cause("missing term", f"what is missing from the gradient of {seen.name} {said}")
    best = max(_correlations(seen, r), key=lambda pair: abs(pair[1]), default=None)
    if int(seen.wrong.sum()) < 4:
        return None
    goes_with = ""
    if best is not None and abs(best[1]) > 0.5:
        goes_with = f"; what is missing goes most with {best[0]}, r = {best[1]:.2f}"
    if best is not None and abs(best[1]) > _LIKELY:
        return Cause(
            "missing term",
            f"the gradient of {seen.name} lacks a term or has one too many{goes_with}",
            guess=True,
        )
    a, d = seen.a - seen.a.mean(), seen.d - seen.d.mean()
    alike = float(a @ d / np.sqrt((a @ a) * (d @ d) or 1.0))
    if alike > _ALIKE and seen.wrong.mean() > 0.5 and not _where_none_is_due(seen):
        return Cause(
            "missing term",
            f"the gradient of {seen.name} correlates with the true one, r = {alike:.2f}, but"
            f" differs: a term is missing{goes_with}",
            guess=True,
        )
    return None


def _where_none_is_due(seen: Evidence) -> bool:
    """Whether backward sends gradients along ways that do not exist: nothing is merely missing."""
    given, true = seen.given_jacobian, seen.jacobian
    if given is None or true is None:
        return False
    least = 1e-6 * np.abs(true).max()
    return bool(((np.abs(given) > least) & (np.abs(true) < 1e-3 * least)).any())


# A term is known by groups within which it is a constant times each of some arrays.
_Parts = list[tuple[Array, tuple[int, ...]]]


def _made_of(seen: Evidence) -> Iterator[tuple[str, _Parts]]:
    shape = seen.array.shape
    known = list(_known(seen))
    for name, array in known:
        yield name, [(array, ())]
    if len(shape) < 2 or not seen.is_input:
        return
    one = np.ones(shape)
    ways = [
        ((0,), "for each sample", "a sum or a mean over its features"),
        ((1,), "for each feature", "a sum or a mean over the batch"),
    ]
    for axes, which, what in ways:
        if one.size // np.prod([shape[a] for a in axes], dtype=int) < 3:
            continue
        yield f"is one number {which}: {what} was left out", [(one, axes)]
        for name, array in known:
            if name == "dout" or name == "a constant":
                continue
            yield (
                f"is one number {which} times {name}: {what} was left out, as in a softmax or"
                " through a variance",
                [(array, axes)],
            )
            yield (
                f"is, {which}, one number plus another times {name}: {what} was left out, through"
                " a mean and a variance",
                [(one, axes), (array, axes)],
            )


def _known(seen: Evidence) -> Iterator[tuple[str, Array]]:
    """Arrays of the shape of the one that is wrong."""
    shape = seen.array.shape
    for name, array in seen.subject.tensors.items():
        if array.shape == shape:
            yield name, array.astype(np.float64)
    if seen.is_input and seen.z.shape == shape:
        yield "the output", seen.z
        yield "dout", seen.dout
        yield "dout times the output", seen.dout * seen.z
        for name, array in seen.subject.inputs.items():
            if array.shape == shape:
                yield f"dout times {name}", seen.dout * array


def _explained(r: Array, parts: _Parts) -> float:
    """Return which share of r is a sum of the parts, with constants of their own in each group."""
    axes = parts[0][1]
    rest = tuple(k for k in range(r.ndim) if k not in axes)
    groups = [
        a.transpose(*axes, *rest).reshape(_groups(r, axes), -1) for a in (r, *(p for p, _ in parts))
    ]
    missing, *columns = groups
    total = float((missing**2).sum())
    if total == 0 or missing.shape[1] <= len(columns) + (1 if axes else 3):
        return 0.0
    left = 0.0
    for k, row in enumerate(missing):
        A = np.stack([c[k] for c in columns], axis=1)
        left += float(((row - A @ np.linalg.lstsq(A, row, rcond=None)[0]) ** 2).sum())
    return 1 - left / total


def _groups(r: Array, axes: tuple[int, ...]) -> int:
    return int(np.prod([r.shape[a] for a in axes], dtype=int))


def _correlations(seen: Evidence, r: Array) -> Iterator[tuple[str, float]]:
    for name, array in _known(seen):
        a, b = array.ravel() - array.mean(), r.ravel() - r.mean()
        size = float(np.sqrt((a @ a) * (b @ b)))
        if size > 0:
            yield name, float(a @ b) / size
