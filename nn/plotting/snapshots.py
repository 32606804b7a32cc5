"""Snapshots of the parameters of a network: read, put in, and the old numbers put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nn.errors import ArgumentError, InputError, ShapeError, UnknownNameError, nearest
from nn.gradients import one_thread
from nn.steps import entry

from .arrays import FloatArray, as_floats

Index: TypeAlias = int | tuple[int, ...]
Snapshot: TypeAlias = Mapping[str, ArrayLike]


class Learner(Protocol):
    """What is asked of a network here: its live arrays by name, and the loss of a batch."""

    @property
    def params(self) -> Mapping[str, FloatArray]:
        """The arrays that `loss` reads."""

    def loss(self, x: Any, t: Any) -> float:
        """Return the mean loss of a batch."""


@contextmanager
def held(network: Learner) -> Iterator[dict[str, FloatArray]]:
    """Yield the live parameters; whatever is written into them, the old bits come back.

    Raises
    ------
    ArgumentError, InputError
        If it is no network, or its parameters are not arrays to write into.
    """
    params = getattr(network, "params", None)
    if not isinstance(params, Mapping) or not params:
        raise ArgumentError("network", "a network with parameters", network)
    live = dict(params.items())
    for name, p in live.items():
        if not (isinstance(p, np.ndarray) and p.dtype.kind == "f" and p.flags.writeable):
            raise InputError(f"{name} must be a writable floating-point array to be moved")
    saved = {name: p.copy() for name, p in live.items()}
    try:
        with one_thread(), np.errstate(all="ignore"):
            yield live
    finally:
        for name, p in live.items():
            p[...] = saved[name]


def one_weight(params: Mapping[str, FloatArray], name: str, index: Index) -> tuple[str, FloatArray]:
    """Return what an entry is called, "W1[0, 2]", and a view of it, of shape ().

    Raises
    ------
    UnknownNameError
        If there is no such parameter.
    InputError
        If it has no such entry.
    """
    if name not in params:
        raise UnknownNameError(f"no parameter {name!r}{nearest(name, params)}")
    p = params[name]
    place = tuple(index) if isinstance(index, tuple | list) else (index,)
    whole = len(place) == p.ndim and all(isinstance(i, Integral) for i in place)
    if not (whole and all(-n <= i < n for i, n in zip(place, p.shape, strict=True))):
        raise InputError(f"{name} has shape {p.shape}: there is no {entry(name, place)} in it")
    place = tuple(int(i) % n for i, n in zip(place, p.shape, strict=True))
    view: Any = (*place, ...)  # without the dots it would be a number
    return entry(name, place), p[view]


def as_vector(arrays: Mapping[str, FloatArray]) -> FloatArray:
    """Return all numbers in one row (P,), array after array."""
    return np.concatenate([array.ravel() for array in arrays.values()])


def put(params: Mapping[str, FloatArray], vector: FloatArray) -> None:
    """Write a row (P,) into the parameters, array after array."""
    start = 0
    for p in params.values():
        p[...] = vector[start : start + p.size].reshape(p.shape)
        start += p.size


def read_path(path: Iterable[Snapshot], params: Mapping[str, FloatArray]) -> list[FloatArray]:
    """Return the snapshots of a path as rows (P,) of their own, in the order of `params`.

    Raises
    ------
    ArgumentError
        If it is no list of snapshots.
    InputError, ShapeError
        If there is none, or one does not have the parameters of the network, or has numbers that
        are not finite.
    """
    if isinstance(path, Mapping) or not isinstance(path, Iterable):
        raise ArgumentError("path", "a list of snapshots, such as net.params.copy()", path)
    found = []
    for k, snapshot in enumerate(path):
        if not isinstance(snapshot, Mapping):
            raise ArgumentError(f"path[{k}]", "a snapshot, such as net.params.copy()", snapshot)
        if set(snapshot) != set(params):
            names = ", ".join(map(str, snapshot))
            raise InputError(f"path[{k}] holds {names}; the network has {', '.join(params)}")
        arrays = {name: as_floats(f"{name} of path[{k}]", snapshot[name]) for name in params}
        for name, p in params.items():
            if arrays[name].shape != p.shape:
                raise ShapeError(
                    f"{name} of path[{k}] has shape {arrays[name].shape}, and the network's"
                    f" {p.shape}"
                )
        found.append(as_vector(arrays))
    if not found:
        raise InputError("path is empty: there is no snapshot in it")
    return found
