"""What a difference quotient says, for every h: where to believe it, and where it lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from nn.errors import InputError
from nn.probing import Function, one_number

from .arrays import FloatArray
from .heights import evaluate
from .keys import legend_below
from .places import as_number, as_steps
from .style import GREY, INK, SCHEME_COLORS, axes_or_new, styled
from .writing import figures

# What each scheme adds to x and takes from it, in steps; its marker and size. The small dots lie
# on the larger arrows, so that all three are seen where they agree.
SCHEMES = {
    "forward": (1, 0, ">", 6.0),
    "backward": (0, 1, "<", 6.0),
    "central": (1, 1, "o", 3.5),
}
_DECADES, _EACH = 15, 8  # decades of h by default, and how many h in each
_WILD = 1.5  # slopes: what lies farther off is not worth squashing the rest


def quotients(f: Function, x: np.floating[Any], h: FloatArray) -> dict[str, FloatArray]:
    """Return what each scheme says for each h (M,), with x + h and x - h in the precision of x.

    Plainly by the formula, each value of f a call of its own, so that a random f shows how random
    its quotients are. nan where f has no value, or where h is 0 in that precision.
    """
    steps = h.astype(x.dtype)
    runs = np.where(steps > 0, steps, np.nan).astype(np.float64)
    return {
        name: (evaluate(f, x + up * steps) - evaluate(f, x - down * steps)) / ((up + down) * runs)
        for name, (up, down, *_) in SCHEMES.items()
    }


def limits(table: FloatArray) -> tuple[float, float]:
    """Choose how low and how high quotients (3, M) are worth seeing, the least h first.

    Of all decades of h the calmest is looked for, in which each scheme says nearly the same: the
    plateau. What lies more than a slope and a half from it is left out.
    """
    count = table.shape[1]
    width = min(_EACH, count)
    seen = table[np.isfinite(table)]
    calmest = seen
    least = np.inf
    for start in range(count - width + 1):
        part = table[:, start : start + width]
        # All are 0 where x + h is x: that is calm, but says nothing.
        spread = float(np.ptp(part, axis=1).sum()) if part.any() else np.inf
        if spread < least:
            least, calmest = spread, part.ravel()
    middle, size = float(np.median(calmest)), float(np.ptp(calmest))
    if abs(middle) > 3 * least:
        size = max(size, abs(middle))
    else:  # a slope of 0, or none that can be made out: as large as those of long chords
        ends = table[:, -width:]
        size = max(size, float(np.abs(ends[np.isfinite(ends)] - middle).max(initial=0.0)))
    kept = seen[np.abs(seen - middle) <= _WILD * size]
    room = 0.05 * size or 1.0
    return min(middle - room, float(kept.min())), max(middle + room, float(kept.max()))


@styled
def plot_quotients(
    f: Function,
    x: float,
    ax: Axes | None = None,
    *,
    exact: float | Callable[[float], float] | None = None,
    h: Sequence[float] | None = None,
) -> Axes:
    """Draw what forward, backward and central differences of f say at x, against the step h.

    Where all h say the same, the plateau, they may be believed; too small an h, noise and kinks
    are seen to lie. Quotients far off the plateau are triangles at the edge.

    Parameters
    ----------
    f : callable, number -> number
        May be random: each point is computed from calls of its own. Where it answers with nan
        or fails there is no point.
    x : number
        A float32 or float16 of numpy is moved, and f called, in that precision.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default.
    exact : number, or callable x -> f'(x), optional
        The true slope, drawn as a line.
    h : sequence of float > 0, optional
        Steps, in the unit of x; by default from 1e-15 to 1, eight a decade.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If x is not one number, or f gives no quotient at any h.
    StepError
        If a step is not positive.
    NotOneNumberError, NotFiniteError
        If f answers with something else than a number, or the exact slope is not finite.
    """
    place = as_number("x", x)
    default = np.logspace(-_DECADES, 0, _DECADES * _EACH + 1)
    steps = default if h is None else np.unique(as_steps(h))
    truth = None if exact is None else one_number(exact(x) if callable(exact) else exact)
    answers = quotients(f, place, steps)
    table = np.stack(list(answers.values()))
    if not np.isfinite(table).any():
        raise InputError(f"f has no finite difference quotient at x = {x}, for any of the h")
    low, high = limits(table)
    if truth is not None:
        low, high = min(low, truth), max(high, truth)
    room = 0.09 * (high - low)  # where triangles can stand

    ax, off = axes_or_new(ax), False
    if truth is not None:
        ax.axhline(truth, color=GREY, linestyle="--", linewidth=1.5, zorder=1.5,
                   label=f"f′(x) = {figures(truth)}")  # fmt: skip
    for name, (_, _, marker, size) in SCHEMES.items():
        said, color = answers[name], SCHEME_COLORS[name]
        fits = (said >= low - room / 2) & (said <= high + room / 2)
        ax.plot(steps, np.where(fits, said, np.nan), marker, color=color, markersize=size,
                markeredgewidth=0, zorder=3, label=name)  # fmt: skip
        for edge, beyond, arrow in ((0.02, said < low, "v"), (0.98, said > high, "^")):
            wild = steps[beyond & ~fits]
            off = off or wild.size > 0
            ax.plot(wild, np.full(wild.shape, edge), arrow, color=color, markersize=4.5, zorder=2,
                    markeredgewidth=0, transform=ax.get_xaxis_transform())  # fmt: skip
    if off:
        ax.plot([], [], "^", color=INK, markersize=4.5, label="beyond")
    ax.set(xscale="log", xlabel="step h", ylabel="difference quotient")
    ax.set(xlim=(steps[0] / 1.8, steps[-1] * 1.8), ylim=(low - room, high + room))
    lay_ticks(ax, steps)
    legend_below(ax, 5, columnspacing=1.0, handletextpad=0.2, handlelength=1.4, frameon=False)
    return ax


def lay_ticks(ax: Axes, steps: FloatArray) -> None:
    """Put numbers at every third power of ten, or at more if there are few."""
    first, last = np.ceil(np.log10(steps[0])), np.floor(np.log10(steps[-1]))
    apart = 3 if last - first >= 9 else 2 if last - first >= 5 else 1
    powers = [10.0**n for n in range(int(first), int(last) + 1) if n % apart == 0]
    ax.xaxis.set_major_locator(FixedLocator(powers))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
