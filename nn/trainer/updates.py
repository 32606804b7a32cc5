"""What is trained how, and what is done with one batch: an update, written down."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.budget import MEMORY, in_bytes
from nn.checkpoint import Checkpoint
from nn.early_stopping import EarlyStopping
from nn.errors import ArgumentError, check_number
from nn.evaluation import evaluate
from nn.gradients import Method, get_method
from nn.history import History, Record
from nn.interrupts import uninterrupted
from nn.losses import Loss
from nn.networks import Network
from nn.optimizers import Optimizer, clip_by_global_norm
from nn.schedules import Schedule
from nn.trainer import standing
from nn.trainer.one_step import check_finite, checked_gradient, shares

Array = NDArray[Any]
Part = tuple[Any, Any]


class Updater:
    """Makes updates by gradients that come from differences: a `Trainer` but for `fit`.

    Parameters and attributes are described there.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss | None,
        optimizer: Optimizer,
        *,
        schedule: Schedule | None = None,
        method: str | Method = "weight",
        h: float | None = 1e-4,
        memory: int | str = MEMORY,
        clip_norm: float | None = None,
        early_stopping: EarlyStopping | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise ArgumentError("network", "a Network", network)
        if not isinstance(optimizer, Optimizer):
            raise ArgumentError("optimizer", "an Optimizer, such as SGD(lr=0.1)", optimizer)
        if loss is not None and not isinstance(loss, Loss):
            raise ArgumentError("loss", "a Loss, such as CrossEntropyLoss(), or None", loss)
        self.method, self.memory = get_method(method), in_bytes(memory)
        if h is not None:
            check_number("h", h, above=0)
        if clip_norm is not None:
            check_number("clip_norm", clip_norm, above=0)
        if early_stopping is not None and not isinstance(early_stopping, EarlyStopping):
            raise ArgumentError("early_stopping", "an EarlyStopping, or None", early_stopping)
        if loss is not None:
            network.loss_function = loss
        self.network, self.optimizer, self.schedule = network, optimizer, schedule
        self.h, self.clip_norm, self.early_stopping = h, clip_norm, early_stopping
        self.rng = np.random.default_rng(rng)
        self._resumed, self._start = False, time.perf_counter()
        self._begin()

    def _begin(self) -> None:
        self.history = History(self.network.loss_function.metric)
        self.steps, self.epoch, self.position = 0, 1, 0
        self.best: dict[str, Array] | None = None
        self.best_record: Record | None = None
        self.best_checkpoint: Checkpoint | None = None
        self.waited, self.lowest = 0, math.inf
        self.stopped = ""
        self.data: tuple[int, int] | None = None  # samples, and how many make a batch
        self.order = standing.state_of(self.rng)  # of the generator, when this epoch began
        self.drawn = standing.states(self)  # of the others, after the last whole step

    def step(self, x: Array, t: Array) -> Record:
        """Make one update from one batch; return its record.

        An interruption finds all of it done, or nothing.
        """
        if self.schedule is not None:
            self.optimizer.lr = self.schedule(self.steps)
        problem = self.network.problem(x, t, self.h, self.memory)
        grads, norm = checked_gradient(problem, self.method, self.steps)
        found: Record = {"loss": problem.clean_value}
        if self.history.metric == "accuracy":  # r2 of a handful of samples says little
            function = self.network.loss_function
            found["accuracy"] = function.score(function.predict(problem.z), t)
        found |= {"lr": self.optimizer.lr, "grad_norm": norm, "grad_share": shares(problem, grads)}
        if self.clip_norm is not None:
            grads = clip_by_global_norm(grads, self.clip_norm)
        with uninterrupted():
            problem.end()
            self.optimizer.update(self.network.params, grads)
            self.steps += 1
            self.position += 1
            self.drawn = standing.states(self)
            return self._record("step", self.epoch, found)

    def evaluate_parts(self, parts: Mapping[str, Part]) -> Record:
        """Evaluate every part, keep the best weights, and count how long they have been best."""
        found: Record = {}
        for name, part in parts.items():
            found |= self.evaluate(part[0], part[1], prefix=f"{name}_")
            check_finite(found, name, self.steps)
        with uninterrupted():
            record = self._record("evaluation", self.epoch if self.steps else 0, found)
            self.drawn = standing.states(self)  # a layer may draw for it
            loss = found.get("validation_loss")
            if loss is not None:
                self._keep_best(record, loss)
        return record

    def _record(self, kind: str, epoch: int, found: Record) -> Record:
        seconds = round(time.perf_counter() - self._start, 4)
        record = {"kind": kind, "step": self.steps, "epoch": epoch} | found | {"seconds": seconds}
        self.history.add(record)
        return self.history.records[-1]

    def stop(self, reason: str) -> None:
        """End training after the step under way; `stopped` is then the reason."""
        self.stopped = reason or "asked to stop"

    def evaluate(self, x: Any, t: Any, prefix: str = "") -> Record:
        """Return loss and metric of a whole part, under keys that begin with `prefix`.

        The metric is left out where it has no value: r2 of targets that are all the same.
        """
        return evaluate(self.network, x, t, prefix)

    def _keep_best(self, record: Record, loss: float) -> None:
        if self.best_record is None or loss < self.best_record["validation_loss"]:
            self.best_record = record
            self.best = self.network.state_dict()
        stopping = self.early_stopping
        if stopping is None or stopping.improved(loss, self.lowest):
            self.waited, self.lowest = 0, loss
        else:
            self.waited += 1
        if self.best_record is record:
            self.best_checkpoint = standing.take(self)
        self._stop_if_waited()

    def _stop_if_waited(self) -> None:
        stopping = self.early_stopping
        if stopping is not None and self.waited >= stopping.patience:
            self.stop(f"the validation loss has not fallen for {self.waited} evaluations")
