"""What a training run will cost: steps counted, one of them measured, or a part of one."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from nn.errors import ImpureFunctionError, NotFiniteError
from nn.gradients import (
    Auto,
    Direction,
    Loop,
    Method,
    Node,
    Problem,
    Weight,
    Work,
    get_method,
    gradient,
)
from nn.gradients.faults import fickle_layer, not_finite
from nn.gradients.loop import value_from
from nn.gradients.machine import keep_memory, one_thread
from nn.gradients.moves import Moves
from nn.gradients.plan import Choice, plan
from nn.gradients.rowwise import sums
from nn.gradients.tail import tails
from nn.layers import Place

_LEAST = 0.1  # a range is at least so wide either way: no machine is steadier over a whole run


@dataclass(frozen=True)
class Cost:
    """What a training run will cost; `work` is that of a step, `seconds_per_step` is measured.

    Attributes
    ----------
    steps : int
    work : Work
    seconds_per_step : float
    times : tuple of float
        Each measurement, in seconds a step.
    """

    steps: int
    work: Work
    seconds_per_step: float
    times: tuple[float, ...] = ()

    @property
    def seconds(self) -> float:
        """Estimated time of the whole run."""
        return self.steps * self.seconds_per_step

    @property
    def range(self) -> tuple[float, float]:
        """Least and most of that: quartiles of what was measured, a tenth either way at least."""
        times = self.times or (self.seconds_per_step,)
        ends = (0.25, 0.75) if len(times) > 4 else (0, 1)
        low, high = (self.steps * float(q) for q in np.quantile(times, ends))
        return min(low, self.seconds * (1 - _LEAST)), max(high, self.seconds * (1 + _LEAST))


def measure(problem: Problem, method: str | Method, steps: int, seconds: float = 0.3) -> Cost:
    """Return what so many steps cost; measured for about `seconds`, or a few times that.

    Parameters
    ----------
    problem : Problem
        The batch of a step.
    method : str or Method
        It draws no directions here: a copy of it does.
    steps : int
    seconds : float
        A gradient that takes longer is estimated from a part: from one forward pass if it is
        many, else from the first rows of each layer. Only where one pass, or the fewest rows
        that are followed at once, take longer than that does it take longer.

    Raises
    ------
    NudgeError
        As the gradient does: of a loss that is not finite, or not repeatable.
    """
    chosen = copy.deepcopy(get_method(method))
    with problem.training(), one_thread(), np.errstate(all="ignore"):
        if not math.isfinite(problem.clean_value):
            raise NotFiniteError(not_finite(problem))
        work = chosen.work(problem)
        times = tuple(_times(problem, chosen, work, seconds))
    return Cost(steps, work, float(np.median(times)), times)


def seconds_per_gradient(
    problem: Problem, method: str | Method = "weight", seconds: float = 0.3
) -> float:
    """Measure a gradient; where it is many loss evaluations that take longer, measure one."""
    chosen = copy.deepcopy(get_method(method))  # directions drawn here are not those of the run
    work = chosen.work(problem)
    with one_thread(), np.errstate(all="ignore"):
        problem.value()  # the first is not like the rest
        alone = float(np.median(_repeated(problem.value, seconds / 3)))
        if work.unit == "loss evaluations" and alone * work.number > seconds:
            return alone * work.number
        return float(np.median(_repeated(lambda: gradient(problem, chosen), seconds)))


def _times(problem: Problem, method: Method, work: Work, seconds: float) -> list[float]:
    """Return measurements of a gradient, three at least, in seconds."""
    if isinstance(method, Weight | Node | Auto):
        keep_memory()
        choices = plan(problem, method.wish)
        if not _by_part(problem, choices, seconds)[1]:  # the first is not like the rest
            found = [_by_part(problem, choices, 2 * seconds)[0] for _ in range(3)]
            problem.value()  # what layers remember is that of the batch again
            return found
    else:
        if isinstance(method, Loop) and problem.value() != problem.value():
            raise ImpureFunctionError(f"{fickle_layer(problem)}: two answers differ")
        piece: Callable[[], object] = problem.value
        count = work.number
        if isinstance(method, Direction):
            one, count = copy.copy(method), method.directions
            one.directions = 1
            piece = partial(gradient, problem, one)
        found = [count * part for part in _repeated(piece, seconds / 3, 3)]
        if float(np.median(found)) > seconds:
            return found
    return _repeated(lambda: gradient(problem, method), seconds, 3)


def _repeated(call: Callable[[], object], seconds: float, least: int = 1) -> list[float]:
    """Times of repeated calls, for `seconds`; three, or `least` if one call is longer."""
    times: list[float] = []
    while len(times) < least or (sum(times) < seconds) or (len(times) < 3 and times[0] < seconds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


class _Enough(Exception):
    """The time is over."""


class _Clock:
    """Counts rows that are followed, and stops it all when the time is over.

    Those of the first quarter are not counted: threads begin with memory they do not have yet.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.rows, self.warm = seconds, 0, False
        self.start = time.perf_counter()
        self.first: float | None = None  # when rows are followed at all
        self.since = self.last = self.start  # when rows are counted

    def tick(self, rows: int) -> None:
        """Take note that `rows` will be followed next."""
        self.last = time.perf_counter()
        if self.first is None:
            self.first = self.last
        elif not self.warm and self.last - self.first >= self.seconds / 4:
            self.warm, self.since, self.rows = True, self.last, 0
        elif self.warm and self.last - self.first > self.seconds:
            raise _Enough
        self.rows += rows

    def estimate(self, rows: float) -> float:
        """Return how long all the rows take, from those that were counted."""
        before = 0.0 if self.first is None else self.first - self.start
        return before + (self.last - self.since) * rows / self.rows


def _by_part(problem: Problem, choices: list[Choice], seconds: float) -> tuple[float, bool]:
    """Estimate a gradient by rows from a part of each layer's; also say if that was all."""
    total, whole = 0.0, True
    for choice in choices:
        clock = _Clock(seconds / len(choices))
        if choice.way == "loop":
            loop = _one_pass(problem, choice.place, clock.seconds) * choice.rows
            whole &= loop < clock.seconds
            total += loop
            continue
        try:
            _follow(problem, choice, clock)
        except _Enough:
            total += clock.estimate(choice.rows * len(problem.x))
            whole = False
        else:
            total += time.perf_counter() - clock.start
    return total, whole


def _follow(problem: Problem, choice: Choice, clock: _Clock) -> None:
    """Do a layer's part of the gradient; `clock` may end it."""
    moves = {key: Moves.of(problem.params[key], problem.h, key) for key in choice.names}
    for tail in tails(problem, clock.tick):
        sums(tail, choice, moves)


def _one_pass(problem: Problem, place: Place, seconds: float) -> float:
    """Time one loss evaluation of the loop over the parameters of a layer."""
    value = value_from(problem, place)
    value()  # the first is not like the rest
    return float(np.median(_repeated(value, seconds)))
