"""The loop: take a batch, get the gradient by differences, step the other way, write it down."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.batches import check_samples, minibatches
from nn.budget import MEMORY, in_bytes
from nn.cost import Cost, seconds_per_gradient
from nn.errors import (
    ArgumentError,
    DivergedError,
    NotFiniteError,
    StepError,
    check_count,
    check_number,
)
from nn.evaluation import evaluate
from nn.gradients import Method, Problem, get_method, gradient, one_thread
from nn.history import History, Record
from nn.losses import Loss
from nn.networks import Network
from nn.optimizers import Optimizer, clip_by_global_norm, global_norm
from nn.progress import Progress
from nn.schedules import Schedule

Array = NDArray[Any]
Part = tuple[Any, Any]


class Trainer:
    """Trains a network by gradients that come from differences.

    Parameters
    ----------
    network : Network
        Its parameters are changed in place.
    loss : Loss or None
        Becomes the loss of the network; None leaves the one it has.
    optimizer : Optimizer
    schedule : Schedule, optional
        Sets the learning rate before each step; without one the optimizer keeps its own.
    method : str or Method
        How the gradient is found: "weight", "node", "auto", "direction" or "loop", or an
        instance such as `nn.gradients.Direction(20, rng=0)`.
    h : float > 0, or None
        The nudge; None for one by the size of each parameter.
    memory : int or str
        Bytes that perturbed rows may take.
    clip_norm : float > 0, optional
        Longest gradient, by global norm; longer ones are shortened.
    rng : numpy Generator, int or None
        Decides the order of the samples; None is a different one each time.

    Attributes
    ----------
    history : History
        What `fit` recorded so far, also after an interruption.
    steps : int
        Updates made since `fit` began; what the schedule is asked about.
    best : dict or None
        The parameters with the lowest validation loss so far, copied; None without validation.
    best_record : dict or None
        The evaluation they come from.
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
        if loss is not None:
            network.loss_function = loss
        self.network, self.optimizer, self.schedule = network, optimizer, schedule
        self.h, self.clip_norm = h, clip_norm
        self.rng = np.random.default_rng(rng)
        self.history = History(network.loss_function.metric)
        self.steps = 0
        self.best: dict[str, Array] | None = None
        self.best_record: Record | None = None

    def fit(
        self,
        x: Any,
        t: Any,
        *,
        epochs: int,
        batch_size: int = 32,
        validation: Part | None = None,
        test: Part | None = None,
        on_record: Callable[[Record], object] | None = None,
        progress: bool = True,
    ) -> History:
        """Train for `epochs` passes through the samples.

        Another call begins a new history and the schedule anew, from the weights and the
        optimizer's memory that the last one left.

        Parameters
        ----------
        x, t : arrays, (N, ...)
            Samples and targets.
        epochs, batch_size : int >= 1
        validation : (x, t), optional
            Looked at after every epoch; decides which weights are `best`.
        test : (x, t), optional
            Looked at after every epoch, for the curve alone; decides nothing.
        on_record : callable, optional
            Called with every record as it is made.
        progress : bool
            A bar on a terminal, some twenty lines elsewhere; False for silence.

        Returns
        -------
        History

        Raises
        ------
        DivergedError
            At the first loss or gradient that is not finite, before another update.
        InputError, ShapeError
            If the data do not fit the network.
        """
        check_count("epochs", epochs)
        check_count("batch_size", batch_size)
        x, t = check_samples(x, t, "x")
        parts = {
            name: check_samples(*part, f"{name} x")
            for name, part in (("validation", validation), ("test", test))
            if part is not None and len(part[0])
        }
        for part in ((x, t), *parts.values()):
            self._check_targets(*part)
        self.history = History(self.network.loss_function.metric)
        self.steps, self.best, self.best_record = 0, None, None
        self.network.inspector.forget()  # layers are asked anew in every run
        start = time.perf_counter()

        def record(entry: Record) -> Record:
            entry["seconds"] = round(time.perf_counter() - start, 4)
            self.history.add(entry)
            if on_record is not None:
                on_record(entry)
            return entry

        steps = epochs * math.ceil(len(x) / batch_size)
        with (
            one_thread(),
            np.errstate(all="ignore"),
            Progress(epochs, steps, self.history.metric, progress) as shown,
        ):
            for epoch in range(1, epochs + 1):
                for batch in minibatches(len(x), batch_size, self.rng):
                    step = self.step(x[batch], t[batch])
                    shown.step(record({"kind": "step", "step": self.steps, "epoch": epoch} | step))
                found: Record = {"kind": "evaluation", "step": self.steps, "epoch": epoch}
                for name, part in (parts or {"training": (x, t)}).items():
                    found |= self.evaluate(*part, prefix=f"{name}_")
                    if not math.isfinite(found[f"{name}_loss"]):
                        raise _diverged(self.steps, f"the {name} loss is {found[f'{name}_loss']}")
                shown.evaluation(record(found))
                self._keep_best(found)
        return self.history

    def step(self, x: Array, t: Array) -> Record:
        """Make one update from one batch; return its loss, metric, lr and gradient norm."""
        if self.schedule is not None:
            self.optimizer.lr = self.schedule(self.steps)
        problem = self.network.problem(x, t, self.h, self.memory)
        try:
            grads = gradient(problem, self.method)
        except (NotFiniteError, StepError) as error:
            if isinstance(error, StepError) and self.steps == 0:
                raise  # h itself is at fault, not weights that grew until it vanished beside them
            raise _diverged(self.steps, str(error)) from error
        norm = global_norm(grads)
        if not math.isfinite(norm):
            raise _diverged(self.steps, f"the gradient norm is {norm}")
        if self.clip_norm is not None:
            grads = clip_by_global_norm(grads, self.clip_norm)
        self.optimizer.update(self.network.params, grads)
        self.steps += 1
        found: Record = {"loss": problem.clean_value}
        if self.history.metric == "accuracy":  # r2 of a handful of samples says little
            function = self.network.loss_function
            found["accuracy"] = function.score(function.predict(problem.z), t)
        return found | {"lr": self.optimizer.lr, "grad_norm": norm}

    def evaluate(self, x: Any, t: Any, prefix: str = "") -> Record:
        """Return loss and metric of a whole part, under keys that begin with `prefix`.

        The metric is left out where it has no value: r2 of targets that are all the same.
        """
        return evaluate(self.network, x, t, prefix)

    def cost(self, x: Any, t: Any, *, epochs: int, batch_size: int = 32) -> Cost:
        """Return what `fit` will cost, from a measured gradient; changes nothing."""
        problem = self.problem(x, t, batch_size)
        steps = epochs * math.ceil(len(x) / batch_size)
        return Cost(steps, self.method.work(problem), seconds_per_gradient(problem, self.method))

    def problem(self, x: Any, t: Any, batch_size: int) -> Problem:
        """Return the loss of the first samples, as one step would be given them."""
        return self.network.problem(x[:batch_size], t[:batch_size], self.h, self.memory)

    def _check_targets(self, x: Array, t: Array) -> None:
        """Raise if a target does not fit the outputs, now rather than in the middle of an epoch."""
        z = self.network.forward(x[:1])
        self.network.loss_function.targets(t, np.zeros((len(x), *z.shape[1:])))

    def _keep_best(self, found: Record) -> None:
        loss = found.get("validation_loss")
        if loss is None or not math.isfinite(loss):
            return
        if self.best_record is None or loss < self.best_record["validation_loss"]:
            self.best_record = dict(found)
            self.best = self.network.params.copy()


def _diverged(updates: int, what: str) -> DivergedError:
    return DivergedError(
        f"stopped after {updates} updates, before another: {what}. A smaller lr, standardized"
        " data or smaller first weights usually help"
    )
