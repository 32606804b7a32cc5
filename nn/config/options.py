"""The two tables that have no type: [train] and [gradient]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nn.budget import MEMORY, in_bytes
from nn.errors import check_count, check_number
from nn.gradients import Direction, Method, get_method


@dataclass(frozen=True)
class TrainOptions:
    """The table [train].

    `validation` is a share of the training part, `clip_norm` a bound, `evaluate_every` a number of
    steps (by default each epoch), `checkpoint_seconds` the longest time between two checkpoints.
    """

    epochs: int
    batch_size: int = 32
    validation: float = 0.1
    clip_norm: float | None = None
    evaluate_every: int | None = None
    checkpoint_seconds: float = 60.0

    def __post_init__(self) -> None:
        check_count("epochs", self.epochs)
        check_count("batch_size", self.batch_size)
        check_number("validation", self.validation, at_least=0, below=1)
        if self.clip_norm is not None:
            check_number("clip_norm", self.clip_norm, above=0)
        if self.evaluate_every is not None:
            check_count("evaluate_every", self.evaluate_every)
        check_number("checkpoint_seconds", self.checkpoint_seconds, above=0)


@dataclass(frozen=True)
class GradientOptions:
    """The table [gradient]: method, nudge h, memory for rows; the rest is for "direction"."""

    method: str = "weight"
    h: float | None = 1e-4
    memory: int | str = MEMORY
    directions: int = 10
    distribution: Literal["rademacher", "gaussian"] = "rademacher"

    def __post_init__(self) -> None:
        get_method(self.method)
        if self.h is not None:
            check_number("h", self.h, above=0)
        in_bytes(self.memory)
        Direction(self.directions, self.distribution)

    def make(self, rng: np.random.Generator) -> Method:
        """Return the method; `rng` draws directions."""
        if self.method == Direction.name:
            return Direction(self.directions, self.distribution, rng)
        return get_method(self.method)
