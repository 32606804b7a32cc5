"""Which way the gradient of each layer is found, and why not the way that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nn.gradients.inspection import loss_obstacle
from nn.gradients.problem import Problem, Site
from nn.gradients.weight import Terms
from nn.layers import Layer

Way = Literal["weight", "node", "loop"]
Wish = Literal["weight", "node", "auto"]


@dataclass(frozen=True)
class Choice:
    """How the slopes by the parameters of one layer are found.

    Attributes
    ----------
    place : int
    layer : Layer
    names : dict of key in the network -> name in the layer
    way : "weight", "node" or "loop"
    instead : str
        Why it is not the way that was asked for; "" if it is, or if none was.
    rows : float
        Rows for each sample; of a loop, its loss evaluations.
    """

    place: int
    layer: Layer
    names: dict[str, str]
    way: Way
    instead: str
    rows: float


def plan(problem: Problem, wish: Wish) -> list[Choice]:
    """Return a choice for every layer that owns parameters; made once, then remembered."""
    known = problem.inspection().conclusions
    key = ("plan", wish, id(problem.loss), tuple(problem.sites), problem.h is None)
    if key not in known:  # the loss is kept with it, so that its id stays its own
        choices = [_choose(problem, wish, group) for group in _by_layer(problem).values()]
        known[key] = (problem.loss, choices)
    found: list[Choice] = known[key][1]
    return found


def _by_layer(problem: Problem) -> dict[tuple[int, bool], dict[str, tuple[Site, ...]]]:
    """Group the parameters by the place they are first used at; those used twice by themselves."""
    groups: dict[tuple[int, bool], dict[str, tuple[Site, ...]]] = {}
    for key, sites in problem.sites.items():
        groups.setdefault((sites[0].place, len(sites) > 1), {})[key] = sites
    return groups


def _choose(problem: Problem, wish: Wish, group: dict[str, tuple[Site, ...]]) -> Choice:
    first = next(iter(group.values()))[0]
    names = {key: sites[0].name for key, sites in group.items()}
    sizes = sum(problem.params[key].size for key in names)

    def choice(way: Way, instead: str, rows: float) -> Choice:
        return Choice(first.place, first.layer, names, way, instead, rows)

    obstacle = _not_by_rows(problem, first.place, group)
    if obstacle:
        return choice("loop", obstacle, 2 * sizes + 2)
    obstacle = "" if wish == "weight" else _not_by_nodes(problem, first, names)
    if wish == "weight" or obstacle:
        instead = obstacle if wish == "node" else ""
        return choice("weight", instead, _weight_rows(problem, first, names))
    by_node = 2 * problem.inspection().sizes[first.place + 1]
    if wish == "auto":
        by_weight = _weight_rows(problem, first, names)
        if by_weight <= by_node:
            return choice("weight", "", by_weight)
    return choice("node", "", by_node)


def _not_by_rows(problem: Problem, place: int, group: dict[str, tuple[Site, ...]]) -> str:
    """Why the parameters of a layer must be left to the loop; "" if they need not."""
    inspection, layers = problem.inspection(), problem.layers
    obstacle = loss_obstacle(problem.loss, problem.z, problem.t, problem.params)
    if obstacle:
        return obstacle
    for at in sorted(inspection.borrowing):
        return f"layer {at}, {layers[at]!r}, reads parameters that are not in its params"
    for sites in group.values():
        if len(sites) > 1:
            places = " and ".join(str(site.place) for site in sites)
            return f"layers {places} share {sites[0].name}"
    for at in sorted(inspection.mixing):
        if at > place:
            return f"layer {at}, {layers[at]!r}, mixes samples, so that none can be followed alone"
    return ""


def _not_by_nodes(problem: Problem, site: Site, names: dict[str, str]) -> str:
    """Why the units of a layer cannot be nudged in place of its weights; "" if they can."""
    x = problem.x[:1] if problem.activations is None else problem.activations[site.place][:1]
    if problem.activations is None:
        for layer in problem.layers[: site.place]:
            x = layer.forward(x)
    for name in names.values():
        if site.layer.terms(name, x) is None:
            return f"its {name} does not enter as the weights of a sum"
    return ""


def _weight_rows(problem: Problem, site: Site, names: dict[str, str]) -> float:
    """Count the rows of weight perturbation for each sample, on some of this batch."""
    some = problem.x[:32]
    x = some
    for layer in problem.layers[: site.place]:
        x = layer.forward(x)
    rows = 0
    for key, name in names.items():
        p, a = problem.params[key], site.layer.terms(name, x)
        if a is None:
            rows += 2 * p.size * len(x)
        else:
            pairs = len(Terms.read(a, distinct=problem.h is not None).value)
            rows += 2 * pairs * (p.size // a.shape[1])
    return rows / len(some)


def explained(choices: list[Choice]) -> list[str]:
    """Say of each choice that is not what was asked for, why; the same reason once."""
    said = [
        f"the gradient of layer {choice.place}, {choice.layer!r}, is found by"
        f" {choice.way}: {choice.instead}"
        for choice in choices
        if choice.instead
    ]
    return list(dict.fromkeys(said))
