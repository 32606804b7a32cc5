"""The metrics of a run for other programs: a table for spreadsheets, events for TensorBoard."""

from __future__ import annotations

import csv
import importlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nn.errors import InputError, is_finite
from nn.history import History, Record

METRICS = "metrics.jsonl"
_PARTS = ("train", "validation", "test")


def read_history(run: str | Path) -> History:
    """Read the metrics of a run, but for a last line that was not written to its end.

    Parameters
    ----------
    run : str or Path
        The run's folder.

    Returns
    -------
    History

    Raises
    ------
    InputError
        If it is no run folder, or its metrics are not what a run writes.
    """
    path = Path(run) / METRICS
    if not path.exists():
        raise InputError(f"{run} is no run folder: there is no {METRICS} in it")
    return History.read(path)


def write_csv(run: str | Path) -> Path:
    """Write the metrics of a run as metrics.csv beside them: a row a record, a column a key.

    Columns come in the order in which their keys first appear; what a record lacks is empty.
    Shares of layers have a column each: grad_share.0, grad_share.2, ….

    Parameters
    ----------
    run : str or Path
        The run's folder.

    Returns
    -------
    Path
        Of the file; one that was there is replaced.

    Raises
    ------
    InputError
        If it is no run folder, nothing was recorded, or the file cannot be written.
    """
    rows = [dict(flat(record)) for record in _recorded(run)]
    columns = dict.fromkeys(key for row in rows for key in row)
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, list(columns), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return write_whole(Path(run) / "metrics.csv", text.getvalue().encode())


def write_tensorboard(run: str | Path, folder: str | Path | None = None) -> Path:
    """Write the metrics of a run as an event file that TensorBoard reads.

    Tags are train/loss, validation/loss, test/loss, the metric alike, lr, grad_norm and
    grad_share/0, …, by step. Wall times are those of the run: the last record was made when the
    metrics were last written to, the others as many seconds earlier as they say.

    Parameters
    ----------
    run : str or Path
        The run's folder.
    folder : str or Path, optional
        Where the event file goes: by default `tensorboard` in the run's folder, where it
        replaces an earlier one.

    Returns
    -------
    Path
        The folder, for `tensorboard --logdir`.

    Raises
    ------
    InputError
        If it is no run folder, nothing was recorded, `folder` holds event files already, the
        folder cannot be written to, or the library is missing.
    """
    records = _recorded(run)
    events = library("tensorboard.compat.proto.event_pb2", "tensorboard")
    summaries = library("tensorboard.compat.proto.summary_pb2", "tensorboard")
    writing = library("tensorboard.summary.writer.event_file_writer", "tensorboard")
    target = Path(run) / "tensorboard" if folder is None else Path(folder)
    earlier = list(target.glob("events.out.tfevents.*"))
    if earlier and folder is not None:
        raise InputError(
            f"{target} holds event files already, and TensorBoard would join them to these;"
            " name another folder"
        )
    begin = (Path(run) / METRICS).stat().st_mtime - float(records[-1].get("seconds", 0.0))
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target) as part:
            writer = writing.EventFileWriter(part)
            try:
                for record in records:
                    values = [
                        summaries.Summary.Value(tag=tag, simple_value=value)
                        for tag, value in scalars(record)
                    ]
                    event = events.Event(
                        wall_time=begin + float(record.get("seconds", 0.0)),
                        step=record["step"],
                        summary=summaries.Summary(value=values),
                    )
                    writer.add_event(event)
            finally:
                writer.close()
            for path in earlier:
                path.unlink()
            for path in Path(part).iterdir():
                path.replace(target / path.name)
    except OSError as error:
        raise InputError(f"cannot write to {target}: {error.strerror or error}") from error
    return target


def scalars(record: Record) -> Iterator[tuple[str, float]]:
    """Yield the figures of a record with their tags: ("validation/loss", 0.25)."""
    for key, value in flat(record, "/"):
        if key in ("step", "epoch", "seconds") or isinstance(value, bool) or not is_finite(value):
            continue
        part, _, figure = key.partition("_")
        if part in _PARTS:
            yield f"{part}/{figure}", float(value)
        elif record["kind"] == "step" and key in ("loss", "accuracy", "r2"):
            yield f"train/{key}", float(value)
        else:
            yield key, float(value)


def flat(record: Mapping[str, Any], dot: str = ".", before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the entries of a mapping of mappings: ("grad_share.0", 0.75)."""
    for key, value in record.items():
        if isinstance(value, Mapping):
            yield from flat(value, dot, f"{before}{key}{dot}")
        else:
            yield f"{before}{key}", value


def library(name: str, extra: str) -> Any:
    """Import a module of an optional library.

    Raises
    ------
    InputError
        If it is not there: says what to install.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"this needs the library {extra} ({error}); to install it: pip install -e '.[{extra}]'"
        ) from error


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all: one beside it first, which then takes its place.

    Raises
    ------
    InputError
        If it cannot be written; what was there is there still.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    return path


def _recorded(run: str | Path) -> list[Record]:
    records = read_history(run).records
    if not records:
        raise InputError(f"nothing was recorded in {Path(run) / METRICS}")
    return records
