"""One step for a whole array, found by trying: `h="probe"` of `nn.numerical_gradient`.

Two evaluations an entry leave none to look for a step. But most arrays hold numbers of a kind,
and one line through x shows how far f can be followed before it bends, and how noisy it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.careful.sides import estimate
from nn.careful.walk import Walk

Array = NDArray[np.float64]

_PAIRS = 12  # of evaluations: 24 an array
_SEED = 0  # of the signs: the same x gets the same steps


class _Line:
    """f along a line through x, asked as `nn.careful.asking.Asker` asks; x lies at 1."""

    def __init__(self, f: Callable[[float], float]) -> None:
        self.f = f
        self.x, self.grain, self.length = np.ones(1), np.spacing(np.ones(1)), np.ones(1)
        self.eps = float(np.finfo(np.float64).eps)

    def at(self, places: NDArray[np.intp], moved: Array) -> Array:
        """Return f at points of the line, (K,)."""
        return np.array([self.f(float(s) - 1) for s in moved])


def direction(x: Array) -> Array:
    """Return where to probe, like x: each entry about its own length, up or down at random.

    No two alike: many losses do not change if all outputs move together.
    """
    rng = np.random.default_rng(_SEED)
    share = rng.uniform(0.5, 1, x.shape) * rng.choice((-1.0, 1.0), x.shape)
    return np.asarray(typical_length(x.astype(np.float64)) * share)


def best_step(f: Callable[[float], float], here: float, limit: float) -> float | None:
    """Return the step t at which (f(t) - f(-t)) / 2t has the smallest error, or None.

    Parameters
    ----------
    f : callable, float -> float
        f(t) along a line, in lengths typical of x; nan where it is not finite. At most 24
        evaluations.
    here : float
        f(0).
    limit : float
        The largest t worth having. A line may be flat where single entries are not.
    """
    walk = Walk(_Line(f), here, 0.0, pairs=_PAIRS)
    walk.slopes()
    found = estimate(walk.levels, walk.asker.eps, 0.0, np.zeros(1, np.intp)).both
    slope = found.value[0]
    if not np.isfinite(slope):
        return None
    h = walk.levels.h[0]
    differences = (walk.levels.up[0] - walk.levels.down[0]) / (2 * h)
    noise = max(float(found.noise[0]), float(found.expected[0]))
    gone = np.abs(differences - slope)
    error = gone + noise / h
    if not np.isfinite(error).any():
        return None
    best = int(np.nanargmin(error))
    # Between two levels the error is gone * (t/h)**2 + noise / t: that has its own least t.
    for level in (best, best - 1):
        if level >= 0 and gone[level] > noise / h[level]:
            t = float(h[level] * (noise / h[level] / (2 * gone[level])) ** (1 / 3))
            t = max(t, float(h[best])) if level < best else t
            return min(t, limit)
    return min(float(h[best]), limit)
