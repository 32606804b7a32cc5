"""Weights on disk: one npz file, written whole or not at all, read without pickle."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError

Array = NDArray[Any]


def save_params(path: str | Path, params: Mapping[str, Array]) -> None:
    """Write arrays by name to `path`: to a file beside it first, which then takes its place."""
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, p in params.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                        np.lib.format.write_array(entry, np.asarray(p), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def load_params(path: str | Path) -> dict[str, Array]:
    """Read the arrays that `save_params` wrote.

    Raises
    ------
    InputError
        If the file holds something else.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} does not hold weights: {error}") from error
