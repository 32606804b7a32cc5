"""How far to nudge, found by trying: the error of a difference for every h, in every precision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nn.careful.lines import DTYPES, UNFIT, Line, derivatives
from nn.careful.step_curves import LESSON_H, StepCurve, StepSweep
from nn.errors import (
    InputError,
    NotFiniteError,
    ShapeError,
    StepError,
    UnknownNameError,
    blame,
    check_number,
    nearest,
    shown,
)
from nn.probing import Function, Subject, check_steady, one_number
from nn.steps import Array, brief, check_step, entry

__all__ = ["LESSON_H", "StepCurve", "StepSweep", "step_sweep"]

PER_DECADE = 32


def step_sweep(
    f: Function,
    x: Any,
    exact: float | Callable[[Any], Any] | None = None,
    h: Iterable[float] | float | None = None,
    schemes: Iterable[str] = ("forward", "central"),
    dtypes: Iterable[str] = ("float64", "float32", "float16"),
    *,
    index: int | tuple[int, ...] | None = None,
    direction: Any = None,
) -> StepSweep:
    """Error of the difference (f(x + h) - f(x - h)) / 2h for every h, as each precision makes it.

    Everything is done in the dtype: x, h and f are numbers of it, and so are x + h, the
    difference, 2h and the quotient. In float16, 1e-4 vanishes beside 1, and 1e-50 is 0.

    Parameters
    ----------
    f : callable, number or array -> number
        Is given a numpy number, or an array, of the dtype. Where it answers in a wider dtype
        all the same, as functions of `math` do, the answer is rounded to the dtype, and a note
        says so.
    x : number, or array with an `index` or a `direction`
    exact : number or callable, optional
        f'(x), or the derivative of f (for an array x, it may answer the gradient). By default it
        is estimated from f in float64, and no error is claimed below what that is good for.
    h : numbers > 0, optional
        Steps, in any order; by default 32 a decade from 1e-17 to 1 (to |x|, if that is more),
        with every power of ten.
    schemes : "forward", "backward", "central"
    dtypes : "float64", "float32", "float16"
    index : int or tuple of int, optional
        The entry of an array x that is nudged; the others are held still.
    direction : array of the shape of x, optional
        Towards which x is moved as a whole, h being the length of the step.

    Returns
    -------
    StepSweep
        `print` it for a table, `nn.plot_step_sweep` it for the picture. Errors are absolute, and
        those of f'(x) at x as it is given, so that rounding x to the dtype is part of them.

    Raises
    ------
    InputError, ShapeError
        If x, `index` or `direction` cannot be worked with.
    StepError, UnknownNameError, ArgumentError
        If an h is not positive, a scheme or dtype unknown, `exact` no finite number.
    NotFiniteError, NotOneNumberError, ImpureFunctionError
        If f has no finite answer at x, answers with something else than a number, or with
        different numbers. Where only x + h or x - h is outside its domain, the point is left out.
    """
    base = Subject(x).only.astype(np.float64)
    unit, place = _along(base, index, direction)
    reach = float(np.abs(base * unit).sum())
    steps = _steps(h, reach)
    schemes = _names("scheme", schemes, ("forward", "backward", "central"))
    dtypes = _names("dtype", dtypes, DTYPES)
    name = getattr(f, "__name__", "f")
    where = f"{name if name.isidentifier() else 'f'} at {place}"
    value = _value(f, base, where)
    first, *bends = derivatives(Line(f, base, unit, "float64"), reach)
    slope, floor = first
    notes = []
    if exact is not None:
        slope = _given(exact, base, unit)
        floor = 2.0**-53 * abs(slope)  # it is a float64 itself
        if abs(slope - first.value) > 10 * (first.error + floor):
            notes.append(f"exact is {slope:.9g}, but f itself says {first.value:.9g}: which one?")
    elif not np.isfinite(floor):
        raise NotFiniteError(f"the slope of {where} cannot be estimated; give it as exact")
    lines = [Line(f, base, unit, dtype) for dtype in dtypes]
    curves = []
    for scheme in schemes:
        p = 2 if scheme == "central" else 1
        bend, off = bends[p - 1]
        c = abs(bend) / (2, 6)[p - 1] if abs(bend) > off else 0.0
        if not c:
            notes.append(
                f"{scheme}: the derivative f{chr(39) * (p + 1)} that bends the chord cannot be"
                f" told from 0 ({bend:.1g} ± {off:.1g}): no truncation error in theory"
            )
        for line in lines:
            u = float(np.finfo(line.dtype).eps) / 2
            estimate = line.quotients(steps, scheme)
            curves.append(
                StepCurve(
                    scheme, line.dtype.name, steps, estimate,
                    np.maximum(np.abs(estimate - slope), floor), slope, reach, c, p, u,
                    u * ((3 - p) * abs(value) + reach * abs(slope)),
                )
            )  # fmt: skip
    if not curves[0].roundoff:
        notes.append("f(x) and x f'(x) are 0: no rounding error in theory")
    worst = max((curve.rounding_excess for curve in curves), key=np.nan_to_num)
    if worst > 3:
        notes.append(f"f loses digits of its own: up to {worst:.2g} times what theory lets it lose")
    wider = [line.dtype.name for line in lines if line.wider]
    if wider:
        notes.append(f"f answers in a wider dtype than {' and '.join(wider)}; rounded to it")
    notes += [
        f"{line.dtype.name}: no curve, f has no finite value at x there"
        for line in lines
        if np.isnan(line(0))
    ]
    return StepSweep(where, value, slope, exact is not None, floor, tuple(curves), tuple(notes))


def _names(what: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return names, or what numpy calls them by, each once; a single one is a list of one."""
    given = [names] if isinstance(names, str) else list(names)
    found = [getattr(name, "__name__", getattr(name, "name", name)) for name in given]
    for name in found:
        if name not in list(known):
            raise UnknownNameError(f"unknown {what} {shown(name)}{nearest(name, known)}")
    if not found:
        raise InputError(f"{what}s are empty: there is nothing to sweep")
    return list(dict.fromkeys(found))


def _along(x: Array, index: Any, direction: Any) -> tuple[Array, str]:
    """Return the unit vector that h follows, and a name for x."""
    if direction is not None:
        if index is not None:
            raise InputError("index and direction are two ways to say where to: give one of them")
        v = Subject(direction, "direction").only.astype(np.float64)
        if v.shape != x.shape:
            raise ShapeError(f"direction has shape {v.shape}, x has {x.shape}")
        if not v.any():
            raise InputError("direction is zero everywhere: it points nowhere")
        v = v / np.abs(v).max()
        return v / np.linalg.norm(v), f"x = {brief(x)}, along a direction"
    if index is None:
        if x.size > 1:
            raise InputError(
                f"x has shape {x.shape}: give the index of the entry to nudge, or a direction"
            )
        return np.ones(x.shape), f"x = {x.item():.12g}"
    unit = np.zeros(x.shape)
    try:
        unit[index] = 1.0
    except IndexError:
        unit[...] = 0.0
    if unit.sum() != 1:
        raise InputError(f"index {shown(index)} is not one entry of x, which has shape {x.shape}")
    place = tuple(int(i) for i in np.argwhere(unit)[0])
    return unit, f"{entry('x', place)} = {x[place]:.12g}"


def _steps(h: Iterable[float] | float | None, reach: float) -> Array:
    """Return the grid, rising; every power of ten is on the default one, to the bit."""
    if h is None:
        last = max(0, int(np.ceil(np.log10(reach)))) if reach else 0
        powers = [float(f"1e{n}") for n in range(-17, last + 1)]
        between = 10 ** (np.arange(PER_DECADE) / PER_DECADE)
        return np.array([power * k for power in powers[:-1] for k in between] + powers[-1:])
    given = list(h) if isinstance(h, Iterable) else [h]
    for step in given:
        check_step(step)
        if not step:
            raise StepError("h must be positive, got 0")
    if not given:
        raise StepError("h is empty: there is nothing to sweep")
    return np.unique(np.array(given, np.float64))


def _value(f: Function, x: Array, where: str) -> float:
    """Return f(x), asked twice."""
    values = []
    for _ in range(2):
        try:
            with np.errstate(all="ignore"):
                answer = f(x.copy()[()])
        except UNFIT as error:
            raise NotFiniteError(f"f cannot be evaluated, {where}: {blame(error)}") from error
        values.append(one_number(answer, f"({where})"))
    check_steady(*values)
    return values[0]


def _given(exact: Any, x: Array, unit: Array) -> float:
    """Return the derivative along `unit` that a number or a callable tells."""
    name, told = ("exact(x)", exact(x.copy()[()])) if callable(exact) else ("exact", exact)
    told = np.asarray(told)
    if x.size > 1 and told.shape == x.shape:
        told = np.asarray((told * unit).sum())
    number: Any = told.item() if told.size == 1 else told
    check_number(name, number)
    return float(number)
