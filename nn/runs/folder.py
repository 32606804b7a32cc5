"""Run folders: what went in, every figure on the way, and what came out."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
from numpy.typing import NDArray

from nn.checkpoint import save_params
from nn.errors import DivergedError, InputError, NotFiniteError
from nn.history import Record


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

    def __enter__(self) -> Self:
        given, resolved = self.config.read_bytes(), _json(self.resolved)
        self.folder = _numbered(_name(self.config)) if self.out is None else _chosen(Path(self.out))
        (self.folder / f"config{self.config.suffix}").write_bytes(given)
        _write(self.folder / "config.resolved.json", resolved)
        self._metrics = (self.folder / "metrics.jsonl").open("w", encoding="utf-8")
        self.summary["versions"] = _versions()
        self._write_summary()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._metrics is not None:
            self._metrics.close()
        if self.summary["state"] == "running":  # else it had finished before it was stopped
            if isinstance(error, KeyboardInterrupt | BrokenPipeError):
                self.summary["state"] = "interrupted"
            elif isinstance(error, DivergedError | NotFiniteError):
                self.summary |= {"state": "diverged", "reason": str(error)}
            else:
                self.summary["state"] = "failed"
        self._write_summary()

    def log(self, record: Record) -> None:
        """Add a line to `metrics.jsonl`, readable at once."""
        if self._metrics is None:
            raise InputError("a run logs only between the beginning and the end of its `with`")
        self._metrics.write(json.dumps(record, allow_nan=False) + "\n")
        self._metrics.flush()

    def save(self, name: str, params: Mapping[str, NDArray[Any]]) -> None:
        """Write weights as <name>.npz."""
        save_params(self.folder / f"{name}.npz", params)

    def _write_summary(self) -> None:
        _write(self.folder / "summary.json", _json(self.summary))


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


def _versions() -> dict[str, str]:
    try:
        own = metadata.version("nudge-nn")
    except metadata.PackageNotFoundError:  # run from a checkout, not installed
        own = "not installed"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"nudge-nn": own, "python": python, "numpy": np.__version__, "platform": sys.platform}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
