"""Gradients in a test."""

import os
import subprocess
import sys

import numpy as np
import pytest

import nn
from nn.errors import GradientMismatch
from nn.testing import assert_gradients

X = np.random.default_rng(0).normal(size=(6, 4))


class Square(nn.Layer):
    def __init__(self, factor=2.0):
        self.factor = factor

    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, dout):
        return self.factor * self.x * dout


class Root(nn.Layer):
    """Upright at zero."""

    def forward(self, x):
        self.z = np.sqrt(np.abs(x))
        return self.z

    def backward(self, dout):
        with np.errstate(all="ignore"):
            return dout * np.where(self.z > 0, np.sign(self.z) / (2 * self.z), 0.0)


def test_right_gradients_pass_and_give_the_report():
    assert nn.testing.assert_gradients is assert_gradients
    assert assert_gradients(Square(), X).verdict == "right"


def test_wrong_gradients_fail_with_the_report():
    with pytest.raises(AssertionError, match=r"Square\(\): wrong, in 24 of 24 entries") as caught:
        assert_gradients(Square(3.0), X)
    assert isinstance(caught.value, GradientMismatch)
    assert caught.value.report.cause.tag == "constant factor"


def test_options_are_those_of_the_check():
    report = assert_gradients(np.sin, X, grad=np.cos, entries=3)
    assert report.table[0].directions > 0
    with pytest.raises(TypeError, match="tolerance"):
        assert_gradients(Square(), X, tolerance=1e-5)


def test_what_cannot_be_judged_is_no_pass():
    x = np.abs(X)
    x[1, 2] = 0
    with pytest.raises(GradientMismatch, match=r"undecided"):
        assert_gradients(Root(), x)
    assert assert_gradients(Root(), x, undecided=True).verdict == "undecided"


def test_pytest_shows_it_at_a_glance(tmp_path):
    file = tmp_path / "test_mine.py"
    file.write_text(
        "import numpy as np\nimport nn\n\n\n"
        "class Square(nn.Layer):\n"
        "    def forward(self, x):\n        self.x = x\n        return x**2\n\n"
        "    def backward(self, dout):\n        return 3 * self.x * dout\n\n\n"
        "def test_square():\n"
        "    nn.testing.assert_gradients(Square(), np.arange(1.0, 7.0).reshape(2, 3))\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=alone)
    assert done.returncode == 1
    shown = [line for line in done.stdout.splitlines() if line.startswith("E ")]
    assert "GradientMismatch: Square(): wrong, in 6 of 6 entries" in shown[0]
    assert "constant factor" in shown[1]
    assert "ratio 1.5" in shown[2]
    assert "nn/checking" not in done.stdout  # none of our own code in between
    assert "FAILED" in done.stdout
