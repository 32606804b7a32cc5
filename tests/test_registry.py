import inspect
import sys
from pathlib import Path

import pytest

import nn
from nn import registry
from nn.errors import InputError, UnknownNameError

FILE = """
import dataclasses

import numpy as np

import nn


@dataclasses.dataclass
class Options:
    size: int = 3


class Scale(nn.Layer):
    def __init__(self, size: int = 3):
        self.params = {"w": np.ones(size)}

    def forward(self, x):
        return x * self.params["w"]


class Half(Scale):
    def __init__(self):
        super().__init__(2)


class Cubed(nn.Loss):
    def per_sample(self, z, t):
        return (abs(z - t) ** 3).mean(axis=1)


class Empty(nn.Layer):
    pass


number = 3
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mylayers.py").write_text(FILE)
    return tmp_path


def test_every_concrete_class_of_the_rooms_is_registered():
    for module in (nn.layers, nn.losses, nn.optimizers, nn.schedules, nn.initializers, nn.networks):
        for name, thing in vars(module).items():
            kind = registry.kind_of(thing)
            if kind and not inspect.isabstract(thing):
                assert registry.registered(kind)[name] is thing


def test_registered_gives_a_copy():
    registry.registered("layer").clear()
    assert registry.registered("layer")["Linear"] is nn.Linear


def test_a_class_in_a_file_beside_the_config(folder):
    scale = registry.find("layer", "mylayers.py:Scale", folder)
    assert issubclass(scale, nn.Layer)
    half = registry.find("layer", "mylayers.py:Half", folder)
    assert issubclass(half, scale)  # the file was run once, not twice
    assert registry.find("loss", "mylayers.py:Cubed", folder).__name__ == "Cubed"


def test_a_file_in_the_current_folder(folder, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(folder)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert registry.find("layer", "mylayers.py:Scale", elsewhere).__name__ == "Scale"


@pytest.mark.parametrize(
    ("kind", "name", "error", "words"),
    [
        ("layer", "Lineer", UnknownNameError, "unknown layer 'Lineer'; did you mean 'Linear'"),
        ("layer", "relu", UnknownNameError, "did you mean 'ReLU'"),
        ("loss", "Linear", UnknownNameError, "unknown loss 'Linear'"),
        ("layer", "mylayers.py:Scal", UnknownNameError, "no layer 'Scal'; did you mean 'Scale'"),
        ("layer", "mylayers.py:Cubed", InputError, "Cubed is no Layer that can be used"),
        ("layer", "mylayers.py:Empty", InputError, "Empty lacks forward"),
        ("layer", "mylayers.py:number", InputError, "number is no Layer"),
        ("layer", "mylayer.py:Scale", InputError, "no file 'mylayer.py'.*mean 'mylayers.py'"),
        ("layer", "far/off.py:Scale", InputError, "no file 'far/off.py'"),
    ],
)
def test_what_cannot_be_found(folder, kind, name, error, words):
    with pytest.raises(error, match=words):
        registry.find(kind, name, folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\ny = 1 / 0\n", r"bad.py fails: ZeroDivisionError: .* \(bad.py, line 2\)"),
        ("import no_such_module\n", r"fails: ModuleNotFoundError.*no_such_module.*bad.py, line 1"),
        ("raise SystemExit(7)\n", "fails: SystemExit: 7"),
        ("def f(:\n", "fails.*SyntaxError"),
    ],
)
def test_a_file_that_fails(tmp_path, text, words):
    (tmp_path / "bad.py").write_text(text)
    for _ in range(2):  # the second time is no better than the first
        with pytest.raises(InputError, match=words):
            registry.find("layer", "bad.py:Scale", tmp_path)
    assert f"nn_user:{Path(tmp_path / 'bad.py').resolve()}" not in sys.modules
