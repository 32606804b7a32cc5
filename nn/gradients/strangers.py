"""Questions to layers that are not ours, asked in the order a batch comes by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nn.errors import ImpureFunctionError, InputError
from nn.gradients.questions import Nudged, mixes, same_but_for_rounding
from nn.layers import Block, Elementwise, Layer, Place, foreign, leaves, run

Array = NDArray[np.float64]


class Questions:
    """Goes through layers, asks those that are not ours, and takes down the answers.

    Attributes
    ----------
    mixing, borrowing : set of Place
    sizes : dict of Place -> int
        Numbers of a sample after each layer; of x, at the place ().
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.mixing: set[Place] = set()
        self.borrowing: set[Place] = set()
        self.sizes: dict[Place, int] = {}
        self.params = [p for _, layer in leaves(layers) for p in layer.params.values()]
        self.asked: list[tuple[Layer, Array]] = []  # who was given what

    def ask(self, layers: Sequence[Layer], x: Array, above: Place) -> None:
        """Ask layers that stand inside of `above`."""
        self.sizes.setdefault(above, x[0].size)
        for number, layer in enumerate(layers):
            place = Place((*above, number))
            if isinstance(layer, Block) and not foreign(layer):
                self.ask(layer.layers, x, place)
            z = _ask(layer, place, x).copy()  # its next answer may lie in this memory
            if foreign(layer):
                self._ask_stranger(layer, place, x, z)
            self.asked.append((layer, x))
            self.sizes[place] = z[0].size
            x = z

    def _ask_stranger(self, layer: Layer, place: Place, x: Array, z: Array) -> None:
        varied, answer = _varied(layer, x, z)
        again = _ask(layer, place, varied)
        if not np.array_equal(answer, again, equal_nan=True):
            raise ImpureFunctionError(
                f"layer {place}, {layer!r}, is not a function of its input: two calls gave"
                " different numbers"
            )
        _check_elementwise(place, layer, varied, answer)
        if mixes(partial(_ask, layer, place), answer, varied):
            self.mixing.add(place)
        if self._borrows(layer, answer, varied):
            self.borrowing.add(place)

    def _borrows(self, layer: Layer, z: Array, x: Array) -> bool:
        """Whether a layer answers otherwise when others are nudged, or asked something else."""
        mine = {id(p) for _, own in leaves([layer]) for p in own.params.values()}
        with Nudged([p for p in self.params if id(p) not in mine]):
            try:
                for other, given in self.asked:
                    if foreign(other):
                        other.forward(_locked(given[: (len(given) + 1) // 2]))
                again = layer.forward(_locked(x))
            except (ValueError, IndexError):  # what it reads of another no longer fits
                return True
        return not np.array_equal(z, again, equal_nan=True)


def _ask(layer: Layer, place: Place, x: Array) -> Array:
    above = "".join(f"{number}." for number in place[:-1])
    return run([layer], _locked(x), place[-1], above)


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


def _check_elementwise(place: Place, layer: Layer, x: Array, z: Array) -> None:
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


def _locked(x: Array) -> Array:
    """A view that nobody can write into."""
    view = x.view()
    view.flags.writeable = False
    return view
