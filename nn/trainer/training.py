"""Trainer: `fit`, and going on where a run was stopped."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.batches import check_samples
from nn.checkpoint import Checkpoint
from nn.cost import Cost, seconds_per_gradient
from nn.errors import ArgumentError, InputError, ShapeError, check_count
from nn.gradients import Problem, one_thread
from nn.history import History
from nn.interrupts import uninterrupted
from nn.layers import two_mode
from nn.progress import Progress
from nn.trainer import standing
from nn.trainer.loop import Callback, Part, Plan, loop
from nn.trainer.updates import Updater

Array = NDArray[Any]


class Trainer(Updater):
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
    early_stopping : EarlyStopping, optional
        Ends training when the validation loss no longer falls.
    rng : numpy Generator, int or None
        Decides the order of the samples; None is a different one each time.

    Attributes
    ----------
    history : History
        What `fit` recorded so far, also after an interruption.
    steps, epoch, position : int
        Updates made since `fit` began (what the schedule is asked about); the epoch under way,
        from 1; and how many of its batches are done.
    best : dict or None
        Parameters and buffers with the lowest validation loss so far, copied; None without
        validation.
    best_record : dict or None
        The evaluation they come from.
    stopped : str
        Why training ended before its last epoch; empty if it did not.
    """

    def fit(
        self,
        x: Any,
        t: Any,
        *,
        epochs: int,
        batch_size: int = 32,
        validation: Part | None = None,
        test: Part | None = None,
        evaluate_every: int | None = None,
        evaluate_first: bool = False,
        on_step: Callback | Iterable[Callback] = (),
        on_epoch: Callback | Iterable[Callback] = (),
        progress: bool = True,
    ) -> History:
        """Train for `epochs` passes through the samples.

        Another call begins a new history and the schedule anew, from the weights and the
        optimizer's memory that the last one left; after `restore` it goes on from there.

        Parameters
        ----------
        x, t : arrays, (N, ...)
            Samples and targets.
        epochs, batch_size : int >= 1
        validation : (x, t), optional
            Looked at in every evaluation; decides which weights are `best`.
        test : (x, t), optional
            Looked at in every evaluation, for the curve alone; decides nothing.
        evaluate_every : int >= 1, optional
            Steps from one evaluation to the next; by default one at the end of every epoch.
        evaluate_first : bool
            Whether to evaluate before the first step, too.
        on_step, on_epoch : callable trainer -> anything, or several
            Called at the end of every step, and of every whole epoch. They may look at all of
            the trainer, and call `stop`.
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
        if evaluate_every is not None:
            check_count("evaluate_every", evaluate_every)
        x, t = check_samples(x, t, "x")
        parts = {
            name: check_samples(*part, f"{name} x")
            for name, part in (("validation", validation), ("test", test))
            if part is not None and len(part[0])
        }
        if self.early_stopping is not None and "validation" not in parts:
            raise InputError("early stopping needs a validation part to look at, and there is none")
        with standing.undrawn(self):  # a layer may draw for each of these questions
            for part in ((x, t), *parts.values()):
                self._check_targets(*part)
            self.network.inspector.forget()  # layers are asked anew in every run
            if any(True for _ in standing.generators(self)):
                self.problem(x, t, batch_size).inspection()
            self._check_batches(x, t, batch_size)
        plan = Plan(
            x, t, parts or {"training": (x, t)}, epochs, batch_size, evaluate_every,
            evaluate_first, _several(on_step), _several(on_epoch),
        )  # fmt: skip
        if not self._resumed:
            self._begin()
        if self.data not in (None, (len(x), batch_size)):
            raise InputError(
                "the checkpoint is of a run with {} samples in batches of {}".format(*self.data)
            )
        self.data, self._resumed = (len(x), batch_size), False
        gone = self.history.records[-1]["seconds"] if self.history.records else 0.0
        self._start = time.perf_counter() - gone
        steps = epochs * plan.batches
        with (
            one_thread(),
            np.errstate(all="ignore"),
            Progress(epochs, steps, self.history.metric, progress, self.steps) as shown,
        ):
            loop(self, plan, shown)
        if self.early_stopping is not None and self.early_stopping.restore_best and self.best:
            self.network.load_state_dict(self.best)
        return self.history

    def checkpoint(self) -> Checkpoint:
        """Return all that it takes to go on from here to the bit, copied."""
        with uninterrupted():
            return standing.take(self)

    def restore(self, checkpoint: Checkpoint, history: History) -> None:
        """Go back to where a checkpoint was taken; the next `fit` goes on from there.

        Parameters
        ----------
        checkpoint : Checkpoint
            Of a trainer that was made alike.
        history : History
            The records up to there; later ones are left out.

        Raises
        ------
        InputError, ShapeError
            If it is of another network, optimizer or history.
        """
        if not isinstance(checkpoint, Checkpoint) or not isinstance(history, History):
            wrong = history if isinstance(checkpoint, Checkpoint) else checkpoint
            raise ArgumentError("what to restore", "a Checkpoint and its History", wrong)
        standing.put(self, checkpoint, history)
        self._resumed = True
        self._stop_if_waited()

    def cost(self, x: Any, t: Any, *, epochs: int, batch_size: int = 32) -> Cost:
        """Return what `fit` will cost, from a measured gradient; changes nothing."""
        steps = epochs * math.ceil(len(x) / batch_size)
        with standing.undrawn(self):
            problem = self.problem(x, t, batch_size)
            work = self.method.work(problem)
            return Cost(steps, work, seconds_per_gradient(problem, self.method))

    def problem(self, x: Any, t: Any, batch_size: int) -> Problem:
        """Return the loss of the first samples, as one step would be given them."""
        return self.network.problem(x[:batch_size], t[:batch_size], self.h, self.memory)

    def _check_batches(self, x: Array, t: Array, batch_size: int) -> None:
        """Raise if a layer cannot learn from the smallest batch; now, not when it comes."""
        smallest = len(x) % batch_size or min(len(x), batch_size)
        if two_mode(self.network.layers):
            try:
                self.problem(x, t, smallest)
            except ShapeError as error:
                raise ShapeError(
                    f"{error}; of {len(x)} samples in batches of {batch_size}, the last has"
                    f" {smallest}"
                ) from error

    def _check_targets(self, x: Array, t: Array) -> None:
        """Raise if a target does not fit the outputs, now rather than in the middle of an epoch."""
        z = self.network.forward(x[:1])
        self.network.loss_function.targets(t, np.zeros((len(x), *z.shape[1:])))


def _several(callbacks: Callback | Iterable[Callback]) -> tuple[Callback, ...]:
    """Return callbacks as a tuple, of one or of several."""
    found = tuple(callbacks) if isinstance(callbacks, Iterable) else (callbacks,)
    for callback in found:
        if not callable(callback):
            raise ArgumentError("a callback", "a function of the trainer", callback)
    return found
