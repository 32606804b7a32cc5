"""The exact gradients: each form read with a hundred digits and more, and differenced there.

    python -m benchmarks.points.exact       writes exact.json; needs mpmath

A central difference with h = 1e-30 |x| is right to far more digits than float64 has: the narrowest
feature that float64 resolves is 1e-16 |x| wide, so truncation is below (1e-14)**2.
"""

from __future__ import annotations

import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.points.problem import EXACT, Point, Problem, flat, unflat
from benchmarks.points.words import BROKEN, UNARY

DIGITS = 120
_STEP = "1e-30"  # of |x|, or of 1 where x is 0
_NAMES = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctanh": "atanh",
          "lgamma": "loggamma"}  # fmt: skip


def high() -> SimpleNamespace:
    """Return the words of a hundred digits, for numbers and arrays of them."""
    mp = import_module("mpmath").mp
    own = {
        "round": mp.nint,
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    }
    return SimpleNamespace(
        **{
            name: np.frompyfunc(own.get(name) or getattr(mp, _NAMES.get(name, name)), 1, 1)
            for name in (*UNARY, *BROKEN)
        }
    )


def exact_vector(problem: Problem) -> list[float]:
    """Return the gradient of `problem` in one row, each entry rounded once, to float64."""
    mp = import_module("mpmath").mp
    m = high()
    with mp.workdps(DIGITS):
        form = problem.truth or problem.form
        row = np.array([mp.mpf(float(value)) for value in flat(problem.x)], dtype=object)
        if problem.slope is not None:
            slopes = problem.slope(m, unflat(row, problem.x))
            return [float(s) for s in _row(slopes, len(row))]
        found = []
        for place in range(len(row)):
            h = (abs(row[place]) or mp.mpf(1)) * mp.mpf(_STEP)
            up, down = row.copy(), row.copy()
            up[place] += h
            down[place] -= h
            difference = form(m, unflat(up, problem.x)) - form(m, unflat(down, problem.x))
            found.append(float(mp.re(difference) / (2 * h)))
        return found


def one_sided(point: Point) -> tuple[list[float], list[float]]:
    """Return the slopes of a kink from both sides, along each entry of x; huge for infinite ones.

    A difference of h = 1e-60 |x|: right to a dozen digits for any f made of smooth pieces.
    """
    mp = import_module("mpmath").mp
    m = high()
    with mp.workdps(2 * DIGITS):
        start = np.asarray(point.x, np.float64)
        row = np.array([mp.mpf(float(v)) - mp.mpf(point.away) for v in start.ravel()], dtype=object)
        sides: tuple[list[float], list[float]] = ([], [])
        for place in range(len(row)):
            h = (abs(row[place]) or mp.mpf(1)) * mp.mpf(_STEP) ** 2
            here = point.form(m, unflat(row, point.x))
            for side, found in zip((-1, 1), sides, strict=True):
                moved = row.copy()
                moved[place] += side * h
                rise = point.form(m, unflat(moved, point.x)) - here
                found.append(float(mp.mpf(rise) / (side * h)))
    return sides


def _row(slopes: Any, size: int) -> list[Any]:
    if isinstance(slopes, dict):
        slopes = np.concatenate([np.ravel(part) for part in slopes.values()])
    return list(np.broadcast_to(np.ravel(slopes), size))


def _listed(part: Any) -> Any:
    return part.tolist() if isinstance(part, np.ndarray) else float(part)


def write() -> None:
    """Compute all gradients and write them, a line a problem."""
    from benchmarks.points import SHARP, SMOOTH

    lines = []
    for problem in [*SMOOTH, *SHARP]:
        gradient = unflat(np.array(exact_vector(problem)), problem.x)
        if isinstance(gradient, dict):
            value = {name: _listed(part) for name, part in gradient.items()}
        else:
            value = _listed(gradient)
        lines.append(f"{json.dumps(problem.name, ensure_ascii=False)}: {json.dumps(value)}")
    EXACT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"written: {EXACT.name}, {len(lines)} gradients")


if __name__ == "__main__":
    write()
