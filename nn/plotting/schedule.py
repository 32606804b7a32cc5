"""A schedule before it is used: the learning rate of every step of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from nn.errors import ArgumentError, InputError, blame, check_count, is_finite, shown

from .arrays import FloatArray
from .saving import save_axes
from .style import BLUE, GREY, axes_or_new, styled
from .writing import figures, plain

_ASKED = 50_000  # steps a schedule is asked about at most


def log_if_wide(ax: Axes, low: float, high: float) -> bool:
    """Make the y axis logarithmic if `low` to `high` are more than one and a half decades."""
    decades = np.log10(high / low) if low > 0 else 0.0
    if decades > 1.5:
        ax.set_yscale("log", nonpositive="mask")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 3 else (1,)))
        ax.yaxis.set_major_formatter(FuncFormatter(plain))
        ax.yaxis.set_minor_formatter(NullFormatter())
    return bool(decades > 1.5)


def rates(schedule: Callable[[int], float], index: FloatArray) -> FloatArray:
    """Ask a schedule for the rate of each step, counted from 0.

    Raises
    ------
    InputError
        If it fails, or a rate is no finite number of at least 0; says at which step.
    """
    found = np.empty(len(index))
    for place, step in enumerate(index.astype(np.int64).tolist()):
        try:
            rate = schedule(step)
        except Exception as error:  # a schedule may be the user's own
            raise InputError(f"the schedule fails at step {step}: {blame(error)}") from error
        if not is_finite(rate) or rate < 0:
            raise InputError(f"the schedule gives {shown(rate)} for step {step}: no learning rate")
        found[place] = rate
    return found


@styled
def plot_schedule(
    schedule: Callable[[int], float],
    steps: int,
    ax: Axes | None = None,
    *,
    epochs: int | None = None,
) -> Axes:
    """Draw the learning rate of a whole run, before it begins.

    The axis of rates is logarithmic where a good part of the run is more than one and a half
    decades below its highest rate, and starts at zero otherwise.

    Parameters
    ----------
    schedule : callable, int -> float
        A `Schedule`, or any function of the step, counted from 0.
    steps : int, >= 1
        Of the whole run. They are drawn as they are recorded, counted from 1.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    epochs : int, >= 1, optional
        Of the whole run; their ends are marked, a few if there are many.

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        If `schedule` cannot be called, or a number is not a count.
    InputError
        If the schedule gives something else than a learning rate.
    """
    if not callable(schedule):
        raise ArgumentError("schedule", "a Schedule, or a function of the step", schedule)
    check_count("steps", steps)
    if epochs is not None:
        check_count("epochs", epochs)
    index = np.unique(np.linspace(0, steps - 1, min(steps, _ASKED)).round())
    rate = rates(schedule, index)

    ax = axes_or_new(ax, 6.4, 4.2)
    ax.plot(
        index + 1, rate, color=BLUE, marker="o" if len(index) <= 40 else "", clip_on=False, zorder=3
    )
    if not log_if_wide(ax, float(np.quantile(rate, 0.15)), float(rate.max())):
        ax.set_ylim(0, 1.08 * rate.max() or 1.0)
        ax.yaxis.set_major_formatter(FuncFormatter(plain))
    ax.set_title(summary(rate), loc="left", pad=10)
    ax.set(xlabel="step", ylabel="learning rate")
    ax.xaxis.set_major_locator(
        MaxNLocator(6, steps=[1, 2, 2.5, 5, 10], integer=True, min_n_ticks=1)
    )
    ax.margins(x=0.02)
    if epochs is not None:
        mark_epochs(ax, steps, epochs)
    return ax


def summary(rate: FloatArray) -> str:
    """Say where the rates (K,) begin, how high they rise, and where they end."""
    first, top, last = (figures(float(one), 3) for one in (rate[0], rate.max(), rate[-1]))
    if rate.min() == rate.max():
        return f"always {first}"
    parts = [f"first {first}", f"highest {top}", f"last {last}"]
    if top in (first, last):
        del parts[1]
    return ", ".join(parts)


def mark_epochs(ax: Axes, steps: int, epochs: int) -> None:
    """Draw upright lines where epochs end, and count them along the top."""
    length = steps / epochs
    counts = MaxNLocator(8, steps=[1, 2, 5, 10], integer=True).tick_values(0, epochs)
    ends = np.array([k for k in counts if 1 <= k <= epochs and k == round(k)])
    ax.grid(False, axis="x")
    ax.set_xlim(ax.get_xlim())
    for k in ends:
        ax.axvline(k * length, color=GREY, linestyle=":", linewidth=1.2, zorder=1)
    top = ax.secondary_xaxis(
        "top", functions=(lambda x: np.divide(x, length), lambda k: np.multiply(k, length))
    )
    top.set_xticks(ends, [f"{k:.0f}" for k in ends])
    top.set_xlabel("end of epoch", color=GREY, fontsize=12)
    top.spines["top"].set_visible(False)
    top.tick_params(length=0, colors=GREY)


@styled
def draw_schedule(schedule: Callable[[int], float], steps: int, epochs: int, path: Path) -> None:
    """Draw a schedule into a file, without pyplot."""
    ax = Figure(figsize=(6.4, 4.0), layout="constrained").add_subplot()
    save_axes(plot_schedule(schedule, steps, ax, epochs=epochs), path)
