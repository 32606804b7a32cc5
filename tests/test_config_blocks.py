"""Configs of networks for images, and of layers inside layers."""

import copy
import json

import numpy as np
import pytest

import datasets
import nn
from nn import config
from nn.errors import ConfigError

TABLES = {
    "seed": 1,
    "dataset": {"name": "digits"},
    "loss": {"type": "CrossEntropyLoss"},
    "optimizer": {"type": "SGD", "lr": 0.1},
    "train": {"epochs": 1},
}
BLOCK = [{"type": "Tanh"}, {"type": "Linear"}, {"type": "SiLU"}, {"type": "Linear"}]
IMAGES = [
    {"type": "Unflatten"},
    {"type": "Conv2d", "out_channels": 4, "kernel_size": [3, 2], "stride": [1, 2]},
    {"type": "BatchNorm2d"},
    {"type": "LayerNorm"},
    {"type": "Residual", "layers": [{"type": "Conv2d", "kernel_size": 3, "padding": 1}]},
    {"type": "Flatten"},
    {"type": "Dropout", "p": 0.5},
    {"type": "Linear"},
]


def build(layers, **tables):
    document = copy.deepcopy(TABLES) | tables | {"model": {"layers": layers}}
    return config.build(document, datasets.loaders(), "there/some.toml")


def fault(layers, **tables):
    with pytest.raises(ConfigError) as caught:
        build(layers, **tables)
    assert len(caught.value.faults) == 1
    return caught.value.faults[0]


def test_sizes_that_the_data_decide():
    layers = build(IMAGES).network.layers
    assert [repr(layer) for layer in layers] == [
        "Unflatten((1, 8, 8))", "Conv2d(1, 4, (3, 2), stride=(1, 2))", "BatchNorm2d(4)",
        "LayerNorm((4, 6, 4))", "Residual([Conv2d(4, 4, 3, padding=1)])", "Flatten()",
        "Dropout(0.5)", "Linear(96, 10)",
    ]  # fmt: skip


def test_layers_of_a_block_give_back_its_width():
    first, last = {"type": "Linear", "out_features": 5}, {"type": "Linear"}
    inside = {"type": "Residual", "layers": [{"type": "Residual", "layers": BLOCK}, *BLOCK]}
    network = build([first, inside, last]).network
    widths = [p.shape for key, p in network.params.items() if key.endswith("W")]
    assert widths == [(64, 5), (5, 5), (5, 5), (5, 5), (5, 5), (5, 10)]
    assert list(network.params)[2:4] == ["1.0.1.W", "1.0.1.b"]


def test_other_widths_inside_a_block_may_be_given():
    wide = [{"type": "Linear", "out_features": 9}, {"type": "ReLU"}, {"type": "Linear"}]
    layers = [
        {"type": "Linear", "out_features": 5},
        {"type": "Residual", "layers": wide},
        {"type": "Linear"},
    ]
    assert repr(build(layers).network.layers[1]) == (
        "Residual([Linear(5, 9), ReLU(), Linear(9, 5)])"
    )


def test_the_resolved_config_makes_the_same_network(tmp_path):
    experiment = build([*IMAGES[:-1], {"type": "Linear", "out_features": 6},
                        {"type": "Residual", "layers": BLOCK}, {"type": "Linear"}])  # fmt: skip
    text = json.dumps(experiment.resolved)
    again = config.build(json.loads(text), datasets.loaders(), "there/other.json")
    assert repr(again.network) == repr(experiment.network)
    for name, p in experiment.network.params.items():
        np.testing.assert_array_equal(again.network.params[name], p)
    inside = experiment.resolved["model"]["layers"][8]["layers"]
    assert inside[1] == {
        "type": "Linear", "in_features": 6, "out_features": 6, "bias": True, "init": None,
    }  # fmt: skip


def test_a_run_with_blocks_and_running_means_is_read_back(tmp_path):
    experiment = build(IMAGES, train={"epochs": 1, "batch_size": 600},
                       gradient={"method": "auto"})  # fmt: skip
    (tmp_path / "some.json").write_text(json.dumps(experiment.resolved))
    from nn import runs

    run = runs.Run(tmp_path / "some.json", experiment.resolved, tmp_path / "run")
    with run:
        runs.perform(experiment, run, progress=False)
    network = nn.load_network(tmp_path / "run", "last")
    assert network.buffers["2.running_mean"].any()
    x = experiment.data.x_test[:5]
    np.testing.assert_array_equal(network.predict(x), experiment.network.predict(x))


def test_dropout_draws_by_the_seed_of_the_config():
    masks = []
    for seed in (1, 1, 2):
        network = build(IMAGES, seed=seed).network
        network.problem(np.ones((2, 64)), np.zeros(2))
        masks.append(network.layers[6]._factor)
    assert (masks[0] == masks[1]).all()
    assert (masks[0] != masks[2]).any()


@pytest.mark.parametrize(
    ("place", "change", "words"),
    [
        (1, {"kernel_size": 9}, "layers.1: Conv2d(1, 4, 9, stride=(1, 2)): Conv2d has windows of"
         " 9x9 and needs images of at least 9x9 pixels, got 8x8 in (2, 1, 8, 8)"),
        (1, {"in_channels": 3}, "needs images of 3 channels, (N, 3, H, W), got 1 in (2, 1, 8, 8)"),
        (1, {"kernel_size": [3, 3, 3]}, "kernel_size: expected int or [int, int], got [3, 3, 3]"),
        (1, {"stride": 0}, "layers.1 stride must be a whole number >= 1, got 0"),
        (0, {"unflattened_size": [1, 9, 9]}, "Unflatten needs x of shape (N, 81), got (2, 64)"),
        (2, {"num_features": 5}, "BatchNorm2d needs x of shape (N, 5, H, W), got (2, 4, 6, 4)"),
        (4, {"layers": [{"type": "Conv2d", "kernel_size": 3}]}, "layers.4: Residual("),
        (4, {"layers": []}, "layers.4 layers: expected a list of tables, got []"),
        (4, {"layers": [{"type": "Conv3d"}]}, "layers.4 layers.0 type: unknown layer 'Conv3d'"),
        (4, {"layers": [{"type": "Tanh", "x": 1}]}, "layers.4 layers.0: unknown key 'x'"),
        (6, {"p": 1.0}, "layers.6 p must be a finite number >= 0 and < 1, got 1.0"),
    ],
)  # fmt: skip
def test_one_fault_one_sentence(place, change, words):
    layers = copy.deepcopy(IMAGES)
    layers[place] |= change
    assert words in fault(layers)


def test_odd_images_before_a_pooling():
    layers = [IMAGES[0], {"type": "Conv2d", "out_channels": 2, "kernel_size": 4},
              {"type": "MaxPool2d", "kernel_size": 2}, *IMAGES[5:]]  # fmt: skip
    said = fault(layers)
    assert "layers.2: MaxPool2d(2): MaxPool2d needs images that its windows cover" in said
    assert "of 4 or 6 by 4 or 6 pixels, got 5x5 in (2, 2, 5, 5)" in said
    layers[2]["floor"] = True
    assert build(layers).network.size > 0


def test_images_that_are_no_images():
    said = fault([{"type": "Conv2d", "in_channels": 1, "out_channels": 2, "kernel_size": 3},
                  {"type": "Flatten"}, {"type": "Linear"}])  # fmt: skip
    assert "Conv2d needs images of shape (N, 1, H, W), got (2, 64)" in said
    assert "an Unflatten layer before it makes images of rows" in said


def test_data_that_are_no_images():
    said = fault([{"type": "Unflatten"}, {"type": "Flatten"}, {"type": "Linear"}],
                 dataset={"name": "moons", "samples": 50})  # fmt: skip
    assert "layers.0: unflattened_size (list of int) is missing" in said
