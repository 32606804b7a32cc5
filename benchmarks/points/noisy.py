"""Functions that answer with less than float64 has: float32 inside, tolerances, rounded answers.

The same x always has the same answer. The gradient that is asked for is that of the truth behind.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from benchmarks.points.nets import NETS
from benchmarks.points.problem import Problem, flat, spread

_MASK = 2**64 - 1


def scatter(x: Any) -> float:
    """A number in [-1, 1) that looks random and is told by the bits of x (splitmix64)."""
    state = 0
    for value in flat(x):
        (bits,) = struct.unpack("<Q", struct.pack("<d", float(value)))
        state = (state ^ bits) + 0x9E3779B97F4A7C15 & _MASK
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state / 2**63 - 1


def _with_noise(form: Any, level: float) -> Any:
    return lambda m, x: form(m, x) + level * scatter(x)


def _narrow(form: Any) -> Any:
    """The form, computing in float32 from its input on."""

    def inside(m: Any, x: Any) -> Any:
        if isinstance(x, dict):
            return form(m, {name: array.astype(np.float32) for name, array in x.items()})
        return form(m, np.asarray(x, np.float32)[()])

    return inside


def _kepler(m: Any, mean: Any) -> Any:
    """E = mean + 0.3 sin E, by fixed point to 1e-6."""
    angle, before = mean, mean + 1
    while abs(angle - before) > 1e-6:
        angle, before = mean + 0.3 * np.sin(angle), angle
    return angle


def _kepler_truth(m: Any, mean: Any) -> Any:
    angle = mean
    for _ in range(10):  # Newton
        angle = angle - (angle - 0.3 * m.sin(angle) - mean) / (1 - 0.3 * m.cos(angle))
    return angle


def _bisected(m: Any, x: Any) -> Any:
    """The y of y + exp(y) = x, by bisection to 1e-6."""
    low, high = -10.0, 10.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if middle + np.exp(middle) < x else (low, middle)
    return (low + high) / 2


def _bisected_truth(m: Any, x: Any) -> Any:
    y = x * 0
    for _ in range(20):  # Newton
        y = y - (y + m.exp(y) - x) / (1 + m.exp(y))
    return y


def _simpson(g: Any, a: float, b: float, tol: float) -> float:
    """The integral of g from a to b, halved until Simpson's rule settles to `tol`."""
    middle = (a + b) / 2
    values = [g(p) for p in (a, (a + middle) / 2, middle, (middle + b) / 2, b)]
    coarse = (b - a) / 6 * (values[0] + 4 * values[2] + values[4])
    fine = (b - a) / 12 * (values[0] + 4 * values[1] + 2 * values[2] + 4 * values[3] + values[4])
    if abs(fine - coarse) < tol:
        return float(fine)
    return _simpson(g, a, middle, tol / 2) + _simpson(g, middle, b, tol / 2)


def _area(m: Any, x: Any) -> Any:
    return _simpson(lambda t: np.exp(-(t**2)), 0.0, float(x), 1e-6)


def _decay(m: Any, x: Any) -> Any:
    """y at 1 of y' = -x y, by Euler steps that are halved until two answers agree to 1e-4."""
    steps, before, now = 8, np.inf, 0.0
    while abs(now - before) > 1e-4:
        steps, before, now = 2 * steps, now, float((1 - x / (2 * steps)) ** (2 * steps))
    return now


def _sin(m: Any, x: Any) -> Any:
    return m.sin(x)


def _bowl(m: Any, x: Any) -> Any:
    return np.sum(x**2) + m.sin(x[0])


_TANH_NET = NETS[5]
_SUM = spread(1000, seed=61)


def _long_sum(m: Any, x: Any) -> Any:
    """A mean over a thousand samples."""
    return np.mean(m.tanh(x * _SUM.astype(x.dtype if hasattr(x, "dtype") else object)))


# name, x, form, truth, noise
NOISY: list[tuple[str, Any, Any, Any, float]] = [
    ("sin in float32", 1.0, _narrow(_sin), _sin, 3e-8),
    ("sum of squares in float32", np.array([0.7, -1.2]), _narrow(_bowl), _bowl, 1e-7),
    ("tanh net in float32", _TANH_NET[1], _narrow(_TANH_NET[2]), _TANH_NET[2], 1e-7),
    ("mean of a thousand in float32", 0.8, _narrow(_long_sum), _long_sum, 1e-8),
    ("sin with noise of 1e-6", 1.0, _with_noise(_sin, 1e-6), _sin, 1e-6),
    ("sin with noise of 1e-3", 0.5, _with_noise(_sin, 1e-3), _sin, 1e-3),
    ("sin with noise of 1e-10", 2.0, _with_noise(_sin, 1e-10), _sin, 1e-10),
    ("bowl with noise of 1e-6", np.array([1.0, -2.0]), _with_noise(_bowl, 1e-6), _bowl, 1e-6),
    ("exp at 10 with noise of 1e-4", 10.0, _with_noise(lambda m, x: m.exp(x), 1e-4),
     lambda m, x: m.exp(x), 1e-4),
    ("x² with noise of 1e-8 at 1e3", 1e3, _with_noise(lambda m, x: x**2, 1e-8),
     lambda m, x: x**2, 1e-8),
    ("kepler's equation to 1e-6", 1.0, _kepler, _kepler_truth, 3e-7),
    ("a root bisected to 1e-6", 2.0, _bisected, _bisected_truth, 3e-7),
    ("an integral to 1e-6", 1.3, _area, lambda m, x: m.erf(x) * m.sqrt(m.arctan(x * 0 + 1)), 1e-8),
    ("exp(-x) by steps to 1e-4", 1.5, _decay, lambda m, x: m.exp(-x), 1e-4),
    ("sin rounded to 6 decimals", 1.0, lambda m, x: np.round(np.sin(x), 6), _sin, 5e-7),
    ("sin rounded to 3 decimals, at 4", 4.0, lambda m, x: np.round(np.sin(x), 3), _sin, 5e-4),
]  # fmt: skip

PROBLEMS: list[Problem] = [
    Problem(name, "noisy", form, x, truth=truth, noise=noise)
    for name, x, form, truth, noise in NOISY
]
