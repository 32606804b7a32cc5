"""The gradient of a batch, ready for an update; or a sentence that says why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from nn.errors import DivergedError, NotFiniteError, StepError
from nn.gradients import Grads, Method, Problem, gradient
from nn.interrupts import uninterrupted
from nn.optimizers import global_norm

_HELP = ". A smaller lr, standardized data or smaller first weights usually help"


def checked_gradient(problem: Problem, method: Method, updates: int) -> tuple[Grads, float]:
    """Return the gradient and its norm, both finite; `updates` were made before.

    However it ends, the parameters are then what they were before, to the bit.

    Raises
    ------
    DivergedError
        At a loss or gradient that is not finite, or weights so large that h vanishes beside them.
    """
    before = {name: p.copy() for name, p in problem.params.items()}
    try:
        grads = gradient(problem, method)
    except (NotFiniteError, StepError) as error:
        if isinstance(error, StepError) and updates == 0:
            raise  # h itself is at fault, not weights that grew until it vanished beside them
        raise diverged(updates, str(error)) from error
    except BaseException:  # interrupted, maybe just where a nudge is taken back
        with uninterrupted():
            for name, p in problem.params.items():
                p[...] = before[name]
        raise
    for name, g in grads.items():
        if not np.isfinite(g).all():
            at = tuple(np.argwhere(~np.isfinite(g))[0].tolist())
            raise diverged(updates, f"the gradient of {name}{list(at)} is {g[at]}")
    norm = global_norm(grads)
    if not math.isfinite(norm):
        raise diverged(updates, f"the gradient norm is {norm}")
    return grads, norm


def shares(problem: Problem, grads: Grads) -> dict[str, float]:
    """Return what each layer, by its place, has in the squared norm of the gradient."""
    squares: dict[str, float] = {}
    for name, g in grads.items():
        place = str(problem.sites[name][0].place)
        squares[place] = squares.get(place, 0.0) + float(np.vdot(g, g))
    total = sum(squares.values())
    if not 0 < total < math.inf:
        return dict.fromkeys(squares, 0.0)
    return {place: round(square / total, 4) for place, square in squares.items()}


def diverged(updates: int, what: str) -> DivergedError:
    """Say what was not finite in the step after so many updates, and what usually helps."""
    return DivergedError(f"stopped in step {updates + 1}, before its update: {what}{_HELP}")


def check_finite(figures: Mapping[str, float], part: str, updates: int) -> None:
    """Raise DivergedError if the loss of a part is not finite."""
    loss = figures[f"{part}_loss"]
    if not math.isfinite(loss):
        raise DivergedError(f"stopped after step {updates}: the {part} loss is {loss}{_HELP}")
