"""Reads the tables that lie in `datasets/data/`: gzipped CSV, one header line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from datasets.dataset import Array
from datasets.errors import DatasetError

DATA = Path(__file__).parent / "data"


def read_table(file: str, rows: int, columns: Sequence[str], classes: Sequence[str] = ()) -> Array:
    """Read a table of numbers.

    Parameters
    ----------
    file : str
        Name within `DATA`.
    rows : int
        Number of lines under the header.
    columns : sequence of str
        The header.
    classes : sequence of str, optional
        Words that stand in the last column; each is read as its place in this sequence.

    Returns
    -------
    float64 (rows, len(columns))

    Raises
    ------
    DatasetError
        If the file is missing, damaged, or not the table that was expected.
    """
    path = DATA / file
    places = {name: place for place, name in enumerate(classes)}
    converters: dict[int | str, Callable[[str], float]] = {}
    if classes:
        converters[len(columns) - 1] = lambda word: places.get(word, np.nan)
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            header, *lines = stream.read().splitlines() or [""]
        if header != ",".join(columns):
            raise ValueError(f"its header is {_shortened(header)!r}")
        if len(lines) != rows:
            raise ValueError(f"it has {len(lines)} rows")
        table: Array = np.loadtxt(
            lines, delimiter=",", comments=None, converters=converters, ndmin=2
        )
        if table.shape != (rows, len(columns)):  # every line too long by the same cells
            raise ValueError(f"it has {table.shape[1]} columns")
        if not np.isfinite(table).all():
            raise ValueError("it holds unknown words or numbers that are not finite")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error
        raise DatasetError(
            f"data file {path}: expected {rows} rows of {len(columns)} columns "
            f"({_shortened(','.join(columns))}), but {reason}"
        ) from error
    return table


def _shortened(text: str, width: int = 60) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
