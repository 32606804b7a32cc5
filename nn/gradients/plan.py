"""Which way the gradient of each layer is found, and why not the way that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nn.budget import in_words
from nn.gradients.inspection import loss_obstacle
from nn.gradients.path import Path, batch_needs, effort, links, path
from nn.gradients.problem import Problem, Site
from nn.gradients.ties import shares_kinks
from nn.gradients.weight import Pairs
from nn.layers import Block, Layer, Place, Terms, foreign, parts

Way = Literal["weight", "node", "loop"]
Wish = Literal["weight", "node", "auto"]


@dataclass(frozen=True)
class Choice:
    """How the slopes by the parameters of one layer are found.

    Attributes
    ----------
    place : Place
    layer : Layer
    names : dict of key in the network -> name in the layer
    way : "weight", "node" or "loop"
    instead : str
        Why it is not the way that was asked for; "" if it is, or if none was.
    rows : float
        Rows for each sample; of a loop, its loss evaluations.
    """

    place: Place
    layer: Layer
    names: dict[str, str]
    way: Way
    instead: str
    rows: float


def plan(problem: Problem, wish: Wish) -> list[Choice]:
    """Return a choice for every layer that owns parameters; made once, then remembered."""
    known = problem.inspection().conclusions
    key: tuple[object, ...] = (
        "plan", wish, id(problem.loss), tuple(problem.sites), problem.h is None,
    )  # fmt: skip
    if problem.inspection().mixing:  # whole batches need room
        key = (*key, problem.memory, len(problem.x))
    if key not in known:  # the loss is kept with it, so that its id stays its own
        with problem.training():
            choices = [_choose(problem, wish, group) for group in _by_layer(problem).values()]
        known[key] = (problem.loss, choices)
    found: list[Choice] = known[key][1]
    return found


def _by_layer(problem: Problem) -> dict[tuple[Place, bool], dict[str, tuple[Site, ...]]]:
    """Group the parameters by the place they are first used at; those used twice by themselves."""
    groups: dict[tuple[Place, bool], dict[str, tuple[Site, ...]]] = {}
    for key, sites in problem.sites.items():
        groups.setdefault((sites[0].place, len(sites) > 1), {})[key] = sites
    return groups


def _choose(problem: Problem, wish: Wish, group: dict[str, tuple[Site, ...]]) -> Choice:
    first = next(iter(group.values()))[0]
    names = {key: sites[0].name for key, sites in group.items()}

    def choice(way: Way, instead: str, rows: float) -> Choice:
        return Choice(first.place, first.layer, names, way, instead, rows)

    obstacle = _not_by_rows(problem, first.place, group)
    evaluations = 2 * sum(problem.params[key].size for key in names) + 2
    if obstacle:
        return choice("loop", obstacle, evaluations)
    here = _path(problem, first.place)
    obstacle = _not_in_batches(problem, here, names)
    if obstacle:
        return choice("loop", obstacle, evaluations)
    weight_rows, weight_effort = _by_weight(problem, here, names)
    obstacle = "" if wish == "weight" else _not_by_nodes(problem, first.place, here, names)
    if wish == "weight" or obstacle:
        return choice("weight", obstacle if wish == "node" else "", weight_rows)
    node_rows = 2 * here.here.z[0].size
    node_effort = node_rows * effort(here, (1,) * (here.here.z.ndim - 1))[1]
    if wish == "auto" and weight_effort <= node_effort:
        return choice("weight", "", weight_rows)
    return choice("node", "", node_rows)


def _not_by_rows(problem: Problem, place: Place, group: dict[str, tuple[Site, ...]]) -> str:
    """Why the parameters of a layer must be left to the loop; "" if they need not."""
    inspection = problem.inspection()
    obstacle = loss_obstacle(problem.loss, problem.z, problem.t, problem.params)
    if obstacle:
        return obstacle
    layers = dict(parts(problem.layers))
    for at in sorted(inspection.borrowing):
        return f"layer {at}, {layers[at]!r}, reads parameters that are not in its params"
    for sites in group.values():
        if len(sites) > 1:
            places = " and ".join(str(site.place) for site in sites)
            return f"layers {places} share {sites[0].name}"
    for at, block in _around(problem, place):
        if foreign(block):
            return f"layer {at}, {block!r}, is a block with a forward of its own"
    return ""


def _not_in_batches(problem: Problem, path: Path, names: dict[str, str]) -> str:
    """Why weights before a layer that mixes samples cannot be nudged in whole batches; or ""."""
    if not path.mixed:
        return ""
    for name in names.values():
        terms, shape = path.here.terms(name), path.here.z.shape[1:]
        needed = batch_needs(path, shape if terms is None else terms.box(shape))
        if needed > problem.memory:
            return (
                f"rows of the whole batch take {in_words(needed)}, and memory is"
                f" {in_words(problem.memory)}"
            )
    return ""


def _path(problem: Problem, place: Place) -> Path:
    """Return the path of a layer, for some samples at least."""
    return path(links(problem.layers, problem.some, problem.inspection().mixing), place)


def _around(problem: Problem, place: Place) -> Iterator[tuple[Place, Layer]]:
    """Yield the blocks that a layer stands in."""
    layer: Layer = problem.layers[place[0]]
    for depth in range(1, len(place)):
        yield Place(place[:depth]), layer
        assert isinstance(layer, Block)
        layer = layer.layers[place[depth]]


def _not_by_nodes(problem: Problem, place: Place, path: Path, names: dict[str, str]) -> str:
    """Why the units of a layer cannot be nudged in place of its weights; "" if they can."""
    for name in names.values():
        if path.here.terms(name) is None:
            return f"its {name} does not enter as the weights of a sum"
    for at, layer in parts(problem.layers):
        if at > place and at in problem.inspection().mixing:
            return f"layer {at}, {layer!r}, mixes samples, so that no unit can be nudged in one"
        if at > place and _ties(problem, at, layer):
            return (
                f"layer {at}, {layer!r}, has a kink where inputs are equal, and there nudging each"
                " of them is not nudging all"
            )
    return ""


def _ties(problem: Problem, place: Place, layer: Layer) -> bool:
    """Whether inputs of a layer share kinks; asked once."""
    known = problem.inspection().conclusions
    key = ("ties", place)
    if key not in known:
        known[key] = shares_kinks(layer, _path(problem, place).here.x.shape[1:])
    found: bool = known[key]
    return found


def _by_weight(problem: Problem, path: Path, names: dict[str, str]) -> tuple[float, float]:
    """Return the rows of weight perturbation for each sample, and their numbers, on some of them.

    Numbers of all layers, and of what they hold to compute them.
    """
    rows = numbers = 0.0
    z = path.here.z
    for key, name in names.items():
        p = problem.params[key]
        terms = path.here.terms(name)
        box = z.shape[1:] if terms is None else terms.box(z.shape[1:])
        count = 2.0 * p.size
        if terms is not None and in_pairs(terms, path):
            some = terms.a[:32]
            pairs = Pairs.read(some, distinct=problem.h is not None)
            count = 2 * len(pairs.value) / len(some) * (p.size // terms.entries)
        rows += count
        numbers += count * effort(path, box)[1]
    return rows, numbers


def in_pairs(terms: Terms, path: Path) -> bool:
    """Whether a weight moves one number of each sample, and samples may go their own ways."""
    dense = terms.space or terms.own or terms.entry_axes > 1
    return not dense and not path.mixed and path.here.z.ndim == 2


def explained(choices: list[Choice]) -> list[str]:
    """Say of each choice that is not what was asked for, why; the same reason once."""
    said = [
        f"the gradient of layer {choice.place}, {choice.layer!r}, is found by"
        f" {choice.way}: {choice.instead}"
        for choice in choices
        if choice.instead
    ]
    return list(dict.fromkeys(said))
