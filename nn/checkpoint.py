"""Weights on disk: one npz file, written whole or not at all, read without pickle."""

from __future__ import annotations

import os
import tempfile
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
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        try:
            np.savez(
                part, allow_pickle=False, **{name: np.asarray(p) for name, p in params.items()}
            )
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    Path(part.name).replace(target)


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
