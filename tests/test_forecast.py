"""Before the first step: every method's cost in a table, and what would shorten a long run."""

import re
import sys
import warnings

import numpy as np
import pytest

import datasets
import nn
from nn import config
from nn.cost import Cost
from nn.gradients import METHODS, Work
from nn.runs.advice import advice
from nn.runs.forecast import forecast, method_of, total

MODULE = sys.modules["nn.runs.forecast"]  # nn.runs may have a function of that name
OWN = """
import numpy as np
import nn

class Centre(nn.Layer):
    def forward(self, x):
        return x - x.mean(axis=0)

class Noise(nn.Layer):
    def __init__(self):
        self.rng = np.random.default_rng(0)
    def forward(self, x):
        return x + self.rng.normal(size=x.shape)

class Scale(nn.Layer):
    def __init__(self):
        self.params = {"s": np.ones(1)}
    def forward(self, x):
        return np.sin(x * self.params["s"])

class Broken(nn.Layer):
    asked = 0
    def forward(self, x):
        Broken.asked += 1
        if Broken.asked > 4:
            raise ZeroDivisionError("no more")
        return x * 1.0
"""


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(MODULE, "_SECONDS", 1e-3)
    (tmp_path / "tiny.toml").write_text(
        "[dataset]\nname = 'moons'\nsamples = 40\n[model]\ntype = 'TwoLayerNet'\nhidden_size = 4\n"
        "[loss]\ntype = 'CrossEntropyLoss'\n[optimizer]\ntype = 'SGD'\n"
        "[train]\nepochs = 2\nbatch_size = 10\n"
    )
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


def experiment(*assignments):
    document = config.read("tiny.toml")
    config.override(document, assignments)
    return config.build(document, datasets.loaders(), "tiny.toml")


def of_layers(layer, *assignments):
    layers = f"[{{type='Linear', out_features=3}}, {{type='own.py:{layer}'}}, {{type='Linear'}}]"
    document = config.read("tiny.toml")
    del document["model"]
    config.override(document, [f"model.layers={layers}", *assignments])
    return config.build(document, datasets.loaders(), "tiny.toml")


def rows(text):
    """The lines of the table by method, the mark of the chosen one cut off."""
    return {line[2:].split()[0]: line for line in text.splitlines()[1:-1]}


def test_a_row_for_each_method():
    lines = forecast(experiment()).splitlines()
    assert lines[0].split("  ")[1] == "gradient by"
    assert [line[2:].split()[0] for line in lines[1:-1]] == list(METHODS)
    time = r"[\d.]+ (?:µs|ms|s)"
    for line in lines[1:-1]:
        pattern = rf"[* ] \w+ +[\d ]+ (?:rows|loss evaluations) +{time} +about {time} \(.* to .*s\)"
        assert re.match(pattern, line), line
    assert lines[-1].startswith("* as in the config; 6 steps, measured on the first 10 samples")


def test_the_work_of_each_method_is_told():
    found = rows(forecast(experiment("gradient.directions=7")))
    assert " 46 loss evaluations " in found["loop"]  # 22 parameters, twice, and two more
    assert " 14 loss evaluations " in found["direction"]
    assert " 120 rows " in found["node"]  # 10 samples, 6 units, up and down
    assert found["direction"].endswith("a noisy estimate")


@pytest.mark.parametrize("name", METHODS)
def test_the_method_of_the_config_is_marked(name):
    found = rows(forecast(experiment(f"gradient.method={name}")))
    assert [method for method, line in found.items() if line.startswith("*")] == [name]


@pytest.mark.parametrize("name", METHODS)
def test_nothing_is_changed(name):
    def trained(foreseen):
        made = experiment(f"gradient.method={name}")
        if foreseen:
            before = {key: p.tobytes() for key, p in made.network.params.items()}
            forecast(made)
            advice(made)
            assert {key: p.tobytes() for key, p in made.network.params.items()} == before
        made.trainer.fit(
            made.data.x_train, made.data.t_train, epochs=1, batch_size=10, progress=False
        )
        return made.network.params["W1"]

    assert (trained(True) == trained(False)).all()


def test_a_layer_draws_from_a_copy_of_its_generator():
    made = of_layers("Noise", "gradient.method=direction")
    before = made.network.layers[1].rng.bit_generator.state
    forecast(made)
    assert made.network.layers[1].rng.bit_generator.state == before


def test_a_way_that_is_not_the_one_asked_for_is_told_in_its_row():
    found = rows(forecast(of_layers("Centre")))
    assert "layer 0 by weight: layer 1, Centre(), mixes samples" in found["node"]
    for name in ("loop", "weight", "auto"):
        assert "layer 0 by" not in found[name]
    found = rows(forecast(of_layers("Scale")))
    assert "layer 1 by weight: its s does not enter as the weights of a sum" in found["node"]
    assert "layer 1" not in found["weight"]


def test_what_is_told_in_the_table_is_no_warning_and_takes_none_away():
    made = of_layers("Centre", "gradient.method=node")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forecast(made)
    assert not made.network.inspector.said
    assert made.trainer.method.news(made.trainer.problem(made.data.x_train, made.data.t_train, 10))


def test_a_method_that_is_refused_says_so_in_its_row():
    found = rows(forecast(of_layers("Noise", "gradient.method=direction")))
    for name in ("loop", "weight", "node", "auto"):
        assert "refused: layer 1, Noise(), is not a function of its input" in found[name]
    assert "20 loss evaluations" in found["direction"]


def test_a_layer_that_fails_is_told():
    found = rows(forecast(of_layers("Broken")))
    assert "fails: ZeroDivisionError: no more (own.py, line " in found["loop"]


def test_a_loss_that_is_not_finite_is_refused():
    made = experiment()
    made.network.params["b2"][0] = np.nan
    assert all("refused: the loss is nan" in line for line in rows(forecast(made)).values())


def test_a_range_is_a_tenth_either_way_at_least():
    assert total(Cost(2, Work(1, "rows"), 10.0)) == "about 20 s (18 to 22 s)"
    assert total(Cost(1, Work(1, "rows"), 3.0, (1.0, 3.0, 6.0))) == "about 3.0 s (1.0 to 6.0 s)"
    assert total(Cost(1, Work(1, "rows"), 60.0, (60.0, 55.0, 500.0))) == (
        "about 60 s (54 s to 8 min 20 s)"
    )


class Clock:
    """In place of measuring: seconds a step as a table says, by what is to be measured."""

    def __init__(self, seconds):
        self.seconds, self.asked = seconds, []

    def __call__(self, problem, method, steps, seconds=0.3):
        hidden = problem.layers[0].params["W"].shape[1]
        key = (method.name, hidden, len(problem.x))
        self.asked.append(key)
        if method.name not in self.seconds:
            raise nn.ImpureFunctionError("refused")
        per_step = self.seconds.get(key, self.seconds[method.name])
        return Cost(steps, Work(1, "rows"), per_step, (per_step,))


def advised(monkeypatch, seconds, *assignments):
    clock = Clock(seconds)
    monkeypatch.setattr(MODULE, "measure", clock)
    return advice(experiment(*assignments)), clock


TABLE = {"weight": 1000.0, "node": 10.0, "auto": 10.0}


def test_a_run_of_ten_minutes_is_not_advised(monkeypatch):
    found, clock = advised(monkeypatch, {"weight": 100.0})  # 6 steps
    assert found == []
    assert clock.asked == [("weight", 4, 10)]


def test_a_longer_run_is_told_what_would_shorten_it(monkeypatch):
    cheaper = TABLE | {("weight", 2, 10): 400.0, ("weight", 4, 20): 1500.0}
    found, _ = advised(monkeypatch, cheaper)
    assert (
        found
        == [
            "this run is predicted to take about 1 h 40 min, more than ten minutes;"
            " what would shorten it:",
            "  --set gradient.method=auto  about 60 s",
            "  --set model.hidden_size=2   about 40 min 00 s",
            "  --set train.batch_size=20   about 1 h 40 min",
        ][:3]
    )  # 4 steps of 1500 s are no shorter


def test_twice_the_batch_is_half_the_steps(monkeypatch):
    found, _ = advised(monkeypatch, TABLE | {("weight", 4, 20): 1000.0})
    assert found[-1] == "  --set train.batch_size=20   about 1 h 06 min"  # 4 steps for 6


def test_the_changes_can_be_typed(monkeypatch):
    cheaper = TABLE | {("weight", 2, 10): 400.0, ("weight", 4, 20): 1000.0}
    found, _ = advised(monkeypatch, cheaper)
    changes = [line.split()[1] for line in found[1:]]
    assert changes == ["gradient.method=auto", "model.hidden_size=2", "train.batch_size=20"]
    made = experiment(*changes)
    assert made.network.params["W1"].shape == (2, 2)


def test_a_method_is_never_changed_for_a_noisy_one_or_the_loop(monkeypatch):
    quick = {"node": 1000.0, "auto": 1000.0, "weight": 5000.0, "loop": 1.0, "direction": 1.0}
    found, clock = advised(monkeypatch, quick, "gradient.method=node")
    assert len(found) == 2  # the batch alone
    assert "batch_size" in found[1]
    assert not {"loop", "direction"} & {name for name, *_ in clock.asked}


def test_the_quickest_method_is_told_and_auto_where_they_are_as_quick(monkeypatch):
    def method(auto, node):
        found, _ = advised(monkeypatch, {"weight": 1000.0, "auto": auto, "node": node})
        return next(line.split()[1] for line in found if "method" in line)

    assert method(10.5, 10.0) == "gradient.method=auto"
    assert method(20.0, 10.0) == "gradient.method=node"


def test_no_change_that_shortens_it(monkeypatch):
    found, _ = advised(
        monkeypatch,
        {"weight": 1000.0, "node": 990.0},
        "train.batch_size=100",
        "train.epochs=20",
    )
    assert found == ["this run is predicted to take about 5 h 33 min, more than ten minutes"]


def test_other_models_keep_their_sizes(monkeypatch):
    monkeypatch.setattr(MODULE, "measure", Clock(TABLE))
    found = advice(of_layers("Scale"))
    assert len(found) == 3
    assert not any("hidden_size" in line for line in found)


def test_the_options_of_the_method_are_those_of_the_config():
    made = experiment("gradient.directions=3", "gradient.distribution=gaussian")
    method = method_of(made, "direction")
    assert (method.directions, method.distribution) == (3, "gaussian")
    assert method_of(made, "weight") is made.trainer.method
