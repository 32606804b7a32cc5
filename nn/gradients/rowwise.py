"""The methods that follow perturbed rows: weight, node, and the cheaper of both."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, ClassVar

import numpy as np

from nn.errors import FallbackWarning
from nn.gradients.entries import by_entries, by_units
from nn.gradients.loop import ask_again, loop_from
from nn.gradients.moves import Moves
from nn.gradients.node import by_nodes
from nn.gradients.plan import Choice, Wish, explained, in_pairs, plan
from nn.gradients.problem import Array, Grads, Method, Problem, Work
from nn.gradients.tail import Tail, tails
from nn.gradients.weight import by_pairs, in_place
from nn.layers import Place, foreign, leaves, run

_MANY = 1 << 21  # rows that may take over a second; a bar costs more than a few rows do


class _Rowwise(Method):
    """Follow rows where that is right, and fall back to the loop where it is not."""

    wish: ClassVar[Wish]

    def work(self, problem: Problem) -> Work:
        """Rows of all layers; a loss evaluation of a loop counts as a row for each sample."""
        choices = plan(problem, self.wish)
        samples = len(problem.x)
        return Work(sum(round(c.rows * samples) for c in choices), "rows")

    def ways(self, problem: Problem) -> dict[Place, str]:
        """Return the way planned for each layer."""
        ways: dict[Place, str] = {}
        for choice in plan(problem, self.wish):
            ways[choice.place] = f"{ways.get(choice.place, '')} {choice.way}".strip()
        return ways

    def news(self, problem: Problem) -> list[str]:
        """Return why layers are not done as was asked for, once."""
        said = problem.inspector.said
        found = [text for text in explained(plan(problem, self.wish)) if text not in said]
        said.update(found)
        return found

    def gradient(self, problem: Problem) -> Grads:
        """Return the slopes, layer by layer as planned."""
        choices = plan(problem, self.wish)
        for sentence in self.news(problem):
            warnings.warn(sentence, FallbackWarning, stacklevel=4)
        found: Grads = {}
        for choice in choices:
            if choice.way == "loop":
                found |= loop_from(problem, choice.place, list(choice.names))
        followed = [choice for choice in choices if choice.way != "loop"]
        moves = {
            key: Moves.of(problem.params[key], problem.h, key)
            for choice in followed
            if choice.way == "weight"
            for key in choice.names
        }
        with _bar(len(problem.x) * sum(choice.rows for choice in followed)) as bar:
            try:
                for tail in tails(problem, None if bar is None else bar.update):
                    for choice in followed:
                        for key, total in sums(tail, choice, moves).items():
                            found[key] = np.asarray(found[key] + total) if key in found else total
            except BaseException:
                with suppress(Exception):  # what went wrong first is what is told
                    _tidy(problem)
                raise
            _tidy(problem)
        for choice in followed:
            for key in choice.names:
                if not np.isfinite(found[key]).all():
                    _ask_loop(problem, key, found)
        return {key: found[key] for key in problem.params}


class Weight(_Rowwise):
    """Nudge each weight by ±h, follow only what that moves: the numbers of the loop, sooner."""

    name = wish = "weight"


class Node(_Rowwise):
    """Nudge each unit by ±h, sample by sample; its weights follow by a product, up to O(h²)."""

    name = wish = "node"


class Auto(_Rowwise):
    """Take for each layer the cheaper of weight and node, node only where it is right."""

    name = wish = "auto"


def _bar(rows: float) -> AbstractContextManager[Any]:
    """A bar for a gradient of many rows; it is seen if that takes over a second."""
    if rows < _MANY:
        return nullcontext()
    from tqdm import tqdm

    bar: AbstractContextManager[Any] = tqdm(
        total=int(rows), desc="following", unit=" rows", unit_scale=True, delay=1, leave=False,
        disable=None,
    )  # fmt: skip
    return bar


def sums(tail: Tail, choice: Choice, moves: dict[str, Moves]) -> Grads:
    """Return the part that some samples have in the slopes of a layer."""
    if choice.way == "node":
        named = by_nodes(tail, choice.place, list(choice.names.values()))
        return {key: named[name] for key, name in choice.names.items()}
    place, names = choice.place, choice.names.items()
    return {key: _nudge_weights(tail, place, name, moves[key]) for key, name in names}


def _nudge_weights(tail: Tail, place: Place, name: str, moves: Moves) -> Array:
    """Nudge the weights of one parameter, in the way that they enter."""
    way = tail.path(place)
    terms = way.here.terms(name)
    if terms is None:
        return in_place(tail, place, name, moves)
    if in_pairs(terms, way):
        return by_pairs(tail, place, name, moves, terms.a)
    return (by_units if terms.own else by_entries)(tail, place, name, moves, terms)


def _tidy(problem: Problem) -> None:
    """Leave what layers cache for their `backward` as a forward pass of the batch leaves it."""
    if not any(foreign(layer) for _, layer in leaves(problem.layers)):
        return
    if problem.activations is None:
        run(problem.layers, problem.x)
        return
    for layer, x in zip(problem.layers, problem.activations, strict=False):
        if any(foreign(part) for _, part in leaves([layer])):
            layer.forward(x)


def _ask_loop(problem: Problem, key: str, found: Grads) -> None:
    """Have the loop say what is not finite, or find what overflowed in rows alone."""
    for index in np.argwhere(~np.isfinite(found[key])):
        where = tuple(int(i) for i in index)
        found[key][where] = ask_again(problem, key, where)
