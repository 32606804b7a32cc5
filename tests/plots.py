"""What the tests of pictures share: no windows, axes to draw on, and what can be read on them.

A test file takes the fixtures by `ax, close_figures = plots.ax, plots.close_figures`.
"""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

mpl.use("agg")
import matplotlib.pyplot as plt

import nn


@pytest.fixture(autouse=True)
def close_figures():
    plt.close("all")  # also what tests before may have left
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return Figure(figsize=(6.4, 4.8)).add_subplot()


@pytest.fixture
def space():
    return Figure().add_subplot(projection="3d")


@pytest.fixture
def net():
    return network()


def network():
    return nn.TwoLayerNet(2, 3, 2, weight_init_std=0.5, activation=nn.Tanh(), rng=0)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def several(ax, label):
    return [line for line in ax.lines if line.get_label() == label]


def only(ax, label):
    (line,) = several(ax, label)
    return line
