"""What several test files share: the command as a user runs it, and one run of the digits."""

import contextlib
import gc
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nn import runs
from train import main

ROOT = Path(__file__).resolve().parent.parent
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what one process compiles, the next need not


def train(*arguments, cwd, timeout=600, env=None):
    """Run `python train.py …` from another folder; return what came of it."""
    command = [sys.executable, str(ROOT / "train.py"), *map(str, arguments)]
    environment = {**os.environ, "PYTHONWARNINGS": "error", **(env or {})}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=timeout, env=environment
    )


def train_inside(*arguments, cwd):
    """Run the same command within this process: without a start, and no pictures at the end."""
    out, err, path = io.StringIO(), io.StringIO(), sys.path.copy()
    known = {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}
    handlers = {number: signal.getsignal(number) for number in known}
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(runs, "draw", lambda *_: [])
        try:
            code = main([*map(str, arguments)])
        except SystemExit as stop:  # of argparse
            code = stop.code
        finally:
            sys.path[:] = path
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def read_records(folder):
    """The lines of a run's metrics."""
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def pytest_collection_finish():
    """Keep the collector from looking again and again at thousands of tests that stay."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def command():
    return train


@pytest.fixture(scope="session")
def inside():
    return train_inside


@pytest.fixture(scope="session")
def mnist():
    """The folder of the real files, where they are at hand."""
    folder = ROOT.parent / "shared/data/mnist"
    if not (folder / "train-images-idx3-ubyte.gz").exists():
        pytest.skip("the files of MNIST are not here")
    return folder


class Finished:
    """A run of the command that ended, and its folder."""

    def __init__(self, done, folder):
        self.done, self.folder = done, folder

    @property
    def summary(self):
        return json.loads((self.folder / "summary.json").read_text())

    @property
    def records(self):
        return read_records(self.folder)


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    """The README's first command, run once for all tests that look at it."""
    cwd = tmp_path_factory.mktemp("digits")
    done = train("--config", ROOT / "configs/digits.toml", cwd=cwd)
    return Finished(done, cwd / "runs/digits")


@pytest.fixture(scope="session")
def moons(tmp_path_factory):
    """A quick run of a few epochs, for tests that look at the folder."""
    cwd = tmp_path_factory.mktemp("moons")
    done = train("--config", ROOT / "configs/moons.toml", "--set", "train.epochs=3", cwd=cwd)
    return Finished(done, cwd / "runs/moons")
