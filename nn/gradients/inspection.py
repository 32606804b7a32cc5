"""What the layers of a network can be relied on for, found out once by asking them.

Perturbed rows are followed alone, so a layer they pass must treat each sample alone, must answer
the same input with the same numbers, and must read no parameters but its own. Our own layers do.
Those of others are asked, and so are losses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ImpureFunctionError, InputError
from nn.gradients.questions import Nudged, mixes, same_but_for_rounding
from nn.layers import Elementwise, Layer, ours, run
from nn.losses import Loss
from nn.probing import check_apart

Array = NDArray[np.float64]
_SAMPLES = 16  # enough to see samples mixed


@dataclass(frozen=True)
class Inspection:
    """What is known of the layers of a network, for samples of one shape.

    Attributes
    ----------
    layers : tuple of Layer
    state : tuple
        What it all depends on: shapes and switches that may change from step to step.
    sizes : tuple of int
        Numbers a sample has at each depth: in x, after layer 0, ….
    mixing : frozenset of int
        Places of layers whose output for a sample depends on the other samples.
    borrowing : frozenset of int
        Places of layers that read what is not theirs: parameters, or what others remember.
    conclusions : dict
        What others conclude from all this, kept for the next step.
    """

    layers: tuple[Layer, ...]
    state: tuple[object, ...]
    sizes: tuple[int, ...]
    mixing: frozenset[int]
    borrowing: frozenset[int]
    conclusions: dict[Any, Any] = field(default_factory=dict)


class Inspector:
    """Looks at the layers of a network once, and again when they change or are to be forgotten.

    Attributes
    ----------
    said : set of str
        What the user has been told of them already.
    """

    def __init__(self) -> None:
        self._last: Inspection | None = None
        self._apart: list[Array] = []
        self.said: set[str] = set()

    def look(self, layers: Sequence[Layer], x: Array) -> Inspection:
        """Return what is known of the layers; ask them, on a few samples of x, if nothing is."""
        last, state = self._last, _state(layers, x)
        if (
            last is None
            or last.state != state
            or len(last.layers) != len(layers)
            or not all(map(is_, last.layers, layers))
        ):
            self._last = last = inspect(layers, x, state)
        return last

    def check_apart(self, params: Mapping[str, Array]) -> None:
        """Raise `InputError` if two parameters share memory; looked at once for each array."""
        now = list(params.values())
        if len(now) != len(self._apart) or not all(map(is_, now, self._apart)):
            check_apart(params)
            self._apart = now

    def forget(self) -> None:
        """Ask anew at the next look, as a new run does."""
        self._last = None


def foreign(layer: Layer) -> bool:
    """Whether the forward of a layer is not one of ours."""
    return not ours(type(layer), "forward")


def _state(layers: Sequence[Layer], x: Array) -> tuple[object, ...]:
    """What may change without a layer being replaced."""
    found: list[object] = [x.shape[1:], len(x) > 1]
    for place, layer in enumerate(layers):
        if "forward" in vars(layer):
            raise InputError(
                f"layer {place}, {layer!r}: forward was replaced in this one object; write a class"
                " with that forward, so that it is known what the layer does"
            )
        found += [p.shape for p in layer.params.values()]
        if foreign(layer):  # such as training = True
            found += [v for v in vars(layer).values() if isinstance(v, bool | str | None)]
    return tuple(found)


def inspect(layers: Sequence[Layer], x: Array, state: tuple[object, ...] = ()) -> Inspection:
    """Ask the layers that are not ours what `Inspection` says, on some samples of x.

    Raises
    ------
    InputError, ShapeError
        If a layer changes its input, does not answer with a row for each sample, or is an
        `Elementwise` that does not work on each number alone.
    ImpureFunctionError
        If a layer answers the same input with different numbers.
    """
    x = x[:: max(1, len(x) // _SAMPLES)][:_SAMPLES]
    sizes, mixing, borrowing = [x[0].size], set(), set()
    asked: list[Array] = []  # what each layer was given
    for place, layer in enumerate(layers):
        z = _ask(layer, place, x).copy()  # its next answer may lie in this memory
        asked.append(x)
        if foreign(layer):
            varied, answer = _varied(layer, x, z)
            again = _ask(layer, place, varied)
            if not np.array_equal(answer, again, equal_nan=True):
                raise ImpureFunctionError(
                    f"layer {place}, {layer!r}, is not a function of its input: two calls gave"
                    " different numbers"
                )
            _check_elementwise(place, layer, varied, answer)
            if mixes(partial(_ask, layer, place), answer, varied):
                mixing.add(place)
            if _borrows(layers, place, asked, answer, varied):
                borrowing.add(place)
        sizes.append(z[0].size)
        x = z
    return Inspection(tuple(layers), state, tuple(sizes), frozenset(mixing), frozenset(borrowing))


def loss_obstacle(loss: Loss, z: Array, t: NDArray[Any], params: Mapping[str, Array]) -> str:
    """Why the losses of samples cannot be followed alone; "" if they can.

    Raises
    ------
    ImpureFunctionError
        If two calls gave different numbers.
    """
    if type(loss).mean is not Loss.mean:
        return f"{loss!r} has a mean of its own, so that samples cannot be followed alone"
    if ours(type(loss), "per_sample", "costs"):
        return ""
    z, t = z[:_SAMPLES], t[:_SAMPLES]
    if len(z) == 1:
        z, t = np.concatenate([z, 0.5 * z + 0.25]), np.concatenate([t, t])
    losses = np.array(loss.per_sample(z, t), np.float64)
    if not np.array_equal(losses, loss.per_sample(z, t), equal_nan=True):
        raise ImpureFunctionError(
            "the loss of this network is not a function of its parameters: two calls of"
            f" {type(loss).__name__}.per_sample gave different numbers"
        )
    if mixes(loss.per_sample, losses, z, t):
        return f"{loss!r} mixes samples, so that none can be followed alone"
    with Nudged(list(params.values())):
        if not np.array_equal(losses, loss.per_sample(z, t), equal_nan=True):
            return f"{loss!r} reads parameters, so that it is more than a loss of the outputs"
    return ""


def _ask(layer: Layer, place: int, x: Array) -> Array:
    return run([layer], _locked(x), place)


def _varied(layer: Layer, x: Array, z: Array) -> tuple[Array, Array]:
    """Return samples that differ, and the answer to them; mixing equal ones would not show."""
    if len(x) > 1 and not (x == x[0]).all():
        return x, z
    pair = x if len(x) > 1 else np.concatenate([x, x])
    varied = pair * np.linspace(1, 0.5, len(pair)).reshape(-1, *[1] * (x.ndim - 1))
    varied += np.linspace(0, 0.25, len(pair)).reshape(-1, *[1] * (x.ndim - 1))
    try:
        return varied, np.array(layer.forward(_locked(varied)), np.float64)
    except Exception:  # it may take whole numbers only, say
        return x, z


def _check_elementwise(place: int, layer: Layer, x: Array, z: Array) -> None:
    """Raise unless a layer that says so works on each number alone."""
    if type(layer).push is not Elementwise.push or x.ndim < 2:
        return
    for part in (np.s_[:, :1], np.s_[:, -1:], np.s_[None]):
        try:
            alone = np.array(layer.forward(_locked(x[part])), np.float64)
        except Exception:
            alone = np.zeros(0)
        if not same_but_for_rounding(alone, z[part]):
            raise InputError(
                f"layer {place}, {layer!r}, is an Elementwise but does not work on each number"
                " alone, whatever the shape; let its class inherit from nn.Layer"
            )


def _borrows(layers: Sequence[Layer], place: int, asked: list[Array], z: Array, x: Array) -> bool:
    """Whether a layer answers otherwise when others have been nudged, or asked something else."""
    mine = {id(p) for p in layers[place].params.values()}
    others = [p for layer in layers for p in layer.params.values() if id(p) not in mine]
    with Nudged(others):
        try:
            for layer, given in zip(layers[:place], asked, strict=False):
                if foreign(layer):
                    layer.forward(_locked(given[: (len(given) + 1) // 2]))
            again = layers[place].forward(_locked(x))
        except (ValueError, IndexError):  # what it reads of another no longer fits
            return True
    return not np.array_equal(z, again, equal_nan=True)


def _locked(x: Array) -> Array:
    """A view that nobody can write into."""
    view = x.view()
    view.flags.writeable = False
    return view
