"""What the files of a run are written and told with: whole or not at all, in a sentence if not."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from nn.errors import InputError, SaveError


def lock(file: TextIO, folder: Path) -> None:
    """Keep other processes from training in the same folder, as long as the file is open.

    Raises
    ------
    InputError
        If one does already. Windows is not asked.
    """
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"{folder} is being trained by another process") from None
    except OSError:  # a file system that has no locks
        return


def portable(value: Any) -> Any:
    """Return a config in which the user's files have no folder: they may be moved."""
    if isinstance(value, Mapping):
        return {
            key: f"{Path(item).name}" if key == "type" and ":" in str(item) else portable(item)
            for key, item in value.items()
        }
    return [portable(item) for item in value] if isinstance(value, list) else value


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Say in one sentence what could not be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SaveError(f"cannot write {path}: {error.strerror or error}") from error


def versions() -> dict[str, str]:
    """Return the versions of what a run depends on."""
    try:
        own = metadata.version("nudge-nn")
    except metadata.PackageNotFoundError:  # run from a checkout, not installed
        own = "not installed"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"nudge-nn": own, "python": python, "numpy": np.__version__, "platform": sys.platform}


def revision() -> str:
    """Return the git revision of this code, with -dirty if it was changed; "" outside of git."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(Path(__file__).parent), "describe", "--always", "--dirty",
               "--abbrev=40", "--exclude=*"]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def as_json(content: Mapping[str, Any]) -> str:
    """Return a table as text that a person can read."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write a text to a file beside `path` first, which then takes its place."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
