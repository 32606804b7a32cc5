"""A nudged weight on its way to the loss: python -m docs.draw perturbed-rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

STILL, MOVED, NUDGED = "#c9ced6", "#d55e00", "#0072b2"
SIZES = {"inputs x": 5, "hidden z": 4, "outputs": 3}
INPUT, UNIT = 1, 2


def draw_net(ax: Axes) -> None:
    """Draw one sample on its way through a two-layer net, one weight nudged."""
    across = {name: 2.6 * place for place, name in enumerate(SIZES)}
    points = {
        name: [(across[name], 1.0 * ((size - 1) / 2 - k)) for k in range(size)]
        for name, size in SIZES.items()
    }
    first, hidden, last = points.values()
    loss = (7.4, 0.0)

    for i, a in enumerate(first):
        for j, b in enumerate(hidden):
            nudged = (i, j) == (INPUT, UNIT)
            ax.plot(*zip(a, b, strict=True), color=NUDGED if nudged else STILL,
                    lw=4 if nudged else 1.2, zorder=2 if nudged else 1)  # fmt: skip
    for j, a in enumerate(hidden):
        for b in last:
            moved = j == UNIT
            ax.plot(*zip(a, b, strict=True), color=MOVED if moved else STILL,
                    lw=2.6 if moved else 1.2, zorder=2 if moved else 1)  # fmt: skip
    for a in last:
        ax.plot(*zip(a, loss, strict=True), color=MOVED, lw=2.6, zorder=1)

    def circle(point: tuple[float, float], moved: bool) -> None:
        ax.scatter(*point, s=620, color=MOVED if moved else STILL, edgecolor="white", lw=2,
                   zorder=3)  # fmt: skip

    for a in first:
        circle(a, moved=False)
    for j, a in enumerate(hidden):
        circle(a, moved=j == UNIT)
    for a in last:
        circle(a, moved=True)
    circle(loss, moved=True)

    small: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4}
    ax.text(*first[INPUT], "$x_{ni}$", fontsize=13, **small)
    ax.text(*hidden[UNIT], "$z_{nj}$", fontsize=13, color="white", **small)
    ax.text(*loss, "$\\ell_n$", fontsize=14, color="white", **small)
    ax.text(1.0, 1.06, "$W_{ij} \\pm h$", fontsize=16, color=NUDGED, **small,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})  # fmt: skip

    notes = (
        (across["inputs x"], "as it was:\nnever computed again", "0.35"),
        (across["hidden z"], "one number moves, by\n$\\delta = \\pm h\\,x_{ni}$", MOVED),
        (across["outputs"], "all move, by\n$[a(z{+}\\delta)-a(z)]\\;V_{jk}$", MOVED),
        (loss[0], "changes by\n$\\log\\sum_k p_k\\,e^{\\delta_k} - \\delta_t$", MOVED),
    )
    for place, text, color in notes:
        ax.text(place, -2.75, text, fontsize=13, color=color, ha="center", va="top",
                linespacing=1.5)  # fmt: skip
    for place, text in (*((across[name], name) for name in SIZES), (loss[0], "loss")):
        ax.text(place, 2.75, text, fontsize=14, weight="bold", ha="center")
    ax.set(xlim=(-1.25, 8.9), ylim=(-3.6, 3.1), aspect="equal")
    ax.set_axis_off()


def draw(path: Path) -> None:
    """Draw the net on a figure of its own."""
    figure = Figure(figsize=(10.2, 6.75))
    draw_net(figure.add_axes((0, 0, 1, 1)))
    figure.savefig(path, dpi=110)
