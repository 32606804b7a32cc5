"""Random directions: nudge all parameters at once, and see what that tells of each."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from nn.errors import ArgumentError, NotFiniteError, check_count
from nn.gradients.problem import Array, Grads, Method, Problem, Work
from nn.steps import default_step, nudge

Distribution = Literal["rademacher", "gaussian"]


class Direction(Method):
    """Nudge all parameters along k random directions: an unbiased, noisy estimate.

    ĝ = 1/k Σ v (L(w + h v) - L(w - h v)) / 2h, whatever the number P of parameters: 2k loss
    evaluations. There to show why dimension matters.

    Parameters
    ----------
    directions : int >= 1
        k.
    distribution : "rademacher" or "gaussian"
        Entries of v are ±1, or standard normal numbers.
    rng : numpy Generator, int or None
        Draws the directions; None different ones each time.

    Notes
    -----
    With g the true gradient, both estimates have the mean g + O(h²). The variance of entry i is
    (|g|² - g_i²) / k for ±1 and (|g|² + g_i²) / k for normal numbers, up to O(h²); over all
    entries the squared error is (P - 1) |g|² / k and (P + 1) |g|² / k. To be within |g| of the
    truth takes as many directions as there are parameters, which is what nudging each of them
    costs, without noise.

    Without an h every parameter has a step of its own, s_i; then v s is added, and v / s takes
    the place of v / h.

    References
    ----------
    Spall, Multivariate Stochastic Approximation Using a Simultaneous Perturbation Gradient
    Approximation, IEEE Transactions on Automatic Control 37, 1992 (±1).
    Nesterov and Spokoiny, Random Gradient-Free Minimization of Convex Functions, Foundations of
    Computational Mathematics 17, 2017 (normal numbers).
    Malladi et al., Fine-Tuning Language Models with Just Forward Passes, NeurIPS 2023.
    """

    name = "direction"

    def __init__(
        self,
        directions: int = 10,
        distribution: Distribution = "rademacher",
        rng: np.random.Generator | int | None = None,
    ) -> None:
        check_count("directions", directions)
        if distribution not in ("rademacher", "gaussian"):
            raise ArgumentError("distribution", "'rademacher' or 'gaussian'", distribution)
        self.directions, self.distribution = directions, distribution
        self.rng = np.random.default_rng(rng)

    def work(self, problem: Problem) -> Work:
        """Two evaluations a direction."""
        return Work(2 * self.directions, "loss evaluations")

    def gradient(self, problem: Problem) -> Grads:
        """Return the estimate, of new directions at every call."""
        params, h = dict(problem.params), problem.h
        for name, p in params.items():
            nudge(p, h, "central", name)  # says which parameter h vanishes beside
        steps = {
            name: default_step(p, "central") if h is None else np.asarray(h)
            for name, p in params.items()
        }
        saved = {name: p.copy() for name, p in params.items()}
        found = {name: np.zeros_like(p) for name, p in params.items()}

        def moved(v: Grads, sign: int, number: int) -> float:
            for name, p in params.items():
                p[...] = saved[name] + sign * steps[name] * v[name]
            value = problem.value()
            if not math.isfinite(value):
                raise NotFiniteError(
                    f"the loss is {value} with all parameters nudged along direction {number}"
                )
            return value

        try:
            for number in range(self.directions):
                v = {name: self._draw(p.shape) for name, p in params.items()}
                rise = moved(v, 1, number) - moved(v, -1, number)
                for name, g in found.items():
                    g += rise / 2 / self.directions * (v[name] / steps[name])
        finally:
            for name, p in params.items():
                p[...] = saved[name]
        return found

    def _draw(self, shape: tuple[int, ...]) -> Array:
        if self.distribution == "gaussian":
            return np.asarray(self.rng.standard_normal(shape))
        return np.asarray(self.rng.integers(0, 2, shape) * 2.0 - 1.0)
