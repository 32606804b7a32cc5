"""Checkpoints on disk: one npz file, written whole or not at all, read without pickle.

Parameters have their own names in it. Everything else that training needs to go on to the bit has
a name that begins with a dot: arrays as `.optimizer/…` and `.best/…`, the rest as JSON in `.state`
(its bytes), and in `.digest` a SHA-256 of it all, so that an altered file is told from a whole one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError

Array = NDArray[Any]
_STATE, _DIGEST = ".state.npy", ".digest.npy"


@dataclass(frozen=True)
class Checkpoint:
    """Where a training run stands.

    Attributes
    ----------
    params : dict of name -> array
    arrays : dict of name -> array
        What else is made of numbers; names begin with a dot.
    state : dict
        What JSON can hold: counts, states of generators.
    """

    params: dict[str, Array]
    arrays: dict[str, Array] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


def save_checkpoint(path: str | Path, checkpoint: Checkpoint) -> None:
    """Write to a file beside `path` first, which then takes its place; equal states, equal bytes.

    Raises
    ------
    OSError
        If it cannot be written; what was at `path` is there still.
    """
    members = {
        f"{name}.npy": _npy(array)
        for name, array in {**checkpoint.params, **checkpoint.arrays}.items()
    }
    members[_STATE] = _npy(_bytes(json.dumps(checkpoint.state, sort_keys=True)))
    members[_DIGEST] = _npy(_bytes(_digest(members)))
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, content in members.items():
                    archive.writestr(zipfile.ZipInfo(name), content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises
    ------
    InputError
        If there is no such file, or it is not one of these, or not what was written.
    """
    members = _members(Path(path))
    if _STATE not in members or _DIGEST not in members:
        raise InputError(f"{path} is no checkpoint: it holds no state of a training run")
    if members.pop(_DIGEST) != _npy(_bytes(_digest(members))):
        raise InputError(f"{path} is damaged: it is not what was written")
    state = json.loads(_array(members.pop(_STATE)).tobytes())
    arrays = {name.removesuffix(".npy"): _array(content) for name, content in members.items()}
    own = {name: array for name, array in arrays.items() if not name.startswith(".")}
    return Checkpoint(own, {k: v for k, v in arrays.items() if k not in own}, state)


def save_params(path: str | Path, params: Mapping[str, Array]) -> None:
    """Write arrays by name to `path`: to a file beside it first, which then takes its place."""
    save_checkpoint(path, Checkpoint(dict(params)))


def load_params(path: str | Path) -> dict[str, Array]:
    """Read the parameters of a checkpoint, or the arrays of any npz file.

    Raises
    ------
    InputError
        If there is no such file, or it holds something else, or a checkpoint is damaged.
    """
    members = _members(Path(path))
    if _DIGEST in members:
        return load_checkpoint(path).params
    try:
        return {name.removesuffix(".npy"): _array(content) for name, content in members.items()}
    except (ValueError, EOFError) as error:
        raise InputError(f"{path} does not hold weights: {error}") from error


def _members(path: Path) -> dict[str, bytes]:
    """Read all that a zip file holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist()}
    except FileNotFoundError:
        raise InputError(f"there is no {path}") from None
    except Exception as error:  # a zip file that was altered fails in many ways
        raise InputError(f"{path} does not hold weights, or is damaged: {error}") from error


def _digest(members: Mapping[str, bytes]) -> str:
    """Return a SHA-256 of all names and contents, in order of the names."""
    found = hashlib.sha256()
    for name in sorted(members):
        found.update(f"{name}\0{len(members[name])}\0".encode())
        found.update(members[name])
    return found.hexdigest()


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode(), np.uint8)


def _npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes) -> Array:
    found: Array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return found
