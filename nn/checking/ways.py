"""Which of its methods a thing answers with and gives gradients with, and what they take."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from nn.errors import InputError, shown
from nn.networks import Network

Array = NDArray[Any]

_TARGETS = ("t", "target", "targets", "labels")


def title_of(thing: Any) -> str:
    """Return what a thing is called: its repr if that says something, or the name of its class."""
    if isinstance(thing, types.FunctionType):
        return thing.__name__
    said = shown(thing)
    plain = said.endswith((")", "]")) and "array(" not in said
    return said if plain else type(thing).__name__


def ways(thing: Any, t: Any) -> tuple[Callable[..., Any], Callable[..., Any], bool]:
    """Return what answers, what gives gradients, and whether those are of parameters alone."""
    forward, backward = getattr(thing, "forward", None), getattr(thing, "backward", None)
    gradient, loss = getattr(thing, "gradient", None), getattr(thing, "loss", None)
    if t is not None and callable(gradient) and callable(loss):
        return loss, gradient, True
    if backward is None and isinstance(thing, Network):
        backward = _chain(thing)
    if forward is None and callable(thing) and callable(backward):
        forward = thing
    if not callable(forward) or not callable(backward):
        ways = (("forward", forward), ("backward", backward))
        lacks = " and ".join(name for name, way in ways if not callable(way))
        raise InputError(
            f"{title_of(thing)} has no {lacks}, so there is no gradient to be checked: it takes"
            " forward(x) and backward(dout), or a function and its gradient, grad"
        )
    if t is not None and _most(forward) < 2:
        raise InputError(f"forward of {title_of(thing)} takes no targets; leave t out")
    if t is None and required(forward) > 1 and "t" in inspect.signature(forward).parameters:
        raise InputError(f"forward of {title_of(thing)} takes targets: give them as t")
    return forward, backward, False


def takes_targets(thing: Any) -> bool:
    """Whether the second argument of forward is called as targets are."""
    forward = getattr(thing, "forward", None)
    if not callable(forward):
        return False
    names = [p.name for p in positional(forward)]
    return len(names) > 1 and names[1] in _TARGETS


def _chain(network: Network) -> Callable[[Array], Any]:
    """Return the backward of a network whose layers all have one: theirs, last to first."""
    for place, layer in enumerate(network.layers):
        if not callable(getattr(layer, "backward", None)):
            raise InputError(
                f"layer {place}, {layer!r}, has no backward, so there is no gradient to be checked"
            )

    def backward(dout: Array) -> Any:
        for layer in reversed(network.layers):
            dout = layer.backward(dout)  # type: ignore[attr-defined]
        return dout

    return backward


def positional(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the arguments that can be given by their place."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in inspect.signature(function).parameters.values() if p.kind in kinds]


def required(function: Callable[..., Any]) -> int:
    """Return how many of these must be given."""
    return sum(p.default is inspect.Parameter.empty for p in positional(function))


def _most(function: Callable[..., Any]) -> int:
    several = inspect.signature(function).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in several):
        return 1 << 30
    return len(positional(function))


def names_of(forward: Callable[..., Any], count: int) -> list[str]:
    """Names of so many inputs, as the signature has them."""
    names = [p.name for p in positional(forward)][:count]
    if len(names) < count and _most(forward) < count:
        raise InputError(f"forward takes {len(names)} inputs, and x is a tuple of {count}")
    return [*names, *(f"x{i}" for i in range(len(names), count))]
