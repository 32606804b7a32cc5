"""Layers, losses and networks: whatever has a forward and a backward."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.memory import Memory
from nn.checking.slots import Slot, find_slots, parts, tied
from nn.checking.subject import Subject
from nn.checking.ways import names_of, positional, required, takes_targets, title_of, ways
from nn.errors import InputError, ShapeError, shown

Array = NDArray[Any]


class Object(Subject):
    """Something with `forward(x)` and `backward(dout)`, subclass of ours or not.

    Parameters
    ----------
    thing : object
    x : array, or tuple of arrays where forward takes several
    t : targets, where forward takes them after x: the answer is a loss then
    params, grads : as in `nn.gradcheck`
    """

    def __init__(self, thing: Any, x: Any, t: Any, params: Any, grads: Any) -> None:
        if t is None and isinstance(x, tuple) and len(x) == 2 and takes_targets(thing):
            x, t = x  # (x, t) for a loss
        super().__init__(thing, params, grads, t)  # t is restored too: forward may write into it
        self.thing, self.title = thing, title_of(thing)
        self._answer, self._gradients, only_params = ways(thing, t)
        self._targets = () if t is None else (t,)
        self.scalar = t is not None
        self._cache: tuple[Any, ...] = ()
        self.writes_targets = False
        self._takes = required(self._gradients)
        several = isinstance(x, tuple)
        count = (len(x) if several else 1) + len(self._targets)
        if required(self._answer) > count:
            needed = ", ".join(p.name for p in positional(self._answer)[: required(self._answer)])
            raise InputError(
                f"forward of {self.title} takes {needed}, and {count} of that was given; x may be a"
                " tuple of inputs"
            )
        names = names_of(self._answer, len(x)) if several else ["x"]
        self.given = dict(zip(names, map(_real, x if several else (x,)), strict=True))
        self.slots = {}
        self.inputs = {} if only_params else self._nudgeable()
        self.slots = self._find_slots(params, grads)
        clash = self.given.keys() & self.slots.keys()
        again = tied(find_slots(thing, params, grads))
        for name, slot in self.slots.items():
            if name in again and again[name].array is not slot.array:
                raise InputError(
                    f"{self.title} gives another array each time it is asked for {name}, so that"
                    " moving it moves nothing; let params be the arrays themselves"
                )
        self.slots = {f"params.{n}" if n in clash else n: s for n, s in self.slots.items()}

    def _find_slots(self, params: Any, grads: Any) -> dict[str, Slot]:
        """Look for parameters once backward has been called: some gradients are made only then."""
        memory = Memory(*self.things)
        try:
            with suppress(Exception), np.errstate(all="ignore"):  # what it raises is raised later
                z = self.forward()
                self.backward(np.ones(z.shape, z.dtype if z.dtype.kind == "f" else np.float64))
            found = find_slots(self.thing, params, grads)
        finally:
            memory.restore()
        # What came with the calls is a cache, and no parameter.
        return tied({name: slot for name, slot in found.items() if slot.is_there()})

    def _nudgeable(self) -> dict[str, Array]:
        """Copies as floats; whole numbers stay where forward wants them, or reads no more of them.

        Indices have no slopes: they fail as floats, or a quarter more changes nothing.
        """
        floats = {
            name: array.copy() if array.dtype.kind == "f" else array.astype(np.float64)
            for name, array in self.given.items()
        }
        for name in [name for name, array in self.given.items() if array.dtype.kind == "b"]:
            del floats[name]
        whole = [name for name in floats if self.given[name].dtype.kind != "f"]
        if whole:
            more = {name: floats[name] + 0.25 for name in whole}
            try:
                with self.held():
                    here = self._asked({**self.given, **floats})
                    indices = np.array_equal(here, self._asked({**self.given, **floats, **more}))
            except Exception:  # a real fault comes up again
                indices = True
            for name in whole if indices else ():
                del floats[name]
        return floats

    def _asked(self, inputs: dict[str, Array]) -> Array:
        return np.array(self.answer({name: array.copy() for name, array in inputs.items()}))

    def answer(self, inputs: dict[str, Array]) -> Any:
        """Return what forward says; what it returns beside that is a cache for backward."""
        order = [inputs[name] for name in self.given]
        targets = [t.copy() if isinstance(t, np.ndarray) else t for t in self._targets]
        z = self._answer(*order, *targets)
        pairs = zip(targets, self._targets, strict=True)
        self.writes_targets |= any(not np.array_equal(now, was) for now, was in pairs)
        self._cache = ()
        if isinstance(z, tuple) and z and isinstance(z[0], np.ndarray | float):
            z, *rest = z
            self._cache = self._caches(rest)
        if self._takes == 0 and np.size(z) == 1:
            self.scalar = True  # a number, and a backward that may be asked without dout
        if z is None:
            raise InputError(f"forward of {self.title} returns None; is a `return` missing?")
        return z

    def backward(self, dout: Array) -> dict[str, Any]:
        """Return gradients of inputs and parameters by name."""
        for thing in (self.thing, *(part for _, part in parts(self.thing))):
            if callable(getattr(thing, "zero_grad", None)):
                thing.zero_grad()  # it says itself that gradients add up until then
        answer = self._gradients(*self._arguments(dout))
        found: dict[str, Any] = {}
        several = isinstance(answer, tuple) or (isinstance(answer, list) and len(self.given) > 1)
        dx = answer if several else (answer,)
        if isinstance(answer, Mapping):  # the gradient(x, t) of a network in the book
            found.update({name: answer[name] for name in self.slots if name in answer})
            dx = ()
        found |= {n: g for n, g in zip(self.given, dx, strict=False) if n in self.inputs}
        rest = list(dx[len(self.given) :])  # (dx, dW, db)
        for name, slot in self.slots.items():
            if name not in found:
                try:
                    found[name] = slot.gradient()
                except (KeyError, AttributeError, IndexError):
                    match = (k for k, g in enumerate(rest) if np.shape(g) == slot.array.shape)
                    place = next(match, None)
                    if place is not None:
                        found[name] = rest.pop(place)
        return found

    def _caches(self, rest: list[Any]) -> tuple[Any, ...]:
        """Return what forward answers with beside z, if backward takes it, and not as gradients."""
        names = [p.name for p in positional(self._gradients)][1 : 1 + len(rest)]
        if len(names) < len(rest) or any(name.startswith(("d", "g")) for name in names):
            raise InputError(
                f"forward of {self.title} answers with {1 + len(rest)} things, and backward is not"
                " backward(dout, cache); check one output at a time: wrap it in a forward that"
                " returns one array"
            )
        return tuple(rest)

    def _arguments(self, dout: Array) -> tuple[Any, ...]:
        if self._cache:
            return (dout[()], *self._cache)
        if self._takes == 0:
            return () if self.scalar else (dout[()],)
        if self._takes == 1:
            return (dout[()],)
        order = [self.passed[name] for name in self.given]
        return (*order, *self._targets)[: self._takes]


def _real(x: Any) -> Array:
    """Return an input as an array of finite real numbers."""
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise InputError(f"x must be real numbers, got {type(x).__name__} {shown(x)}")
    if array.size == 0:
        raise ShapeError(f"x is empty, of shape {array.shape}: there is nothing to nudge")
    if not np.isfinite(array).all():
        index = np.argwhere(~np.isfinite(array))[0].tolist()
        raise InputError(f"x{index} is {array[tuple(index)]}: there is no slope there")
    return array
