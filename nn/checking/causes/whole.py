"""Patterns in the numbers alone: nothing, a sign, a factor, digits that are lost."""

from __future__ import annotations

import numpy as np

from nn.checking.causes.evidence import Evidence
from nn.checking.report import Cause
from nn.errors import is_finite, nearest


def accumulated(seen: Evidence) -> Cause | None:
    """Each call adds the same again."""
    if seen.name not in seen.found.growing:
        return None
    return Cause(
        "accumulated over calls",
        f"each call of backward adds to the gradient of {seen.name} instead of replacing it: write"
        " `=` where there is `+=`, or begin with zeros",
    )


def never_written(seen: Evidence) -> Cause | None:
    """There is none, or it is zero everywhere."""
    if seen.raw is None:
        if seen.is_input:
            return Cause(
                "never written",
                f"backward gives no gradient of {seen.name}: is its `return` missing?",
            )
        grads = getattr(getattr(seen.subject, "thing", None), "grads", None)
        given = [k for k in grads if k not in seen.subject.slots] if isinstance(grads, dict) else []
        hint = nearest(seen.name, given).removesuffix("?") + " there?" if given else ""
        return Cause("never written", f"backward never writes the gradient of {seen.name}{hint}")
    raw = np.asarray(seen.raw)
    if raw.dtype.kind in "fiub" and raw.size and not raw.any():
        if raw.dtype.kind in "iu":
            return _whole_numbers(seen, raw)
        return Cause(
            "never written",
            f"the gradient of {seen.name} is zero everywhere: it was never written, or written into"
            " a copy",
        )
    return None


def left_out(seen: Evidence) -> Cause | None:
    """Some entries were never written."""
    if not (seen.wrong.any() and (seen.a[seen.wrong] == 0).all()):
        return None
    where = _where(seen)
    return Cause(
        "never written",
        f"the gradient of {seen.name} is zero{where}, and should not be: a loop that ends too soon,"
        " or an index that leaves something out",
    )


def _where(seen: Evidence) -> str:
    """Say where the wrong entries lie, if it is one entry, or all of one row, column or slice."""
    index = np.unravel_index(seen.places[seen.wrong], seen.array.shape)
    count = int(seen.wrong.sum())
    if count == 1:
        return f" in {seen.name}[{', '.join(str(i[0]) for i in index)}]"
    every = np.unravel_index(seen.places[seen.d != 0], seen.array.shape)
    for axis, i in enumerate(index):
        if len(index) > 1 and len(np.unique(i)) == 1 and (every[axis] == i[0]).sum() == count:
            place = ", ".join(str(i[0]) if k == axis else ":" for k in range(len(index)))
            return f" in {seen.name}[{place}]"
    return f" in {count} entries"


def not_finite(seen: Evidence) -> Cause | None:
    """Nan or infinite."""
    bad = ~np.isfinite(seen.a) & seen.wrong
    if seen.part.problem or not bad.any():
        return None
    return Cause(
        "not finite",
        f"backward gives {seen.a[bad][0]} where the slope is finite: a division by zero, 0 * inf or"
        " the logarithm of 0",
    )


def precision(seen: Evidence) -> Cause | None:
    """Digits are lost to float32, float16 or whole numbers."""
    raw = np.asarray(seen.raw)
    if raw.dtype.kind in "iu":
        return _whole_numbers(seen, raw)
    if raw.dtype.kind != "f" or not np.isfinite(seen.a).all():
        return None
    whole = (seen.a == np.trunc(seen.a)).all() and (seen.d != np.trunc(seen.d)).any()
    if whole and (np.abs(seen.a - seen.d) < 1).all() and seen.a.any():
        return _whole_numbers(seen, raw)
    a, d = seen.a[seen.wrong], seen.d[seen.wrong]
    clear = np.abs(d) > 1e-3 * seen.size
    if not a.any() or not clear.any():
        return None
    off = float((np.abs(a - d)[clear] / np.abs(d)[clear]).max())
    for narrow, few in ((np.float32, 2e-6), (np.float16, 4e-3)):
        rounded = bool((a.astype(narrow).astype(np.float64) == a).all()) and len(a) > 2
        slight = narrow is np.float32 and (len(a) > 2 or off < 2e-7)
        spoilt = raw.dtype == narrow or rounded or slight
        if spoilt and off < few and seen.near < few:
            name = np.dtype(narrow).name
            return Cause(
                "precision lost",
                f"the gradient of {seen.name} has the digits of {name} alone, everything else is"
                f" float64: look for astype, dtype= or an array made as {name}",
            )
    return None


def _whole_numbers(seen: Evidence, raw: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Cause:
    kind = f"is {raw.dtype}" if raw.dtype.kind in "iu" else "holds whole numbers only"
    return Cause(
        "precision lost",
        f"the gradient of {seen.name} {kind}: what comes after the point is cut off; zeros_like of"
        " whole numbers makes whole numbers",
    )


_ONE = 1e-5  # a factor nearer to 1 is none that anyone forgets


def factor(seen: Evidence) -> Cause | None:
    """All that is wrong is off by one factor."""
    c = common_factor(seen)
    if c is None:
        return None
    count = int(seen.wrong.sum())
    looked = "entries" if seen.whole else "entries looked at"
    of = f"{count} of {len(seen.wrong)} {looked}" if count < _significant(seen) else "it all"
    if abs(c + 1) < 1e-6 + seen.near:
        return Cause(
            "sign",
            f"the gradient of {seen.name} has the wrong sign in {of}: a minus is missing, or is one"
            " too many",
        )
    if count == 1 and len(seen.wrong) > 1:
        return None if abs(c) > 16 else Cause(
            "constant factor", f"one entry is {c:.12g} times what it should be"
        )  # fmt: skip
    return Cause(
        "constant factor",
        f"the gradient of {seen.name} is {_amount(c)} times what it should be{_meaning(seen, c)}",
    )


def common_factor(seen: Evidence) -> float | None:
    """Return c where wrong entries are c times what they should be, and other than 0."""
    a, d = seen.a[seen.wrong], seen.d[seen.wrong]
    if not len(a) or not np.isfinite(a).all() or not np.isfinite(d).all() or not d.any():
        return None
    c = float(a @ d / (d @ d))
    if c == 0 or not seen.same(a, c * d):
        return None
    largest = np.abs(d) >= 1e-3 * np.abs(d).max()
    ratios = a[largest] / d[largest]
    apart = min(1e3 * seen.near * abs(c), 0.1 * abs(c - 1))  # near 1 it must be constant indeed
    return c if np.ptp(ratios) <= apart and abs(c - 1) > _ONE else None


def _significant(seen: Evidence) -> int:
    """Number of entries in which a factor would show."""
    return int((np.abs(seen.d) > seen.part.bound).sum())


def _candidates(seen: Evidence) -> list[tuple[float, str, str]]:
    """Factors that have names: value, name, meaning."""
    n, outputs = seen.samples, seen.found.z.size
    mean = ": the mean over the batch is taken where the sum is, or the other way round"
    found = [(2.0, "", ""), (0.5, "", "")]
    if n > 1:
        found = [(float(n), "the number of samples N", mean), *found]
        found.insert(1, (1 / n, "one over the number of samples N", mean))
    over = ": a mean over the outputs is taken where the sum is, or the other way round"
    if outputs > 1 and n and outputs // n > 1:
        for count, name in ((outputs // n, "outputs of a sample"), (outputs, "outputs")):
            found += [(float(count), f"the number of {name}", over)]
            found += [(1 / count, f"one over the number of {name}", over)]
    if n and seen.is_input and seen.array.size // n > 1:
        own = seen.array.size // n
        found += [(float(own), "the number of features", over)]
        found += [(1 / own, "one over the number of features", over)]
    thing = getattr(seen.subject, "thing", None)
    for key, value in getattr(thing, "__dict__", {}).items():
        if is_finite(value) and value not in (0, 1):
            for power, text in ((1, key), (-1, f"1/{key}"), (2, f"{key}²"), (-2, f"1/{key}²")):
                found.append((float(value) ** power, text, f": {key} is {value:.6g}"))
            if 0 < value < 1:
                found += [(1 - value, f"1 - {key}", ""), (1 / (1 - value), f"1/(1 - {key})", "")]
    return found


def _amount(c: float) -> str:
    """Return a factor as a person would write it: 8, -1/8, 0.7071."""
    for text, size in (("{:.0f}", abs(c)), ("1/{:.0f}", 1 / abs(c))):
        if abs(size - round(size)) < 1e-9 * size and round(size) <= 10_000:
            return ("-" if c < 0 else "") + text.format(size)
    return f"{c:.12g}"


def _meaning(seen: Evidence, c: float) -> str:
    """Say what a factor is, where it has a name, and what that means."""
    near = 10 * seen.near
    for value, name, meaning in _candidates(seen):
        if abs(abs(c) - value) <= near * value:
            return f"{', ' * bool(name)}{name}{meaning}"
    return ": a constant is missing, or is one too many"
