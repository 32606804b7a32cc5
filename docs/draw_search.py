"""The steps that `nn.differentiate` tries: python -m docs.draw search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import nn
from nn.plotting.style import BLUE, GREY, ORANGE, STYLE

CASES: list[tuple[str, Callable[[Any], Any], float, float]] = [
    ("sin x at 1: nothing to look for", np.sin, 1.0, float(np.cos(1.0))),
    ("sin 10⁶x at 1: far narrower than |x|", lambda x: np.sin(1e6 * x), 1.0,
     float(1e6 * np.cos(1e6))),
    ("10⁸ + sin x at 1: drowned in rounding", lambda x: 1e8 + np.sin(x), 1.0,
     float(np.cos(1.0))),
]  # fmt: skip


def tried(f: Callable[[Any], Any], x: float) -> tuple[list[tuple[float, float]], nn.Derivative]:
    """Return (h, difference quotient) in the order they were tried, and what came out."""
    answers: dict[float, float] = {}

    def asked(at: float) -> float:
        answers[float(at)] = float(f(at))
        return answers[float(at)]

    found = nn.differentiate(asked, x)
    up = [at for at in answers if at > x]
    return [(at - x, (answers[at] - answers[2 * x - at]) / (2 * (at - x))) for at in up], found


def draw(path: Path) -> None:
    """Draw what was tried for three functions, over the errors of all steps."""
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(1, 3, figsize=(13.5, 4.6), sharex=True, sharey=True)
        for panel, (title, f, x, exact) in zip(panels, CASES, strict=True):
            pairs, found = tried(f, x)
            h = np.logspace(-13, 3, 600)
            with np.errstate(all="ignore"):
                plain = np.abs((f(x + h) - f(x - h)) / (2 * h) - exact) / abs(exact)
            panel.loglog(h, plain, ".", color=GREY, markersize=3, alpha=0.5)
            steps = np.array([step for step, _ in pairs])
            errors = np.maximum(np.abs([d - exact for _, d in pairs]) / abs(exact), 1e-17)
            panel.loglog(steps, errors, color=BLUE, linewidth=0.8, alpha=0.6)
            panel.loglog(steps, errors, "o", color=BLUE, markersize=13)
            for number, (step, error) in enumerate(zip(steps, errors, strict=True), 1):
                panel.annotate(str(number), (step, error), color="white", fontsize=9,
                               ha="center", va="center_baseline")  # fmt: skip
            bound, true = found.error / abs(exact), abs(found.value - exact) / abs(exact)
            panel.axhline(bound, color=ORANGE)
            panel.text(0.04, 0.06, f"line: bound {bound:.0e}\ntrue error {true:.0e}", color=ORANGE,
                       transform=panel.transAxes, linespacing=1.4)  # fmt: skip
            panel.set_xticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
            panel.set(title=f"{title}\n{found.evaluations} evaluations", xlabel="step h",
                      xlim=(1e-13, 1e3), ylim=(1e-17, 1e2))  # fmt: skip
        panels[0].set_ylabel("relative error of one central difference")
        figure.tight_layout()
    figure.savefig(path, dpi=110)
