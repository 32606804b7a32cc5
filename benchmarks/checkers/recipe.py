"""The recipe of the course CS231n: central differences of every entry, and a relative error.

Of its notes on gradient checks: the relative error is |a - n| / max(|a|, |n|); above 1e-2 the
gradient is probably wrong, between 1e-2 and 1e-4 one should feel uncomfortable, up to 1e-4 is fine
where there are kinks, and 1e-7 makes happy. Of its assignments: h = 1e-5, a `dout` of normal
numbers, and a floor of 1e-8 below the relative error. Two readers are judged: one who objects to
what is probably wrong (above 1e-2), and one who objects to what is uncomfortable (above 1e-4).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.checkers.answers import Answer
from benchmarks.checkers.view import Array, View

H = 1e-5
FLOOR = 1e-8
WRONG, UNCOMFORTABLE = 1e-2, 1e-4


def recipe(limit: float) -> Callable[[View], Answer]:
    """Return the check that objects to a relative error above `limit`."""

    def check(view: View) -> Answer:
        errors = relative_errors(view)
        name = max(errors, key=lambda key: errors[key].max(initial=0.0))
        worst = float(errors[name].max(initial=0.0))
        if worst <= limit:
            return Answer("pass", f"relative error {worst:.1e}")
        place = np.unravel_index(int(errors[name].argmax()), errors[name].shape)
        index = tuple(int(i) for i in place)
        return Answer("alarm", f"relative error {worst:.1e}", name=name, index=index)

    return check


def relative_errors(view: View) -> dict[str, Array]:
    """Return the relative error of every entry; infinite where there is no number.

    Raises
    ------
    ValueError
        If a gradient has not the shape of its array.
    """
    dout = np.random.default_rng(0).standard_normal(view.forward(view.arrays).shape)
    analytic = view.vjp(view.arrays, dout)
    errors = {}
    for name, x in view.arrays.items():
        a, n = analytic[name], _numeric(view, x, dout)
        if a.shape != x.shape:
            raise ValueError(f"the gradient of {name} has shape {a.shape}, not {x.shape}")
        error = np.abs(a - n) / np.maximum(np.maximum(np.abs(a), np.abs(n)), FLOOR)
        errors[name] = np.where(np.isnan(error), np.inf, error)
    return errors


def _numeric(view: View, x: Array, dout: Array) -> Array:
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + H
        above = view.forward(view.arrays)
        x[place] = kept - H
        below = view.forward(view.arrays)
        x[place] = kept
        found[place] = np.sum((above - below) * dout) / (2 * H)
    return found
