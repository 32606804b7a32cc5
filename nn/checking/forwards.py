"""What must hold of forward: it is a function of its inputs, and changes nothing."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from nn.checking.answers import ask_of_others, equal
from nn.checking.behaviour import Behaviour
from nn.checking.memory import Memory
from nn.checking.subject import Subject, changed

Array = NDArray[Any]


def look_at_forward(
    subject: Subject, memory: Memory, found: Behaviour, params: dict[str, Array]
) -> None:
    """Tell what does not hold; `params` are copies of the parameters as they were."""
    where = changed(subject.passed, subject.all_inputs)
    if where:
        found.tell(
            "forward changes x",
            f"forward writes into its input: {where} changed; let it work on a copy, x.copy()",
        )
    if subject.writes_targets:
        found.tell("forward changes t", "forward writes into its targets; let it work on a copy")
    where = changed(subject.params, params)
    if where:
        found.tell(
            "forward changes parameters",
            f"forward changes its parameter {where}: the loss is no function of it; keep running"
            " figures elsewhere, and update parameters in the optimizer",
        )
    if found.violations:
        return
    answers = [subject.forward() for _ in range(2)]
    ask_of_others(subject)
    answers.append(subject.forward())
    if all(equal(answer, found.z) for answer in answers):
        return
    if equal(answers[0], found.z) and equal(answers[1], found.z):
        found.tell(
            "forward remembers",
            "forward answers x with other numbers once it was asked about other inputs: it reads"
            " what an earlier call has left",
        )
        return
    memory.restore(generators=False)
    if equal(subject.forward(), found.z):
        found.tell(
            "forward remembers",
            "forward answers the same x with other numbers each time, and with the first ones again"
            " where it has forgotten the calls between: it keeps something, such as a state, a"
            " counter or running figures",
        )
        return
    found.tell(
        "random forward",
        "forward answers the same x with other numbers each time: it is random; draw its mask once"
        " and keep it while the gradient is checked, or switch it off",
    )
