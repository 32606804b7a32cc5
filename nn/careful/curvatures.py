"""All second derivatives of f: `nn.hessian`, and `nn.hessian_vector_product`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.bends import NOWHERE, Bend
from nn.careful.diagonal import MORE, PAIRS, Diagonal
from nn.careful.higher import Curvature, columns, doubted
from nn.careful.mixed import Axis, Mixed
from nn.careful.nature import Nature
from nn.careful.points import Output, Points, at_x
from nn.errors import ShapeError
from nn.probing import Function, Subject

Array = NDArray[np.float64]

_QUICK = 8  # pairs of points an entry, where only the length of its steps is wanted


def hessian(f: Function, x: Any, *, vectorized: bool = False) -> Curvature:
    """All second derivatives of `f` at `x`, each with a bound of its own error.

    Those by one entry twice are found as in `nn.second_derivative`; they say which steps suit each
    entry. Those by two are differences of the four corners of rectangles with such sides.

    Parameters
    ----------
    f : callable, x -> number
    x : array of n entries, or number
        Nudged in place if it is a writable floating-point array, and put back to the same bits.
    vectorized : bool
        f takes many points at once, along a new first axis, and returns as many numbers.

    Returns
    -------
    Curvature
        Fields of the shape of x twice: (n, n) for an x of shape (n,); symmetric. Some 16
        evaluations for each entry, and 12 to 20 for each pair of them: 9 n**2 in all, 36 a pair at
        most.

    Raises
    ------
    InputError, NotOneNumberError, ImpureFunctionError
        As in `nn.differentiate`; x is to be one array or a number.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.23 and 25.3.26.
    """
    points = Points(f, x, vectorized, one=True)
    n = len(points.x)
    table = np.full((n, n), NOWHERE, object)
    with points.held():
        (here,), (noise,), nature = at_x(points)
        if np.isfinite(here):
            axes, bends = _entries(points, float(here), float(noise))
            table[np.arange(n), np.arange(n)] = bends
            upper = [(p, q) for p in range(n) for q in range(p + 1, n)]
            mixed = Mixed(points, float(here), float(noise), axes, upper).bends()
            for (p, q), bend in zip(upper, mixed, strict=True):
                table[p, q] = table[q, p] = bend
            nature, drift = _drift(points, float(here), nature)
            if drift:
                table = np.vectorize(lambda bend: doubted(bend, drift), otypes=[object])(table)
    return _curvature(points, list(table.ravel()), points.shape * 2, nature)


def hessian_vector_product(f: Function, x: Any, v: Any, *, vectorized: bool = False) -> Curvature:
    """The Hessian of `f` at `x` times `v`: how the gradient changes on the way along v.

    Entry i is the second derivative by x_i and along v, a difference of four corners. The Hessian
    is never formed, and f is asked for n entries rather than for n**2 pairs.

    Parameters
    ----------
    f : callable, x -> number
    x : array of n entries, or number
        Nudged in place if it is a writable floating-point array, and put back to the same bits.
    v : array of the shape of x
    vectorized : bool
        f takes many points at once, along a new first axis, and returns as many numbers.

    Returns
    -------
    Curvature
        Fields of the shape of x; steps along v are in lengths of v. Some 30 evaluations for each
        entry, half of them to find its steps, and some 20 along v.

    Raises
    ------
    ShapeError
        If v is not of the shape of x.
    InputError, NotOneNumberError, ImpureFunctionError
        As in `nn.hessian`.

    References
    ----------
    Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6, 1994.
    """
    points = Points(f, x, vectorized, one=True)
    direction = np.asarray(Subject(v, "v").only, np.float64)
    if direction.shape != points.shape:
        raise ShapeError(
            f"v has shape {direction.shape}, x has {points.shape}: they must be the same"
        )
    n, moving = len(points.x), direction.ravel()
    bends = [NOWHERE] * n
    with points.held():
        (here,), (noise,), nature = at_x(points)
        if np.isfinite(here) and not moving.any():
            bends = [Bend(0.0, 0.0, 0.0, np.nan, "converged")] * n
        elif np.isfinite(here):
            # As long as the entry that is soonest moved by all its length.
            length = float(np.min(points.length[moving != 0] / np.abs(moving[moving != 0])))
            axes, _ = _entries(points, float(here), float(noise), _QUICK, 0)
            line = Diagonal(_Line(points, length * moving), float(here), float(noise))
            axes += _axes(line, length * moving)
            pairs = [(i, n) for i in range(n)]
            bends = Mixed(points, float(here), float(noise), axes, pairs).bends()
            nature, drift = _drift(points, float(here), nature)
            if drift:
                bends = [doubted(bend, drift) for bend in bends]
            bends = [_scaled(bend, length) for bend in bends]
    return _curvature(points, bends, points.shape, nature)


class _Line:
    """f along a line through x, asked as `nn.careful.walk.Asks` wants it; x lies at 1."""

    def __init__(self, points: Points, along: Array) -> None:
        self.points, self.along = points, along
        self.x, self.eps = np.ones(1), points.eps(0)
        self.grain, self.length = np.array([points.exact]), np.ones(1)

    def at(self, places: NDArray[np.intp], moved: Array) -> Array:
        """Return f at points of the line, (K,)."""
        answers = self.points.at(self.points.x + (moved[:, None] - 1) * self.along)[:, 0]
        self.eps = self.points.eps(0)
        return answers


def _entries(
    points: Points, here: float, noise: float, pairs: int = PAIRS, more: int = MORE
) -> tuple[list[Axis], list[Bend]]:
    """Return every entry as an axis, and the second derivatives along them."""
    found = Diagonal(Output(points, 0), here, noise, pairs, more)
    return _axes(found), found.bends()


def _axes(found: Diagonal, along: Array | None = None) -> list[Axis]:
    """Return what `found` moves as axes: entries, or one direction."""
    axes = []
    for row, (top, bend) in enumerate(zip(found.tops(), found.bends(), strict=True)):
        sides = ((1, found.walk.above[row]), (-1, found.walk.below[row]))
        axes.append(
            Axis(
                place=row if along is None else None,
                along=np.zeros(0) if along is None else along,
                top=float(top),
                open=tuple(side for side, is_open in sides if is_open),
                size=abs(bend.value) if np.isfinite(bend.value) else 0.0,
                noisy=bool(found.noisy[row]),
                grain=float(found.grains[row]),
            )
        )
    return axes


def _drift(points: Points, here: float, nature: Nature) -> tuple[Nature, float]:
    """Ask at x once more, and tell how far an f has changed that was steady."""
    again = float(points.here()[0])
    return ("remembers", abs(again - here)) if nature == "steady" and again != here else (nature, 0)


def _scaled(bend: Bend, length: float) -> Bend:
    """A derivative along `length` v, along v."""
    return Bend(
        bend.value / length,
        bend.truncation / length,
        bend.rounding / length,
        bend.step,
        bend.state,
    )


def _curvature(
    points: Points, bends: list[Bend], shape: tuple[int, ...], nature: Nature
) -> Curvature:
    fields = {
        name: column.reshape(shape) if shape else column[0].item()
        for name, column in columns(bends).items()
    }
    return Curvature(**fields, evaluations=points.evaluations, nature=nature)
