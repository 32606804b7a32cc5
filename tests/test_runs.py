import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import datasets
import nn
from nn import config, runs
from nn.errors import InputError

from .conftest import read_records


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(
        "[dataset]\nname = 'moons'\nsamples = 40\n[model]\ntype = 'TwoLayerNet'\nhidden_size = 2\n"
        "[loss]\ntype = 'CrossEntropyLoss'\n[optimizer]\ntype = 'SGD'\n"
        "[train]\nepochs = 2\nbatch_size = 10\n"
    )
    return tmp_path


def experiment(*assignments, file="tiny.toml"):
    document = config.read(file)
    config.override(document, assignments)
    return config.build(document, datasets.loaders(), file)


def perform(*assignments, out=None):
    made = experiment(*assignments)
    with runs.Run("tiny.toml", made.resolved, out) as run:
        runs.perform(made, run, progress=False)
    return made, run


def summary(run):
    return json.loads((run.folder / "summary.json").read_text())


def test_what_a_run_leaves_behind(files):
    made, run = perform()
    assert run.folder.resolve() == files / "runs/tiny"
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "best.npz", "config.resolved.json", "config.toml", "last.npz", "metrics.jsonl",
        "summary.json",
    ]  # fmt: skip
    assert (run.folder / "config.toml").read_bytes() == (files / "tiny.toml").read_bytes()
    assert config.read(run.folder / "config.resolved.json") == made.resolved
    records = read_records(run.folder)
    history = made.trainer.history
    assert [r for r in records if r["kind"] == "step"] == history.steps
    assert [r for r in records if r["kind"] == "evaluation"] == history.evaluations
    last = nn.load_params(run.folder / "last.npz")
    assert list(last) == ["W1", "b1", "W2", "b2"]
    for name, p in made.network.params.items():
        assert last[name].tobytes() == p.tobytes()


def test_the_summary_tells_the_final_figures(files):
    made, run = perform()
    found = summary(run)
    assert found["state"] == "finished"
    assert found["steps"] == 6
    assert found["parameters"] == made.network.size
    assert set(found["versions"]) == {"nudge-nn", "python", "numpy", "platform"}
    data, net = made.data, made.network
    assert found["final"]["test_accuracy"] == net.accuracy(data.x_test, data.t_test)
    assert found["final"]["test_loss"] == pytest.approx(net.loss(data.x_test, data.t_test))
    assert found["final"]["train_loss"] == pytest.approx(net.loss(data.x_train, data.t_train))
    assert set(found["final"]) == {
        f"{part}_{figure}"
        for part in ("train", "validation", "test")
        for figure in ("loss", "accuracy")
    }
    best = nn.load_params(run.folder / "best.npz")
    for name, p in best.items():
        net.params[name] = p
    validation = net.loss(data.x_validation, data.t_validation)
    assert found["best"]["validation_loss"] == pytest.approx(validation)


def test_without_validation_there_is_no_best(files):
    _, run = perform("train.validation=0")
    assert not (run.folder / "best.npz").exists()
    assert "best" not in summary(run)
    assert "validation_loss" not in summary(run)["final"]


def test_folders_are_never_overwritten(files):
    names = [perform()[1].folder.name for _ in range(3)]
    assert names == ["tiny", "tiny-2", "tiny-3"]
    assert perform(out="here")[1].folder.name == "here"
    with pytest.raises(InputError, match="here is not empty"):
        perform(out="here")
    (files / "empty").mkdir()
    assert perform(out="empty")[1].folder.name == "empty"
    with pytest.raises(InputError, match="cannot make the folder"):
        perform(out="tiny.toml")


def test_a_resolved_config_is_run_again_under_the_name_of_its_folder(files):
    _, first = perform()
    file = first.folder / "config.resolved.json"
    made = experiment(file=file)
    with runs.Run(file, made.resolved) as run:
        runs.perform(made, run, progress=False)
    assert run.folder.name == "tiny-2"
    assert (run.folder / "config.json").read_bytes() == file.read_bytes()
    assert (run.folder / "last.npz").read_bytes() == (first.folder / "last.npz").read_bytes()


def test_a_default_that_is_an_object_stays_in_its_signature(files):
    (files / "own.py").write_text(
        "import nn\n"
        "class Wrapped(nn.Layer):\n"
        "    def __init__(self, inner: nn.Layer = nn.Tanh()):\n"
        "        self.inner = inner\n"
        "    def forward(self, x):\n"
        "        return self.inner.forward(x)\n"
    )
    made, run = perform("model.activation=own.py:Wrapped")
    assert made.resolved["model"]["activation"] == {"type": f"{files / 'own.py'}:Wrapped"}
    assert summary(run)["state"] == "finished"


def test_a_run_that_cannot_begin_leaves_no_folder(files):
    with pytest.raises(TypeError), runs.Run("tiny.toml", {"x": object()}):
        pass
    with pytest.raises(ValueError, match="JSON"), runs.Run("tiny.toml", {"x": float("nan")}):
        pass
    assert not (files / "runs").exists()


class Stop(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (KeyboardInterrupt, "interrupted"),
        (nn.DivergedError, "diverged"),
        (Stop, "failed"),
    ],
)
def test_however_it_ends_weights_and_state_are_kept(files, monkeypatch, error, state):
    made = experiment()
    update, calls = made.trainer.optimizer.update, []

    def failing(params, grads):
        calls.append(1)
        if len(calls) == 4:
            raise error("stop")
        update(params, grads)

    monkeypatch.setattr(made.trainer.optimizer, "update", failing)
    with pytest.raises(error), runs.Run("tiny.toml", made.resolved) as run:
        assert summary(run)["state"] == "running"
        runs.perform(made, run, progress=False)
    assert summary(run)["state"] == state
    assert summary(run)["steps"] == 3
    assert "final" not in summary(run)
    last = nn.load_params(run.folder / "last.npz")
    assert all(np.array_equal(last[name], p) for name, p in made.network.params.items())


def test_final_figures_that_are_not_finite_are_no_success(files, monkeypatch):
    made = experiment()
    evaluate = made.trainer.evaluate

    def overflowing(x, t, prefix=""):
        found = evaluate(x, t, prefix)
        return found | {"train_loss": float("inf")} if prefix == "train_" else found

    monkeypatch.setattr(made.trainer, "evaluate", overflowing)
    with (
        pytest.raises(nn.DivergedError, match="a train loss of inf"),
        runs.Run("tiny.toml", made.resolved) as run,
    ):
        runs.perform(made, run, progress=False)
    assert summary(run)["state"] == "diverged"
    assert "final" not in summary(run)


def test_stopped_among_the_pictures_it_has_still_finished(files):
    made = experiment()
    with pytest.raises(KeyboardInterrupt), runs.Run("tiny.toml", made.resolved) as run:
        runs.perform(made, run, progress=False)
        raise KeyboardInterrupt
    assert summary(run)["state"] == "finished"


def test_what_is_said_before(files):
    assert runs.describe(experiment()).splitlines() == [
        "moons: 2 features, 2 classes; samples: 29 to train, 3 to validate, 8 to test",
        "  layer         output  parameters  gradient by",
        "  Linear(2, 2)       2           6  weight",
        "  Sigmoid()          2           0",
        "  Linear(2, 2)       2           6  weight",
        "  total                         12",
        "a guess among 2 classes has the loss ln 2 = 0.6931",
    ]
    text = runs.price(experiment())
    assert re.fullmatch(
        r"weight, h = 0\.0001: [\d ]+ rows a step, measured at [\d.]+ (µs|ms|s); 6 steps: about .*",
        text,
    )


def test_pictures_fit_the_task(files, monkeypatch):
    whole = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda figure, path, **_: whole(figure, path, dpi=20)
    )  # which pictures there are is asked here, not how sharp they are
    for assignments, pictures in (
        ((), {"loss.png", "decision_boundary.png", "confusion.png"}),
        (("dataset={name='iris'}",), {"loss.png", "confusion.png"}),
        (("dataset={name='digits'}", "train.epochs=1", "train.batch_size=2000"),
            {"loss.png", "confusion.png", "mistakes.png"}),
        (("dataset={name='sine'}", "loss.type=MSELoss"), {"loss.png", "predicted.png", "fit.png"}),
        (("dataset={name='diabetes', standardize=true}", "loss.type=L1Loss"),
            {"loss.png", "predicted.png"}),
    ):  # fmt: skip
        made, run = perform(*assignments)
        assert {path.name for path in runs.draw(made, run)} == pictures
        assert {path.name for path in run.folder.glob("*.png")} == pictures


def test_what_is_said_after(files):
    made, run = perform()
    run.summary["final"] |= {"test_accuracy": 0.875, "test_loss": 0.5}
    run.summary["seconds"] = 61.0
    text = runs.outcome(made, run)
    assert text == "test accuracy 0.8750, test loss 0.5000, 8 samples; trained in 61 s"
