"""What a trained network predicts for samples in a file of the user's."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.batches import in_pieces
from nn.config import Experiment
from nn.errors import InputError, is_finite, nearest, shown
from nn.gradients import one_thread
from nn.runs.loading import load_weights

Array = NDArray[Any]


def predict_file(
    experiment: Experiment,
    run: str | Path,
    file: str | Path,
    out: str | Path | None = None,
    which: str = "best",
) -> Path:
    """Write what the network of a run predicts for the samples of a file.

    Parameters
    ----------
    experiment : Experiment
        Built from the `config.resolved.json` of the run; its network gets the weights.
    run, which
        As for `load_network`.
    file : path of a .csv or .npy file
        Features in the units of the data's own: they are standardized as the run's were. A .csv
        is UTF-8 with commas; under a header columns are found by name, in any order, and others
        are left out. A .npy holds (N, features), or pictures (N, …) in the shape of the data's.
    out : path, optional
        Where to write. By default FILE-predictions.csv in the current folder, or that with -2,
        -3, … if it is taken.

    Returns
    -------
    Path
        A .csv: for classes "class" and a probability for each, "P(setosa)", …; for numbers the
        target in its own unit, under its name.

    Raises
    ------
    InputError, UnknownNameError
        Where the file is at fault, says the row and the column; else as `load_network` does.
    """
    data, network, source = experiment.data, experiment.network, Path(file)
    x = _samples(source, data)
    load_weights(network, run, which)
    with one_thread(), np.errstate(all="ignore"):
        y = in_pieces(network.predict, data.standardized_x(x))
    y = y.reshape(len(y), -1)
    bad = np.flatnonzero(~np.isfinite(y).all(axis=1))
    if len(bad):
        raise InputError(
            f"{source}: the prediction for sample {bad[0] + 1} is not finite; are its features in"
            " the units of the data?"
        )
    rows: Iterable[Sequence[object]]
    if data.class_names and network.loss_function.metric == "accuracy":
        if y.shape[1] == 1:  # the probability of yes
            told, y = (y[:, 0] >= 0.5).astype(int), np.hstack([1 - y, y])
        else:
            told = y.argmax(axis=1)
        likely = (y >= 0).all() and np.allclose(y.sum(axis=1), 1)
        head = ["class", *(f"{'P' if likely else 'score'}({name})" for name in data.class_names)]
        rows = ([data.class_names[k], *p] for k, p in zip(told, y.tolist(), strict=True))
    else:
        head, rows = [data.target_name], np.asarray(data.original_t(y), np.float64).tolist()
    return _write([head, *rows], Path(f"{source.stem}-predictions.csv"), out)


def _samples(file: Path, data: Any) -> Array:
    """Read samples (N, features), in the units of the data."""
    readers: dict[str, Callable[[Path, Any], Array]] = {".csv": _read_csv, ".npy": _read_npy}
    if file.suffix.lower() not in readers:
        raise InputError(f"{file}: samples are read from a .csv or a .npy file")
    try:
        x = readers[file.suffix.lower()](file, data)
    except FileNotFoundError:
        raise InputError(f"there is no file {file}") from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    if not len(x):
        raise InputError(f"{file} holds no samples")
    if data.image_shape is not None:
        low = data.original_x(data.x_train.min(axis=0)).min()
        high = data.original_x(data.x_train.max(axis=0)).max()
        if x.max() > 2 * high - low or x.min() < 2 * low - high:
            raise InputError(
                f"{file}: pixels of {x.min():g} to {x.max():g}, and those of {data.name!r} are"
                f" {low:g} to {high:g}; bring them to that range first"
            )
    return x


def _read_npy(file: Path, data: Any) -> Array:
    try:
        with file.open("rb") as stored:
            x: Array = np.lib.format.read_array(stored, allow_pickle=False)
    except (ValueError, EOFError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{file} does not hold an array of numbers: {reason}") from error
    if x.dtype.kind not in "fiub":
        raise InputError(f"{file} must hold real numbers, not dtype {x.dtype}")
    shapes = [(data.features,), *([data.image_shape] if data.image_shape is not None else [])]
    if x.shape[1:] not in shapes:
        taken = " or ".join(f"(N, {', '.join(map(str, shape))})" for shape in shapes)
        hint = "; one sample is a batch of one, x[None]" if x.shape in shapes else ""
        raise InputError(f"{file} has shape {x.shape}, and samples have {taken}{hint}")
    x = x.reshape(len(x), data.features)
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        row, column = bad[0].tolist()
        raise InputError(f"{file} is not finite at sample {row + 1}, feature {column + 1}")
    return x


def _read_csv(file: Path, data: Any) -> Array:
    names, samples = list(data.feature_names), list[Array]()
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            table = csv.reader(text)
            lines = ((table.line_num, row) for row in table)
            rows = ((number, row) for number, row in lines if len(row) > 1 or "".join(row).strip())
            first = next(rows, None)
            if first is None:
                raise InputError(f"{file} is empty")
            unread: list[tuple[int, list[str]]] = []
            head, columns = [cell.strip() for cell in first[1]], list(range(len(names)))
            if set(head) & set(names) or not any(map(_is_number, head)):
                columns = _columns(file, head, names)
            else:
                head, unread = names, [first]
            for number, row in chain(unread, rows):
                if len(row) != len(head):
                    raise InputError(
                        f"{file}, row {number}: expected {len(head)} columns, got {len(row)}"
                    )
                samples.append(_numbers(f"{file}, row {number}", row, columns, names))
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8: {error}") from error
    except csv.Error as error:
        raise InputError(f"{file} is not CSV: {error}") from error
    return np.array(samples)


def _columns(file: Path, head: list[str], names: list[str]) -> list[int]:
    """Return in which column of the header each feature stands."""
    missing = [name for name in names if name not in head]
    twice = next((name for name in names if head.count(name) > 1), None)
    if missing and len(head) == 1 and any(mark in head[0] for mark in ";\t"):
        raise InputError(f"{file}: cells must be separated by commas")
    if missing:
        hint = nearest(missing[0], set(head) - set(names) - {""})
        more = f", nor {len(missing) - 1} other features" if len(missing) > 1 else ""
        close = hint if hint.startswith("; did you mean") else ""
        raise InputError(f"{file} has no column {missing[0]!r}{more}{close}")
    if twice is not None:
        raise InputError(f"{file} has two columns {twice!r}")
    return [head.index(name) for name in names]


def _numbers(where: str, row: list[str], columns: list[int], names: list[str]) -> Array:
    """Return the cells of one row, in the order of the features."""
    cells = [row[column] for column in columns]
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        values = np.array([math.nan])
    if np.isfinite(values).all() and "_" not in "".join(cells):
        return values
    bad = next(
        k for k, cell in enumerate(cells) if not (_is_number(cell) and is_finite(float(cell)))
    )
    what = "is not finite" if _is_number(cells[bad]) else "is no number"
    raise InputError(
        f"{where}, column {columns[bad] + 1}, {names[bad]!r}: {shown(cells[bad])} {what}"
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # 1_000 is a number to Python alone


def _write(rows: list[Sequence[object]], default: Path, out: str | Path | None) -> Path:
    """Write a table to a file that was not there before."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path, number = default if out is None else Path(out), 1
    while True:
        try:
            file = path.open("x", encoding="utf-8", newline="")
        except FileExistsError:
            if out is not None:
                raise InputError(
                    f"{path} is there already; name another file, nothing is overwritten"
                ) from None
            number += 1
            path = default.with_stem(f"{default.stem}-{number}")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from error
        else:
            break
    try:
        with file:
            file.write(text.getvalue())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    return path
