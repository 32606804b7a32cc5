"""The textbook loop: nudge one weight, run the whole network; and again for the next weight."""

from __future__ import annotations

import math

import numpy as np

from nn.differences import numerical_gradient
from nn.errors import ImpureFunctionError, NotFiniteError
from nn.gradients.problem import Grads, Method, Problem


class Loop(Method):
    """Nudge each weight by ±h and run the whole forward pass twice: the lesson, the reference.

    References
    ----------
    Saito, Deep Learning from Scratch, section 4.5.
    """

    name = "loop"

    def evaluations(self, problem: Problem) -> int:
        """Two a parameter, and two to see that the loss is repeatable."""
        return 2 * problem.size + 2

    def gradient(self, problem: Problem) -> Grads:
        """Return the central differences; a bar shows the time left if it takes over a second."""
        from tqdm import tqdm

        if not math.isfinite(problem.clean_value()):
            raise NotFiniteError(_not_finite(problem))
        with tqdm(
            total=problem.size,
            desc="nudging",
            unit=" weights",
            delay=1,
            leave=False,
            disable=None,  # no bar where nobody watches
            smoothing=0,  # the mean of all so far: every nudge costs the same
        ) as bar:
            try:
                return numerical_gradient(
                    lambda _: problem.value(), problem.params, problem.h, progress=bar.update
                )
            except ImpureFunctionError as error:
                raise ImpureFunctionError(f"{_fickle_layer(problem)}: {error}") from error


def _not_finite(problem: Problem) -> str:
    """Say where the first number that is not finite comes from."""
    loss = f"the loss is {problem.clean_value()} before any nudge"
    if not np.isfinite(problem.x).all():
        return f"{loss}: x itself is not finite"
    z = problem.x
    for place, layer in enumerate(problem.layers):
        z = layer.forward(z)
        if not np.isfinite(z).all():
            return f"{loss}: layer {place}, {layer!r}, gives what is not finite"
    return f"{loss}, of outputs that are finite"


def _fickle_layer(problem: Problem) -> str:
    """Name the layer that answers the same input with different numbers."""
    x = problem.x
    for place, layer in enumerate(problem.layers):
        z, again = layer.forward(x.copy()), layer.forward(x.copy())
        if not np.array_equal(z, again, equal_nan=True):
            return f"layer {place}, {layer!r}, is not a function of its input"
        x = z
    return "the loss of this network is not a function of its parameters"
