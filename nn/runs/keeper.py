"""Keeps what a run has: every record at once, and checkpoints as often as they cost little."""

from __future__ import annotations

import time

from nn.checkpoint import Checkpoint
from nn.interrupts import uninterrupted
from nn.runs.folder import Run
from nn.trainer import Trainer

_SHARE = 50  # a checkpoint may cost a fiftieth of the time since the last one
_FIRST = 0.02  # seconds the first is expected to cost


class Keeper:
    """Callbacks of a trainer that write into the folder of its run.

    Parameters
    ----------
    trainer : Trainer
    run : Run
    seconds : float > 0
        Longest time between two checkpoints; there is one at the end of every epoch, too, where
        that costs less than 2 % of the time.
    """

    def __init__(self, trainer: Trainer, run: Run, seconds: float = 60.0) -> None:
        self.trainer, self.run, self.seconds = trainer, run, seconds
        self._logged = len(trainer.history.records)  # of a run that goes on
        self._best: Checkpoint | None = None
        self._cost, self._saved = _FIRST, time.perf_counter()

    def step(self, trainer: Trainer) -> None:
        """Log, and save if it is time."""
        self.log()
        if self._since() >= max(self.seconds, _SHARE * self._cost):
            self.save()

    def epoch(self, trainer: Trainer) -> None:
        """Log, and save if it is cheap."""
        self.log()
        if self._since() >= _SHARE * self._cost:
            self.save()

    def log(self) -> None:
        """Write down the records that are not written yet."""
        records = self.trainer.history.records
        while self._logged < len(records):
            with uninterrupted():  # else a record that was just written would be written again
                self.run.log(records[self._logged])
                self._logged += 1

    def save(self) -> None:
        """Write last.npz, and best.npz if it is another one than before."""
        start = time.perf_counter()
        self.log()
        best = self.trainer.best_checkpoint
        if best is not None and best is not self._best:
            self.run.save("best", best)
            self._best = best
        self.run.save("last", self.trainer.checkpoint())
        self._saved = time.perf_counter()
        self._cost = self._saved - start

    def _since(self) -> float:
        return time.perf_counter() - self._saved
