"""From a layer to the loss: perturbed rows on their way through what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.budget import in_words
from nn.errors import InputError
from nn.gradients.path import ARRAYS, Link, Path, effort, links, path, push
from nn.gradients.problem import Problem
from nn.layers import Place, Trace, ours, parts, trace
from nn.losses import CrossEntropyLoss, OutputwiseLoss
from nn.rows import Rows

Array = NDArray[np.float64]
Places = NDArray[np.intp]
_NUMBERS = 1 << 17  # in one array: more leave the processor's cache, fewer cost calls
_PICTURES = 1 << 19  # of pictures, which take more calls a row
_WIDE = 64  # numbers in a row; measured: below, two cores took as long as one, above half
_MANY = 1 << 22  # numbers in all: some 10 ms
_COPIES = 6  # of the input of a layer that are alive while its rows are prepared


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
    activations: Trace
    t: NDArray[Any]
    progress: Callable[[int], object] | None = None

    @cached_property
    def _change(self) -> Any:
        return self.problem.loss.changes(self.activations[-1], self.t)

    @cached_property
    def _paths(self) -> dict[Place, Path]:
        return {}

    @cached_property
    def _links(self) -> tuple[Link, ...]:
        return links(self.problem.layers, self.activations, self.problem.inspection().mixing)

    def path(self, place: Place) -> Path:
        """Return the layer at a place, and what its answer goes through on its way to the loss."""
        if place not in self._paths:
            self._paths[place] = path(self._links, place)
        return self._paths[place]

    def follow(self, rows: Rows, place: Place) -> Array:
        """Return by how much changes of the output of layer `place` change each row's loss.

        Parameters
        ----------
        rows : Rows
            A grid of (G, K) changes.
        place : Place

        Returns
        -------
        (G, K) array
        """
        slices, samples = rows.grid
        if self.progress is not None:
            self.progress(slices * samples)
        alive = None
        way = self.path(place)
        narrow = not way.mixed and rows.delta[0, 0].size == 1
        for link in way.after:
            rows = push(link, rows)
            if alive is None and narrow and rows.start is not None:  # a relu, say, may be off
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

    def difference(self, rows: Rows, place: Place) -> Array:
        """Return each loss after a change of the first half of the slices less after its second.

        Parameters
        ----------
        rows : Rows
            2 G slices: all nudged up, then all nudged down.

        Returns
        -------
        (G, K) array
        """
        change = self.follow(rows, place)
        half = len(change) // 2
        return change[:half] - change[half:]

    def pays(self, place: Place, box: tuple[int, ...], rows: int) -> bool:
        """Whether a second core helps: where rows are wide and many, and all code is ours."""
        numbers = self.numbers(place, box)
        after = [layer for at, layer in parts(self.problem.layers) if at > place]
        return (
            numbers >= _WIDE
            and numbers * rows >= _MANY
            and ours(type(self.problem.loss), "per_sample", "changes", "costs", "rise")
            and all(ours(type(layer), "forward", "push") for layer in after)
        )

    def numbers(self, place: Place, box: tuple[int, ...]) -> int:
        """Numbers of a row where it is widest, if it is a change of such a box after a layer."""
        known: dict[Any, int] = self.problem.inspection().conclusions
        if ("numbers", place, box) not in known:
            widest = effort(self.path(place), box)[0]
            one_by_one = OutputwiseLoss.changes, CrossEntropyLoss.changes
            if type(self.problem.loss).changes not in one_by_one:  # it looks at whole samples
                widest = max(widest, self.activations[-1][0].size)
            known["numbers", place, box] = widest
        return known["numbers", place, box]

    def limit(self, place: Place, box: tuple[int, ...], least: int = 1) -> int:
        """How many rows, of `least` numbers after layer `place`, can be followed at once.

        Raises
        ------
        InputError
            If there is no memory for one row nudged up and one nudged down.
        """
        way, numbers = self.path(place), max(self.numbers(place, box), least)
        room = self.problem.memory // (8 * ARRAYS)
        if room < 2 * numbers:
            raise InputError(
                f"memory = {in_words(self.problem.memory)} is too small to follow one row after"
                f" layer {place}, {way.here.layer!r}: its {numbers} numbers, up and down, need"
                f" {in_words(2 * numbers * 8 * ARRAYS)}"
            )
        samples = len(self.t) if way.mixed else 1  # whole batches, for which there is room
        most = _PICTURES if way.here.z.ndim > 2 else _NUMBERS
        return max(2 * samples, min(most, room) // numbers)


def tails(problem: Problem, progress: Callable[[int], object] | None = None) -> Iterator[Tail]:
    """Split a batch into parts that fit in memory; a usual batch is one part."""
    inspection = problem.inspection()
    if inspection.mixing or problem.two_mode:  # a part has other means than the whole
        whole = problem.activations or trace(problem.layers, problem.x)
        yield Tail(problem, whole, problem.t, progress)
        return
    sizes = inspection.sizes.values()
    per_sample = 8 * (sum(sizes) + _COPIES * max(sizes))
    count = max(1, problem.memory // 2 // per_sample)
    if problem.activations is not None and len(problem.x) <= count:
        yield Tail(problem, problem.activations, problem.t, progress)
        return
    for first in range(0, len(problem.x), count):
        part = slice(first, first + count)
        yield Tail(problem, trace(problem.layers, problem.x[part]), problem.t[part], progress)
