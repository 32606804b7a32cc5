"""Functions of textbooks, at ordinary points."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from benchmarks.points.problem import Problem, Where, family, spread


def _rosenbrock(m: Any, x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _himmelblau(m: Any, x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def _ackley(m: Any, x: Any) -> Any:
    bowl = -20 * m.exp(-0.2 * m.sqrt(np.mean(x**2)))
    return bowl - m.exp(np.mean(m.cos(2 * np.pi * x))) + 20 + np.e


def _rastrigin(m: Any, x: Any) -> Any:
    return 10 * len(x) + np.sum(x**2 - 10 * m.cos(2 * np.pi * x))


def _beale(m: Any, x: Any) -> Any:
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def _bessel(m: Any, x: Any) -> Any:
    """J0 by its series, 40 terms."""
    term = total = x * 0 + 1
    for k in range(1, 40):
        term = -term * (x / 2) ** 2 / k**2
        total = total + term
    return total


def _horner(m: Any, x: Any) -> Any:
    return reduce(lambda sum_, c: sum_ * x + c, [3.0, -2.0, 0.5, 7.0, -1.0, 4.0])


def _mixture(m: Any, x: Any) -> Any:
    """Negative log-likelihood of a mean and a log of a width."""
    data = spread(5, seed=41, scale=2.0)
    return np.sum((data - x[0]) ** 2 / (2 * m.exp(2 * x[1])) + x[1])


def _quotient(m: Any, x: Any) -> Any:
    return (x**3 - 2 * x + 1) / (x**2 + 1)


def _logistic_map(m: Any, x: Any) -> Any:
    """Twelve steps of the logistic map: a polynomial of degree 4096."""
    for _ in range(12):
        x = 3.7 * x * (1 - x)
    return x


def _pendulum(m: Any, x: Any) -> Any:
    """Angle of a pendulum after 20 steps of 0.05, by its angle and speed at the start."""
    angle, speed = x[0], x[1]
    for _ in range(20):
        speed = speed - 0.05 * m.sin(angle)
        angle = angle + 0.05 * speed
    return angle


CLASSICS: list[tuple[str, Where, Any]] = [
    ("0.01 x² + 0.1 x at 5", 5.0, lambda m, x: 0.01 * x**2 + 0.1 * x),
    ("3 x - 7", 2.5, lambda m, x: 3 * x - 7),
    ("polynomial of degree 5", 1.3, _horner),
    ("x^10 at 0.9", 0.9, lambda m, x: x**10),
    ("sum of squares", np.array([3.0, 4.0]), lambda m, x: np.sum(x**2)),
    ("rosenbrock", np.array([-1.2, 1.0, 0.7]), _rosenbrock),
    ("himmelblau", np.array([0.5, -2.0]), _himmelblau),
    ("ackley", np.array([1.1, -0.7]), _ackley),
    ("rastrigin", np.array([0.3, -2.6, 1.2]), _rastrigin),
    ("beale", np.array([1.0, 1.0]), _beale),
    ("exp at 1", 1.0, lambda m, x: m.exp(x)),
    ("exp at 30", 30.0, lambda m, x: m.exp(x)),
    ("exp at -30", -30.0, lambda m, x: m.exp(x)),
    ("sin at 1", 1.0, lambda m, x: m.sin(x)),
    ("log at 3", 3.0, lambda m, x: m.log(x)),
    ("exp(sin x) at 2", 2.0, lambda m, x: m.exp(m.sin(x))),
    ("exp(-x²) at 3", 3.0, lambda m, x: m.exp(-(x**2))),
    ("arctan at 5", 5.0, lambda m, x: m.arctan(x)),
    ("erf at 0.5", 0.5, lambda m, x: m.erf(x)),
    ("erf at 4", 4.0, lambda m, x: m.erf(x)),
    ("gamma at 4.5", 4.5, lambda m, x: m.gamma(x)),
    ("log gamma at 100", 100.0, lambda m, x: m.lgamma(x)),
    ("J0 by its series at 3", 3.0, _bessel),
    ("J0 by its series at 12, cancelling", 12.0, _bessel),
    ("x^x at 1.5", 1.5, lambda m, x: m.exp(x * m.log(x))),
    ("x^x at 20", 20.0, lambda m, x: x**x),
    ("rational", 1.7, _quotient),
    ("runge 1 / (1 + 25 x²)", 0.3, lambda m, x: 1 / (1 + 25 * x**2)),
    ("normal likelihood", np.array([0.3, -0.4]), _mixture),
    ("determinant", spread(3, 3, seed=42),
     lambda m, a: a[0] @ np.array([a[1, (i + 1) % 3] * a[2, (i + 2) % 3]
                                   - a[1, (i + 2) % 3] * a[2, (i + 1) % 3] for i in range(3)])),
    ("logistic map, 12 steps", 0.3, _logistic_map),
    ("pendulum, 20 steps", np.array([0.8, 0.2]), _pendulum),
    ("sinc at 4", 4.0, lambda m, x: m.sin(x) / x),
    ("product of five", np.array([0.5, 1.5, -2.0, 0.1, 3.0]), lambda m, x: np.prod(x)),
]  # fmt: skip

PROBLEMS: list[Problem] = family("classical", CLASSICS)
