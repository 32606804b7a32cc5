"""Several runs in one picture: which learnt faster, which got further."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nn.errors import ArgumentError, InputError, nearest

from .arrays import FloatArray
from .curves import RunHistory, Series, smooth
from .keys import legend_below
from .saving import save_axes
from .schedule import log_if_wide
from .style import LINE_COLORS, axes_or_new, class_marker, line_color, styled
from .writing import shortened

PERCENT = ("accuracy",)
NAMES = {"r2": "R²"}
LONGEST = 48  # letters of a run's name


@styled
def plot_runs(
    histories: Mapping[str, RunHistory], ax: Axes | None = None, *, key: str = "loss"
) -> Axes:
    """Draw the same curve of several runs over their steps, a colour and a marker each.

    A run's main line is what was evaluated: validation, or test where there is no validation.
    Beneath it lies, pale, the running mean over its training batches, which is the main line
    where nothing was evaluated. The legend gives the last value of each main line. The loss axis
    is logarithmic when the main lines span more than one and a half decades.

    Parameters
    ----------
    histories : mapping of name -> RunHistory
        Values that are missing or not finite are left out.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    key : str
        "loss", or the metric of the runs, such as "accuracy".

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError
        If `histories` is no mapping.
    InputError
        If there is no run, or none has recorded `key`.
    """
    if not isinstance(histories, Mapping):
        raise ArgumentError("histories", "a mapping of name -> history", histories)
    if not histories:
        raise InputError("there is no run to draw")
    mains = {name: main_line(history, key) for name, history in histories.items()}
    if not any(part for part, _ in mains.values()):
        known = {"loss", *(history.metric for history in histories.values())}
        raise InputError(f"none of the runs has recorded {key!r}{nearest(key, known - {key})}")

    labels, title = words(key, mains)
    columns = 1 if max(map(len, labels)) > 32 else 2
    ax = axes_or_new(ax, 7.2, 4.8 + 0.24 * math.ceil(len(labels) / columns))
    for index, (name, history) in enumerate(histories.items()):
        draw_run_line(ax, index, history, key, *mains[name])
    ax.set(xlabel="step", ylabel=NAMES.get(key, key))
    ax.xaxis.set_major_locator(
        MaxNLocator(6, steps=[1, 2, 2.5, 5, 10], integer=True, min_n_ticks=1)
    )
    lay_values(ax, key, [line.value for part, line in mains.values() if part])
    explain(ax, labels, title, columns)
    return ax


def main_line(history: RunHistory, key: str) -> tuple[str, Series]:
    """Return what a run is judged by, and its name; "" if nothing was recorded."""
    for part in ("validation", "test"):
        series = Series.read(history.evaluations, f"{part}_{key}")
        if len(series.value):
            return part, series
    series = training(history, key)
    return ("training" if len(series.value) else ""), series


def training(history: RunHistory, key: str) -> Series:
    """Return the running mean over a twentieth of the run's batches, as `plot_loss` has it."""
    series = Series.read(history.steps, key)
    return Series(series.step, smooth(series.value, (len(series.value) // 20) | 1))


def draw_run_line(
    ax: Axes, index: int, history: RunHistory, key: str, part: str, main: Series
) -> None:
    """Draw run number `index`: its main line, and the pale one beneath."""
    color, dashes = line_color(index), ("-", "--", ":")[index // len(LINE_COLORS) % 3]
    if part in ("validation", "test"):
        pale = training(history, key)
        ax.plot(pale.step, pale.value, color=color, alpha=0.3, linewidth=1.8, zorder=2)
    marker = "" if part == "training" and len(main.value) > 20 else class_marker(index)
    ax.plot(
        main.step, main.value, dashes, color=color, marker=marker, zorder=3, linewidth=2.2,
        markeredgecolor="white", markeredgewidth=0.8, gid="main",
        markevery=math.ceil(len(main.value) / 12) or 1,
    )  # fmt: skip


def lay_values(ax: Axes, key: str, drawn: list[FloatArray]) -> None:
    """Choose the y axis for the values of the main lines."""
    values = np.concatenate(drawn)
    if key in PERCENT:
        ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
        ax.set_ylim(top=min(ax.get_ylim()[1], 1.02))
    elif key == "r2":
        if values.min() < -1:
            late = min(float(one[len(one) // 2 :].min()) for one in drawn)
            ax.set_ylim(min(-1.0, late) - 0.05, 1.05)
    else:
        log_if_wide(ax, float(values.min()), float(values.max()))


def words(key: str, mains: Mapping[str, tuple[str, Series]]) -> tuple[list[str], str]:
    """Say for each run what its main line ends at, and for all what the lines are."""
    parts = {part for part, _ in mains.values() if part}
    labels = []
    for name, (part, line) in mains.items():
        said = f"{part} " if part and len(parts) > 1 else ""
        last = ended(float(line.value[-1]), key) if part else "nothing recorded"
        labels.append(f"{clipped(name)}: {said}{last}")
    title = f"last {min(parts)} {NAMES.get(key, key)}" if len(parts) == 1 else "last value"
    return labels, title if parts == {"training"} else f"{title}; pale: training"


def ended(value: float, key: str) -> str:
    """Write a last value with three figures, those that are zero too, or as a percentage."""
    return f"{value:.1%}" if key in PERCENT else shortened(f"{value:#.3g}".rstrip("."))


def explain(ax: Axes, labels: list[str], title: str, columns: int) -> None:
    """Name the runs below the axes."""
    mains = [line for line in ax.lines if line.get_gid() == "main"]
    legend_below(ax, columns, handles=mains, labels=["run"] * len(labels), title=title)
    legend = ax.get_legend()
    for text, label in zip(legend.get_texts() if legend else (), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(label)  # here, since a name that begins with "_" would be left out above


def clipped(name: str) -> str:
    """Leave out the middle of a long name."""
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[: half - 1]}…{name[-half:]}"


@styled
def draw_runs(histories: Mapping[str, RunHistory], path: Path) -> None:
    """Draw the loss and the metric of runs side by side into a file, without pyplot."""
    metric = next(iter(histories.values())).metric
    figure = Figure(figsize=(13, 5), layout="constrained")
    for ax, key in zip(figure.subplots(1, 2), ("loss", metric), strict=True):
        plot_runs(histories, ax, key=key)
    save_axes(figure.axes[0], path)
