"""The loop: what comes next, a step, an evaluation or another epoch; asked anew each time.

Where it stands is in the trainer alone, so an interrupted loop goes on wherever it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nn.batches import minibatches
from nn.interrupts import uninterrupted
from nn.progress import Progress
from nn.trainer import standing

if TYPE_CHECKING:
    from nn.trainer.training import Trainer

Array = NDArray[Any]
Part = tuple[Any, Any]
Callback = Callable[["Trainer"], object]


@dataclass(frozen=True)
class Plan:
    """What `fit` was asked for, checked."""

    x: Array
    t: Array
    parts: Mapping[str, Part]
    epochs: int
    batch_size: int
    evaluate_every: int | None
    evaluate_first: bool
    on_step: Sequence[Callback]
    on_epoch: Sequence[Callback]

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return math.ceil(len(self.x) / self.batch_size)

    def evaluation_is_due(self, trainer: Trainer) -> bool:
        """Whether an evaluation comes next."""
        made = trainer.history.evaluations
        if made and made[-1]["step"] == trainer.steps:
            return False
        if trainer.steps == 0:
            return self.evaluate_first
        if self.evaluate_every is not None and trainer.steps % self.evaluate_every == 0:
            return True
        ended = trainer.position == self.batches
        return ended and (self.evaluate_every is None or trainer.epoch == self.epochs)


def loop(trainer: Trainer, plan: Plan, shown: Progress) -> None:
    """Train until the last epoch is done, or somebody stops it."""
    batches: list[NDArray[np.int64]] | None = None
    while not trainer.stopped:
        if batches is None and trainer.epoch <= plan.epochs:
            # After a resumption, too, even of the end of an epoch: the generator has to move on.
            batches = list(minibatches(len(plan.x), plan.batch_size, trainer.rng))
        if plan.evaluation_is_due(trainer):
            shown.evaluation(trainer.evaluate_parts(plan.parts))
        elif trainer.position == plan.batches:
            with uninterrupted():
                trainer.epoch, trainer.position, batches = trainer.epoch + 1, 0, None
                trainer.order = standing.state_of(trainer.rng)
            for callback in plan.on_epoch:
                callback(trainer)
        elif batches is None:
            return
        else:
            batch = batches[trainer.position]
            shown.step(trainer.step(plan.x[batch], plan.t[batch]))
            for callback in plan.on_step:
                callback(trainer)
    if trainer.position == plan.batches:  # stopped, at the end of an epoch
        for callback in plan.on_epoch:
            callback(trainer)
