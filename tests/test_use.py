"""What can be asked of a run that is there, by the command and in one process."""

import importlib.util
import json

import numpy as np
import pytest
from PIL import Image

import datasets
import nn
from nn import config, runs
from nn.errors import InputError

from .conftest import ROOT

MOONS = ROOT / "configs/moons.toml"


def ask(**what):
    return runs.use(what, datasets.loaders())


@pytest.fixture
def here(moons, tmp_path, monkeypatch):
    """A folder to work in, where runs/moons and runs/again are two copies of one run."""
    for name in ("moons", "again"):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        for path in moons.folder.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_by_the_command(command, inside, here):
    done = command("--evaluate", "runs/moons", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    final = json.loads((here / "runs/moons/summary.json").read_text())["best"]
    assert f"loss {final['test_loss']:.4f}" in done.stdout
    (here / "new.csv").write_text("x1,x2\n0,1\n1,-0.5\n")
    done = inside("--predict", "runs/moons", "new.csv", cwd=here)
    assert done.stdout == "saved in new-predictions.csv\n"
    assert (here / "new-predictions.csv").read_text().splitlines()[1].startswith("upper moon,")
    done = inside("--resume", "runs/moons", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "runs/moons has finished; there is nothing to go on with\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--evaluate", "runs/mons"),
            "there is no run folder runs/mons; did you mean 'runs/moons'",
        ),
        (("--resume", "runs"), "runs is not a run folder"),
        (("--predict", "runs/moons", "none.csv"), "none.csv"),
        (("--resume", "runs/moons", "--set", "train.epochs=9"), "go with --config"),
        (("--plot", "runs/moons", "--dry-run"), "go with --config"),
    ],
)
def test_faults_exit_2(inside, here, arguments, words):
    done = inside(*arguments, cwd=here)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_curves_of_one_run_and_of_several(here):
    assert ask(plot=["runs/moons"]) == "saved in runs/moons/curves.png"
    assert ask(plot=["runs/moons", "runs/again"]) == "saved in compare.png"
    assert ask(plot=["runs/moons", "runs/again"]) == "saved in compare-2.png"
    assert ask(plot=["runs/moons"], out="own.png") == "saved in own.png"
    for name in ("runs/moons/curves.png", "compare.png", "own.png"):
        with Image.open(here / name) as image:
            assert image.width > 1500


def test_runs_without_a_common_metric(here):
    text = (here / "runs/again/metrics.jsonl").read_text().replace("accuracy", "r2")
    (here / "runs/again/metrics.jsonl").write_text(text)
    with pytest.raises(InputError, match="no metric in common, but accuracy and r2"):
        ask(plot=["runs/moons", "runs/again"])


def test_a_table_of_the_metrics(here):
    assert ask(csv="runs/moons") == "saved in runs/moons/metrics.csv"
    head, first, *_ = (here / "runs/moons/metrics.csv").read_text().splitlines()
    assert head.startswith("kind,step,epoch,")
    assert first.startswith("evaluation,0,0,")


@pytest.mark.skipif(importlib.util.find_spec("safetensors") is not None, reason="is installed")
def test_a_library_that_is_missing_is_named(here):
    with pytest.raises(InputError, match=r"pip install -e '\.\[safetensors\]'"):
        ask(export=["runs/moons", "a.safetensors"])


class TestOverfit:
    def build(self, *assignments, file="moons"):
        document = config.read(ROOT / f"configs/{file}.toml")
        config.override(document, assignments)
        return config.build(document, datasets.loaders(), ROOT / f"configs/{file}.toml")

    def test_learnt(self):
        said = runs.overfit(self.build())
        assert said.startswith("one batch of 32 samples: loss 0.")
        assert "; learnt by heart in " in said
        assert said.endswith(", accuracy 1.000")

    def test_not_learnt(self):
        said = runs.overfit(self.build("optimizer={type='SGD', lr=1e-9}"))
        assert "; not learnt in 500 steps: " in said
        assert said.endswith("or standardized data may help")

    def test_diverged(self):
        said = runs.overfit(self.build("optimizer={type='SGD', lr=1e300}", file="sine"))
        assert "; not learnt: stopped in step " in said

    def test_by_the_command_it_leaves_nothing(self, inside, tmp_path):
        for flag in ("--overfit-one-batch", "--dry-run"):
            done = inside("--config", MOONS, flag, cwd=tmp_path)
            assert (done.returncode, done.stderr) == (0, "")
            assert list(tmp_path.iterdir()) == []
        assert "* weight " in done.stdout
        assert "  loop  " in done.stdout


def test_early_stopping_in_a_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = config.read(MOONS)
    config.override(document, ["early_stopping.patience=2", "train.epochs=500",
                               "optimizer.lr=3.0", "train.evaluate_every=5"])  # fmt: skip
    made = config.build(document, datasets.loaders(), MOONS)
    assert made.resolved["early_stopping"] == {
        "patience": 2, "min_change": 0.0, "restore_best": True
    }  # fmt: skip
    with runs.Run(MOONS, made.resolved) as run:
        runs.perform(made, run, progress=False)
    summary = json.loads((run.folder / "summary.json").read_text())
    assert summary["state"] == "finished"
    assert summary["stopped"] == "the validation loss has not fallen for 2 evaluations"
    assert summary["final"]["validation_loss"] == pytest.approx(summary["best"]["validation_loss"])
    again = nn.load_network(run.folder)
    for name, p in made.network.params.items():
        np.testing.assert_array_equal(again.params[name], p)


def test_early_stopping_needs_a_validation_part():
    document = config.read(MOONS)
    config.override(document, ["early_stopping.patience=2", "train.validation=0"])
    with pytest.raises(nn.ConfigError, match="needs a validation part"):
        config.build(document, datasets.loaders(), MOONS)


def test_a_checkpoint_costs_little(tmp_path, monkeypatch):
    """The time from one to the next is at least fifty times what one took."""
    monkeypatch.chdir(tmp_path)
    document = config.read(MOONS)
    made = config.build(document, datasets.loaders(), MOONS)
    clock = [0.0]
    monkeypatch.setattr("nn.runs.keeper.time.perf_counter", lambda: clock[0])
    with runs.Run(MOONS, made.resolved) as run:
        keeper = runs.keeper.Keeper(made.trainer, run, seconds=60.0)
        saved = []

        def save(name, checkpoint):
            clock[0] += 0.1
            saved.append((name, round(clock[0], 1)))

        monkeypatch.setattr(run, "save", save)
        for _ in range(1000):
            clock[0] += 0.1
            keeper.epoch(made.trainer)
        times = [at for name, at in saved if name == "last"]
        assert 10 <= len(times) <= 20
        assert min(np.diff(times)) >= 5.0
        saved.clear()
        for _ in range(1500):  # within a long epoch: every minute
            clock[0] += 0.1
            keeper.step(made.trainer)
        times = [at for name, at in saved if name == "last"]
        assert [round(gap) for gap in np.diff(times)] == [60]


def test_one_process_at_a_time(here):
    """A run that is being trained cannot be resumed by another."""
    fcntl = pytest.importorskip("fcntl")
    summary = json.loads((here / "runs/moons/summary.json").read_text())
    (here / "runs/moons/summary.json").write_text(json.dumps(summary | {"state": "running"}))
    document = config.read("runs/moons/config.resolved.json")
    made = config.build(document, datasets.loaders(), "runs/moons/config.resolved.json")
    with (here / "runs/moons/metrics.jsonl").open("a") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="runs/moons is being trained by another process"):
            runs.go_on(made, *runs.find_run("runs/moons"))
    assert runs.go_on(made, *runs.find_run("runs/moons")).records > 0


def test_a_checkpoint_that_lacks_its_records_is_not_recommended(here):
    (here / "runs/moons/metrics.jsonl").write_text("")
    document = config.read("runs/moons/config.resolved.json")
    made = config.build(document, datasets.loaders(), "runs/moons/config.resolved.json")
    with pytest.raises(InputError, match="there are only 0; there is no other to go on from"):
        runs.go_on(made, *runs.find_run("runs/moons"))


def test_a_file_of_the_users_may_be_moved(tmp_path):
    here, there = ({"model": {"activation": {"type": f"{folder}/own.py:Mine", "a": [1]}}}
                   for folder in ("/a", "/b"))  # fmt: skip
    assert runs.Run("x.toml", here).fingerprint == runs.Run("x.toml", there).fingerprint
    other = {"model": {"activation": {"type": "/a/own.py:Other", "a": [1]}}}
    assert runs.Run("x.toml", other).fingerprint != runs.Run("x.toml", here).fingerprint


def test_an_early_stop_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = config.read(MOONS)
    config.override(document, ["early_stopping.patience=1", "optimizer.lr=3.0"])
    made = config.build(document, datasets.loaders(), MOONS)
    with runs.Run(MOONS, made.resolved) as run:
        runs.perform(made, run, progress=False)
    assert runs.outcome(made, run).startswith(
        f"stopped in step {made.trainer.steps}: the validation loss has not fallen for 1 eval"
    )


def test_the_list_tells_what_each_method_is():
    listed = config.listing(datasets.loaders())
    assert "Metaclass" not in listed
    assert "  [early_stopping](patience: int" in listed


def test_a_run_that_diverged_does_not_go_on(here):
    summary = {"state": "diverged", "reason": "stopped in step 3: … A smaller lr helps"}
    (here / "runs/moons/summary.json").write_text(json.dumps(summary))
    document = config.read("runs/moons/config.resolved.json")
    made = config.build(document, datasets.loaders(), "runs/moons/config.resolved.json")
    with pytest.raises(InputError, match="runs/moons diverged, and would again: stopped in step 3"):
        runs.go_on(made, *runs.find_run("runs/moons"))
