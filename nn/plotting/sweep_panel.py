"""One scheme of a step sweep: its errors, what theory says of them, and words about both."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from nn.careful.step_curves import LESSON_H, Optimum, StepCurve, StepSweep

from .decades import Limits, square_decades, write, write_along
from .style import BLUE, CLASS_COLORS, INK, ORANGE
from .writing import power_of_ten

COLORS = {"float64": BLUE, "float32": ORANGE, "float16": CLASS_COLORS[2]}
_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 2, "alpha": 0.7}
FORMULAS = {
    "forward": "[f(x + h) − f(x)] / h",
    "backward": "[f(x) − f(x − h)] / h",
    "central": "[f(x + h) − f(x − h)] / 2h",
}


def limits(sweep: StepSweep) -> Limits:
    """Whole decades that hold all h of a sweep, and its errors in every scheme."""
    h = sweep.curves[0].h
    left, right = math.floor(np.log10(h[0])), math.ceil(np.log10(h[-1]))
    found = [curve for curve in sweep.curves if curve.measured]
    least = min((c.measured.error for c in found if c.measured and c.measured.error), default=1e-8)
    most = max((float(np.nanmax(curve.error)) for curve in found), default=0.0) or 1.0
    if sweep.slope:  # wild quotients need not be seen
        least, most = max(least, 1e-17 * abs(sweep.slope)), min(most, 1e3 * abs(sweep.slope))
    bottom, top = math.floor(np.log10(least)) - 2, math.ceil(np.log10(most)) + 1
    left, bottom = (min(max(low, -300), 298) for low in (left, bottom))  # what a float can hold
    right, top = min(max(right, left + 1), 300), min(max(top, bottom + 2), 300)
    return 10.0**left, 10.0**right, 10.0**bottom, 10.0**top


def draw_points(ax: Axes, curve: StepCurve) -> None:
    """Draw every error as a dot, those of exactly 0 as triangles at the bottom."""
    color, exact = COLORS[curve.dtype], curve.error == 0
    ax.plot(
        curve.h, np.where(exact, np.nan, curve.error), ".", color=color, alpha=0.6,
        markersize=4.5, markeredgewidth=0, label=curve.dtype, zorder=2,
    )  # fmt: skip
    if exact.any():
        ax.plot(
            curve.h[exact], np.zeros(exact.sum()), "v", color=color, markersize=4,
            transform=ax.get_xaxis_transform(), label=f"{curve.dtype}, error 0",
        )  # fmt: skip


def draw_rounding(ax: Axes, curve: StepCurve, view: Limits) -> None:
    """Draw R / h, from where x + h is no longer x to a little beyond the best step."""
    left, right, bottom, top = view
    if not curve.roundoff:
        return
    best = curve.predicted
    start = max(left, curve.roundoff / (abs(curve.slope) or top))
    end = min(right, 1.5 * best.h if best else right, curve.roundoff / bottom)
    if start < end:
        ax.plot(
            (start, end), curve.rounding(np.array([start, end])), "--", linewidth=1.5, zorder=3,
            color=COLORS[curve.dtype], label=f"{curve.dtype}, rounding",
        )  # fmt: skip
    if start < end / 1e6:
        middle = math.sqrt(start) * math.sqrt(min(end, best.h if best else end))
        write_along(ax, "rounding error ~ 1/h", (middle, curve.rounding(middle)), -1, 12)


def draw_truncation(ax: Axes, curve: StepCurve, view: Limits) -> None:
    """Draw c h**p, from a little before the best step of `curve` on; it is that of all dtypes."""
    left, right, bottom, top = view
    if not curve.c:
        return
    best = curve.predicted.h if curve.predicted else left
    start = max(left, best / 8, (bottom / curve.c) ** (1 / curve.p))
    end = min(right, (top / curve.c) ** (1 / curve.p))
    if start < end:
        ax.plot(
            (start, end), curve.truncation(np.array([start, end])), "--", linewidth=1.5, zorder=3,
            color=INK, label="truncation",
        )  # fmt: skip
    if start < end / 1e3:  # beside the line of the book's h, not across it
        low = max(start, best)
        inside = low < LESSON_H / 1e3
        near, far = (low, LESSON_H) if inside else (max(low, LESSON_H), end)
        middle = (
            near**0.57 * far**0.43
            if inside
            else near**0.7 * far**0.3
            if near == LESSON_H
            else near**0.45 * far**0.55
        )
        words = f"truncation error ~ {'h²' if curve.p == 2 else 'h'}"
        write_along(ax, words, (middle, curve.truncation(middle)), curve.p, -12)


def draw_optima(ax: Axes, curve: StepCurve) -> None:
    """Mark the best step: hollow where theory has it, filled where it was measured."""
    color = COLORS[curve.dtype]
    marks = ((curve.predicted, "white", "predicted"), (curve.measured, color, "measured"))
    for best, fill, name in marks:
        if best is not None and best.error > 0:
            ax.plot(
                *best, "o", color=fill, markeredgecolor=color, markersize=9, markeredgewidth=2,
                zorder=5, label=f"{curve.dtype}, {name}",
            )  # fmt: skip


def draw_names(ax: Axes, curves: Sequence[StepCurve]) -> None:
    """Name each dtype where its V begins, x + h being x no longer, or else at its best step."""
    starts, size = [], abs(curves[0].slope)
    for k, curve in enumerate(curves):
        color = COLORS[curve.dtype]
        found = np.flatnonzero(~np.isnan(curve.estimate))
        moving = np.flatnonzero(np.nan_to_num(curve.estimate))
        if size and moving.size and moving[0] > found[0]:
            starts.append(float(curve.h[moving[0]]))
            at, by, side = (starts[-1], size), (-3, 11), "left"
        elif curve.measured is not None:
            at, by, side = curve.measured, (0, 13 + 15 * k), "center"
        else:
            continue
        write(ax, curve.dtype, at, by, ha=side, color=color, weight="bold", fontsize=13)
    if len(starts) > 1 and starts[1] / starts[0] > 1e7:
        write(ax, "x + h = x: slope 0", (math.sqrt(starts[0] * starts[1]), size), (26, 11))


def draw_table(ax: Axes, curves: Sequence[StepCurve]) -> None:
    """Write the figures of a panel on axes of their own."""
    rows: list[tuple[str, ...]] = [
        ("", "best h", "error", "best h in theory", "error at $10^{-4}$")
    ]
    for curve in curves:
        best, theory = (o or Optimum(math.nan, math.nan) for o in (curve.measured, curve.predicted))
        rows.append((curve.dtype, *map(power_of_ten, (*best, theory.h, curve.at(LESSON_H)))))
    for line, row in enumerate(rows):
        for place, cell in zip((0, 0.18, 0.36, 0.54, 0.8), row, strict=True):
            ax.text(
                place, 1 - (line + 0.5) / len(rows), cell, va="center", fontsize=12,
                color=COLORS.get(row[0], INK), weight="bold" if cell in COLORS else "normal",
            )  # fmt: skip
    ax.set_axis_off()


def draw_panel(ax: Axes, sweep: StepSweep, curves: Sequence[StepCurve]) -> None:
    """Draw one scheme of a sweep, in all its dtypes; a decade of h is as long as one of error."""
    view = left, right, bottom, _ = limits(sweep)
    square_decades(ax, view)
    for curve in curves:
        draw_points(ax, curve)
        draw_rounding(ax, curve, view)
        draw_optima(ax, curve)
    draw_truncation(ax, curves[0], view)
    draw_names(ax, curves)
    key = "●  measured\n○  – –  theory, at worst"
    if sweep.floor > bottom:
        ax.axhspan(bottom, sweep.floor, facecolor="none", edgecolor="0.8", hatch="///", zorder=1)
        key += "\n▨  f′(x) is not known better"
    write(ax, key, (left, bottom), (8, 9), ha="left", bbox=_BOX, zorder=1.5)
    if left < LESSON_H < right:
        ax.axvline(LESSON_H, color=INK, linewidth=1.2, zorder=1, label="the book's h")
        write(ax, "the book's\n$h = 10^{-4}$", (LESSON_H, bottom), (7, 9), ha="left", fontsize=12)
    ax.set_title(headline(sweep, curves))
    ax.set(xlabel="step h", ylabel="error |estimate − f′(x)|")


def headline(sweep: StepSweep, curves: Sequence[StepCurve]) -> str:
    """Say what a panel shows, and how many digits are right at the best step."""
    first = curves[0]
    best = first.measured
    if best is None:
        said = "no step gives a number"
    elif best.error == 0 or not sweep.slope:
        said = f"error {power_of_ten(best.error)} at best"
    else:
        right = max(0, round(-math.log10(best.error / abs(sweep.slope))))
        said = f"{right} of {round(-math.log10(first.u))} digits at best, in {first.dtype}"
    return f"{first.scheme}: {said}\n{FORMULAS[first.scheme]} of {sweep.where}"
