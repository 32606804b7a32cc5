import copy
import json

import numpy as np
import pytest

import datasets
import nn
from nn import config
from nn.config.signature import type_name
from nn.errors import ConfigError

TABLES = {
    "seed": 3,
    "dataset": {"name": "moons", "samples": 50},
    "model": {"type": "TwoLayerNet", "hidden_size": 4},
    "loss": {"type": "CrossEntropyLoss"},
    "optimizer": {"type": "SGD", "lr": 1},
    "train": {"epochs": 2, "batch_size": 10},
}


def build(*assignments, source="there/moons.toml", seed=None, without=(), **tables):
    document = copy.deepcopy(TABLES) | tables
    for name in without:
        del document[name]
    config.override(document, assignments)
    return config.build(document, datasets.loaders(), source, seed)


def faults(*assignments, **options):
    with pytest.raises(ConfigError) as caught:
        build(*assignments, **options)
    return caught.value.faults


# Reading


def test_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "a.toml").write_text('seed = 1\n[loss]\ntype = "L1Loss"\n')
    (tmp_path / "a.json").write_text('{"seed": 1, "loss": {"type": "L1Loss"}}')
    expected = {"seed": 1, "loss": {"type": "L1Loss"}}
    assert config.read(tmp_path / "a.toml") == expected
    assert config.read(tmp_path / "a.json") == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.toml", b"seed = \n", "is not TOML.*line 1"),
        ("a.json", b"{", "is not JSON.*line 1"),
        ("a.json", b"[1]", "must be tables"),
        ("a.toml", b"\xff\xfe", "cannot be read"),
    ],
)
def test_text_that_cannot_be_parsed(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        config.read(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    (tmp_path / "moons.toml").touch()
    with pytest.raises(ConfigError, match=r"no such file; did you mean '.*moons.toml'"):
        config.read(tmp_path / "mons.toml")


# --set


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("a.b=1", 1),
        ("a.b = 1e-3", 1e-3),
        ("a.b=true", True),
        ("a.b=word", "word"),
        ("a.b='a word'", "a word"),
        ("a.b=[1, 2]", [1, 2]),
        ('a.b={type="Adam"}', {"type": "Adam"}),
        ("a.b=x=y", "x=y"),
        ("a.b=mylayers.py:Scale", "mylayers.py:Scale"),
        ("a.b=1\nc=2", "1\nc=2"),
        ("a.b=", ""),
    ],
)
def test_set_takes_toml_and_bare_words(assignment, value):
    document = {"a": {"c": 0}}
    config.override(document, [assignment])
    assert document == {"a": {"c": 0, "b": value}}


def test_set_makes_tables_and_reaches_into_lists():
    document = {"model": {"layers": [{"type": "ReLU"}, {"type": "Linear"}]}}
    config.override(document, ["model.layers.1.out_features=5", "schedule.type=CosineSchedule"])
    assert document["model"]["layers"][1] == {"type": "Linear", "out_features": 5}
    assert document["schedule"] == {"type": "CosineSchedule"}


def test_set_reports_all_that_cannot_be_set():
    document = {"seed": 1, "model": {"layers": [{}]}}
    with pytest.raises(ConfigError) as caught:
        config.override(document, ["seed", "seed.x=1", "model.layers.4.type=ReLU", ".a=1"])
    text = str(caught.value)
    assert "4 faults" in text
    assert "'seed' is not of the form table.key=value" in text
    assert "seed is no table but 1" in text
    assert "model.layers is a list of 1: no item '4'" in text


# Building


def test_objects_are_what_the_tables_say():
    found = build("optimizer.momentum=0.5", "train.clip_norm=2", "gradient.h=1e-3")
    assert isinstance(found.network, nn.TwoLayerNet)
    assert repr(found.network.layers) == "[Linear(2, 4), Sigmoid(), Linear(4, 2)]"
    assert isinstance(found.trainer.optimizer, nn.SGD)
    assert (found.trainer.optimizer.lr, found.trainer.optimizer.momentum) == (1.0, 0.5)
    assert (found.trainer.h, found.trainer.clip_norm) == (1e-3, 2.0)
    assert (found.trainer.method.name, found.trainer.memory) == ("weight", 256 * 2**20)
    assert found.train.batch_size == 10
    assert [len(x) for x in (found.data.x_train, found.data.x_validation)] == [36, 4]


def test_defaults_are_those_of_the_signatures():
    resolved = build().resolved
    assert resolved["optimizer"] == {
        "type": "SGD", "lr": 1.0, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0
    }  # fmt: skip
    assert resolved["gradient"] == {
        "method": "weight", "h": 1e-4, "memory": "256 MiB", "directions": 10,
        "distribution": "rademacher",
    }  # fmt: skip
    assert resolved["model"]["weight_init_std"] == 0.01
    assert resolved["model"]["input_size"] == 2
    assert resolved["dataset"] == {
        "name": "moons", "samples": 50, "noise": 0.1, "test": 0.2, "standardize": False
    }  # fmt: skip
    assert "rng" not in json.dumps(resolved)


@pytest.mark.parametrize(
    "assignments",
    [
        (),
        ("model.activation={type='LeakyReLU', negative_slope=0.2}",),
        ("model.weight_init_std=He", "schedule.type=LinearWarmup", "schedule.warmup_steps=3"),
        (
            "schedule.type=LinearWarmup",
            "schedule.warmup_steps=3",
            "schedule.after={type='CosineSchedule'}",
        ),
        ("optimizer.type=Adam", "optimizer.betas=[0.8, 0.9]", "dataset.seed=7"),
        ("model={layers=[{type='Linear', out_features=3}, {type='ReLU'}, {type='Linear'}]}",),
        ("model={type='Sequential', layers=[{type='Linear', init='Zeros'}]}",),
    ],
)
def test_the_resolved_config_runs_again_to_the_same_figures(assignments):
    def losses(experiment):
        data, trainer = experiment.data, experiment.trainer
        trainer.fit(data.x_train, data.t_train, epochs=2, batch_size=10, progress=False)
        return [(record["loss"], record["lr"]) for record in trainer.history.steps]

    first = build(*assignments)
    document = json.loads(json.dumps(first.resolved))
    again = config.build(document, datasets.loaders(), "runs/moons/config.resolved.json")
    assert again.resolved == first.resolved
    assert losses(again) == losses(first)


def test_seed_decides_all_and_can_be_replaced():
    def start(**options):
        found = build(**options)
        return found.network.params["W1"].tobytes() + found.data.x_train.tobytes()

    assert start() == start()
    assert start() != start(seed=4)
    assert start(seed=3) == start()
    assert build(seed=4).resolved["seed"] == 4


def test_seed_of_the_dataset_may_stay_while_the_other_changes():
    first, second = (build("dataset.seed=5", seed=seed) for seed in (0, 1))
    assert np.array_equal(first.data.x_train, second.data.x_train)
    assert not np.array_equal(first.network.params["W1"], second.network.params["W1"])


def test_schedules_get_rate_and_length_of_the_run():
    schedule = build("schedule.type=CosineSchedule").trainer.schedule
    assert (schedule.lr, schedule.steps) == (1.0, 8)
    schedule = build("schedule={type='StepSchedule', every=2, lr=0.5}").trainer.schedule
    assert (schedule.lr, schedule.every) == (0.5, 2)


def test_a_schedule_is_made_for_the_steps_of_the_run(tmp_path):
    (tmp_path / "own.py").write_text(
        "import nn\n"
        "class Picky(nn.Schedule):\n"
        "    def __init__(self, steps: int, warmup: int):\n"
        "        if warmup >= steps:\n"
        "            raise ValueError(f'warmup must be < {steps}')\n"
        "    def __call__(self, step):\n"
        "        return 0.1\n"
    )
    source = tmp_path / "c.toml"
    build(schedule={"type": "own.py:Picky", "warmup": 7}, source=source)
    assert faults(schedule={"type": "own.py:Picky", "warmup": 8}, source=source) == [
        "[schedule]: ValueError: warmup must be < 8 (own.py, line 5)"
    ]


def test_yes_or_no_needs_one_output():
    found = build("loss.type=BCEWithLogitsLoss")
    assert found.network.params["W2"].shape == (4, 1)


def test_sizes_in_a_stack_follow_from_what_comes_before():
    layers = [
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 7, "init": {"type": "Normal", "std": 0.5}},
        {"type": "Softplus", "beta": 2},
        {"type": "Linear"},
        {"type": "Tanh"},
    ]
    network = build(model={"layers": layers}).network
    assert repr(network.layers) == ("[Flatten(), Linear(2, 7), Softplus(), Linear(7, 2), Tanh()]")


# Faults: table, key, what was expected, the nearest right one


@pytest.mark.parametrize(
    ("assignments", "expected"),
    [
        (["optimizr.lr=1"], ["unknown table [optimizr]; did you mean 'optimizer'?"]),
        (["train.epoch=3"], ["[train]: unknown key 'epoch'; did you mean 'epochs'?"]),
        (["optimizer.lr=fast"], ["[optimizer] lr: expected float, got 'fast'"]),
        (["optimizer.lr=true"], ["[optimizer] lr: expected float, got True"]),
        (["optimizer.lr=inf"], ["[optimizer] lr must be a finite number > 0, got inf"]),
        (["train.epochs=1.5"], ["[train] epochs: expected int, got 1.5"]),
        (["train.batch_size=0"], ["[train] batch_size must be a whole number >= 1, got 0"]),
        (["train.clip_norm=0"], ["[train] clip_norm must be a finite number > 0, got 0.0"]),
        (["loss.type=mseloss"], ["[loss] type: unknown loss 'mseloss'; did you mean 'MSELoss'?"]),
        (["loss=MSELoss"], ["[loss]: expected a table, got 'MSELoss'"]),
        (["loss.type=3"], ["[loss]: type must be a name, got 3"]),
        (
            ["gradient.method=lop"],
            ["[gradient]: unknown gradient method 'lop'; did you mean 'loop'?"],
        ),
        (["gradient.h=-1"], ["[gradient] h must be a finite number > 0, got -1.0"]),
        (["dataset.name=mons"], ["[dataset]: unknown dataset 'mons'; did you mean 'moons'?"]),
        (["dataset.nois=1"], ["[dataset]: unknown key 'nois'; did you mean 'noise'?"]),
        (
            ["dataset.validation=0.1"],
            ["[dataset] validation: has a place of its own, [train] validation"],
        ),
        (["model.hidden_size=0"], ["[model] hidden_size must be a whole number >= 1, got 0"]),
        (["model.loss=MSELoss"], ["[model] loss: has a place of its own, [loss]"]),
        (
            ["model.activation=RELU"],
            ["[model] activation type: unknown layer 'RELU'; did you mean 'ReLU'?"],
        ),
        (
            ["model.activation={type='ReLU', slope=1}"],
            ["[model] activation: unknown key 'slope'; it has no options"],
        ),
        (
            ["model.weight_init_std=big"],
            [
                "[model] weight_init_std type: unknown initializer 'big'; known: He, Normal,"
                " Uniform, Xavier, Zeros"
            ],
        ),
        (
            ["optimizer.type=Adam", "optimizer.betas=[1]"],
            ["[optimizer] betas: expected [float, float], got [1]"],
        ),
        (["seed=-1"], ["seed: expected a whole number >= 0, got -1"]),
        (["seed=true"], ["seed: expected a whole number >= 0, got True"]),
        (
            ["schedule.type=CosineSchedule", "schedule.steps=0"],
            ["[schedule] steps must be a whole number >= 1, got 0"],
        ),
        (["model={layers=[]}"], ["[model] layers: expected a list of tables, got []"]),
        (["model={layers=3}"], ["[model] layers: expected a list of tables, got 3"]),
        (
            ["model={layers=[{type='Linear', out_features=0}]}"],
            ["[model] layers.0 out_features must be a whole number >= 1, got 0"],
        ),
        (
            ["model={layers=[{type='Linear'}], hidden_size=3}"],
            ["[model]: unknown key 'hidden_size' beside layers"],
        ),
        (["model={layers=[{out_features=3}]}"], ["[model] layers.0: type is missing"]),
        (
            ["model={layers=[{type='Linear', in_features=5}]}"],
            ["[model] layers.0: Linear(5, 2): Linear needs x of shape (N, 5), got (2, 2)"],
        ),
        (
            ["model.output_size=7"],
            ["[model]: gives outputs of shape (N, 7) for the 2 classes of the data"],
        ),
        (
            ["loss.type=MSELoss"],
            [
                "[loss]: does not fit the data, a classification: MSELoss needs targets of shape"
                " (2, 2), got (2,)"
            ],
        ),
    ],
)
def test_one_fault_one_sentence(assignments, expected):
    assert faults(*assignments) == expected


def test_missing_tables_and_keys():
    assert faults(without=("loss", "train")) == [
        "the table [loss] is missing",
        "the table [train] is missing",
    ]
    assert faults(train={}) == ["[train]: epochs (int) is missing"]
    assert faults(model={"type": "TwoLayerNet"}) == ["[model]: hidden_size (int) is missing"]
    assert faults(dataset={}) == [
        "[dataset]: name is missing; known: blobs, circles, diabetes, digits, fashion-mnist, iris,"
        " mnist, moons, sine, spiral, xor"
    ]


def test_faults_of_all_tables_are_told_together():
    found = faults(
        "optimizer.lr=-1", "optimizer.momentm=1", "train.epochs=0", "dataset.noise=-1",
        "model.hidden_size=-3", "loss.type=Nothing", "schedule.type=Nothing", "sed=1",
    )  # fmt: skip
    assert len(found) == 8
    for words in (
        "momentm",
        "lr must be",
        "epochs",
        "noise",
        "hidden_size",
        "loss",
        "schedule",
        "sed",
    ):
        assert any(words in fault for fault in found), words


def test_the_message_names_the_file():
    with pytest.raises(ConfigError, match=r"^there/moons.toml: 1 fault\n  \[train\] epochs"):
        build("train.epochs=0")


def test_layers_and_losses_of_the_user(tmp_path):
    (tmp_path / "own.py").write_text(
        "import numpy as np, nn\n"
        "class Scale(nn.Layer):\n"
        "    def __init__(self, size):\n"
        "        self.params = {'w': np.ones(size)}\n"
        "    def forward(self, x):\n"
        "        return x * self.params['w']\n"
        "class Odd(nn.Layer):\n"
        "    def forward(self, x):\n"
        "        return x @ np.ones((3, 3))\n"
        "class Cube(nn.Loss):\n"
        "    def per_sample(self, z, t):\n"
        "        return (abs(z - t) ** 3).mean(axis=1)\n"
    )
    source = tmp_path / "c.toml"
    layers = [{"type": "Linear", "out_features": 3}, {"type": "own.py:Scale", "size": 3}]
    model = {"layers": [*layers, {"type": "Linear"}]}
    found = build(source=source, model=model)
    assert list(found.network.params) == ["0.W", "0.b", "1.w", "2.W", "2.b"]
    file = str(tmp_path / "own.py")
    assert found.resolved["model"]["layers"][1] == {"type": f"{file}:Scale", "size": 3}
    sine = {"dataset": {"name": "sine"}, "loss": {"type": "own.py:Cube"}}
    assert type(build(source=source, **sine).network.loss_function).__name__ == "Cube"
    assert faults(source=source, model={"layers": [*layers[:1], {"type": "own.py:Scale"}]}) == [
        "[model] layers.1: size (anything) is missing"
    ]
    odd = {"layers": [{"type": "own.py:Odd"}, {"type": "Linear"}]}
    (fault,) = faults(source=source, model=odd)
    assert fault.startswith("[model] layers.0: Odd() fails on an input of shape (N, 2): ValueError")
    assert fault.endswith("(own.py, line 9)")
    wrong = {"layers": [*layers[:1], {"type": "own.py:Scale", "size": 2}]}
    (fault,) = faults(source=source, model=wrong)
    assert fault.startswith(
        "[model] layers.1: Scale() fails on an input of shape (N, 3): ValueError"
    )


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (float, "float"),
        (float | None, "float"),
        (float | nn.Initializer, "float or Initializer"),
        (tuple[float, float], "[float, float]"),
        (list[int], "list[int]"),
    ],
)
def test_types_as_a_person_says_them(annotation, said):
    assert type_name(annotation) == said


def test_listing_names_everything_with_its_options():
    text = config.listing(datasets.loaders())
    for kind in nn.registry.KINDS:
        for name in nn.registry.registered(kind):
            assert f"  {name}(" in text
    for name in datasets.names():
        assert f"  {name}(" in text
    assert "lr: float = 0.01, momentum: float = 0.0" in text
    assert "approximate: 'none' or 'tanh' = 'none'" in text
    assert "  loop\n" in text
    assert max(map(len, text.splitlines())) <= 100
    moons = text.partition("  moons(")[2].partition(")")[0]
    assert "noise: float = 0.1" in moons
    assert "validation" not in moons  # it stands in [train]


def test_a_default_that_its_annotation_forbids_is_read_back(tmp_path):
    (tmp_path / "own.py").write_text(
        "import nn\n"
        "class Auto(nn.Layer):\n"
        "    def __init__(self, a: int = 'auto', b: float = None):\n"
        "        self.a, self.b = a, b\n"
        "    def forward(self, x):\n"
        "        return x\n"
    )
    made = build(f"model.activation={tmp_path}/own.py:Auto")
    table = made.resolved["model"]["activation"]
    assert (table["a"], table["b"]) == ("auto", None)
    again = config.build(made.resolved, datasets.loaders(), "again.json")
    assert again.network.layers[1].a == "auto"
