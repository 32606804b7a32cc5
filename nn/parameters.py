"""Parameters by name: the live arrays of the layers, as one mapping."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError, ShapeError, nearest, shown
from nn.layers import Layer

Array = NDArray[np.float64]


class Parameters(MutableMapping[str, Array]):
    """The live parameters of a network by name: writing into an array changes the network.

    Assigning, `params["W1"] = W`, writes the numbers of W into the array that is there.
    """

    def __init__(self, owners: dict[str, tuple[Layer, str]]) -> None:
        self._owners = owners

    def __getitem__(self, key: str) -> Array:
        if key not in self._owners:
            raise KeyError(f"no parameter {key!r}{nearest(key, self._owners)}")
        layer, name = self._owners[key]
        return layer.params[name]

    def __setitem__(self, key: str, value: Any) -> None:
        p = self[key]
        if np.shape(value) != p.shape:
            raise ShapeError(f"{key} has shape {p.shape}, got an array of shape {np.shape(value)}")
        p[...] = live(value, key)

    def __delitem__(self, key: str) -> None:
        raise TypeError("parameters belong to their layers and cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)

    def copy(self) -> dict[str, Array]:
        """Return the numbers as they are now, in arrays of their own; `update` puts them back."""
        return {key: p.copy() for key, p in self.items()}

    def __repr__(self) -> str:
        return f"Parameters({ {key: p.shape for key, p in self.items()} })"


def adopt(layer: Layer) -> None:
    """Make the parameters of a layer live, also where it keeps one as an attribute of its own."""
    if not isinstance(layer.params, dict):
        raise InputError(f"params of {layer!r} must be a dict of arrays, got {shown(layer.params)}")
    for name, p in layer.params.items():
        layer.params[name] = array = live(p, f"{name} of {layer!r}")
        for attribute, value in vars(layer).items():
            if value is p and (isinstance(p, np.ndarray | list) or attribute == name):
                setattr(layer, attribute, array)


def live(p: Any, name: str) -> Array:
    """The array itself if it can be nudged in place in float64, a float64 copy otherwise."""
    kind = np.asarray(p).dtype.kind
    if kind not in "fiub":
        raise InputError(f"{name} must be real numbers, got {type(p).__name__} {p!r:.40}")
    if isinstance(p, np.ndarray) and p.dtype == np.float64 and p.flags.writeable:
        return p
    return np.array(p, np.float64)
