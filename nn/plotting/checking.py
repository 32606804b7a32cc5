"""A gradient beside its differences: what is right lies on the diagonal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .arrays import FloatArray
from .checked import CheckedArray, CheckReport, columns, is_bar, markers, wrong_entries
from .labels import name_points
from .saving import figure_of
from .signed import Signed
from .style import BLUE, GREY, INK, ORANGE, axes_or_new, styled
from .writing import plain, rounded_up

Look: TypeAlias = dict[str, Any]  # what matplotlib is told of an artist

COLORS = {"right": BLUE, "undecided": GREY, "wrong": ORANGE}
NAMED = 6  # wrong entries
LONGEST = 34  # letters of a name


def scale_for(report: CheckReport) -> Signed:
    """Choose a scale on which small gradients can be seen, where small ones are told from 0."""
    analytic, numeric, bound = (columns(report.table, f) for f in ("analytic", "numeric", "bound"))
    known = np.where(np.isfinite(bound), bound, 0)
    kinks = np.concatenate(
        [np.r_[part.left, part.right][np.tile(is_bar(part), 2)] for part in report.table]
    )
    least = []
    for values in (analytic, numeric):
        told = np.abs(values[np.isfinite(values) & (np.abs(values) > known)])
        if len(told):
            least.append(float(np.quantile(told, 0.05)))  # one small by chance is no reason
    for entry in wrong_entries(report, NAMED):
        size = np.nanmax([abs(entry.analytic), abs(entry.numeric), 0.0])
        least += [float(size)] if 0 < size < math.inf else []
    values = np.concatenate([analytic, numeric, kinks])
    ends = (
        bool(np.isneginf(values).any()),
        bool((np.isnan(values) | np.isposinf(values)).any()),
    )
    return Signed.of(values[np.isfinite(values)], np.array(least), ends)


def draw_bars(ax: Axes, part: CheckedArray, scale: Signed) -> set[str]:
    """Draw how far a numeric slope is known, or the slopes on both sides; return which were."""
    drawn = set()
    y, kink = scale.seen(part.analytic), is_bar(part)
    spread = np.clip(part.bound, 0, 2 * (scale.high - scale.low))
    bars: tuple[tuple[str, Any, FloatArray, FloatArray, Look], ...] = (
        ("allowed error", ~kink & ~np.isnan(part.numeric + spread), part.numeric - spread,
         part.numeric + spread, {"linewidth": 1.5, "alpha": 0.6}),
        ("kink", kink, part.left, part.right, {"linewidth": 5, "alpha": 0.35}),
    )  # fmt: skip
    for name, where, low, high, how in bars:
        for verdict, color in COLORS.items():
            some = where & (part.verdicts == verdict)
            if some.any():
                ax.hlines(y[some], low[some], high[some], color=color, zorder=2, **how,
                          rasterized=some.sum() > 1000)  # fmt: skip
                drawn.add(name)
    return drawn


def draw_dots(ax: Axes, part: CheckedArray, marker: str, scale: Signed, crowd: int) -> None:
    """Draw the entries of one array, right ones below, wrong ones on top."""
    size = 46.0 if crowd <= 60 else 30.0 if crowd <= 400 else 14.0
    x, y = scale.seen(part.numeric), scale.seen(part.analytic)
    looks: dict[str, Look] = {
        "right": {"s": size, "c": BLUE, "linewidths": 0, "zorder": 3,
                  "alpha": 0.75 if crowd <= 400 else 0.4},
        "undecided": {"s": size + 10, "facecolors": "white", "edgecolors": GREY, "linewidths": 1.6,
                      "zorder": 4},
        "wrong": {"s": size + 24, "c": ORANGE, "edgecolors": "black", "linewidths": 0.9,
                  "zorder": 5},
    }  # fmt: skip
    for verdict, look in looks.items():
        some = part.verdicts == verdict
        if some.any():
            ax.scatter(x[some], y[some], marker=marker, clip_on=False, **look,
                       rasterized=some.sum() > 1000)  # fmt: skip


def draw_edges(ax: Axes, table: Sequence[CheckedArray], scale: Signed) -> None:
    """Say what the numbers at the edges are that have no place on the scale."""
    for field, side in (("analytic", "y"), ("numeric", "x")):
        values = columns(table, field)
        kinds = (
            (scale.top, (("nan", np.isnan(values)), ("inf", np.isposinf(values)))),
            (scale.bottom, (("−inf", np.isneginf(values)),)),
        )
        for edge, words in kinds:
            text = " or ".join(word for word, found in words if found.any())
            if not text:
                continue
            how: Look = {"color": GREY, "linewidth": 1, "linestyle": ":", "zorder": 1}
            if side == "y":
                ax.axhline(edge, **how)
                ax.text(-0.02, edge, text, transform=ax.get_yaxis_transform(), ha="right",
                        va="center_baseline")  # fmt: skip
            else:
                ax.axvline(edge, **how)
                ax.text(edge, -0.025, text, transform=ax.get_xaxis_transform(), ha="center",
                        va="top")  # fmt: skip


def draw_legend(
    ax: Axes, table: Sequence[CheckedArray], marks: Sequence[str], drawn: set[str]
) -> None:
    """Explain colours, with counts, then bars, then the markers of the arrays."""
    verdicts = np.concatenate([np.asarray(part.verdicts) for part in table])
    looks: dict[str, Look] = {
        "right": {"color": BLUE, "markersize": 7},
        "wrong": {"color": ORANGE, "markeredgecolor": "black", "markersize": 8},
        "undecided": {"color": "white", "markeredgecolor": GREY, "markeredgewidth": 1.6},
    }
    handles = [
        Line2D([], [], linestyle="", marker="o", label=f"{verdict} ({count:,})", **look)
        for verdict, look in looks.items()
        if (count := int((verdicts == verdict).sum()))
    ]
    handles.append(Line2D([], [], color=GREY, linewidth=1.5, linestyle="--", label="both equal"))
    if "kink" in drawn:
        words = "kink, from slope\nbelow to above"
        handles.append(Line2D([], [], color=BLUE, linewidth=5, alpha=0.35, label=words))
    if "allowed error" in drawn:
        bound = columns(table, "bound")[~np.concatenate([is_bar(part) for part in table])]
        words = f"allowed error,\n{rounded_up(float(np.nanmax(bound)))} at most"
        handles.append(Line2D([], [], color=INK, linewidth=1.5, alpha=0.6, label=words))
    groups: dict[str, list[CheckedArray]] = {}
    for part, mark in zip(table, marks, strict=True):
        groups.setdefault(mark, []).append(part)
    for mark, parts in groups.items():
        looked, size = sum(len(p.numeric) for p in parts), sum(p.size for p in parts)
        name = parts[0].name if len(parts) == 1 else f"{len(parts)} others"
        share = f"{looked:,}" if looked == size else f"{looked:,} of {size:,}"
        marker: Look = {"marker": mark, "color": "0.75", "markeredgecolor": INK}
        words = f"{textwrap.shorten(name, 22)} ({share})"
        handles.append(Line2D([], [], linestyle="", label=words, **marker))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0.0)


def draw_names(ax: Axes, report: CheckReport, scale: Signed) -> None:
    """Name the worst of the wrong entries; of one that seems to be on the diagonal, say how off."""
    named = wrong_entries(report, NAMED)
    if not named:
        return
    points = np.array([(entry.numeric, entry.analytic) for entry in named])
    points = scale.seen(points)
    texts = []
    start, end = scale.along(np.array([scale.low, scale.high])).tolist()
    near = 0.01 * (end - start)
    for entry, (x, y) in zip(named, scale.along(points), strict=True):
        text = textwrap.shorten(entry.place, LONGEST)
        off = abs(entry.analytic - entry.numeric)
        texts.append(
            f"{text}, off by {plain(float(f'{off:.1g}'))}" if off and abs(x - y) < near else text
        )
    others = np.stack([columns(report.table, f) for f in ("numeric", "analytic")], axis=1)
    others = others[:: max(1, len(others) // 2000)]
    diagonal = scale.back(np.linspace(start, end, 60))
    others = np.concatenate([others, np.stack([diagonal, diagonal], axis=1)])
    name_points(ax, points, texts, scale.seen(others))


def draw_words(ax: Axes, report: CheckReport) -> None:
    """Write why there is nothing to compare."""
    ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
    figure = figure_of(ax)
    figure.draw_without_rendering()  # so that the axes have the size they are going to have
    letters = max(20, int(ax.bbox.width / figure.dpi * 9.5))
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.text(0.0, 0.97, sentences(report, letters), va="top", ha="left", fontsize=13, color=INK,
            parse_math=False)  # fmt: skip


def sentences(report: CheckReport, letters: int) -> str:
    """Return what kept gradients from being compared, in lines of so many letters."""
    found = [str(violation.sentence) for violation in report.violations]
    return "\n\n".join(textwrap.fill(one, letters) for one in found) or "nothing was compared"


@styled
def plot_gradcheck(report: CheckReport, ax: Axes | None = None) -> Axes:
    """Draw analytic against numeric gradients, one dot an entry, and name the wrong ones.

    A dot on the diagonal is right. Bars tell how far a numeric gradient is known: one that
    reaches the diagonal has nothing against its dot. At a kink the bar goes from the slope below
    to the slope above. The axes are logarithmic on both sides of 0 where gradients span more than
    three decades. What is not finite stands at the edge.

    Parameters
    ----------
    report : Report
        What `nn.gradcheck` returns. An unstable one has no entries: its sentences are written.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.

    Returns
    -------
    Axes
    """
    compared = any(len(part.numeric) for part in report.table)
    lines = sentences(report, 68).count("\n") + 1
    ax = axes_or_new(ax, 7.6, 5.2 if compared else 0.6 + 0.25 * lines)
    tag = report.cause.tag if report.cause is not None else ""
    tag = tag or ", ".join(dict.fromkeys(str(v.tag) for v in report.violations))
    title = f"{report.title}: {report.verdict}" + (f" — {tag}" if tag else "")
    ax.set_title(textwrap.fill(title, 52), parse_math=False)
    if not compared:
        draw_words(ax, report)
        return ax
    scale = scale_for(report)
    scale.lay(ax)
    ends = (scale.low, scale.high)
    ax.plot(ends, ends, color=GREY, linewidth=1.5, linestyle="--", zorder=1)
    ax.set(xlabel="numeric, by differences", ylabel="analytic, from backward")
    crowd = sum(len(part.numeric) for part in report.table)
    marks = markers(report.table)
    drawn: set[str] = set()
    for part, mark in zip(report.table, marks, strict=True):
        drawn |= draw_bars(ax, part, scale)
        draw_dots(ax, part, mark, scale, crowd)
    draw_edges(ax, report.table, scale)
    draw_legend(ax, report.table, marks, drawn)
    draw_names(ax, report, scale)
    return ax
