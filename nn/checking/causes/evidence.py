"""What patterns are held against: a wrong gradient, the true one, and all that was asked."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.answers import ask, equal
from nn.checking.asking import Entries
from nn.checking.behaviour import Behaviour
from nn.checking.memory import Memory
from nn.checking.subject import Subject
from nn.checking.table import Checked

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MOST = 1 << 21  # numbers in a Jacobian
_STEP = 2.0**-9  # of the length over which f may change


class Evidence:
    """One array whose gradient is wrong.

    Parameters
    ----------
    subject, found, part
        What is checked, how it behaves, and what was found of this array.
    table : list of Checked
        All arrays.
    memory : Memory
        What the subject held before it was asked anything.
    eps : float
        Rounding error of the terms of a gradient.

    Attributes
    ----------
    raw : what backward gave for it; None if nothing
    places, a, d, wrong : (K,) arrays
        The entries that were looked at: where, analytic, numeric, and whether they differ.
    near : float
        Relative error up to which numbers count as the same.
    """

    def __init__(
        self,
        subject: Subject,
        found: Behaviour,
        part: Checked,
        table: list[Checked],
        memory: Memory,
        eps: float,
    ) -> None:
        self.subject, self.found, self.part, self.table = subject, found, part, table
        self.memory, self.name = memory, part.name
        self.raw = found.gradients.get(part.name)
        self.array = subject.tensors[part.name]
        self.places, self.a, self.d = part.places, part.analytic, part.numeric
        self.wrong: Flags = part.verdicts == "wrong"
        self.near = max(1e-6, 3e3 * eps)
        self.whole = len(part.places) == part.size

    @property
    def is_input(self) -> bool:
        """Whether it is an input, and no parameter."""
        return self.name in self.subject.inputs

    @property
    def z(self) -> Array:
        """The answer."""
        return self.found.z.astype(np.float64)

    @property
    def dout(self) -> Array:
        """What was handed to backward."""
        return self.found.dout.astype(np.float64)

    @property
    def samples(self) -> int:
        """How many samples the inputs seem to have; 0 where there is no telling."""
        lengths = {g.shape[0] for g in self.subject.given.values() if g.ndim}
        return lengths.pop() if len(lengths) == 1 else 0

    @property
    def size(self) -> float:
        """The largest true slope."""
        return float(np.abs(self.d[np.isfinite(self.d)]).max(initial=0.0))

    def full(self, flat: Array) -> Array:
        """Return numbers of all entries in the shape of the array."""
        return flat.reshape(self.array.shape)

    def same(self, a: Any, b: Any, where: Any = ...) -> bool:
        """Whether two sets of numbers are the same, as far as differences can tell."""
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        if a.shape != b.shape:
            return False
        a, b = a[where], b[where]
        size = max(np.abs(b[np.isfinite(b)]).max(initial=0.0), np.abs(a).max(initial=0.0))
        return a.size > 0 and bool(np.all(np.abs(a - b) <= self.near * size))

    def true(self, values: Array) -> bool:
        """Whether values at the places looked at are right, where the gradient was wrong too."""
        off = np.abs(values - self.d)
        return self.same(values, self.d) and bool((off <= self.part.bound)[self.wrong].all())

    @cached_property
    def slight(self) -> bool:
        """Whether the gradient is off by so little that other patterns are as near as the truth."""
        off, d = np.abs(self.a - self.d)[self.wrong], np.abs(self.d[self.wrong])
        return bool(off.max(initial=0.0) <= 30 * self.near * d.max(initial=0.0))

    def everywhere(self, candidate: Any) -> bool:
        """Whether the gradient that was given is `candidate`, in all that was looked at."""
        c = np.asarray(candidate, np.float64)
        if c.shape == self.array.shape:
            c = c.reshape(-1)[self.places]
        return c.shape == self.a.shape and self.same(c, self.a) and self.same(c, self.a, self.wrong)

    @cached_property
    def jacobian(self) -> Array | None:
        """Slopes of every output by every entry, (n, outputs); None where that is too much."""
        return self.slopes()

    def slopes(self) -> Array | None:
        """Return the Jacobian where the arrays are now.

        Two central differences each, extrapolated: good for patterns, and for nothing else.
        """
        n, outputs = self.array.size, self.found.z.size
        if n * outputs > _MOST or n > 4096:
            return None
        entries = Entries(self.subject, self.found, self.name)
        rows = np.zeros((n, outputs))
        for place in range(n):
            where, h = np.array([place]), entries.length[place] * _STEP
            halves = []
            for step in (h, h / 2):
                up, down = (entries.nudged(where, entries.x[where] + s) for s in (step, -step))
                halves.append((up - down).ravel() / (2 * step))
            rows[place] = (4 * halves[1] - halves[0]) / 3
        return rows

    @cached_property
    def given_jacobian(self) -> Array | None:
        """What backward makes of each output alone, (n, outputs); None where that is too much."""
        outputs = self.found.z.size
        if self.subject.scalar or outputs > 512 or self.array.size * outputs > _MOST:
            return None
        columns = []
        for k in range(outputs):
            one = np.zeros(outputs)
            one[k] = 1.0
            columns.append(self.analytic(one.reshape(self.found.z.shape)))
        return None if any(c is None for c in columns) else np.stack(columns, axis=1)  # type: ignore[arg-type]

    def numeric(self, dout: Array) -> Array | None:
        """Return the true gradient for another dout, (n,), by the Jacobian."""
        J = self.jacobian
        return None if J is None else J @ dout.ravel()

    def others(self, dout: Array) -> bool:
        """Whether the gradients of other arrays are others where x is now than where it was."""
        try:
            self.subject.forward()
            now = ask(self.subject, dout.astype(self.found.dout.dtype))
        except Exception:
            return False
        names = [name for name in now if name != self.name]
        return any(not equal(now[name], self.found.gradients.get(name)) for name in names)

    def analytic(self, dout: Array) -> Array | None:
        """Return what backward gives for another dout, (n,)."""
        try:
            self.subject.forward()
            given = ask(self.subject, dout.astype(self.found.dout.dtype)).get(self.name)
        except Exception:
            return None
        g = np.asarray(given)
        fits = given is not None and g.dtype.kind in "fiub" and g.size == self.array.size
        return g.astype(np.float64).ravel() if fits else None
