"""What the layers of a network can be relied on for, found out once by asking them.

Perturbed rows are followed alone, so a layer they pass must treat each sample alone, must answer
the same input with the same numbers, and must read no parameters but its own. Our own layers do.
Those of others are asked, and so are losses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ImpureFunctionError, InputError
from nn.gradients.questions import Nudged, mixes
from nn.gradients.strangers import Questions
from nn.layers import Layer, Place, TwoMode, foreign, in_mode, ours, parts
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
        Also those inside of blocks.
    state : tuple
        What it all depends on: shapes and switches that may change from step to step.
    sizes : dict of Place -> int
        Numbers a sample has after each layer; of x, at the place ().
    mixing : frozenset of Place
        Layers whose output for a sample depends on the other samples.
    borrowing : frozenset of Place
        Layers that read what is not theirs: parameters, or what others remember.
    conclusions : dict
        What others conclude from all this, kept for the next step.
    """

    layers: tuple[Layer, ...]
    state: tuple[object, ...]
    sizes: dict[Place, int]
    mixing: frozenset[Place]
    borrowing: frozenset[Place]
    conclusions: dict[Any, Any] = field(default_factory=dict)


class Inspector:
    """Looks at the layers of a network once, and again when they change or are to be forgotten.

    Attributes
    ----------
    said : set of str
        What the user has been told of them already.
    begun : int
        How often layers have drawn for a batch.
    """

    def __init__(self) -> None:
        self._last: Inspection | None = None
        self._apart: list[Array] = []
        self.said: set[str] = set()
        self.begun = 0

    def look(self, layers: Sequence[Layer], x: Array) -> Inspection:
        """Return what is known of the layers; ask them, on a few samples of x, if nothing is."""
        last, state = self._last, _state(layers, x)
        now = [layer for _, layer in parts(layers)]
        if (
            last is None
            or last.state != state
            or len(last.layers) != len(now)
            or not all(map(is_, last.layers, now))
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


def _state(layers: Sequence[Layer], x: Array) -> tuple[object, ...]:
    """What may change without a layer being replaced."""
    found: list[object] = [x.shape[1:], len(x) > 1]
    for place, layer in parts(layers):
        if "forward" in vars(layer):
            raise InputError(
                f"layer {place}, {layer!r}: forward was replaced in this one object; write a class"
                " with that forward, so that it is known what the layer does"
            )
        found += [p.shape for p in layer.params.values()]
        found.append(layer.mixes)
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
    asked = list(parts(layers))
    if not any(isinstance(layer, TwoMode) and foreign(layer) for _, layer in asked):
        x = x[:: max(1, len(x) // _SAMPLES)][:_SAMPLES]  # else they may have drawn for the whole
    mixing = {place for place, layer in asked if layer.mixes}
    quiet = [layer for _, layer in asked if isinstance(layer, TwoMode) and not foreign(layer)]
    with in_mode(quiet, training=False):
        questions = Questions(layers)
        questions.ask(layers, x, Place())
    found = frozenset(mixing | questions.mixing)
    return Inspection(
        tuple(layer for _, layer in asked),
        state,
        questions.sizes,
        found,
        frozenset(questions.borrowing),
    )


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
