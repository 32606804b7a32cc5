"""What a training run will cost: counted evaluations, times one that is measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nn.gradients import Problem, get_method, gradient, one_thread


@dataclass(frozen=True)
class Cost:
    """What a training run will cost; `seconds_per_evaluation` is measured."""

    steps: int
    evaluations_per_step: int
    seconds_per_evaluation: float

    @property
    def seconds(self) -> float:
        """Estimated time of the whole run."""
        return self.steps * self.evaluations_per_step * self.seconds_per_evaluation


def seconds_per_evaluation(problem: Problem, method: str, seconds: float = 0.3) -> float:
    """Measure a loss evaluation: within whole gradients where those are quick, else alone."""
    with one_thread(), np.errstate(all="ignore"):
        problem.value()  # the first is not like the rest
        alone = _median_time(problem.value, seconds)
        evaluations = get_method(method).evaluations(problem)
        if alone * evaluations > seconds:
            return alone
        return _median_time(lambda: gradient(problem, method), seconds) / evaluations


def _median_time(call: Callable[[], object], seconds: float) -> float:
    """Median over repeated calls, for `seconds` and at least three times."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
