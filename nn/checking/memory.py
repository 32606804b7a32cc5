"""All that a thing remembers, kept aside and given back to the same bits."""

from __future__ import annotations

import random
import types
from collections import deque
from typing import Any

import numpy as np

from nn.checking.attributes import slot_names

_MOST = 100_000  # things inside things: beyond, it is no layer any more
_PLAIN = (
    type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, str, bytes, int, float,
    complex, np.generic,
)  # fmt: skip


class Memory:
    """What some things hold now: their attributes, dicts and lists, arrays, random generators.

    Parameters
    ----------
    things : objects
        Walked into as deep as they go; modules, classes and functions are left alone.
    """

    def __init__(self, *things: Any) -> None:
        self._seen: dict[int, Any] = {}  # kept alive, so that no other takes their place in memory
        self._holders: list[tuple[Any, Any]] = []
        self._arrays: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
        self._generators: list[tuple[Any, Any]] = []
        self._slots: list[tuple[Any, dict[str, Any]]] = []
        self._drawn = _shared()
        waiting = list(things)
        while waiting and len(self._seen) < _MOST:
            thing = waiting.pop()
            if id(thing) not in self._seen and not isinstance(thing, _PLAIN):
                self._seen[id(thing)] = thing
                waiting += self._keep(thing)

    def _keep(self, thing: Any) -> list[Any]:
        """Keep what a thing holds; return what is inside."""
        if isinstance(thing, np.ndarray):
            self._arrays.append((thing, thing.copy()))
            return list(thing.flat) if thing.dtype == object else []
        if isinstance(thing, np.random.Generator):
            self._generators.append((thing.bit_generator, thing.bit_generator.state))
            return []
        if isinstance(thing, random.Random | np.random.RandomState):
            self._generators.append((thing, _state(thing)))
            return []
        if isinstance(thing, tuple | frozenset | set):
            return list(thing)
        if isinstance(thing, dict):
            self._holders.append((thing, dict(thing)))
            return list(thing.values())
        if isinstance(thing, list | deque):
            self._holders.append((thing, list(thing)))
            return list(thing)
        own = getattr(thing, "__dict__", None)
        if isinstance(own, dict):
            self._holders.append((own, dict(own)))
        inside = list(own.values()) if isinstance(own, dict) else []
        slots = {name: getattr(thing, name) for name in slot_names(thing)}
        self._slots += [(thing, slots)] if slots else []
        inside += slots.values()
        if isinstance(thing, types.MethodType):
            inside.append(thing.__self__)
        for base in type(thing).__mro__[:-1]:  # a cache that all objects of a class share
            inside += [v for v in vars(base).values() if isinstance(v, dict | list | np.ndarray)]
        return inside

    @property
    def arrays(self) -> set[int]:
        """The ids of all arrays that are kept."""
        return {id(array) for array, _ in self._arrays}

    def restore(self, generators: bool = True) -> None:
        """Put everything back where it was; random generators too, unless told otherwise."""
        for holder, held in self._holders:
            if isinstance(holder, list):
                holder[:] = held
            elif isinstance(holder, deque):
                holder.clear()
                holder.extend(held)
            else:
                holder.clear()
                holder.update(held)
        for thing, held in self._slots:
            for name in {*held, *slot_names(thing)}:
                if name in held:
                    setattr(thing, name, held[name])
                else:
                    delattr(thing, name)
        for array, held in self._arrays:
            writable = array.flags.writeable
            if not same_bits(array, held):
                try:
                    array.flags.writeable = True
                    array[...] = held
                    array.flags.writeable = writable
                except ValueError:  # memory that was never ours to write into
                    pass
        if not generators:
            return
        np.random.set_state(self._drawn[0])  # noqa: NPY002
        random.setstate(self._drawn[1])
        for generator, state in self._generators:
            if isinstance(generator, random.Random):
                generator.setstate(state)
            elif isinstance(generator, np.random.RandomState):
                generator.set_state(state)
            else:
                generator.state = state


def _shared() -> tuple[Any, Any]:
    """Return the states of the generators that all code shares; ours never draws on them."""
    return np.random.get_state(), random.getstate()  # noqa: NPY002


def _state(generator: Any) -> Any:
    return generator.getstate() if isinstance(generator, random.Random) else generator.get_state()


def same_bits(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same, to the bit."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype == object:
        return all(one is other for one, other in zip(a.flat, b.flat, strict=True))
    return bool(a.dtype == b.dtype) and a.tobytes() == b.tobytes()
