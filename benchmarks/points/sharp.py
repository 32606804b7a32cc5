"""Smooth functions that look like kinks from afar, and functions whose second slope jumps."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.points.problem import Problem, Where, spread
from benchmarks.points.words import gelu, logsumexp, sigmoid, softplus


def _zero(m: Any, x: Any) -> Any:
    return x * 0


def _huber(m: Any, x: Any) -> Any:
    """x²/2 up to 1, then |x| - 1/2."""
    return x**2 / 2 if abs(x) <= 1 else abs(x) - 0.5


def _elu(m: Any, x: Any) -> Any:
    return x if x > 0 else m.expm1(x)


def _flat_at_0(m: Any, x: Any) -> Any:
    """exp(-1/x²), and 0 at 0: every slope of it is 0 there."""
    return 0.0 if x == 0 else m.exp(-1 / x**2)


def _smoothstep(m: Any, x: Any) -> Any:
    x = np.minimum(np.maximum(x, 0), 1)
    return 3 * x**2 - 2 * x**3


def _spline(m: Any, x: Any) -> Any:
    """The quadratic B-spline on [0, 3]."""
    top = -(x**2) + 3 * x - 1.5
    return x**2 / 2 if x < 1 else top if x < 2 else (3 - x) ** 2 / 2


def _logcosh(m: Any, x: Any) -> Any:
    return np.abs(x) + m.log1p(m.exp(-2 * np.abs(x))) - m.log(2.0)


def _stretched(form: Any, rate: float, by: float = 1.0, at: float = 0.0) -> Any:
    """The form of rate (x - at), by `by`."""
    return lambda m, x: form(m, rate * (x - at)) / by


def _tanh(m: Any, x: Any) -> Any:
    return m.tanh(x)


def _hinge_squared(m: Any, x: Any) -> Any:
    return np.maximum(0, 1 - x) ** 2


_SAMPLES = np.array([[0.6, -0.4], [0.004, 0.003], [-0.2, 0.9]])


def _net(m: Any, w: Any) -> Any:
    """Two units of tanh with weights of hundreds."""
    return np.sum((m.tanh(_SAMPLES @ w) - 0.5) ** 2)


def _relu_squared_net(m: Any, w: Any) -> Any:
    """relu² units, one of them with a sum of exactly 0."""
    z = np.array([2 * w[0] + w[1], w[0] + 3.0])
    return np.sum(np.maximum(z, 0) ** 2)


STEEP: list[tuple[str, Where, Any]] = [
    *((f"tanh(50 x) at {x}", x, _stretched(_tanh, 50)) for x in (0.0, 0.01, 0.05, 0.2)),
    ("tanh(1e3 (x - 1)) at 1", 1.0, _stretched(_tanh, 1e3, at=1)),
    ("tanh(1e6 x) at 0", 0.0, _stretched(_tanh, 1e6)),
    ("tanh(1e6 x) at 1e-6", 1e-6, _stretched(_tanh, 1e6)),
    *((f"softplus(100 x)/100 at {x}", x, _stretched(softplus, 100, 100)) for x in (0.0, 0.01, 0.3)),
    *((f"softplus(1e4 x)/1e4 at {x}", x, _stretched(softplus, 1e4, 1e4))
      for x in (0.0, 1e-4, -3e-4, 0.5)),
    ("softplus(1e4 (x - 1)) at 1", 1.0, _stretched(softplus, 1e4, at=1)),
    ("softplus(1e6 x) at 0", 0.0, _stretched(softplus, 1e6)),
    ("softplus(1e3 (x - 100)) at 100.001", 100.001, _stretched(softplus, 1e3, at=100)),
    *((f"sigmoid(1e3 x) at {x}", x, _stretched(sigmoid, 1e3)) for x in (0.0, 1e-3, 5e-3)),
    ("sigmoid(1e5 (x - 3)) at 3", 3.0, _stretched(sigmoid, 1e5, at=3)),
    *((f"gelu(30 x) at {x}", x, _stretched(gelu, 30)) for x in (0.0, 0.02, -0.1)),
    *((f"silu at {x}", x, lambda m, x: x * sigmoid(m, x)) for x in (0.0, -1.0)),
    ("silu(200 x) at 0", 0.0, lambda m, x: x * sigmoid(m, 200 * x)),
    *((f"log cosh(1e3 x) at {x}", x, _stretched(_logcosh, 1e3)) for x in (0.0, 1e-3, -0.1)),
    ("erf(1e3 x) at 0", 0.0, lambda m, x: m.erf(1e3 * x)),
    ("arctan(1e4 x) at 0", 0.0, lambda m, x: m.arctan(1e4 * x)),
    ("sqrt(x² + 1e-6) at 0", 0.0, lambda m, x: m.sqrt(x**2 + 1e-6)),
    ("sqrt(x² + 1e-6) at 1e-3", 1e-3, lambda m, x: m.sqrt(x**2 + 1e-6)),
    ("sqrt(x² + 1e-12) at 0", 0.0, lambda m, x: m.sqrt(x**2 + 1e-12)),
    ("sqrt((x - 1)² + 1e-8) at 1", 1.0, lambda m, x: m.sqrt((x - 1) ** 2 + 1e-8)),
    ("log(1 + 1e8 x²) at 0", 0.0, lambda m, x: m.log1p(1e8 * x**2)),
    ("a smooth maximum of equals", np.array([1.0, 1.0, 0.5]),
     lambda m, x: logsumexp(m, 1e3 * x) / 1e3),
    ("tanh net with weights of 200", 200 * spread(2, 2, seed=72), _net),
    *((f"exp(-1/x²) at {x}", x, _flat_at_0) for x in (0.0, 0.2, 1.0)),
    ("bump exp(-1/(1 - x²)) at 0.95", 0.95, lambda m, x: m.exp(-1 / (1 - x**2))),
]  # fmt: skip

# The first slope is continuous, the second one jumps; last: its gradient where that is 0
BENT: list[tuple[str, Where, Any, Any]] = [
    ("x|x| at 0", 0.0, lambda m, x: x * np.abs(x), _zero),
    ("x|x| at 1e-6", 1e-6, lambda m, x: x * np.abs(x), None),
    ("x|x| + x at 0", 0.0, lambda m, x: x * np.abs(x) + x, None),
    ("(x - 1)|x - 1| + 2 x at 1", 1.0, lambda m, x: (x - 1) * np.abs(x - 1) + 2 * x, None),
    ("|x|^1.5 at 0", 0.0, lambda m, x: np.abs(x) ** 1.5, _zero),
    ("|x|^1.5 + x at 0", 0.0, lambda m, x: np.abs(x) ** 1.5 + x, None),
    ("|x|^3 at 0", 0.0, lambda m, x: np.abs(x) ** 3, _zero),
    ("5 x^3 at 0", 0.0, lambda m, x: 5 * x**3, _zero),
    ("relu(x)² at 0", 0.0, lambda m, x: np.maximum(x, 0) ** 2, _zero),
    ("relu(x)² + sin x at 0", 0.0, lambda m, x: np.maximum(x, 0) ** 2 + m.sin(x), None),
    ("relu(x)³ - x at 0", 0.0, lambda m, x: np.maximum(x, 0) ** 3 - x, None),
    ("huber at 1", 1.0, _huber, None),
    ("huber at -1", -1.0, _huber, None),
    ("huber of 1e3 x at 1e-3", 1e-3, _stretched(_huber, 1e3), None),
    ("huber at 1.0001", 1.0001, _huber, None),
    ("elu at 0", 0.0, _elu, None),
    ("softsign at 0", 0.0, lambda m, x: x / (1 + np.abs(x)), None),
    ("smoothstep at 0", 0.0, _smoothstep, _zero),
    ("smoothstep at 1", 1.0, _smoothstep, _zero),
    ("quadratic spline at 1", 1.0, _spline, None),
    ("quadratic spline at 2", 2.0, _spline, None),
    ("hinge squared at 1", 1.0, _hinge_squared, _zero),
    ("relu² net, a unit at exactly 0", np.array([0.5, -1.0]), _relu_squared_net,
     lambda m, x: np.array([7.0, 0.0])),
]  # fmt: skip

SHARP: list[Problem] = [
    *(Problem(name, "steep", form, x) for name, x, form in STEEP),
    *(Problem(name, "bent", form, x, slope) for name, x, form, slope in BENT),
]
