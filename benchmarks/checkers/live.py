"""The parameters of a layer, found by the usual names, and where `backward` leaves gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
NAMES = ("W", "b", "weight", "bias", "gamma", "beta")  # parameters, with a gradient or without
GRADIENT_NAMES = ("d{}", "d_{}", "{}_grad", "grad_{}", "{}grad", "grad{}", "g{}", "{}_gradient")


class Live:
    """A thing's own arrays: to write into before `forward`, and to read after `backward`.

    Parameters
    ----------
    thing : object
        Has `params` and `grads`, two mappings or two lists of the same order, or attributes such
        as `W` and `dW`; or is made of layers that have them.
    params : mapping of str to array or to the name of an attribute, or callable, optional
    grads : mapping of str to the name of an attribute, or callable, optional
    """

    def __init__(self, thing: Any, params: Any = None, grads: Any = None) -> None:
        self.thing = thing
        self._said, self._grads = params, grads
        self._own = _own(thing)
        self._parts = {}
        if params is None and not self._own:
            self._parts = {name: Live(part) for name, part in _parts(thing)}
        if not self._parts:
            self._make_floats()

    def params(self) -> dict[str, Array]:
        """Return the arrays themselves, not copies."""
        found = {name: _inside(*place) for name, place in self._places().items()}
        for part, live in self._parts.items():
            found.update({f"{part}.{name}": p for name, p in live.params().items()})
        return found

    def grads(self) -> dict[str, Any]:
        """Return what `backward` has left, by the parameters' names; None where nothing is."""
        places = self._places()
        held = getattr(self.thing, "grads", None)
        if callable(self._grads):
            found = dict(self._grads(self.thing))
        elif self._grads is not None:
            found = {k: _reached(self.thing, v) for k, v in self._grads.items()}
        elif isinstance(held, list | tuple):
            found = dict(zip(places, held, strict=False))
        else:
            found = dict(held) if isinstance(held, Mapping) else {}
        found = {name: found.get(name, _beside(self.thing, name)) for name in places}
        for part, live in self._parts.items():
            found.update({f"{part}.{name}": g for name, g in live.grads().items()})
        return found

    def _places(self) -> dict[str, tuple[Any, Any]]:
        """By name: what holds a parameter, and its key there."""
        if self._said is None:
            return self._own
        said = self._said(self.thing) if callable(self._said) else self._said
        found = {}
        for name, where in said.items():
            holder, key = said, name
            if isinstance(where, str):
                *way, key = where.split(".")
                holder = _reached(self.thing, ".".join(way))
            found[name] = (holder, key)
        return found

    def _make_floats(self) -> None:
        """Put floats where parameters are whole numbers: these cannot be nudged."""
        for holder, key in self._places().values():
            value = np.asarray(_inside(holder, key))
            if value.dtype.kind in "iu" and isinstance(holder, dict | list):
                holder[key] = value.astype(np.float64)
            elif value.dtype.kind in "iu":
                setattr(holder, key, value.astype(np.float64))


def _inside(holder: Any, key: Any) -> Any:
    """Return what lies in a mapping, in a list or in an attribute."""
    return holder[key] if isinstance(holder, Mapping | list | tuple) else getattr(holder, key)


def _own(thing: Any) -> dict[str, tuple[Any, Any]]:
    params = getattr(thing, "params", None)
    if params and isinstance(params, Mapping):
        return {str(name): (params, name) for name in params}
    attributes = getattr(thing, "__dict__", {})
    arrays = {name: value for name, value in attributes.items() if isinstance(value, np.ndarray)}
    if params and isinstance(params, list | tuple):
        names = {id(value): name for name, value in arrays.items()}
        return {names.get(id(p), f"params[{i}]"): (params, i) for i, p in enumerate(params)}
    return {
        name: (thing, name)
        for name in arrays
        if name in NAMES or any(form.format(name) in attributes for form in GRADIENT_NAMES)
    }


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield the layers that a thing is made of, each once, by the names of its attributes."""
    seen = {id(thing)}
    for name, value in getattr(thing, "__dict__", {}).items():
        inside: list[tuple[str, Any]] = [(name, value)]
        if isinstance(value, dict):
            inside = [(f"{name}.{key}", part) for key, part in value.items()]
        elif isinstance(value, list | tuple):
            inside = [(f"{name}.{place}", part) for place, part in enumerate(value)]
        for called, part in inside:
            if callable(getattr(part, "backward", None)) and id(part) not in seen:
                seen.add(id(part))
                yield called, part


def _beside(thing: Any, name: str) -> Any:
    """The gradient of an attribute, in the attribute that is named after it."""
    found = (getattr(thing, form.format(name), None) for form in GRADIENT_NAMES)
    return next((g for g in found if g is not None), None)


def _reached(thing: Any, path: Any) -> Any:
    """Follow "linear.weight" from a thing; what is no text is returned as it is."""
    if not isinstance(path, str):
        return path
    for step in filter(None, path.split(".")):
        thing = _inside(thing, step)
    return thing
