"""Slopes of every output of f by every entry of x: `nn.jacobian`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.derivative import Derivative, beside_the_largest, doubted
from nn.careful.limits import Bounds
from nn.careful.points import Output, Points, at_x
from nn.careful.verdict import Slope
from nn.careful.walk import Walk
from nn.probing import Function

_NAMES = ("value", "truncation", "rounding", "step", "left", "right", "state")


def jacobian(
    f: Function, x: Any, *, vectorized: bool = False, bounds: Bounds | None = None
) -> Derivative:
    """Slopes of every output of `f` by every entry of `x`, each with a bound of its own error.

    Each output is followed to the steps that suit it, as by `nn.differentiate`, so that a kink or
    noise in one leaves the others as they are. f answers for all outputs at once, and is asked at
    no point twice: outputs that want the same steps share them.

    Parameters
    ----------
    f : callable, x -> array of any shape
    x : array of n entries, or number
        Nudged in place if it is a writable floating-point array, and put back to the same bits.
    vectorized : bool
        f takes many points at once, along a new first axis, and returns as many answers.
    bounds : (low, high), optional
        Numbers, or arrays with one an entry of x, or None; f is not asked outside.

    Returns
    -------
    Derivative
        Fields of the shape of what f answers, followed by that of x: (m, n). Some 14 to 30
        evaluations for each entry of x; 36 for each entry and output at most.

    Raises
    ------
    InputError, ImpureFunctionError
        As in `nn.differentiate`; x is to be one array or a number.
    NotOneNumberError
        If f answers with something else than numbers.
    ShapeError
        If its answers have different shapes.

    References
    ----------
    Press et al., Numerical Recipes, 3rd ed., sections 5.7 and 9.7.
    """
    points = Points(f, x, vectorized, bounds)
    n = len(points.x)
    with points.held():
        here, noise, nature = at_x(points)
        rows, worst = [], 0.0
        for which, value in enumerate(here.tolist()):
            if not np.isfinite(value):
                nan = float("nan")
                rows.append([Slope(nan, np.inf, np.inf, nan, nan, nan, "not finite")] * n)
                continue
            walk = Walk(Output(points, which), value, float(noise[which]))
            rows.append(beside_the_largest(walk.slopes()))
            worst = max(worst, float(noise[which]), walk.worst)
        drift = np.abs(points.here() - here)
        if nature == "steady" and (drift > 0).any():
            nature, worst = "remembers", max(worst, float(np.nanmax(drift)))
            for which in np.flatnonzero(drift > 0).tolist():
                rows[which] = [doubted(slope, float(drift[which])) for slope in rows[which]]
    shape = (points.outputs or ()) + points.shape
    fields = {name: _shaped(rows, name, shape) for name in _NAMES}
    error = fields["truncation"] + fields["rounding"]
    return Derivative(
        **fields, error=error, evaluations=points.evaluations, nature=nature, noise=worst
    )


def _shaped(rows: list[list[Slope]], name: str, shape: tuple[int, ...]) -> Any:
    """Return one field of all slopes, in the shape of the answer and of x; (m, n) in a row."""
    flat: NDArray[Any] = np.array([[getattr(slope, name) for slope in row] for row in rows])
    return flat.reshape(shape) if shape else flat.ravel()[0].item()
