"""What a training run will cost: steps counted, one of them measured."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nn.gradients import Method, Problem, Work, get_method, gradient, one_thread


@dataclass(frozen=True)
class Cost:
    """What a training run will cost; `work` is that of a step, `seconds_per_step` is measured."""

    steps: int
    work: Work
    seconds_per_step: float

    @property
    def seconds(self) -> float:
        """Estimated time of the whole run."""
        return self.steps * self.seconds_per_step


def seconds_per_gradient(
    problem: Problem, method: str | Method = "weight", seconds: float = 0.3
) -> float:
    """Measure a gradient; where it is many loss evaluations that take longer, measure one."""
    chosen = copy.deepcopy(get_method(method))  # directions drawn here are not those of the run
    work = chosen.work(problem)
    with one_thread(), np.errstate(all="ignore"):
        problem.value()  # the first is not like the rest
        alone = _median_time(problem.value, seconds / 3)
        if work.unit == "loss evaluations" and alone * work.number > seconds:
            return alone * work.number
        return _median_time(lambda: gradient(problem, chosen), seconds)


def _median_time(call: Callable[[], object], seconds: float) -> float:
    """Median over repeated calls, for `seconds`; three times at least, if one is not longer."""
    times: list[float] = []
    while not times or (sum(times) < seconds) or (len(times) < 3 and times[0] < seconds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
