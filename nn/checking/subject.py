"""What is checked, seen in one way: arrays that can be nudged, an answer, and gradients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.memory import Memory
from nn.checking.slots import Slot, deep_parts
from nn.errors import InputError, ShapeError, shown

Array = NDArray[Any]


class Subject(ABC):
    """A layer, a loss, a network or a function, with the arrays its answer depends on.

    Attributes
    ----------
    title : str
        What it is called in words.
    inputs : dict of name -> floating-point array
        Copies of what was given; nudged in place by whoever asks.
    given : dict of name -> array
        The same as the caller has it: whole numbers stay whole numbers.
    slots : dict of name -> Slot
        Where parameters lie.
    things : tuple of objects
        All that is to be given back as it was.
    scalar : bool
        The answer is a loss, and its gradient is meant for a dout of 1.
    """

    title: str
    writes_targets = False  # forward has changed those it was given
    inputs: dict[str, Array]
    given: dict[str, Array]
    scalar = False

    def __init__(self, *things: Any) -> None:
        self.slots: dict[str, Slot] = {}
        self.things = things
        self.evaluations = 0
        self.passed: dict[str, Array] = {}  # what the last forward was given

    @property
    def params(self) -> dict[str, Array]:
        """The live parameters by name; nudged in place."""
        return {name: slot.array for name, slot in self.slots.items()}

    @property
    def tensors(self) -> dict[str, Array]:
        """All that can be nudged: inputs, then parameters."""
        return {**self.inputs, **self.params}

    @property
    def all_inputs(self) -> dict[str, Array]:
        """The inputs as they are now, those that cannot be nudged among them."""
        return {**self.given, **self.inputs}

    @contextmanager
    def held(self) -> Iterator[Memory]:
        """Give everything back in the end, whatever happens; floats stand in for whole numbers."""
        memory = Memory(*self.things)
        try:
            with np.errstate(all="ignore"):
                self._make_floats()
                yield Memory(*self.things)
        finally:
            memory.restore()

    def _make_floats(self) -> None:
        """Put float64 copies where parameters cannot be nudged as they are."""
        for name, slot in self.slots.items():
            p = slot.array
            if isinstance(p, np.ndarray) and p.dtype.kind == "f" and p.flags.writeable:
                continue
            if np.asarray(p).dtype.kind not in "fiub":
                raise InputError(f"{name} must be real numbers, got {type(p).__name__} {shown(p)}")
            self._put_float64(slot)

    def widen(self) -> None:
        """Put float64 copies in the place of parameters that are narrower."""
        for slot in self.slots.values():
            if slot.array.dtype != np.float64:
                self._put_float64(slot)

    def _put_float64(self, slot: Slot) -> None:
        p, stand_in = slot.array, np.array(slot.array, np.float64)
        for thing in deep_parts(*self.things):  # each may keep the same array as an attribute
            for attribute, value in list(getattr(thing, "__dict__", {}).items()):
                if value is p:
                    setattr(thing, attribute, stand_in)
        slot.put(stand_in)

    def forward(self, as_given: bool = False) -> Array:
        """Return a copy of the answer to the inputs as they are now, or as they were given."""
        source = self.given if as_given else self.all_inputs
        self.passed = {name: array.copy() for name, array in source.items()}
        self.evaluations += 1
        answer = np.asarray(self.answer(self.passed))
        if answer.dtype.kind not in "fiub":
            raise InputError(f"{self.title} must answer with real numbers, got {shown(answer)}")
        if answer.size == 0:
            raise ShapeError(f"{self.title} answers with an empty array, of shape {answer.shape}")
        return answer.copy()

    @abstractmethod
    def answer(self, inputs: dict[str, Array]) -> Any:
        """Return what the user's code answers to these inputs."""

    @abstractmethod
    def backward(self, dout: Array) -> dict[str, Any]:
        """Return the gradients it gives by name, after a `forward`; missing ones are left out."""


def changed(now: dict[str, Array], before: dict[str, Array]) -> str:
    """Return where arrays are not what they were, as "W[0, 1]"; "" if nowhere."""
    for name, was in before.items():
        array = now.get(name)
        if array is None or np.shape(array) != was.shape:
            return name
        differ = ~((array == was) | ((array != array) & (was != was)))
        if np.any(differ):
            index = tuple(int(i) for i in np.argwhere(differ)[0])
            return f"{name}[{', '.join(map(str, index))}]" if index else name
    return ""
