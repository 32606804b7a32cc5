"""Where the arrays of a thing lie, and where its gradients are found afterwards.

People keep them in many ways, and none has to be changed for a check:

    params, grads      dicts by name, or lists in one order
    W, dW              attributes; so are weight, weight_grad, grad_weight, dweight, …
    parts              whatever layers a thing is made of, as "affine.W"
    params=, grads=    said by the caller: names -> arrays or attributes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.attributes import USUAL, attributes, gradient_name, is_numbers, key_of
from nn.errors import InputError, nearest, shown
from nn.gradients import Site
from nn.networks import Network

Names = Mapping[str, Any]


@dataclass(frozen=True)
class Slot:
    """Where one parameter lies, and its gradient.

    Attributes
    ----------
    holder, key : dict, list or object, and its key, index or attribute
    gradient : callable, () -> whatever `backward` has left there; KeyError if nothing
    """

    holder: Any
    key: Any
    gradient: Callable[[], Any]

    @property
    def array(self) -> Any:
        """What lies there now."""
        if isinstance(self.holder, Mapping | list | tuple):
            return self.holder[self.key]
        return getattr(self.holder, self.key)

    def is_there(self) -> bool:
        """Whether anything lies there."""
        try:
            return self.array is not None
        except (AttributeError, KeyError, IndexError):
            return False

    def put(self, array: NDArray[Any]) -> None:
        """Put another array there."""
        if isinstance(self.holder, dict | list):
            self.holder[self.key] = array
        else:
            setattr(self.holder, self.key, array)


def find_slots(thing: Any, params: Names | None, grads: Any) -> dict[str, Slot]:
    """Return the parameters of a thing by name; `params` and `grads` as `nn.gradcheck` has them.

    Raises
    ------
    InputError
        If what the caller names is not there.
    """
    if params is None and isinstance(grads, Mapping):
        params = {name: name for name in grads}
    if params is not None:
        return _said(thing, params, grads)
    if isinstance(thing, Network):
        return _of_network(thing)
    return _of_all(thing, {id(thing)})


def _of_all(thing: Any, seen: set[int]) -> dict[str, Slot]:
    """Parameters of a thing, and of its parts where it does not list them itself."""
    found = _of_network(thing) if isinstance(thing, Network) else _own(thing)
    arrays = {id(slot.array) for slot in found.values()}
    for name, part in parts(thing):
        if id(part) in seen:  # it leads back to what it is a part of
            continue
        seen.add(id(part))
        for key, slot in _of_all(part, seen).items():
            if not slot.is_there() or id(slot.array) not in arrays:
                found[f"{name}.{key}"] = slot
    return found


def tied(slots: dict[str, Slot]) -> dict[str, Slot]:
    """Put the names of one array together: moving it moves all uses, and their gradients add up."""
    groups: dict[int, list[str]] = {}
    for name, slot in slots.items():
        groups.setdefault(id(slot.array), []).append(name)
    return {
        " = ".join(names): slots[names[0]]
        if len(names) == 1
        else replace(slots[names[0]], gradient=partial(_sum_of, [slots[name] for name in names]))
        for names in groups.values()
    }


def _sum_of(slots: list[Slot]) -> Any:
    first, *rest = (slot.gradient() for slot in slots)
    if all(np.array_equal(first, other) for other in rest):
        return first  # the whole gradient, under each name
    return sum(rest, start=first)


def parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield the layers that a thing is made of, by the names of its attributes."""
    seen: set[int] = {id(thing)}
    for name, value in attributes(thing).items():
        if isinstance(value, dict):
            inside = [(f"{name}.{key}", part) for key, part in value.items()]
        elif isinstance(value, list | tuple):
            inside = [(f"{name}.{i}", part) for i, part in enumerate(value)]
        else:
            inside = [(name, value)]
        for called, part in inside:
            if callable(getattr(part, "backward", None)) and id(part) not in seen:
                seen.add(id(part))
                yield called, part


def deep_parts(*things: Any) -> Iterator[Any]:
    """Yield things, their parts, the parts of these, each once."""
    waiting, seen = list(things), set[int]()
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            yield thing
            waiting += [part for _, part in parts(thing)]


def can_be_wrapped(part: Any) -> bool:
    """Whether an attribute may stand in for its forward and backward, and be taken away again."""
    own = getattr(part, "__dict__", None)
    return (
        own is not None
        and callable(getattr(part, "forward", None))
        and not ({"forward", "backward"} & own.keys())
    )


def _own(thing: Any) -> dict[str, Slot]:
    """Parameters that a thing itself keeps."""
    params = getattr(thing, "params", None)
    if isinstance(params, Mapping) and params:
        return {str(name): Slot(params, name, partial(_from_dict, thing, name)) for name in params}
    if isinstance(params, list | tuple) and params:
        names = {id(v): k for k, v in attributes(thing).items() if is_numbers(v)}
        called = [names.get(id(p), f"params[{i}]") for i, p in enumerate(params)]
        return {
            name: Slot(params, i, partial(_from_list, thing, i)) for i, name in enumerate(called)
        }
    found, own = {}, attributes(thing)
    grads = own.get("grads")
    for name, value in own.items():
        if not is_numbers(value):
            continue
        gradient = gradient_name(name, own)
        if gradient is not None:
            found[name] = Slot(thing, name, partial(getattr, thing, gradient))
        elif name in USUAL or (isinstance(grads, Mapping) and key_of(name, grads)):
            found[name] = Slot(thing, name, partial(_from_dict, thing, name))
    return found


def _from_list(thing: Any, place: int) -> Any:
    return thing.grads[place]


def _of_network(network: Network) -> dict[str, Slot]:
    """Parameters of a network, by its own names; gradients are its own or those of its layers."""

    def gradient(key: str, sites: tuple[Site, ...]) -> Any:
        own = getattr(network, "grads", None)
        if isinstance(own, Mapping) and key in own:
            return own[key]
        found = [_from_dict(layer, name) for _, layer, name in sites]
        return found[0] if len(found) == 1 else sum(found)

    return {
        key: Slot(sites[0].layer.params, sites[0].name, partial(gradient, key, sites))
        for key, sites in network.sites().items()
    }


def _from_dict(thing: Any, name: str) -> Any:
    grads = getattr(thing, "grads", None)
    key = key_of(name, grads) if isinstance(grads, Mapping) else None
    if key is not None:
        return grads[key]  # type: ignore[index]
    attribute = gradient_name(name, attributes(thing))
    if attribute is not None:
        return getattr(thing, attribute)
    raise KeyError(name)


def _said(thing: Any, params: Names, grads: Any) -> dict[str, Slot]:
    """Parameters as the caller says: arrays, or names of attributes; dots lead into parts."""
    found = {}
    for name, where in params.items():
        if isinstance(where, str):
            holder, key = _reach(thing, where, f"params[{name!r}]")
        else:
            holder, key = dict(params), name
        found[name] = Slot(holder, key, partial(_said_gradient, thing, grads, name))
    return found


def _said_gradient(thing: Any, grads: Any, name: str) -> Any:
    if callable(grads):
        return grads(thing)[name]
    if grads is None:
        return _from_dict(thing, name)
    where = grads[name]
    if not isinstance(where, str):
        return where
    holder, key = _reach(thing, where, f"grads[{name!r}]")
    return holder[key] if isinstance(holder, Mapping) else getattr(holder, key)


def _reach(thing: Any, path: str, said: str) -> tuple[Any, str]:
    """Return what holds the last attribute of a path such as "linear.weight", and its name."""
    *way, last = path.split(".")
    holder = thing
    for step in way:
        _check_there(holder, step, path, said)
        holder = holder[step] if isinstance(holder, Mapping) else getattr(holder, step)
    _check_there(holder, last, path, said)
    return holder, last


def _check_there(holder: Any, step: str, path: str, said: str) -> None:
    inside = holder if isinstance(holder, Mapping) else getattr(holder, "__dict__", {})
    if step not in inside and (isinstance(holder, Mapping) or not hasattr(holder, step)):
        raise InputError(
            f"{said} names {path!r}, but {shown(holder)} has no {step!r}{nearest(step, inside)}"
        )
