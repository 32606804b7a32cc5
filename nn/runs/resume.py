"""Going on with a run that was stopped: which checkpoint, and whether it can be used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nn.checkpoint import Checkpoint, load_checkpoint
from nn.config import Experiment
from nn.errors import InputError
from nn.history import History
from nn.runs.files import lock
from nn.runs.folder import ResumedRun
from nn.runs.loading import run_folder

_NAMES = ("last.npz", "best.npz")


def find_run(path: str | Path) -> tuple[Path, Path]:
    """Return the folder of a run, and the checkpoint in it: last.npz, or the one `path` names.

    Raises
    ------
    InputError
        If there is no such folder, or it is no run's.
    """
    folder = run_folder(path)
    return folder, Path(path) if Path(path).suffix == ".npz" else folder / _NAMES[0]


def read_summary(folder: Path) -> dict[str, Any]:
    """Return what summary.json says, and nothing if it cannot be read."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def has_finished(path: str | Path) -> bool:
    """Whether a run has come to its end."""
    return read_summary(find_run(path)[0]).get("state") == "finished"


def go_on(experiment: Experiment, folder: Path, file: Path) -> ResumedRun:
    """Put the trainer where a checkpoint was taken, and return the run that goes on from there.

    Raises
    ------
    InputError
        If the run diverged, or the checkpoint is damaged, or of another run; says which other one
        can be used.
    """
    summary = read_summary(folder)
    if summary.get("state") == "diverged":
        raise InputError(
            f"{folder} diverged, and would again: {summary.get('reason')}. Begin anew from its"
            " config.toml with that changed"
        )
    run = ResumedRun(folder, experiment.resolved, summary)
    history = History.read(folder / "metrics.jsonl")
    with (folder / "metrics.jsonl").open(encoding="utf-8") as metrics:
        lock(metrics, folder)  # for a moment: whether anybody is at work
    try:
        checkpoint = load_checkpoint(file)
        _check_own(file, checkpoint, run.fingerprint)
        experiment.trainer.restore(checkpoint, history)
    except InputError as error:
        other = _other(file, run.fingerprint, len(history.records))
        raise InputError(f"{error}{other}") from error
    run.records = len(experiment.trainer.history.records)
    return run


def _check_own(file: Path, checkpoint: Checkpoint, fingerprint: str) -> None:
    if not isinstance(checkpoint.state, Mapping) or checkpoint.state.get("run") != fingerprint:
        raise InputError(f"{file} belongs to another run, of another config")


def _other(file: Path, fingerprint: str, records: int) -> str:
    """Name the other checkpoint of the folder, if it can be used."""
    for name in _NAMES:
        other = file.with_name(name)
        if other != file:
            try:
                found = load_checkpoint(other)
                _check_own(other, found, fingerprint)
            except InputError:
                continue
            if found.state["records"] > records:
                continue
            return f"; {other} is whole, of step {found.state['steps']}: --resume {other}"
    return "; there is no other to go on from"
