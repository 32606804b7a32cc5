"""How training looks while it runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType
from typing import Any, Self

from nn.history import Record

_SILENCE = 10.0  # seconds without a line, at most
_LINES = 20  # about so many evaluations, if they come quicker than that


class Progress:
    """Shows steps and evaluations as they come; used as a context manager.

    Parameters
    ----------
    epochs, steps : int
        Of the whole run.
    metric : str
        "accuracy" or "r2".
    show : bool
        False: say nothing at all.
    done : int
        Steps that were made before, of a run that goes on.
    """

    def __init__(
        self, epochs: int, steps: int, metric: str, show: bool = True, done: int = 0
    ) -> None:
        self.epochs, self.steps, self.metric, self.show = epochs, steps, metric, show
        self.done = done
        self._bar: Any = None
        self._start = self._spoken = time.perf_counter()

    def __enter__(self) -> Self:
        if self.show and sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=self.steps, initial=self.done, desc="training", unit=" steps",
                dynamic_ncols=True,
            )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, record: Record) -> None:
        """Show one step."""
        if self._bar is not None:
            self._bar.set_postfix_str(
                _figures(record, "", self.metric, record["lr"]), refresh=False
            )
            self._bar.update(1)
        elif self.show and time.perf_counter() - self._spoken > _SILENCE:
            self._say(record, _figures(record, "", self.metric, record["lr"]))

    def evaluation(self, record: Record) -> None:
        """Show the figures at the end of an epoch."""
        part = next(p for p in ("validation", "test", "training") if f"{p}_loss" in record)
        due = (
            record["epoch"] % math.ceil(self.epochs / _LINES) == 0 or record["epoch"] == self.epochs
        )
        silent = time.perf_counter() - self._spoken > _SILENCE
        if self.show and (due or silent):
            self._say(record, f"{part} {_figures(record, part + '_', self.metric)}")

    def _say(self, record: Record, figures: str) -> None:
        now = time.perf_counter()
        spent, self._spoken = now - self._start, now
        made = record["step"] - self.done
        line = f"epoch {record['epoch']:>{len(str(self.epochs))}}/{self.epochs}  {figures}"
        if self._bar is not None:
            self._bar.write(line)
        else:
            step = f"step {record['step']:>{len(str(self.steps))}}/{self.steps}"
            line = f"{line}  {step}  {duration(spent)} gone"
            if made:
                left = spent / made * (self.steps - record["step"])
                line = f"{line}, {duration(left)} left"
            print(line, flush=True)


def duration(seconds: float) -> str:
    """Say a time as a person would: "0.4 s", "35 s", "2 min 05 s", "3 h 20 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _figures(record: Record, part: str, metric: str, lr: float | None = None) -> str:
    figures = [f"loss {record[part + 'loss']:.4f}"]
    if part + metric in record:
        figures.append(f"{metric} {record[part + metric]:.3f}")
    if lr is not None:
        figures.append(f"lr {lr:.3g}")
    return "  ".join(figures)
