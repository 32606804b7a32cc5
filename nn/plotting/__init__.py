"""Pictures: of functions and their slopes, of runs, of what networks have learnt.

Each `plot_` function draws one on axes of your own, or on a new pyplot figure, and returns the
axes; each `animate_` function returns an animation. `show` shows and saves what they return, and
`draw_run` makes the pictures of a run folder. Nothing here computes what training needs.

    tangent, secants, orders, quotients, sweep      functions of one variable
    surface, partials, directions, field, descent   functions of two
    loss_line, loss_surface, weights, film, times   networks
    boundary, curves, compare, schedule, confusion, mistakes, regression, pictures   runs
    kernels, activations, kernels_by_epoch          convolutions
    checking                                        gradient checks
"""

from .activations import plot_activations
from .boundary import plot_decision_boundary
from .checking import plot_gradcheck
from .compare import draw_runs, plot_runs
from .confusion import plot_confusion
from .curves import RunHistory, plot_loss, plot_metric
from .descent import plot_descent
from .directions import plot_directions
from .field import plot_gradient_field
from .film import animate_decision_boundary
from .kernel_pictures import draw_kernels
from .kernels import plot_kernels
from .kernels_by_epoch import plot_kernels_by_epoch
from .loss_line import plot_loss_line
from .loss_surface import plot_loss_surface
from .mistakes import plot_mistakes
from .orders import plot_orders
from .partials import plot_partials
from .pictures import draw_run
from .quotients import plot_quotients
from .regression import plot_fit, plot_predicted
from .saving import save_axes, show
from .schedule import draw_schedule, plot_schedule
from .secants import animate_secants, plot_secants
from .style import STYLE, styled
from .surface import plot_contours, plot_surface
from .sweep import plot_step_sweep
from .tangent import plot_tangent
from .times import plot_growth, plot_times
from .weights import plot_weights

__all__ = [
    "STYLE",
    "RunHistory",
    "animate_decision_boundary",
    "animate_secants",
    "draw_kernels",
    "draw_run",
    "draw_runs",
    "draw_schedule",
    "plot_activations",
    "plot_confusion",
    "plot_contours",
    "plot_decision_boundary",
    "plot_descent",
    "plot_directions",
    "plot_fit",
    "plot_gradcheck",
    "plot_gradient_field",
    "plot_growth",
    "plot_kernels",
    "plot_kernels_by_epoch",
    "plot_loss",
    "plot_loss_line",
    "plot_loss_surface",
    "plot_metric",
    "plot_mistakes",
    "plot_orders",
    "plot_partials",
    "plot_predicted",
    "plot_quotients",
    "plot_runs",
    "plot_schedule",
    "plot_secants",
    "plot_step_sweep",
    "plot_surface",
    "plot_tangent",
    "plot_times",
    "plot_weights",
    "save_axes",
    "show",
    "styled",
]
