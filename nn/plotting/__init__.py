"""Pictures: of a run, of what a network has learnt, of where it errs.

`draw_run` makes those of a run folder; each `plot_` function draws one on axes of your own, or
on a new pyplot figure, and returns the axes. Nothing here computes what training needs.
"""

from .boundary import plot_decision_boundary
from .checking import plot_gradcheck
from .confusion import plot_confusion
from .curves import RunHistory, plot_loss, plot_metric
from .mistakes import plot_mistakes
from .pictures import draw_run
from .regression import plot_fit, plot_predicted
from .saving import save_axes
from .style import STYLE, styled
from .sweep import plot_step_sweep

__all__ = [
    "STYLE",
    "RunHistory",
    "draw_run",
    "plot_confusion",
    "plot_decision_boundary",
    "plot_fit",
    "plot_gradcheck",
    "plot_loss",
    "plot_metric",
    "plot_mistakes",
    "plot_predicted",
    "plot_step_sweep",
    "save_axes",
    "styled",
]
