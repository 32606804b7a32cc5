"""Run folders: what went in, every figure on the way, and what came out."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from nn.checkpoint import Checkpoint, save_checkpoint
from nn.errors import DivergedError, InputError, NotFiniteError, SaveError
from nn.history import Record
from nn.interrupts import uninterrupted
from nn.runs.files import as_json, lock, portable, revision, saving, versions, write_whole


class Run:
    """One run's folder, made when the `with` begins; `summary.json` always tells its state.

    Parameters
    ----------
    config : str or Path
        The config file; it is copied as it is.
    resolved : mapping
        The config as run.
    out : str or Path, optional
        The folder. By default runs/<config name>, or that with -2, -3, … if it is taken.

    Attributes
    ----------
    folder : Path
    summary : dict
        What will stand in `summary.json`; "state" is "running", "finished", "interrupted",
        "diverged" or "failed".

    Raises
    ------
    InputError
        If `out` is taken, or cannot be made.
    """

    def __init__(
        self, config: str | Path, resolved: Mapping[str, Any], out: str | Path | None = None
    ) -> None:
        self.config, self.resolved, self.out = Path(config), resolved, out
        self.summary: dict[str, Any] = {"state": "running"}
        self.folder = Path()
        self._metrics: TextIO | None = None

    @property
    def fingerprint(self) -> str:
        """What tells this config's checkpoints from those of another."""
        return hashlib.sha256(as_json(portable(self.resolved)).encode()).hexdigest()

    def __enter__(self) -> Self:
        self.summary |= {"state": "running", "versions": versions()}
        if found := revision():
            self.summary["git"] = found
        try:
            with uninterrupted():  # either there is a run to be told of, or none
                self._open()
                self._write_summary()
        except BaseException:  # interrupted at once, or there is no room
            self.__exit__(*sys.exc_info())
            raise
        return self

    @property
    def resumable(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return self.folder != Path() and (self.folder / "last.npz").exists()

    def _open(self) -> None:
        given, resolved = self.config.read_bytes(), as_json(self.resolved)
        self.folder = _numbered(_name(self.config)) if self.out is None else _chosen(Path(self.out))
        with saving(self.folder):
            (self.folder / f"config{self.config.suffix}").write_bytes(given)
            write_whole(self.folder / "config.resolved.json", resolved)
            self._metrics = (self.folder / "metrics.jsonl").open("w", encoding="utf-8")
            lock(self._metrics, self.folder)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._metrics is None:  # there is no folder
            return
        if self.summary["state"] == "running":  # else it had finished before it was stopped
            if isinstance(error, KeyboardInterrupt | BrokenPipeError):
                self.summary["state"] = "interrupted"
            elif isinstance(error, DivergedError | NotFiniteError):
                self.summary |= {"state": "diverged", "reason": str(error)}
            else:
                self.summary |= {"state": "failed", "reason": str(error)}
        try:
            try:
                with saving(self.folder / "metrics.jsonl"):
                    if self._metrics is not None:
                        self._metrics.close()
            finally:
                self._write_summary()
        except SaveError:
            if error is None:  # else what stopped the run is what is to be told
                raise

    def log(self, record: Record) -> None:
        """Add a line to `metrics.jsonl`, readable at once."""
        if self._metrics is None:
            raise InputError("a run logs only between the beginning and the end of its `with`")
        line = json.dumps(record, allow_nan=False) + "\n"
        with uninterrupted(), saving(self.folder / "metrics.jsonl"):
            self._metrics.write(line)
            self._metrics.flush()

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Write a checkpoint as <name>.npz."""
        state = {**checkpoint.state, "run": self.fingerprint}
        path = self.folder / f"{name}.npz"
        with saving(path):
            if self._metrics is not None:  # the records it comes after have to be there first
                os.fsync(self._metrics.fileno())
            save_checkpoint(path, Checkpoint(checkpoint.params, checkpoint.arrays, state))

    def _write_summary(self) -> None:
        with saving(self.folder / "summary.json"):
            write_whole(self.folder / "summary.json", as_json(self.summary))


class ResumedRun(Run):
    """A run that goes on in the folder where it was stopped.

    Parameters
    ----------
    folder : Path
    resolved : mapping
        The config, read back from there.
    summary : mapping
        What `summary.json` says of it.

    Attributes
    ----------
    records : int
        So many lines of `metrics.jsonl` are kept; those after the checkpoint are cut off.
    """

    def __init__(
        self, folder: Path, resolved: Mapping[str, Any], summary: Mapping[str, Any]
    ) -> None:
        super().__init__(folder / "config.resolved.json", resolved, folder)
        self.folder, self.records = folder, 0
        self.summary = {k: v for k, v in summary.items() if k not in ("final", "reason")}
        self.summary["resumed"] = _count(summary.get("resumed")) + 1

    def _open(self) -> None:
        path = self.folder / "metrics.jsonl"
        with saving(path):
            self._metrics = path.open("r+", encoding="utf-8")
            lock(self._metrics, self.folder)
            lines = path.read_bytes().split(b"\n")[: self.records]
            end = sum(len(line) + 1 for line in lines)
            self._metrics.truncate(end)
            self._metrics.seek(end)


def _count(found: object) -> int:
    """Return a count out of summary.json, which anybody may have written into."""
    return found if isinstance(found, int) else 0


def _name(config: Path) -> str:
    """digits for configs/digits.toml; what the folder is called for a config out of a run."""
    stem = config.name.partition(".")[0]
    return config.absolute().parent.name if stem == "config" else stem


def _numbered(name: str) -> Path:
    """Make runs/name, or the first of runs/name-2, -3, … that is free."""
    number = 1
    while True:
        folder = Path("runs", name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise InputError(f"cannot make the folder {folder}: {error.strerror}") from error
        else:
            return folder


def _chosen(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from error
    if taken:
        raise InputError(f"{folder} is not empty; name a new folder, nothing is overwritten")
    return folder
