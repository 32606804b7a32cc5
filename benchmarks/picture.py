"""The picture: seconds a step of every method and net, and how they grow; all on log axes."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from benchmarks.report import seconds, whole
from nn.plotting.style import BLUE, CLASS_COLORS, GREY, ORANGE, styled

Record = Mapping[str, Any]
_DPI = 110


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
    "backprop": Look(CLASS_COLORS[2], "^", "backprop in numpy"),
}

LABELLED = {"loop": -9, "weight": 9, "node": 9}  # points beside the marker


@styled
def draw_results(results: Record, path: Path) -> None:
    """Draw what `python -m benchmarks.gradients` measured into a PNG file."""
    nets, axes = results["nets"], results["growth"]
    figure = Figure(figsize=(14, 9), layout="constrained")
    grid = figure.add_gridspec(len(axes), 2, width_ratios=[1.5, 1])
    draw_nets(figure.add_subplot(grid[:, 0]), nets)
    for place, axis in enumerate(axes.values()):
        draw_growth(figure.add_subplot(grid[place, 1]), axis)
    there = {method["name"] for net in nets for method in net["methods"]}
    handles = [
        Line2D([], [], color=look.color, marker=look.marker, linestyle="", label=look.label)
        for name, look in LOOKS.items()
        if name in there
    ]
    hollow = Line2D([], [], color="black", marker="o", linestyle="", markerfacecolor="white")
    hollow.set_label("hollow: extrapolated from a sample")
    handles.append(hollow)
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


def draw_nets(ax: Axes, nets: list[Record]) -> None:
    """Draw a band a net, and in it a point a method, each on a height of its own.

    Of several settings of the threads, told apart after a comma, the fastest is drawn.
    """
    for band, net in enumerate(nets):
        ax.axhspan(band - 0.5, band + 0.5, color="0.96" if band % 2 else "white", zorder=0)
        for place, name in enumerate(LOOKS):
            height = band - 0.4 + 0.8 * place / (len(LOOKS) - 1)
            settings = [m for m in net["methods"] if m["name"].partition(",")[0] == name]
            for method in sorted(settings, key=itemgetter("seconds"))[:1]:
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
    """Draw a line a method over width or depth, its power at the end."""
    values = axis["values"]
    for name, line in axis["seconds"].items():
        look, hollow = LOOKS[name], name in axis["extrapolated"]
        ax.plot(values, line, color=look.color, linewidth=1.8)
        for value, time in zip(values, line, strict=True):
            _point(ax, value, time, name, hollow)
        ax.annotate(
            f"{name} $\\propto n^{{{axis['exponents'][name]:.1f}}}$",
            (values[-1], line[-1]), (10, 0), textcoords="offset points", va="center",
            color=look.color, fontsize=12,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks(values, list(map(str, values)))
    ax.set_xlim(values[0] / 1.1, values[-1] * (values[-1] / values[0]) ** 0.42)
    _in_seconds(ax, "y")
    ax.set_ylabel("time of one gradient")
    if axis["axis"] == "width":
        ax.set_xlabel("n units in the hidden layer, 64-n-10")
        ax.set_title("Growth with width")
    else:
        ax.set_xlabel("n hidden layers of 32 units")
        ax.set_title("Growth with depth")


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
