"""Every config reaches the figure, and has the parameters, that its first line states."""

import json
import re
import resource
import sys
import tomllib

import pytest

import datasets
from nn import config
from nn.gradients import METHODS

from .conftest import ROOT

FILES = sorted(ROOT.glob("configs/*.toml"))
LARGE = {"mnist", "mnist-node", "lenet-mnist"}  # all 60 000 images: minutes
SMALL = [path for path in FILES if path.stem not in LARGE]
LONG = {"conv-digits", "mlp-digits-deep", "residual-spiral"}  # five seconds and more
QUICK = [path for path in SMALL if path.stem not in {*LONG, "digits"}]
HEAD = re.compile(
    r"# .+  expected: test (?P<metric>accuracy|r2) (?P<figure>[01]\.\d{2,3}) or more,"
    r" about (?P<seconds>\d+) s on two cores, (?P<parameters>[\d ]+) parameters"
)


def stated(path):
    """What the first line of a config says of it."""
    line = path.read_text(encoding="utf-8").partition("\n")[0]
    found = HEAD.fullmatch(line)
    assert found, f"{path.name}: the first line does not state what to expect: {line}"
    return found["metric"], float(found["figure"]), int(found["parameters"].replace(" ", ""))


def reached(path, seed=None):
    """Train as the config says; return the final figures."""
    experiment = config.build(config.read(path), datasets.loaders(), path, seed)
    data, trainer = experiment.data, experiment.trainer
    trainer.fit(
        data.x_train,
        data.t_train,
        epochs=experiment.train.epochs,
        batch_size=experiment.train.batch_size,
        progress=False,
    )
    return experiment, trainer.evaluate(data.x_test, data.t_test)


def test_the_configs_that_are_promised_are_there():
    small = {"xor", "moons", "spiral", "sine", "iris", "digits", "diabetes"}
    small |= {"conv-digits", "mlp-digits-deep", "residual-spiral"}
    assert small | LARGE == {path.stem for path in FILES}


@pytest.mark.parametrize("path", QUICK, ids=lambda p: p.stem)
def test_config_reaches_its_figure(path):
    metric, figure, parameters = stated(path)
    experiment, final = reached(path)
    assert final[metric] >= figure
    assert experiment.network.size == parameters


def test_digits_reaches_its_figure(digits):
    metric, figure, parameters = stated(ROOT / "configs/digits.toml")
    assert digits.done.returncode == 0, digits.done.stderr
    assert digits.summary["final"][f"test_{metric}"] >= figure
    assert digits.summary["parameters"] == parameters


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_config_says_all_that_matters(path):
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {"seed", "dataset", "model", "loss", "gradient", "optimizer", "train"} <= set(tables)
    assert tables["gradient"]["method"] in METHODS
    assert f"| `{path.stem}` |" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [p for p in SMALL if p.stem in LONG], ids=lambda p: p.stem)
def test_longer_ones_begin_well(path):
    """An epoch tells many apart; all of their epochs are slow tests."""
    _, _, parameters = stated(path)
    document = config.read(path)
    document["train"]["epochs"] = 1
    experiment = config.build(document, datasets.loaders(), path)
    assert experiment.network.size == parameters
    data, train = experiment.data, experiment.train
    experiment.trainer.fit(
        data.x_train, data.t_train, epochs=train.epochs, batch_size=train.batch_size, progress=False
    )
    final = experiment.trainer.evaluate(data.x_test, data.t_test)
    assert final["accuracy"] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in SMALL if p.stem in LONG], ids=lambda p: p.stem)
def test_longer_configs_reach_their_figure(path):
    test_config_reaches_its_figure(path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("path", SMALL, ids=lambda p: p.stem)
def test_other_seeds_reach_it_too(path, seed):
    metric, figure, _ = stated(path)
    _, final = reached(path, seed)
    assert final[metric] >= figure


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"), [("mnist", 0), ("mnist-node", 0), ("mnist-node", 1), ("lenet-mnist", 0)]
)
def test_all_of_mnist(name, seed, command, mnist, tmp_path):
    """The command as a user gives it, its figure, and its memory."""
    path = ROOT / f"configs/{name}.toml"
    _, figure, parameters = stated(path)
    run = ["--config", path, "--seed", seed, "--out", "run"]
    done = command(*run, cwd=tmp_path, env={"NUDGE_DATA": str(mnist.parent)}, timeout=1200)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert summary["final"]["test_accuracy"] >= figure
    assert summary["parameters"] == parameters
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of all commands so far
    assert largest * (1 if sys.platform == "darwin" else 1024) < 500 * 2**20
