"""What a run keeps and draws of its first convolution."""

import matplotlib.image
import numpy as np
import pytest

import datasets
from nn import config, runs
from nn.layers import Conv2d
from nn.runs import kernels
from nn.runs.kernels import KernelFilm, activations, first_answer, first_convolution, read_frames

from .conftest import ROOT

LAYERS = """[
    { type = "Unflatten" },
    { type = "Conv2d", out_channels = 3, kernel_size = 3 },
    { type = "AvgPool2d", kernel_size = 2 },
    { type = "ReLU" },
    { type = "Flatten" },
    { type = "Linear" },
]"""


def built(tmp_path, layers=LAYERS, epochs=3):
    path = tmp_path / "small.toml"
    text = (ROOT / "configs/conv-digits.toml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    document = config.read(path)
    config.override(document, [f"model.layers={layers}", f"train.epochs={epochs}"])
    config.override(document, ["train.batch_size=400", "gradient.method=node"])
    return config.build(document, datasets.loaders(), path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernels")
    experiment = built(folder)
    first = experiment.network.params["1.W"].copy()
    run = runs.Run(folder / "small.toml", experiment.resolved, folder / "run")
    with run:
        runs.perform(experiment, run, progress=False)
        files = runs.draw(experiment, run)
    return experiment, run, first, files


def test_a_frame_for_every_epoch(trained):
    experiment, run, first, _ = trained
    frames = read_frames(run.folder)
    assert list(frames) == [0, 1, 2, 3]
    np.testing.assert_array_equal(frames[0][0], first)
    np.testing.assert_array_equal(frames[3][0], experiment.network.params["1.W"])
    np.testing.assert_array_equal(frames[3][1], first_answer(experiment))
    changed = [np.abs(frames[k + 1][0] - frames[k][0]).max() for k in range(3)]
    assert min(changed) > 0


def test_the_answer_is_that_of_the_activation(trained):
    experiment, *_ = trained
    answer = first_answer(experiment)
    assert answer.shape == (3, 3, 3)
    assert answer.min() == 0 < answer.max()
    shown = activations(experiment.network, experiment.data.x_test[0])
    assert [(name, a.shape) for name, a in shown] == [
        ("Conv2d", (3, 6, 6)), ("AvgPool2d", (3, 3, 3)), ("ReLU", (3, 3, 3)),
    ]  # fmt: skip
    np.testing.assert_allclose(shown[2][1], answer, rtol=1e-12)


def test_pictures(trained):
    _, run, _, files = trained
    names = {file.name for file in files}
    assert {"kernels.png", "activations.png", "mistakes.png"} <= names
    for name in ("kernels.png", "activations.png"):
        image = matplotlib.image.imread(run.folder / name)
        assert image.shape[0] > 300
        assert image.shape[1] > 900
        assert len(np.unique(image.reshape(-1, image.shape[-1]), axis=0)) > 50


def test_a_run_that_goes_on_has_the_earlier_frames(trained, tmp_path):
    experiment, run, *_ = trained
    again = built(tmp_path)
    film = KernelFilm(again, run)
    film.begin()
    assert list(film.frames) == [0]  # one that begins anew takes its own first frame
    again.trainer.steps = 2 * -(-len(again.data.x_train) // 400) + 1  # in the third epoch
    kernels_path = run.folder / "kernels.npz"
    before = kernels_path.read_bytes()
    film = KernelFilm(experiment, run)
    film.epoch(experiment.trainer)
    film = KernelFilm(again, run)
    film.begin()
    assert set(film.frames) <= {0, 1, 2}
    kernels_path.write_bytes(before[: len(before) // 2])
    assert read_frames(run.folder) == {}
    kernels_path.unlink()
    assert read_frames(run.folder) == {}


def test_few_of_many_epochs_are_kept(tmp_path):
    experiment = built(tmp_path, epochs=400)
    run = runs.Run(tmp_path / "small.toml", experiment.resolved, tmp_path / "run")
    with run:
        film = KernelFilm(experiment, run)
        film.begin()
        batches = -(-len(experiment.data.x_train) // 400)
        for epoch in range(1, 60):
            experiment.trainer.steps = epoch * batches
            film.epoch(experiment.trainer)
        kept = sorted(read_frames(run.folder))
    assert kept[:4] == [0, 1, 2, 3]
    assert kept[-1] == 59  # the last, whatever it is
    assert len(kept) <= 13


def test_nothing_of_other_networks(tmp_path):
    plain = '[{ type = "Linear" }]'
    experiment = built(tmp_path, plain)
    assert first_convolution(experiment) is None
    run = runs.Run(tmp_path / "small.toml", experiment.resolved, tmp_path / "run")
    with run:
        film = KernelFilm(experiment, run)
        film.begin()
        film.epoch(experiment.trainer)
    assert not (tmp_path / "run/kernels.npz").exists()
    assert kernels.draw_kernels(experiment, run, "") == []


def test_a_convolution_inside_of_a_block(tmp_path):
    layers = LAYERS.replace(
        '{ type = "Conv2d", out_channels = 3, kernel_size = 3 }',
        '{ type = "Residual", layers = [{ type = "Conv2d", kernel_size = 3, padding = 1 }] }',
    )
    experiment = built(tmp_path, layers)
    assert isinstance(first_convolution(experiment), Conv2d)
    assert first_answer(experiment).shape == (1, 4, 4)  # of the block, pooled, after the relu
