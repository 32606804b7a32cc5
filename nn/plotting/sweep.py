"""The V: error of a difference against its step h, from digits lost to chords too long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from nn.careful.step_curves import StepSweep
from nn.errors import InputError

from .style import each_axes, new_figure, styled
from .sweep_panel import draw_panel, draw_table, limits


@styled
def plot_step_sweep(
    sweep: StepSweep | Iterable[StepSweep], ax: Axes | Sequence[Axes] | None = None
) -> list[Axes]:
    """Draw the V of a `step_sweep`: its errors against h, a panel a scheme, a colour a dtype.

    Dots are measured, dashed lines theory: c h**p on the right, and on the left R / h, which is
    what rounding costs at worst. A filled circle marks the best step, a hollow one that of
    theory, the upright line the step of the lesson, 1e-4. On both axes a decade has the same
    length, so that an error that grows as h rises at 45 degrees. Where f'(x) was estimated, its
    uncertainty is hatched, and no error is shown below it.

    Parameters
    ----------
    sweep : StepSweep, or several
        Each has a row of its own.
    ax : Axes, or one a panel, optional
        Where to draw; a new pyplot figure by default.

    Returns
    -------
    list of Axes
        One a panel, row by row. Below those of a new figure there are tables of what they show.

    Raises
    ------
    InputError
        If there is no sweep, or another number of axes than panels.
    """
    sweeps = [sweep] if isinstance(sweep, StepSweep) else list(sweep)
    panels = [(one, curves) for one in sweeps for curves in one.schemes.values()]
    if not panels:
        raise InputError("there is no sweep to draw")
    tables: list[Axes] = []
    if ax is None:
        axes, tables = new_axes(sweeps)
    else:
        axes = each_axes(ax, len(panels), f"{len(panels)} panels, one a scheme of each sweep,")
    for place, (one, curves) in zip(axes, panels, strict=True):
        draw_panel(place, one, curves)
    for place, (_, curves) in zip(tables, panels, strict=False):
        draw_table(place, curves)
    return axes


def new_axes(sweeps: Sequence[StepSweep]) -> tuple[list[Axes], list[Axes]]:
    """Make a pyplot figure with a row a sweep, as high as its decades ask for, and its tables."""
    columns = max(len(one.schemes) for one in sweeps)
    heights: list[float] = []
    for one in sweeps:
        left, right, bottom, top = limits(one)
        ratio = (math.log10(top) - math.log10(bottom)) / (math.log10(right) - math.log10(left))
        heights.append(0.6 + 5.6 * min(max(ratio, 0.4), 1.6))
        heights.append(0.25 * (1 + len(one.curves) / len(one.schemes)))
    figure = new_figure(6.4 * columns + 0.7, sum(heights) + 1.3 * len(sweeps))
    figure.suptitle("A step too small errs as much as a step too large", fontsize=18)
    grid = figure.add_gridspec(len(heights), columns, height_ratios=heights)
    places = [(2 * k, n) for k, one in enumerate(sweeps) for n in range(len(one.schemes))]
    axes = [figure.add_subplot(grid[row, column]) for row, column in places]
    return axes, [figure.add_subplot(grid[row + 1, column]) for row, column in places]
