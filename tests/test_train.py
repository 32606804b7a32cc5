"""The command, as a user meets it."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from .conftest import ROOT, read_records

MOONS = ROOT / "configs/moons.toml"


def test_digits_end_to_end(digits):
    assert digits.done.returncode == 0
    assert digits.done.stderr == ""
    assert digits.summary["state"] == "finished"
    assert digits.summary["final"]["test_accuracy"] >= 0.95
    assert {path.name for path in digits.folder.iterdir()} == {
        "best.npz", "config.resolved.json", "config.toml", "confusion.png", "last.npz",
        "loss.png", "metrics.jsonl", "mistakes.png", "summary.json",
    }  # fmt: skip


def test_what_the_digits_print(digits):
    lines = digits.done.stdout.splitlines()
    assert lines[0] == (
        "digits: 64 features, 10 classes; samples: 1 132 to train, 126 to validate, 539 to test"
    )
    assert lines[5].split() == ["total", "2", "410"]
    assert lines[6] == "a guess among 10 classes has the loss ln 10 = 2.3026"
    assert lines[7].startswith("weight, h = 0.0001: ")
    assert sum(line.startswith("epoch ") for line in lines) == 9  # and one before the first
    accuracy = digits.summary["final"]["test_accuracy"]
    assert lines[-2].startswith(f"test accuracy {accuracy:.4f}, test loss ")
    assert lines[-1] == "saved in runs/digits"


def test_the_estimate_is_honest(digits):
    """Within a factor of eight of what it then took: others may use the machine by then."""
    stated = re.search(r"steps: about (?:(\d+) min )?([\d.]+) s", digits.done.stdout)
    seconds = 60 * int(stated[1] or 0) + float(stated[2])
    assert 1 / 8 < seconds / digits.summary["seconds"] < 8


def test_the_loss_of_digits_falls_by_central_differences(digits):
    steps = [record for record in digits.records if record["kind"] == "step"]
    assert abs(steps[0]["loss"] - np.log(10)) < 0.2  # knows nothing yet
    assert np.mean([record["loss"] for record in steps[-10:]]) < 0.2


def test_the_same_seed_gives_the_same_losses_bit_for_bit(inside, moons, tmp_path):
    def figures(records):
        return [{k: v for k, v in record.items() if k != "seconds"} for record in records]

    inside("--config", MOONS, "--set", "train.epochs=3", "--out", "again", cwd=tmp_path)
    assert figures(read_records(tmp_path / "again")) == figures(moons.records)
    weights = (tmp_path / "again/last.npz").read_bytes()
    assert weights == (moons.folder / "last.npz").read_bytes()


def test_seed_and_set_and_out(inside, tmp_path):
    done = inside(
        "--config", MOONS, "--set", "train.epochs=1", "--set", "model.activation=ReLU",
        "--seed", "5", "--out", "deep/here", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    resolved = json.loads((tmp_path / "deep/here/config.resolved.json").read_text())
    assert resolved["seed"] == 5
    assert resolved["train"]["epochs"] == 1
    assert resolved["model"]["activation"] == {"type": "ReLU"}
    assert not (tmp_path / "runs").exists()


def test_a_layer_of_the_user_in_a_config(inside, tmp_path):
    (tmp_path / "mylayers.py").write_text(
        "import numpy as np, nn\n"
        "class Scale(nn.Layer):\n"
        "    def __init__(self, size: int):\n"
        "        self.params = {'w': np.ones(size)}\n"
        "    def forward(self, x):\n"
        "        return x * self.params['w']\n"
    )
    (tmp_path / "own.toml").write_text(
        MOONS.read_text().replace('{ type = "Tanh" }', '{ type = "mylayers.py:Scale", size = 12 }')
    )
    done = inside("--config", "own.toml", "--set", "train.epochs=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "runs/own/last.npz") as weights:
        assert not np.array_equal(weights["activation.w"], np.ones(12))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--config", "nothing.toml"), "error: nothing.toml: 1 fault\n  no such file"),
        (("--config", MOONS, "--set", "optimizer.lr=-1"), "[optimizer] lr must be a finite number"),
        (("--config", MOONS, "--set", "modle.x=1"), "unknown table [modle]; did you mean 'model'?"),
        (("--config", MOONS, "--set", "x"), "error: --set: 1 fault\n  'x' is not of the form"),
        (("--config", MOONS, "--out", "/dev/null"), "error: cannot make the folder /dev/null"),
        (("--config", MOONS, "--seed", "x"), "invalid int value: 'x'"),
        ((), "one of the arguments --config --list --resume"),
        (("--config", MOONS, "--list"), "not allowed with argument"),
    ],
)
def test_faults_of_the_user_exit_2_without_a_traceback(inside, tmp_path, arguments, words):
    done = inside(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_last_update_that_goes_too_far_exits_3(inside, tmp_path):
    done = inside(
        "--config", ROOT / "configs/sine.toml", "--set", "optimizer={type='SGD', lr=1e300}",
        "--set", "schedule.type=ConstantSchedule", "--set", "train={epochs=1, batch_size=1000}",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3
    assert "error: stopped after step 1: the validation loss is" in done.stderr
    text = (tmp_path / "runs/sine/summary.json").read_text()
    assert json.loads(text)["state"] == "diverged"
    assert "Infinity" not in text + (tmp_path / "runs/sine/metrics.jsonl").read_text()


def test_weights_that_outgrow_the_nudge_are_a_divergence(inside, tmp_path):
    """Long before the loss overflows, h vanishes beside weights of 1e12 and more."""
    done = inside(
        "--config", ROOT / "configs/sine.toml", "--set", "model.activation=ReLU",
        "--set", "optimizer={type='SGD', lr=3, momentum=0.9}",
        "--set", "schedule.type=ConstantSchedule", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3
    assert re.search(r"stopped in step \d+, .* vanishes.*A smaller lr", done.stderr)
    assert "saved in runs/sine" in done.stderr


def test_a_terminal_that_knows_no_greek(command, moons, tmp_path):
    (tmp_path / "new.csv").write_text("x1,x2\n0,1\n")
    done = command("--predict", moons.folder, "new.csv", "--out", "µ.csv", cwd=tmp_path,
                   env={"PYTHONIOENCODING": "ascii"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "saved in ?.csv" in done.stdout


def test_not_finite_exits_3_and_keeps_the_weights(command, tmp_path):
    done = command(
        "--config", ROOT / "configs/sine.toml", "--set", "optimizer={type='SGD', lr=1e200}",
        "--set", "schedule.type=ConstantSchedule", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3
    assert re.search(r"error: stopped in step \d+, before its update: .*smaller lr", done.stderr)
    assert "Traceback" not in done.stderr
    summary = json.loads((tmp_path / "runs/sine/summary.json").read_text())
    assert summary["state"] == "diverged"
    assert "before its update" in summary["reason"]
    with np.load(tmp_path / "runs/sine/last.npz") as weights:
        assert all(np.isfinite(weights[name]).all() for name in weights.files)


def test_not_finite_from_the_start_exits_3_and_leaves_no_folder(inside, tmp_path):
    (tmp_path / "own.py").write_text(
        "import nn, numpy as np\nclass Nan(nn.Layer):\n    def forward(self, x):\n"
        "        return np.full_like(x, np.nan)\n"
    )
    done = inside("--config", MOONS, "--set", f"model.activation={tmp_path}/own.py:Nan",
                   cwd=tmp_path)  # fmt: skip
    assert done.returncode == 3
    assert "the loss is nan before any nudge: layer 1, Nan()" in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_is_saved(tmp_path, number, status):
    process = subprocess.Popen(
        [sys.executable, ROOT / "train.py", "--config", ROOT / "configs/spiral.toml",
         "--set", "train.epochs=1000000"],  # it does not end by itself
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    metrics = tmp_path / "runs/spiral/metrics.jsonl"
    deadline = time.monotonic() + 60
    while not (metrics.exists() and metrics.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert re.search(r"interrupted after \d+ steps; saved in runs/spiral", out)
    assert "Traceback" not in err
    summary = json.loads((tmp_path / "runs/spiral/summary.json").read_text())
    assert summary["state"] == "interrupted"
    assert (tmp_path / "runs/spiral/last.npz").exists()


def test_list_and_help(inside, tmp_path):
    done = inside("--list", cwd=tmp_path)
    assert done.returncode == 0
    assert "  CrossEntropyLoss()" in done.stdout
    done = inside("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "python train.py --config configs/digits.toml --set optimizer.lr=0.05" in done.stdout


def test_help_imports_nothing_heavy(tmp_path):
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['train.py', '--help']\n"
        "try:\n"
        f"    runpy.run_path({str(ROOT / 'train.py')!r}, run_name='__main__')\n"
        "except SystemExit:\n"
        "    heavy = {'numpy', 'matplotlib', 'tqdm', 'nn', 'datasets'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_nobody_listens_any_more(tmp_path):
    """As in `train.py … | head -1`: no traceback, and what there is is saved."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, ROOT / "train.py", "--config", MOONS, "--set", "train.epochs=2"],
        cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(writer)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr == ""


@pytest.mark.parametrize("flag", ["-P", "-I"])
def test_the_command_finds_its_rooms_in_safe_path_mode_too(tmp_path, flag):
    done = subprocess.run(
        [sys.executable, flag, ROOT / "train.py", "--list"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "  moons(" in done.stdout


def test_another_package_called_datasets_does_not_get_in_the_way(command, tmp_path):
    other = tmp_path / "site/datasets"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise ImportError('the wrong package')\n")
    done = command("--list", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")})
    assert done.returncode == 0, done.stderr
    assert "  moons(" in done.stdout


def test_the_command_is_short():
    assert len((ROOT / "train.py").read_text().splitlines()) < 150
