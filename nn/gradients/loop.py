"""The textbook loop: nudge one weight, run the whole network; and again for the next weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nn.differences import numerical_gradient
from nn.errors import ImpureFunctionError
from nn.gradients.faults import fickle_layer
from nn.gradients.problem import Array, Grads, Method, Problem, Work
from nn.layers import Place, run
from nn.probing import Subject
from nn.steps import Nudge, nudge


class Loop(Method):
    """Nudge each weight by ±h and run the whole forward pass twice: the lesson, the reference.

    References
    ----------
    Saito, Deep Learning from Scratch, section 4.5.
    """

    name = "loop"

    def work(self, problem: Problem) -> Work:
        """Two evaluations a parameter, and two to see that the loss is repeatable."""
        return Work(2 * problem.size + 2, "loss evaluations")

    def gradient(self, problem: Problem) -> Grads:
        """Return the central differences; a bar shows the time left if it takes over a second."""
        return _nudge_each(problem, problem.value, problem.params)


def value_from(problem: Problem, place: Place) -> Callable[[], float]:
    """Return a function that runs what follows, the layer at `place` included."""
    first = place[0]
    if problem.activations is None or problem.inspection().borrowing:
        first = 0
    x = problem.activations[first] if problem.activations else problem.x

    def value() -> float:
        return problem.loss.mean(run(problem.layers[first:], x, first), problem.t)

    return value


def loop_from(problem: Problem, place: Place, names: list[str]) -> Grads:
    """Return the slopes by some parameters, none used before layer `place`: run what follows."""
    value = value_from(problem, place)
    return _nudge_each(problem, value, {name: problem.params[name] for name in names})


def ask_again(problem: Problem, name: str, index: tuple[int, ...]) -> float:
    """Return the slope by one weight, as the loop does; it says in words what is not finite."""
    subject = Subject(problem.params)
    points = nudge(problem.params[name], problem.h, "central", name)
    here = Nudge(points.plus[index], points.minus[index], points.distance[index])
    with subject.held(lambda _: problem.value()) as base:
        return subject.quotient(lambda _: problem.value(), name, index, here, "central", base)


def _nudge_each(problem: Problem, value: Callable[[], float], params: Mapping[str, Array]) -> Grads:
    from tqdm import tqdm

    with tqdm(
        total=sum(p.size for p in params.values()),
        desc="nudging",
        unit=" weights",
        delay=1,
        leave=False,
        disable=None,  # no bar where nobody watches
        smoothing=0,  # the mean of all so far: every nudge costs the same
    ) as bar:
        try:
            return numerical_gradient(lambda _: value(), params, problem.h, progress=bar.update)
        except ImpureFunctionError as error:
            raise ImpureFunctionError(f"{fickle_layer(problem)}: {error}") from error
