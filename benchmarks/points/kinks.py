"""Points without a slope, with the slopes of both sides; and points right beside one."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.points.problem import Array, Point

INF = float("inf")


def relu(m: Any, x: Any) -> Any:
    """max(x, 0)."""
    return np.maximum(x, 0)


def _huber_without_care(m: Any, x: Any) -> Any:
    """x²/2 up to 1, then |x| - 0.4: the pieces do not meet."""
    return x**2 / 2 if abs(x) <= 1 else abs(x) - 0.4


def _selu(m: Any, x: Any) -> Any:
    return 1.05070098 * (x if x > 0 else 1.67326324 * m.expm1(x))


def _triangle(m: Any, x: Any) -> Any:
    """A wave of period 2, with a corner at each whole number."""
    return np.abs(x - 2 * m.floor(x / 2) - 1)


# name, x, form, left, right
CORNERS: list[tuple[str, float, Any, float, float]] = [
    ("relu at 0", 0.0, relu, 0, 1),
    ("abs at 0", 0.0, lambda m, x: np.abs(x), -1, 1),
    ("leaky relu at 0", 0.0, lambda m, x: np.maximum(x, 0.01 * x), 0.01, 1),
    ("selu at 0", 0.0, _selu, 1.05070098 * 1.67326324, 1.05070098),
    ("relu6 at 6", 6.0, lambda m, x: np.minimum(np.maximum(x, 0), 6), 1, 0),
    ("clip to [-1, 1] at -1", -1.0, lambda m, x: np.minimum(np.maximum(x, -1), 1), 0, 1),
    ("clip to [0, 1e-6] at 0", 0.0, lambda m, x: np.minimum(np.maximum(x, 0), 1e-6), 0, 1),
    ("hinge loss at 1", 1.0, lambda m, x: np.maximum(0, 1 - x), -1, 0),
    ("hard sigmoid at 2", 2.0, lambda m, x: np.minimum(np.maximum(x / 4 + 0.5, 0), 1), 0.25, 0),
    ("hard tanh of 8 x at 0.125", 0.125, lambda m, x: np.minimum(np.maximum(8 * x, -1), 1), 8, 0),
    ("max(x, x²) at 1", 1.0, lambda m, x: np.maximum(x, x**2), 1, 2),
    ("max(sin x, 0) at 0", 0.0, lambda m, x: np.maximum(m.sin(x), 0), 0, 1),
    ("min(x, 2 - x) at 1", 1.0, lambda m, x: np.minimum(x, 2 - x), 1, -1),
    ("quantile loss at 0", 0.0, lambda m, x: np.maximum(0.9 * x, -0.1 * x), -0.1, 0.9),
    ("abs of sin at 0", 0.0, lambda m, x: np.abs(m.sin(x)), -1, 1),
    ("|x³ - 8| at 2", 2.0, lambda m, x: np.abs(x**3 - 8), -12, 12),
    ("exp(-|x|) at 0", 0.0, lambda m, x: m.exp(-np.abs(x)), 1, -1),
    ("triangle wave at 7", 7.0, _triangle, -1, 1),
    ("relu(x - 1) at 1", 1.0, lambda m, x: np.maximum(x - 1, 0), 0, 1),
    ("|x - 1e3| at 1e3", 1e3, lambda m, x: np.abs(x - 1e3), -1, 1),
    ("|x - 1e6| at 1e6", 1e6, lambda m, x: np.abs(x - 1e6), -1, 1),
    ("relu(x + 1e6) at -1e6", -1e6, lambda m, x: np.maximum(x + 1e6, 0), 0, 1),
    ("|x| on 100", 0.0, lambda m, x: 100 + np.abs(x), -1, 1),
    ("|x - 1| + x² at 1", 1.0, lambda m, x: np.abs(x - 1) + x**2, 1, 3),
    ("x |x - 3| at 3", 3.0, lambda m, x: x * np.abs(x - 3), -3, 3),
    ("1e8 relu at 0", 0.0, lambda m, x: 1e8 * np.maximum(x, 0), 0, 1e8),
    ("1e-8 relu at 0", 0.0, lambda m, x: 1e-8 * np.maximum(x, 0), 0, 1e-8),
    ("1e6 |x - 1| at 1", 1.0, lambda m, x: 1e6 * np.abs(x - 1), -1e6, 1e6),
    ("1e-200 |x| at 0", 0.0, lambda m, x: 1e-200 * np.abs(x), -1e-200, 1e-200),
    ("sin x + |x|/100 at 0", 0.0, lambda m, x: m.sin(x) + np.abs(x) / 100, 0.99, 1.01),
    ("exp x + 1e-4 |x| at 0", 0.0, lambda m, x: m.exp(x) + 1e-4 * np.abs(x), 1 - 1e-4, 1 + 1e-4),
    ("x² + 1e-5 |x - 1| at 1", 1.0, lambda m, x: x**2 + 1e-5 * np.abs(x - 1), 2 - 1e-5, 2 + 1e-5),
    ("0 below 0, x² + 3 x above", 0.0, lambda m, x: x**2 + 3 * x if x > 0 else 0 * x, 0, 3),
    ("sqrt(x²) at 0", 0.0, lambda m, x: m.sqrt(x**2), -1, 1),
    ("relu(sin(1e3 x)) at 0", 0.0, lambda m, x: np.maximum(m.sin(1e3 * x), 0), 0, 1e3),
]  # fmt: skip

UPRIGHT: list[tuple[str, float, Any, float, float]] = [
    ("sqrt |x| at 0", 0.0, lambda m, x: m.sqrt(np.abs(x)), -INF, INF),
    ("cbrt at 0", 0.0, lambda m, x: m.cbrt(x), INF, INF),
    ("|x|^0.9 at 0", 0.0, lambda m, x: np.abs(x) ** 0.9, -INF, INF),
    ("cbrt(x - 2) + x at 2", 2.0, lambda m, x: m.cbrt(x - 2) + x, INF, INF),
    ("relu(x)^0.5 at 0", 0.0, lambda m, x: m.sqrt(np.maximum(x, 0)), 0, INF),
]

JUMPS: list[tuple[str, float, Any, float, float]] = [
    ("sign at 0", 0.0, lambda m, x: m.sign(x), INF, INF),
    ("step at 0", 0.0, lambda m, x: 1.0 * (x >= 0), INF, 0),
    ("step down at 3", 3.0, lambda m, x: 1.0 * (x <= 3), 0, -INF),
    ("floor at 2", 2.0, lambda m, x: m.floor(x), INF, 0),
    ("round at 0.5", 0.5, lambda m, x: m.round(x), 0, INF),
    ("x - floor x at 1", 1.0, lambda m, x: x - m.floor(x), -INF, 1),
    ("x sign(x - 1) at 1", 1.0, lambda m, x: x * m.sign(x - 1), INF, INF),
    ("sin x and a step of 1e-3 at 1", 1.0, lambda m, x: m.sin(x) + 1e-3 * (x > 1),
     0.5403023058681398, INF),
    ("x and a step of 1e-6 at 0", 0.0, lambda m, x: x + 1e-6 * (x >= 0), INF, 1),
    ("pieces that do not meet at 1", 1.0, _huber_without_care, 1, INF),
    ("step of 1e5 at 1e5", 1e5, lambda m, x: 1e5 * (x >= 1e5), INF, 0),
]  # fmt: skip


def _net(m: Any, w: Any) -> Any:
    """A relu unit whose sum is exactly 0, one that is on, one that is off; squares of the error."""
    z = np.array([2 * w[0] + w[1], w[0] + 3.0, w[1] - 2.0])
    return (np.sum(np.maximum(z, 0)) - 1) ** 2


_POOLED = np.array([[0.3, 2.0], [2.0, -1.0]])

# name, x, form, left, right; a side of every entry
ARRAYS: list[tuple[str, Array, Any, tuple[float, ...], tuple[float, ...]]] = [
    ("max(x, y) at (1, 1)", np.ones(2), lambda m, x: np.maximum(x[0], x[1]), (0, 0), (1, 1)),
    ("max(x², y) at (2, 4)", np.array([2.0, 4.0]), lambda m, x: np.maximum(x[0] ** 2, x[1]),
     (0, 0), (4, 1)),
    ("l1 norm, two entries of 0", np.array([0.0, 1.0, -2.0, 0.0]), lambda m, x: np.sum(np.abs(x)),
     (-1, 1, -1, -1), (1, 1, -1, 1)),
    ("squares and an l1 penalty", np.array([0.0, 0.5]),
     lambda m, x: np.sum((x - 1) ** 2) + 0.1 * np.sum(np.abs(x)), (-2.1, -0.9), (-1.9, -0.9)),
    ("max pool, two the largest", _POOLED, lambda m, x: np.max(x), (0, 0, 0, 0), (0, 1, 1, 0)),
    ("relu net, a unit at exactly 0", np.array([0.5, -1.0]), _net, (5, 0), (15, 5)),
    ("largest difference of neighbours", np.array([0.0, 1.0, 2.0]),
     lambda m, x: np.max(np.abs(x[1:] - x[:-1])), (-1, -1, 0), (0, 1, 1)),
    ("relu in one entry, sin in others", np.array([0.3, 0.0, 1e4]),
     lambda m, x: m.sin(x[0]) + np.maximum(x[1], 0) + m.sin(x[2]),
     (0.955336489125606, 0, -0.9521553682590215), (0.955336489125606, 1, -0.9521553682590215)),
    ("euclidean norm at 0", np.zeros(2), lambda m, x: m.sqrt(np.sum(x**2)), (-1, -1), (1, 1)),
    ("median of three, two alike", np.array([1.0, 1.0, 3.0]), lambda m, x: np.sort(x)[1],
     (0, 0, 0), (1, 1, 0)),
]  # fmt: skip


def _from(kink: float, form: Any, left: float, right: float, *away: float) -> list[Point]:
    """The points at these distances from a kink, as far as floats can be."""
    found = []
    for distance in away:
        x = kink + distance
        name = f"{form.__name__.strip('_')}, {distance:+g} from its kink at {kink:g}"
        found.append(Point(name, "beside a kink", form, x, left, right, x - kink))
    return found


def _hinge(m: Any, x: Any) -> Any:
    return np.maximum(0, 1 - x)


def _distance_to_1e6(m: Any, x: Any) -> Any:
    return np.abs(x - 1e6)


def _steep(m: Any, x: Any) -> Any:
    return m.exp(x) + 50 * np.maximum(x - 1, 0)


def _relu(m: Any, x: Any) -> Any:
    return np.maximum(x, 0)


_E = 2.718281828459045
BESIDE: list[Point] = [
    *_from(0.0, _relu, 0, 1, 1e-12, -1e-12, 1e-10, -1e-8, 1e-8, 1e-6),
    *_from(1.0, _hinge, -1, 0, 1e-12, -1e-10, 1e-8, 1e-6),
    *_from(1e6, _distance_to_1e6, -1, 1, 1e-3, -1e-5),
    *_from(1.0, _steep, _E, _E + 50, 1e-11, -1e-9, 1e-7),
]

KINKS: list[Point] = [
    *(Point(name, "corner", form, x, a, b) for name, x, form, a, b in CORNERS),
    *(Point(name, "upright", form, x, a, b) for name, x, form, a, b in UPRIGHT),
    *(Point(name, "jump", form, x, a, b) for name, x, form, a, b in JUMPS),
    *(Point(name, "array", form, x, a, b) for name, x, form, a, b in ARRAYS),
    *BESIDE,
]
