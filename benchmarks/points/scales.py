"""Where the length over which f changes is nothing like |x|, or the numbers are huge or tiny."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.points.problem import Problem, Where, family, spread
from benchmarks.points.words import sigmoid

Member = tuple[str, Where, Any]

OSCILLATING: list[Member] = [
    ("sin at 1e4", 1e4, lambda m, x: m.sin(x)),
    ("sin at 1e6", 1e6, lambda m, x: m.sin(x)),
    ("sin at 1e8", 1e8, lambda m, x: m.sin(x)),
    ("sin at -3e10", -3e10, lambda m, x: m.sin(x)),
    ("cos(3 x) + sin x at 1e5", 1e5, lambda m, x: m.cos(3 * x) + m.sin(x)),
    ("exp(sin x) at 2e6", 2e6, lambda m, x: m.exp(m.sin(x))),
    ("sin x sin y at (1e5, 1)", np.array([1e5, 1.0]), lambda m, x: m.sin(x[0]) * m.sin(x[1])),
    ("sin(x²) at 300", 300.0, lambda m, x: m.sin(x**2)),
]

STRETCHED: list[Member] = [
    ("(x/1e6)² at 1", 1.0, lambda m, x: (x / 1e6) ** 2),
    ("(x/1e6)² at 3e6", 3e6, lambda m, x: (x / 1e6) ** 2),
    ("sin(x/1e8) at 1", 1.0, lambda m, x: m.sin(x / 1e8)),
    ("sin(x/1e8) at 2e8", 2e8, lambda m, x: m.sin(x / 1e8)),
    ("sin(x/1e8) at 0", 0.0, lambda m, x: m.sin(x / 1e8)),
    ("exp(x/1e5) at 3", 3.0, lambda m, x: m.exp(x / 1e5)),
    ("1 / (1 + (x/1e4)²) at 1", 1.0, lambda m, x: 1 / (1 + (x / 1e4) ** 2)),
    ("tanh(x/1e3) at 1e-3", 1e-3, lambda m, x: m.tanh(x / 1e3)),
    ("log(1e6 + x) at 1e-4", 1e-4, lambda m, x: m.log(1e6 + x)),
]

NARROW: list[Member] = [
    ("tanh(1e6 (x - 1)) at 1 + 3e-7", 1 + 3e-7, lambda m, x: m.tanh(1e6 * (x - 1))),
    ("tanh(1e4 (x - 5)) at 5", 5.0, lambda m, x: m.tanh(1e4 * (x - 5))),
    ("a bell of width 1e-5 on its flank", 1 + 7e-6,
     lambda m, x: m.exp(-(((x - 1) / 1e-5) ** 2))),
    ("a bell of width 1e-3 on its flank, at 100", 100.0008,
     lambda m, x: m.exp(-(((x - 100) / 1e-3) ** 2))),
    ("sin(1e6 x) at 1", 1.0, lambda m, x: m.sin(1e6 * x)),
    ("sin(1e3 x) at 10", 10.0, lambda m, x: m.sin(1e3 * x)),
    ("a line of width 1e-6", 2 + 5e-7, lambda m, x: 1 / (1 + ((x - 2) / 1e-6) ** 2)),
    ("x + 1e-3 sin(1e4 x)", 1.0, lambda m, x: x + 1e-3 * m.sin(1e4 * x)),
    ("x² + 1e-6 sin(1e5 x)", 0.7, lambda m, x: x**2 + 1e-6 * m.sin(1e5 * x)),
    ("sigmoid(1e5 (x - 1)) + x at 1 + 2e-5", 1 + 2e-5, lambda m, x: sigmoid(m, 1e5 * (x - 1)) + x),
    ("sin(1e5 x) at 0.3 and sin y", np.array([0.3, 0.3]),
     lambda m, x: m.sin(1e5 * x[0]) + m.sin(x[1])),
    ("exp(-1e4 x) at 1e-5", 1e-5, lambda m, x: m.exp(-1e4 * x)),
]  # fmt: skip

MAGNITUDE: list[Member] = [
    ("1e-200 sin x", 1.0, lambda m, x: 1e-200 * m.sin(x)),
    ("1e200 sin x", 1.0, lambda m, x: 1e200 * m.sin(x)),
    ("1e-290 exp x", 2.0, lambda m, x: 1e-290 * m.exp(x)),
    ("x² at 1e-150", 1e-150, lambda m, x: x**2),
    ("sin at 1e-150", 1e-150, lambda m, x: m.sin(x)),
    ("x / 1e-120 at 3e-120", 3e-120, lambda m, x: (x / 1e-120) ** 3),
    ("x² at 1e100", 1e100, lambda m, x: x**2),
    ("log at 1e100", 1e100, lambda m, x: m.log(x)),
    ("sqrt at 1e200", 1e200, lambda m, x: m.sqrt(x)),
    ("exp at 700", 700.0, lambda m, x: m.exp(x)),
    ("exp at -700", -700.0, lambda m, x: m.exp(x)),
    ("x^3 at 1e-8", 1e-8, lambda m, x: x**3),
    ("1 / x at 1e-9", 1e-9, lambda m, x: 1 / x),
]

_SIZES = np.array([1e-6, 1.0, 1e6])


def _own_sizes(m: Any, x: Any) -> Any:
    """Each entry matters as much as the others, in its own unit."""
    z = x / _SIZES
    return np.sum(m.sin(z)) + z[0] * z[1] * z[2]


def _of_dict(m: Any, x: Any) -> Any:
    return m.sin(x["tiny"][0] * 1e9) * m.cos(x["huge"][0] / 1e3) + np.sum(x["tiny"] * 1e9) ** 2


def _physics(m: Any, x: Any) -> Any:
    """Planck's law, up to a constant, by frequency (1e14) and temperature (1e3)."""
    return (x[0] / 1e14) ** 3 / m.expm1(4.799243e-11 * x[0] / x[1])


APART: list[Member] = [
    ("three units, twelve orders apart", np.array([0.7e-6, 1.1, 0.4e6]), _own_sizes),
    ("a dict, twelve orders apart",
     {"tiny": np.array([0.4e-9, 0.9e-9]), "huge": np.array([1.3e3])}, _of_dict),
    ("sin x + sin(1e6 y) + sin(z/1e6)", np.array([0.5, 0.5, 0.5]),
     lambda m, x: m.sin(x[0]) + m.sin(1e6 * x[1]) / 1e6 + 1e6 * m.sin(x[2] / 1e6)),
    ("planck's law", np.array([3e14, 5800.0]), _physics),
    ("x y with 1e8 and 1e-8", np.array([1e8, 1e-8]), lambda m, x: x[0] * x[1] + m.sin(x[0] * x[1])),
    ("weights of 1e-12 to 1", np.array([1e-12, 1e-6, 1.0]),
     lambda m, x: m.exp(np.sum(x * np.array([1e12, 1e6, 1.0]) * spread(3, seed=51)))),
    ("a column of 1e5 and one of 1e-5", {"w": np.array([2e-6, 3e4]), "b": np.array([0.1])},
     lambda m, p: m.tanh(p["w"][0] * 1e5 + p["w"][1] * 1e-5 + p["b"][0])),
]  # fmt: skip

PROBLEMS: list[Problem] = [
    *family("oscillating at large x", OSCILLATING),
    *family("stretched", STRETCHED),
    *family("narrower than |x|", NARROW),
    *family("huge and tiny", MAGNITUDE),
    *family("orders apart", APART),
]
