"""The textbook loop: nudge one weight, run the whole network; and again for the next weight."""

from __future__ import annotations

from nn.differences import numerical_gradient
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

        with tqdm(
            total=problem.size,
            desc="nudging",
            unit=" weights",
            delay=1,
            leave=False,
            disable=None,  # no bar where nobody watches
            smoothing=0,  # the mean of all so far: every nudge costs the same
        ) as bar:
            return numerical_gradient(
                lambda _: problem.value(), problem.params, problem.h, progress=bar.update
            )
