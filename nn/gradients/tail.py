"""From a layer to the loss: perturbed rows on their way through what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.budget import in_words
from nn.errors import InputError
from nn.gradients.inspection import foreign
from nn.gradients.problem import Problem
from nn.layers import Layer, ours, run
from nn.losses import CrossEntropyLoss, OutputwiseLoss
from nn.rows import Rows

Array = NDArray[np.float64]
Places = NDArray[np.intp]
_NUMBERS = 1 << 17  # in one array: more leave the processor's cache, fewer cost calls
_WIDE = 64  # numbers in a row; measured: below, two cores took as long as one, above half
_MANY = 1 << 22  # numbers in all: some 10 ms
_ARRAYS = 16  # of that many numbers that are alive at the same time, on two cores
_COPIES = 6  # of the input of a layer that are alive while its rows are prepared


def trace(layers: Sequence[Layer], x: Array) -> list[Array]:
    """Return x and the output of every layer.

    Raises
    ------
    ShapeError, InputError
        As `run` does.
    """
    found = [x]
    for place, layer in enumerate(layers):
        z = run([layer], found[-1], place)
        found.append(z.copy() if foreign(layer) else z)  # its next answer may lie in this memory
    return found


@dataclass(frozen=True)
class Tail:
    """A batch, or a part of it, that perturbed rows can be followed through.

    Attributes
    ----------
    problem : Problem
    activations : list of arrays
        x, the output of every layer; of these samples.
    t : array
        Their targets.
    progress : callable, optional
        Called with the number of rows that have been followed.
    """

    problem: Problem
    activations: Sequence[Array]
    t: NDArray[Any]
    progress: Callable[[int], object] | None = None

    @cached_property
    def _change(self) -> Any:
        return self.problem.loss.changes(self.activations[-1], self.t)

    def follow(self, rows: Rows, place: int) -> Array:
        """Return by how much changes of the output of layer `place` change each row's loss.

        Parameters
        ----------
        rows : Rows
            A grid of (G, K) changes.
        place : int

        Returns
        -------
        (G, K) array
        """
        slices, samples = rows.grid
        if self.progress is not None:
            self.progress(slices * samples)
        alive = None
        for at in range(place + 1, len(self.activations) - 1):
            layer, x, z = self.problem.layers[at], self.activations[at], self.activations[at + 1]
            rows = layer.push(rows, x, z)
            if alive is None and rows.start is not None:  # some units are off: a relu's, say
                moved = rows.delta.reshape(slices, samples, -1).any(axis=(0, 2))
                if np.count_nonzero(moved) < 0.9 * samples:
                    alive = np.flatnonzero(moved)
                    rows = rows.only(alive)
                    if not alive.size:
                        return np.zeros((slices, samples))
        change: Array = self._change(rows)
        if alive is None:
            return change
        found = np.zeros((slices, samples))
        found[:, alive] = change
        return found

    def difference(self, delta: Array, sample: Places | None, units: Places, place: int) -> Array:
        """Return each loss after delta[0] less that after delta[1], (units, samples).

        Parameters
        ----------
        delta : (2, units, samples, 1) array
            Added to one unit each of the output of layer `place`.
        """
        rows = Rows(delta.reshape(-1, *delta.shape[2:]), sample, np.concatenate([units, units]))
        change = self.follow(rows, place)
        return change[: len(units)] - change[len(units) :]

    def pays(self, place: int, rows: int) -> bool:
        """Whether a second core helps: where rows are wide and many, and all code is ours."""
        after = self.problem.layers[place + 1 :]
        numbers = self.numbers(place)
        return (
            numbers >= _WIDE
            and numbers * rows >= _MANY
            and ours(type(self.problem.loss), "per_sample", "changes", "costs", "rise")
            and all(ours(type(layer), "forward", "push") for layer in after)
        )

    def numbers(self, place: int) -> int:
        """Numbers of one row that is narrow after layer `place`, where it is widest."""
        known: dict[Any, int] = self.problem.inspection().conclusions
        if ("numbers", place) not in known:
            known["numbers", place] = self._widest(place)
        return known["numbers", place]

    def _widest(self, place: int) -> int:
        """Send one row without a change through, and look."""
        z = self.activations[place + 1]
        first = np.zeros(1, np.intp)
        if z.ndim == 1:
            rows = Rows(np.zeros((1, 1)), first)
        else:
            rows = Rows(np.zeros((1, 1, 1, *z.shape[2:])), first, first)
        widest = rows.delta.size
        for at in range(place + 1, len(self.activations) - 1):
            layer, x, z = self.problem.layers[at], self.activations[at], self.activations[at + 1]
            rows = layer.push(rows, x[:1], z[:1])
            whole = 1 if type(layer).push is not Layer.push else x[0].size
            widest = max(widest, rows.delta.size, whole)
        one_by_one = OutputwiseLoss.changes, CrossEntropyLoss.changes
        if type(self.problem.loss).changes not in one_by_one:  # it looks at whole samples
            widest = max(widest, self.activations[-1][0].size)
        return widest

    def limit(self, place: int, least: int = 1) -> int:
        """How many rows, of `least` numbers after layer `place`, can be followed at once.

        Raises
        ------
        InputError
            If there is no memory for one row nudged up and one nudged down.
        """
        numbers = max(self.numbers(place), least)
        room = self.problem.memory // (8 * _ARRAYS)
        if room < 2 * numbers:
            least = 2 * numbers * 8 * _ARRAYS
            raise InputError(
                f"memory = {in_words(self.problem.memory)} is too small to follow one row after"
                f" layer {place}, {self.problem.layers[place]!r}: its {numbers} numbers, up and"
                f" down, need {in_words(least)}"
            )
        return max(2, min(_NUMBERS, room) // numbers)


def tails(problem: Problem, progress: Callable[[int], object] | None = None) -> Iterator[Tail]:
    """Split a batch into parts that fit in memory; a usual batch is one part."""
    inspection = problem.inspection()
    if inspection.mixing:  # a part has other means than the whole
        whole = problem.activations or trace(problem.layers, problem.x)
        yield Tail(problem, whole, problem.t, progress)
        return
    sizes = inspection.sizes
    per_sample = 8 * (sum(sizes) + _COPIES * max(sizes))
    count = max(1, problem.memory // 2 // per_sample)
    if problem.activations is not None and len(problem.x) <= count:
        yield Tail(problem, problem.activations, problem.t, progress)
        return
    for first in range(0, len(problem.x), count):
        part = slice(first, first + count)
        yield Tail(problem, trace(problem.layers, problem.x[part]), problem.t[part], progress)
