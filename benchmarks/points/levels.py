"""Slopes of zero, small functions on huge constants, and differences that cancel."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.points.problem import Problem, Where, family

Member = tuple[str, Where, Any]

CONSTANT: list[Member] = [
    ("1e6 + sin x", 1.0, lambda m, x: 1e6 + m.sin(x)),
    ("1e8 + x²", 3.0, lambda m, x: 1e8 + x**2),
    ("1e10 + exp x", 1.0, lambda m, x: 1e10 + m.exp(x)),
    ("1e10 + 1e3 sin(x/100)", 20.0, lambda m, x: 1e10 + 1e3 * m.sin(x / 100)),
    ("-1e12 + 1e4 x²", 7.0, lambda m, x: -1e12 + 1e4 * x**2),
    ("1e4 + tanh(50 x)", 0.02, lambda m, x: 1e4 + m.tanh(50 * x)),
    ("1 + 1e-6 sin x", 0.5, lambda m, x: 1 + 1e-6 * m.sin(x)),
    ("1e6 + sum of squares", np.array([1.0, -2.0, 0.5]), lambda m, x: 1e6 + np.sum(x**2)),
]

CANCELLING: list[Member] = [
    ("(1 - cos x)/x² at 1e-3", 1e-3, lambda m, x: (1 - m.cos(x)) / x**2),
    ("(1 - cos x)/x² at 0.1", 0.1, lambda m, x: (1 - m.cos(x)) / x**2),
    ("exp(x) - 1 at 1e-8", 1e-8, lambda m, x: m.exp(x) - 1),
    ("(exp(x) - 1)/x at 1e-4", 1e-4, lambda m, x: (m.exp(x) - 1) / x),
    ("sqrt(x² + 1) - x at 1e4", 1e4, lambda m, x: m.sqrt(x**2 + 1) - x),
    ("(x - 1)^7 expanded at 1.1", 1.1,
     lambda m, x: x**7 - 7 * x**6 + 21 * x**5 - 35 * x**4 + 35 * x**3 - 21 * x**2 + 7 * x - 1),
    ("log(1 + x) at 1e-6", 1e-6, lambda m, x: m.log(1 + x)),
    ("variance as E[x²] - E[x]² about 1e4", 1e4 + np.array([0.3, -0.2, 0.8, -0.5]),
     lambda m, x: np.mean(x**2) - np.mean(x) ** 2),
    ("sin(x) - x at 0.01", 0.01, lambda m, x: m.sin(x) - x),
]  # fmt: skip

# name, x, form: every entry of the gradient is exactly zero
FLAT: list[Member] = [
    ("cos at 0", 0.0, lambda m, x: m.cos(x)),
    ("x^4 at 0", 0.0, lambda m, x: x**4),
    ("x^3 at 0", 0.0, lambda m, x: x**3),
    ("x² at 0", 0.0, lambda m, x: x**2),
    ("(x - 3)² at 3", 3.0, lambda m, x: (x - 3) ** 2),
    ("(x - 1e4)² + 5 at 1e4", 1e4, lambda m, x: (x - 1e4) ** 2 + 5),
    ("x² - y² at 0", np.zeros(2), lambda m, x: x[0] ** 2 - x[1] ** 2),
    ("(x - 2)^4 + 1 at 2", 2.0, lambda m, x: (x - 2) ** 4 + 1),
    ("(x - 2)^3 at 2", 2.0, lambda m, x: (x - 2) ** 3),
    ("exactly constant", np.array([1.0, 1e5]), lambda m, x: 0 * x[0] + 4.2),
    ("rosenbrock at its minimum", np.ones(2),
     lambda m, x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2),
    ("a bell at its top, on 1", 1.0, lambda m, x: 1 + m.exp(-((x - 1) ** 2))),
    ("monkey saddle at 0", np.zeros(2), lambda m, x: x[0] ** 3 - 3 * x[0] * x[1] ** 2),
    ("1e6 cos(1e3 x) at 0", 0.0, lambda m, x: 1e6 * m.cos(1e3 * x)),
]  # fmt: skip


def _partly(m: Any, x: Any) -> Any:
    """One entry matters; one is at a minimum; one does not enter."""
    return m.exp(x[0]) + x[1] ** 2 + 0 * x[2]


PROBLEMS: list[Problem] = [
    *family("small on a huge constant", CONSTANT),
    *family("cancelling", CANCELLING),
    *(Problem(name, "slope of zero", form, x, lambda m, x: x * 0) for name, x, form in FLAT),
    Problem(
        "some entries of zero", "slope of zero", _partly, np.array([0.5, 0.0, 2.0]),
        lambda m, x: np.array([m.exp(x[0]), 0.0, 0.0], dtype=object),
    ),
]  # fmt: skip
