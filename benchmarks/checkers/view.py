"""A case as other checkers see it: a function of arrays, and its vector-Jacobian product.

They check pure functions. So the arrays are written into the live parameters first, `forward` is
run before every `backward`, and what comes out is copied: layers that forget, remember or
overwrite seem better than they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.checkers.live import Live
from benchmarks.gallery.case import Given
from nn.careful.structure import flatten, like

Array = NDArray[Any]
Arrays = dict[str, Array]


@dataclass(frozen=True)
class View:
    """Two functions of arrays.

    Attributes
    ----------
    arrays : dict of str to array
        Inputs and parameters of floating-point numbers, all that are not empty.
    forward : callable, arrays -> array
    vjp : callable, (arrays, dout) -> arrays
        Gradients of sum(forward(arrays) * dout); zeros where the thing leaves none.
    """

    arrays: Arrays
    forward: Callable[[Arrays], Array]
    vjp: Callable[[Arrays, Array], Arrays]


def view_of(given: Given) -> View:
    """Return the view of what is handed to a checker.

    Raises
    ------
    TypeError
        If it has no backward, no gradient and no `grad=`, or nothing that could be nudged.
    """
    thing, options = given.thing, given.options
    targets = () if options.get("t") is None else (options["t"],)
    if options.get("grad") is not None:
        view = _of_function(thing, options["grad"], given.x)
    else:
        live = Live(thing, options.get("params"), options.get("grads"))
        if hasattr(thing, "backward"):
            view = _of_layer(thing, given.x, targets, live)
        elif hasattr(thing, "loss") and hasattr(thing, "gradient"):
            view = _of_network(thing, given.x, targets, live)
        else:
            raise TypeError(f"{type(thing).__name__} has no backward")
    if not view.arrays:
        raise TypeError("there are no floating-point numbers to be nudged")
    return view


def _of_layer(thing: Any, x: Any, targets: tuple[Any, ...], live: Live) -> View:
    """`forward(x)` or `forward(x, t)`, and `backward(dout)` or, of a loss, `backward()`.

    What `forward` returns beside the output is a cache, and handed to `backward`.
    """
    run = thing.forward if hasattr(thing, "forward") else thing
    inputs = _inputs(run, x)
    owned = live.params()
    if not owned:
        inputs = {name: _real(value) for name, value in inputs.items()}
    asks = len(_positional(thing.backward)) > 0
    caches: list[Any] = []

    def forward(arrays: Arrays) -> Array:
        _write(live, arrays)
        z = run(*(arrays.get(name, value) for name, value in inputs.items()), *targets)
        caches.clear()
        if isinstance(z, tuple):
            z, *caches[:] = z
        return np.array(z)

    def vjp(arrays: Arrays, dout: Array) -> Arrays:
        forward(arrays)
        factor: Any = dout if np.ndim(dout) else float(dout)
        answer = thing.backward(factor, *caches) if asks else thing.backward()
        values = answer if isinstance(answer, tuple | list) else (answer,)
        found = {**dict(zip(inputs, values, strict=False)), **live.grads()}
        if not asks:
            found = {k: None if g is None else np.asarray(g) * factor for k, g in found.items()}
        return _whole(arrays, found)

    return View({**_floats(inputs), **_floats(owned)}, forward, vjp)


def _of_network(thing: Any, x: Any, targets: tuple[Any, ...], live: Live) -> View:
    """`loss(x, t)` and `gradient(x, t)`, a mapping: the gradients of the parameters alone."""

    def forward(arrays: Arrays) -> Array:
        _write(live, arrays)
        return np.array(thing.loss(x, *targets))

    def vjp(arrays: Arrays, dout: Array) -> Arrays:
        forward(arrays)
        found = thing.gradient(x, *targets)
        return _whole(arrays, {name: np.asarray(g) * dout for name, g in found.items()})

    return View(_floats(live.params()), forward, vjp)


def _of_function(f: Any, grad: Any, x: Any) -> View:
    """f(x), and a `grad` that is g(x, dout), a Jacobian, or a slope for each entry."""
    arrays = {name: _real(part) for name, part in flatten(x).items()}
    takes_dout = len(_positional(grad)) > 1

    def whole(arrays: Arrays) -> Any:
        return arrays["x"][()] if np.ndim(x) == 0 and isinstance(x, Real) else like(x, arrays)

    def forward(arrays: Arrays) -> Array:
        return np.array(f(whole(arrays)))

    def vjp(arrays: Arrays, dout: Array) -> Arrays:
        if takes_dout:
            return _whole(arrays, flatten(grad(whole(arrays), dout)))
        dout, found = np.asarray(dout), flatten(grad(whole(arrays)))
        return _whole(arrays, {k: _product(dout, g, arrays[k]) for k, g in found.items()})

    return View(_floats(arrays), forward, vjp)


def _product(dout: Array, slopes: Any, x: Array) -> Array:
    """Times a Jacobian, of the output's shape and then x's; otherwise entry by entry."""
    slopes = np.asarray(slopes)
    if slopes.shape == dout.shape + x.shape:
        return np.asarray(np.tensordot(dout, slopes, dout.ndim))
    return np.asarray(dout * slopes)


def _positional(function: Any) -> list[str]:
    """The arguments that a function must be given by place."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of a NumPy function nothing is known
        return ["x"]
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in kinds and p.default is p.empty]


def _inputs(function: Any, x: Any) -> dict[str, Array]:
    """The inputs by name: "x", or the names of the arguments where there are several."""
    if not isinstance(x, tuple):
        return {"x": np.asarray(x)}
    names = _positional(function)[: len(x)]
    names += [f"x{place}" for place in range(len(names), len(x))]
    return {name: np.asarray(value) for name, value in zip(names, x, strict=True)}


def _real(value: Any) -> Array:
    """Floats, where whole numbers are not the indices of something else."""
    array = np.asarray(value)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _floats(arrays: Mapping[str, Array]) -> Arrays:
    return {
        name: value.copy()
        for name, value in arrays.items()
        if value.dtype.kind == "f" and value.size
    }


def _write(live: Live, arrays: Arrays) -> None:
    for name, p in live.params().items():
        if name in arrays:
            p[...] = arrays[name]


def _whole(arrays: Arrays, found: Mapping[str, Any]) -> Arrays:
    """A gradient for every array, as it was left, whatever its shape; zeros for none."""
    return {
        name: np.zeros_like(array) if found.get(name) is None else np.array(found[name])
        for name, array in arrays.items()
    }
