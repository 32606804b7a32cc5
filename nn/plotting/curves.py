"""How a run went: loss and metric, step by step and epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from .arrays import FloatArray
from .style import BLUE, GREY, ORANGE, axes_or_new, styled


class RunHistory(Protocol):
    """What was recorded of a run: a mapping a step, a mapping an evaluation, the metric's name."""

    @property
    def steps(self) -> Sequence[Mapping[str, object]]:
        """One record a step: "step", "epoch", "loss" and the metric on the batch."""

    @property
    def evaluations(self) -> Sequence[Mapping[str, object]]:
        """One record an evaluation: "step", and "validation_" and "test_" loss and metric."""

    @property
    def metric(self) -> str:
        """The metric's key: "accuracy" or "r2"."""


@dataclass(frozen=True)
class Series:
    """The finite numbers recorded under one key, and the steps they belong to; both (K,)."""

    step: FloatArray
    value: FloatArray

    @classmethod
    def read(cls, records: Iterable[Mapping[str, object]], key: str) -> Series:
        """Collect `key` from the records that have it."""
        pairs = [
            (float(step), float(value))
            for step, value in ((record.get("step"), record.get(key)) for record in records)
            if isinstance(step, int | float | np.number)
            and isinstance(value, int | float | np.number)
            and np.isfinite(value)
        ]
        table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1])


def smooth(values: FloatArray, width: int) -> FloatArray:
    """Average each value (K,) with its neighbours, over at most `width` of them.

    The window is centred, so a fall is shown where it happened. It narrows at the start, where
    a loss falls steeply and a wide one would hide the first value, and is cut off at the end.
    """
    count = len(values)
    index = np.arange(count)
    reach = np.minimum(width // 2, index)
    total = np.concatenate([[0.0], np.cumsum(values)])
    first, last = index - reach, np.minimum(index + reach, count - 1)
    average: FloatArray = (total[last + 1] - total[first]) / (last + 1 - first)
    return average


def steps_per_epoch(history: RunHistory) -> int | None:
    """Count the steps of an epoch; None if epochs differ or only one was begun."""
    first: dict[object, int] = {}
    for record in history.steps:
        step = record.get("step")
        if isinstance(step, int):
            first.setdefault(record.get("epoch"), step)
    lengths = set(np.diff(list(first.values())).tolist())
    return int(lengths.pop()) if len(lengths) == 1 else None


def draw_training(ax: Axes, series: Series) -> FloatArray:
    """Draw one value a batch, and their running mean if there are many; return the main line."""
    count = len(series.value)
    width = (count // 20) | 1  # a twentieth of the run, and odd, so that it has a centre
    if width == 1:
        marker = "o" if count <= 20 else ""
        ax.plot(series.step, series.value, color=BLUE, marker=marker, label="training batch")
        return series.value
    ax.plot(series.step, series.value, color=BLUE, alpha=0.25, linewidth=1, label="training batch")
    average = smooth(series.value, width)
    ax.plot(series.step, average, color=BLUE, label=f"training, mean of {width} batches")
    return average


def draw_curves(ax: Axes, history: RunHistory, key: str, percent: bool) -> list[FloatArray]:
    """Draw `key` of training, validation and test; return the values of the main lines."""
    drawn = []
    train = Series.read(history.steps, key)
    if len(train.value):
        drawn.append(draw_training(ax, train))
    for part, color, line in (("validation", ORANGE, "o-"), ("test", GREY, "s--")):
        series = Series.read(history.evaluations, f"{part}_{key}")
        if len(series.value):
            last = f"{series.value[-1]:.1%}" if percent else f"{series.value[-1]:.3g}"
            ax.plot(
                series.step, series.value, line, color=color, label=f"{part}, last {last}",
                linewidth=2, markeredgecolor="white", markeredgewidth=0.8,
                markevery=math.ceil(len(series.value) / 12),
            )  # fmt: skip
            drawn.append(series.value)
    per_epoch = steps_per_epoch(history)
    ax.set_xlabel("step" if per_epoch is None else f"step ({per_epoch} per epoch)")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    if drawn:
        # Below the axes, where no curve can be hidden.
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    else:
        ax.text(0.5, 0.5, "nothing recorded", ha="center", va="center", transform=ax.transAxes)
    return drawn


@styled
def plot_loss(history: RunHistory, ax: Axes | None = None) -> Axes:
    """Draw the loss of a run over its steps.

    Training loss as a line (with 40 steps or more its running mean, over the faint loss of
    every batch), validation and test loss as lines with markers, a point an evaluation. The
    loss axis is logarithmic when the lines span more than one and a half decades.

    Parameters
    ----------
    history : RunHistory
        Values that are missing or not finite are left out.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax)
    drawn = draw_curves(ax, history, "loss", percent=False)
    ax.set_ylabel("loss")
    if drawn:
        values = np.concatenate(drawn)
        decades = np.log10(values.max() / values.min()) if values.min() > 0 else 0.0
        if decades > 1.5:
            ax.set_yscale("log", nonpositive="mask")
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 3 else (1,)))
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_formatter(NullFormatter())
    return ax


@styled
def plot_metric(history: RunHistory, ax: Axes | None = None) -> Axes:
    """Draw the accuracy, or R², of a run over its steps: lines as in `plot_loss`.

    R² has no lower bound, and the first steps are often far below zero: they may lie outside
    the picture, so that what the network reached can be read.

    Parameters
    ----------
    history : RunHistory
        Values that are missing or not finite are left out.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax)
    percent = history.metric == "accuracy"
    drawn = draw_curves(ax, history, history.metric, percent=percent)
    ax.set_ylabel("R²" if history.metric == "r2" else history.metric)
    if percent:
        ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
        ax.set_ylim(top=min(ax.get_ylim()[1], 1.02))
    elif drawn and min(values.min() for values in drawn) < -1:
        late = min(values[len(values) // 2 :].min() for values in drawn)
        ax.set_ylim(min(-1.0, late) - 0.05, 1.05)
    return ax
