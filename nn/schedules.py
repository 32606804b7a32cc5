"""Learning rates that change as training goes on: step -> lr. The first step is 0."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from nn.errors import ArgumentError, check_count, check_number


class Schedule(ABC):
    """A function of the step; `lr` is the rate it starts from or rises to.

    In a config, `lr` (of the optimizer) and `steps` (of the whole run) may be left out.
    """

    @abstractmethod
    def __call__(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""


class ConstantSchedule(Schedule):
    """lr(step) = lr."""

    def __init__(self, lr: float) -> None:
        check_number("lr", lr, above=0)
        self.lr = lr

    def __call__(self, step: int) -> float:
        """Return lr."""
        return self.lr


class StepSchedule(Schedule):
    """lr(step) = lr * factor**(step // every): down a stair every so many steps."""

    def __init__(self, lr: float, every: int, factor: float = 0.1) -> None:
        check_number("lr", lr, above=0)
        check_count("every", every)
        check_number("factor", factor, above=0)
        self.lr, self.every, self.factor = lr, every, factor

    def __call__(self, step: int) -> float:
        """Return the rate of the stair that `step` is on."""
        return self.lr * float(self.factor ** (step // self.every))


class CosineSchedule(Schedule):
    """Half a cosine from lr down to final_lr over `steps` steps, then final_lr.

    lr(step) = final_lr + (lr - final_lr) * (1 + cos(pi * step / steps)) / 2

    References
    ----------
    Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.
    """

    def __init__(self, lr: float, steps: int, final_lr: float = 0.0) -> None:
        check_number("lr", lr, above=0)
        check_count("steps", steps)
        check_number("final_lr", final_lr, at_least=0)
        self.lr, self.steps, self.final_lr = lr, steps, final_lr

    def __call__(self, step: int) -> float:
        """Return the rate on the cosine."""
        share = min(step / self.steps, 1.0)
        return self.final_lr + (self.lr - self.final_lr) * (1 + math.cos(math.pi * share)) / 2


class LinearWarmup(Schedule):
    """Rise evenly over the first `warmup_steps` steps of `after` (by default, of a constant lr).

    lr(step) = min(1, (step + 1) / warmup_steps) * after(step); `lr` is used where there is no
    `after`.

    References
    ----------
    Goyal et al., Accurate, Large Minibatch SGD, arXiv:1706.02677, 2017, section 2.2.
    """

    def __init__(self, lr: float, warmup_steps: int, after: Schedule | None = None) -> None:
        check_number("lr", lr, above=0)
        check_count("warmup_steps", warmup_steps)
        if after is not None and not isinstance(after, Schedule):
            raise ArgumentError("after", "a Schedule", after)
        self.warmup_steps = warmup_steps
        self.after = ConstantSchedule(lr) if after is None else after

    def __call__(self, step: int) -> float:
        """Return the rate of `after`, or the part of it that is reached."""
        return min(1.0, (step + 1) / self.warmup_steps) * self.after(step)
