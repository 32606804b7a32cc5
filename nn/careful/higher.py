"""Second derivatives that know their own error: `nn.second_derivative`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.asking import Asker
from nn.careful.bends import GAIN, NOWHERE, Bend
from nn.careful.diagonal import Diagonal
from nn.careful.limits import Bounds
from nn.careful.nature import Nature, at_x
from nn.careful.words import describe
from nn.probing import Function

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curvature:
    """Second derivatives of f, and what is known of their errors.

    Each of the fields up to `state` has the same shape: that of x for `nn.second_derivative` and
    `nn.hessian_vector_product`, that of x twice for `nn.hessian`.

    Attributes
    ----------
    value : floats
        The second derivative. Infinite at a corner of f; where f'' jumps, the mean of both sides;
        at an edge that of the side there is.
    error : floats
        A bound of |value - second derivative|: truncation + rounding. Where f'' jumps it holds
        both sides.
    truncation, rounding : floats
        What the step being finite, and f being noisy, can have done.
    step : floats
        The finest step that `value` is made of; for a mixed one the geometric mean of two.
    state : "converged", "kink", "noisy", "edge of domain", "not finite" or "step limited"
        "kink": f has a corner, or f'' jumps. "noisy": f has errors far larger than rounding, or
        too large for the second derivative to be seen. "step limited": no step was short enough.
    evaluations : int
        Points f was asked at, x itself included.
    nature : "steady", "random" or "remembers"
        As in `nn.Derivative`.
    """

    value: Any
    error: Any
    truncation: Any
    rounding: Any
    step: Any
    state: Any
    evaluations: int
    nature: Nature

    def __str__(self) -> str:
        return describe(self, "second derivatives")


def columns(bends: Sequence[Bend]) -> dict[str, NDArray[Any]]:
    """Return the fields of a `Curvature` that have one value an entry, each (n,)."""
    names = ("value", "error", "truncation", "rounding", "step", "state")
    return {name: np.array([getattr(bend, name) for bend in bends]) for name in names}


def doubted(bend: Bend, drift: float) -> Bend:
    """The same second derivative of an f that has changed by `drift` while it was asked."""
    wide = GAIN * drift / bend.step**2 if bend.step > 0 else np.inf
    return replace(bend, rounding=max(bend.rounding, wide), state="noisy")


def second_derivative(
    f: Function, x: Any, *, vectorized: bool = False, bounds: Bounds | None = None
) -> Curvature:
    """Second derivative of `f` by every entry of `x`: (f(x + h) - 2 f(x) + f(x - h)) / h**2.

    Steps are found for each entry, as in `nn.differentiate`, and its points are used: one walk
    shows both the slope and how it changes. Differences at several steps are extrapolated.

    Parameters
    ----------
    f : callable, x -> number
    x : number, array, or arrays in dicts and lists
        For an array the answer is the diagonal of the Hessian. Writable floating-point arrays are
        nudged in place, and put back to the same bits.
    vectorized : bool
        f takes many points at once, along a new first axis, and returns as many numbers.
    bounds : (low, high), optional
        Numbers, or arrays with one an entry of x, or None; f is not asked outside.

    Returns
    -------
    Curvature
        Fields like x. At most 36 evaluations an entry, some 16 for most, and three more.

    Raises
    ------
    InputError, NotOneNumberError, ImpureFunctionError
        As in `nn.differentiate`.

    Notes
    -----
    The noise of f enters over h**2, that of the slope over h: of 16 digits some 11 are left.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.23.
    Press et al., Numerical Recipes, 3rd ed., section 5.7.
    """
    asker = Asker(f, x, vectorized, bounds)
    with asker.held():
        here, noise, nature = at_x(asker)
        bends = [NOWHERE] * len(asker.x)
        if np.isfinite(here):
            bends = Diagonal(asker, here, noise).bends()
            again = asker.here()
            if nature == "steady" and again != here:
                nature = "remembers"
                bends = [doubted(bend, abs(again - here)) for bend in bends]
    fields = {name: asker.like(column) for name, column in columns(bends).items()}
    return Curvature(**fields, evaluations=asker.evaluations, nature=nature)
