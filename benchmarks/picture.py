"""The picture: seconds a step of every method and net, and how they grow; all on log axes."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from benchmarks.report import powers, seconds, whole
from nn.plotting.style import BLUE, CLASS_COLORS, GREY, ORANGE, styled

Record = Mapping[str, Any]
_DPI = 110
_PREDICTED: dict[str, Any] = {"linestyle": (0, (1, 2)), "linewidth": 1.2, "zorder": 1}


class Look(NamedTuple):
    """Colour and marker of a method, and what it is called in the legend."""

    color: str
    marker: str
    label: str


LOOKS = {
    "loop": Look("black", "o", "loop"),
    "numdifftools": Look(GREY, "<", "numdifftools"),
    "scipy approx_derivative": Look(GREY, ">", "scipy approx_derivative"),
    "torch.func vmap": Look(CLASS_COLORS[6], "P", "torch.func vmap"),
    "direction": Look(CLASS_COLORS[3], "v", "direction (10, noisy)"),
    "weight": Look(ORANGE, "s", "weight"),
    "torch autograd": Look(CLASS_COLORS[6], "X", "torch autograd"),
    "node": Look(BLUE, "D", "node"),
    "auto": Look(CLASS_COLORS[8], "h", "auto, where it is not node"),
    "backprop": Look(CLASS_COLORS[2], "^", "backprop in numpy"),
}

LABELLED = {"loop": -9, "weight": 9, "node": 9, "auto": -9}  # points beside the marker


@styled
def draw_results(results: Record, path: Path) -> None:
    """Draw what `python -m benchmarks.gradients` measured into a PNG file."""
    nets, axes = results["nets"], results["growth"]
    figure = Figure(figsize=(14, 10), layout="constrained")
    grid = figure.add_gridspec(len(axes), 2, width_ratios=[1.2, 1])
    draw_nets(figure.add_subplot(grid[:, 0]), nets)
    for place, axis in enumerate(axes.values()):
        draw_growth(figure.add_subplot(grid[place, 1]), axis)
    there = {name for net in nets for name in drawn(net)}
    handles = [
        Line2D([], [], color=look.color, marker=look.marker, linestyle="", label=look.label)
        for name, look in LOOKS.items()
        if name in there
    ]
    hollow = Line2D([], [], color="black", marker="o", linestyle="", markerfacecolor="white")
    hollow.set_label("hollow: extrapolated from a sample")
    handles += [hollow, Line2D([], [], color="black", label="predicted power", **_PREDICTED)]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=5, columnspacing=1.6,
        title=_small_print(results),
    )  # fmt: skip
    figure.savefig(path, dpi=_DPI)


def _small_print(results: Record) -> str:
    machine = results["machine"]
    return (
        f"Forward and gradient of the mean loss, float64, on {machine['cores']} cores: median of"
        f" {results['settings']['rounds']} rounds; of several thread settings the fastest"
    )


def drawn(net: Record) -> dict[str, Record]:
    """What is drawn of a net, by name.

    Of several settings of the threads, told apart after a comma, the fastest is drawn; auto only
    where it is something else than node.
    """
    found: dict[str, Record] = {}
    for method in sorted(net["methods"], key=itemgetter("seconds"), reverse=True):
        found[method["name"].partition(",")[0]] = method
    if {"node", "auto"} <= set(found) and found["node"]["ways"] == found["auto"]["ways"]:
        del found["auto"]
    return found


def draw_nets(ax: Axes, nets: list[Record]) -> None:
    """Draw a band a net, and in it a point a method, each on a height of its own."""
    for band, net in enumerate(nets):
        ax.axhspan(band - 0.5, band + 0.5, color="0.96" if band % 2 else "white", zorder=0)
        for name, method in drawn(net).items():
            height = band - 0.4 + 0.8 * list(LOOKS).index(name) / (len(LOOKS) - 1)
            time = method["seconds"]
            _point(ax, time, height, name, method["extrapolated"])
            if name in LABELLED:
                ax.annotate(
                    "~" * method["extrapolated"] + seconds(time), (time, height),
                    (LABELLED[name], 0), textcoords="offset points", va="center",
                    ha="left" if LABELLED[name] > 0 else "right", fontsize=11,
                )  # fmt: skip
    ax.set_ylim(len(nets) - 0.5, -0.5)
    ax.yaxis.set_major_locator(NullLocator())
    ax.set_yticks(
        range(len(nets)),
        [f"{_two_lines(net['name'])}\n{whole(net['parameters'])} parameters" for net in nets],
    )
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    ax.set_xscale("log")
    _in_seconds(ax, "x")
    ax.set_xlabel("time of one gradient")
    ax.set_title("One gradient, of the same batch for every method")


def draw_growth(ax: Axes, axis: Record) -> None:
    """Draw a line a method over weights or depth, its power and the predicted one at the end.

    What is predicted goes through the last point, as steep as it should be.
    """
    values = np.array(axis[axis["against"]])
    letter = "P" if axis["against"] == "parameters" else "d"
    for name, (measured, predicted) in powers(axis).items():
        look, line = LOOKS[name], axis["seconds"][name]
        ax.plot(values, line, color=look.color, linewidth=1.8)
        steep = line[-1] * (values / values[-1]) ** predicted
        ax.plot(values, steep, color=look.color, **_PREDICTED)
        for value, time in zip(values, line, strict=True):
            _point(ax, value, time, name, name in axis["extrapolated"])
        ax.annotate(
            f"{name}  ${letter}^{{{measured:.1f}}}$ (predicted {predicted})",
            (values[-1], line[-1]), (10, 0), textcoords="offset points", va="center",
            color=look.color, fontsize=11,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(values[0] / 1.1, values[-1] * (values[-1] / values[0]) ** 0.6)
    _in_seconds(ax, "y")
    ax.set_ylabel("time of one gradient")
    if axis["against"] == "parameters":
        ticks = [f"{whole(p)}\n{n}" for p, n in zip(values, axis["values"], strict=True)]
        ax.set_xlabel("weights P of a net 64-n-10; below them its units n")
        ax.tick_params(axis="x", labelsize=10)
        ax.set_title("Growth with the number of weights")
    else:
        ticks = list(map(str, values))
        ax.set_xlabel("d hidden layers of 32 units")
        ax.set_title("Growth with depth")
    ax.set_xticks(values, ticks)


def _point(ax: Axes, x: float, y: float, name: str, hollow: bool) -> None:
    look = LOOKS[name]
    ax.plot(
        x, y, look.marker, color=look.color, markersize=7.5, zorder=3,
        markerfacecolor="white" if hollow else look.color,
        markeredgewidth=1.6 if hollow else 0.8,
        markeredgecolor=look.color if hollow else "white",
    )  # fmt: skip


def _two_lines(name: str) -> str:
    return name.replace(", ", ",\n")


def _in_seconds(ax: Axes, which: str) -> None:
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(LogLocator(numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    axis.set_minor_formatter(NullFormatter())


def _tick(value: float) -> str:
    number, unit = seconds(value * (1 + 1e-9)).rsplit(maxsplit=1)
    return f"{float(number.replace(' ', '')):g} {unit}"
