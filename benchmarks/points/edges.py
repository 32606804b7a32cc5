"""Next to a pole, next to where f ends, and exactly there, where one side alone has a slope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.points.problem import Problem, Where, family

Member = tuple[str, Where, Any]

POLES: list[Member] = [
    ("1 / (x - 1) at 1 + 1e-6", 1 + 1e-6, lambda m, x: 1 / (x - 1)),
    ("1 / (x - 1) at 1 - 1e-3", 1 - 1e-3, lambda m, x: 1 / (x - 1)),
    ("tan at pi/2 - 1e-5", np.pi / 2 - 1e-5, lambda m, x: m.tan(x)),
    ("gamma at 1e-6", 1e-6, lambda m, x: m.gamma(x)),
    ("gamma at -0.9999", -0.9999, lambda m, x: m.gamma(x)),
    ("x / (1 - x²) at 0.99999", 0.99999, lambda m, x: x / (1 - x**2)),
    ("log |x - 1| at 1 + 1e-7", 1 + 1e-7, lambda m, x: m.log(np.abs(x - 1))),
    ("1 / (x² + y²) at (1e-4, 2e-4)", np.array([1e-4, 2e-4]), lambda m, x: 1 / np.sum(x**2)),
    ("1 / sin x at 100 pi + 1e-4", 100 * np.pi + 1e-4, lambda m, x: 1 / m.sin(x)),
]

BESIDE: list[Member] = [
    ("sqrt at 1e-8", 1e-8, lambda m, x: m.sqrt(x)),
    ("sqrt(x - 1) at 1 + 1e-9", 1 + 1e-9, lambda m, x: m.sqrt(x - 1)),
    ("log at 1e-12", 1e-12, lambda m, x: m.log(x)),
    ("log(x - 1) at 1 + 1e-9", 1 + 1e-9, lambda m, x: m.log(x - 1)),
    ("arcsin at 1 - 1e-10", 1 - 1e-10, lambda m, x: m.arcsin(x)),
    ("arctanh at 0.9999999", 0.9999999, lambda m, x: m.arctanh(x)),
    ("x log x at 1e-10", 1e-10, lambda m, x: x * m.log(x)),
    ("sqrt(1 - x²) at 1 - 1e-7", 1 - 1e-7, lambda m, x: m.sqrt(1 - x**2)),
    ("entropy at a corner", np.array([1e-9, 1e-3, 0.998999999]),
     lambda m, p: -np.sum(p * m.log(p))),
    ("x^x at 1e-6", 1e-6, lambda m, x: m.exp(x * m.log(x))),
    ("log det of a matrix almost singular", np.array([1.0, 0.9999999, 1.0]),
     lambda m, a: m.log(a[0] * a[2] - a[1] ** 2)),
    ("x^0.3 at 1e-20", 1e-20, lambda m, x: x**0.3),
]  # fmt: skip


def _raising(m: Any, x: Any) -> Any:
    """sqrt(x) by `math`, which raises a ValueError below 0 rather than answer nan."""
    return math.sqrt(x) if isinstance(x, float | np.ndarray) else m.sqrt(x)


def _gone(m: Any, x: Any) -> Any:
    """exp(-1/x), and 0 at 0; it has a slope from above alone."""
    return 0.0 if x == 0 else m.exp(-1 / x)


# name, x, form, the slope of the side on which f is there
AT: list[tuple[str, Where, Any, Any]] = [
    ("x^1.5 at 0", 0.0, lambda m, x: x**1.5, 0.0),
    ("x sqrt x + 2 x at 0", 0.0, lambda m, x: x * m.sqrt(x) + 2 * x, 2.0),
    ("exp(-1/x) at 0", 0.0, _gone, 0.0),
    ("sqrt(x)^5 + 3 x at 0", 0.0, lambda m, x: m.sqrt(x) ** 5 + 3 * x, 3.0),
    ("cos(sqrt x) at 0", 0.0, lambda m, x: m.cos(m.sqrt(x)), -0.5),
    ("sqrt(x) sin(sqrt x) at 0", 0.0, lambda m, x: m.sqrt(x) * m.sin(m.sqrt(x)), 1.0),
    ("(x - 1)^1.5 + 3 x at 1", 1.0, lambda m, x: (x - 1) ** 1.5 + 3 * x, 3.0),
    ("(1 - x²)^1.5 - x at 1", 1.0, lambda m, x: (1 - x**2) ** 1.5 - x, -1.0),
    ("arccos(x)² at 1", 1.0, lambda m, x: m.arccos(x) ** 2, -2.0),
    ("exp of x, and nan below 0", 0.0, lambda m, x: m.exp(x) + 0 * m.sqrt(x), 1.0),
    ("x (x - 1000)^1.5 + x at 1000", 1000.0,
     lambda m, x: (x - 1000) * m.sqrt(x - 1000) * x + x, 1.0),
    ("x^1.5 + sin y at (0, 1)", np.array([0.0, 1.0]), lambda m, x: x[0] ** 1.5 + m.sin(x[1]),
     lambda m, x: np.array([0 * x[0], m.cos(x[1])])),
]  # fmt: skip


def _constant(value: float) -> Any:
    return lambda m, x: x * 0 + value


PROBLEMS: list[Problem] = [
    *family("beside a pole", POLES),
    *family("beside an edge", BESIDE),
    Problem("math.sqrt at 1e-6", "beside an edge", _raising, 1e-6),
    *(
        Problem(name, "at an edge", form, x, slope if callable(slope) else _constant(slope))
        for name, x, form, slope in AT
    ),
]
