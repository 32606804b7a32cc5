"""Every picture of functions and networks: drawn where it is to be, in silence, legible."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import nn

from . import plots
from .plots import plt

close_figures = plots.close_figures
X = np.random.default_rng(0).normal(size=(20, 2))
T = (X[:, 0] > 0.2 * X[:, 1]).astype(int)
SQUARE = ((-3, 3), (-3, 3))


def bowl(x):
    return np.sum(x**2)


def sine(draw, *given, **options):
    return lambda ax: draw(np.sin, *given, ax=ax, **options)


PATH = nn.gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=20)
NET = plots.network()
SNAPSHOTS = [{name: p + k for name, p in NET.params.items()} for k in range(3)]
DRAWINGS = {
    "tangent": sine(nn.plot_tangent, [0.5, 1.0]),
    "secants": sine(nn.plot_secants, 1.0, [1, 0.5]),
    "quotients": sine(nn.plot_quotients, 1.0, h=np.logspace(-15, 0, 31)),
    "orders": sine(nn.plot_orders, 1.0, np.cos),
    "surface": lambda ax: nn.plot_surface(bowl, *SQUARE, ax, resolution=9),
    "contours": lambda ax: nn.plot_contours(bowl, *SQUARE, ax, point=(1, 2), resolution=9),
    "partials": lambda ax: nn.plot_partials(bowl, [3.0], ax)[0],
    "directions": lambda ax: nn.plot_directions(bowl, (3, 4), ax),
    "field": lambda ax: nn.plot_gradient_field(bowl, *SQUARE, ax, n=5, lengths="equal"),
    "descent": lambda ax: nn.plot_descent(bowl, PATH, ax=ax, resolution=9),
    "loss line": lambda ax: nn.plot_loss_line(NET, X, T, "W1", (0, 2), ax),
    "loss surface": lambda ax: nn.plot_loss_surface(NET, X, T, SNAPSHOTS, ax, resolution=9),
    "weights": lambda ax: nn.plot_weights(NET.params["W1"], ax),
    "sheet": lambda ax: nn.plot_weights(np.eye(64, 10), ax, image_shape=(8, 8)),
    "times": lambda ax: nn.plot_times({"loop": 3.0, "node": 0.02}, ax),
    "growth": lambda ax: nn.plot_growth([10, 100, 1000], {"loop": [1, 90, 8000]}, ax),
}
UNNAMED = {"weights": "xy", "sheet": "xy", "times": "y"}  # axes that say what they are otherwise


def assert_legible(name, ax):
    ax.figure.draw_without_rendering()
    texts = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
    assert min(text.get_fontsize() for text in [*texts, *ax.texts]) >= 11
    for side, label in (("x", ax.get_xlabel()), ("y", ax.get_ylabel())):
        assert bool(label) == (side not in UNNAMED.get(name, ""))


def new_axes(figure, name, *where):
    return figure.add_subplot(*where, projection="3d" if name == "surface" else None)


@pytest.mark.parametrize("name", DRAWINGS)
def test_draws_on_given_axes_saves_and_says_nothing(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = mpl.rcParams.copy()
    ax = new_axes(Figure(), name)
    assert DRAWINGS[name](ax) is ax
    assert_legible(name, ax)
    assert plt.get_fignums() == []
    if name not in {"surface", "weights", "sheet"}:  # which have other spines
        assert ax.get_axisbelow() is True
        assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()
    assert mpl.rcParams == before
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", DRAWINGS)
def test_makes_one_figure_without_axes(name):
    before = mpl.rcParams.copy()
    drawn = DRAWINGS[name](None)
    assert plt.get_fignums() == [1]
    assert drawn.figure is plt.figure(1)
    assert mpl.rcParams == before
    assert_legible(name, drawn)


def test_a_drawing_that_fails_leaves_the_settings_alone():
    before = mpl.rcParams.copy()
    with pytest.raises(nn.InputError):
        nn.plot_tangent(np.sin, [])
    assert mpl.rcParams == before


@pytest.mark.parametrize("name", DRAWINGS)
def test_small_axes_of_a_figure_within_a_figure(name):
    part = Figure(figsize=(16, 6), layout="constrained").subfigures(1, 2)[1]
    ax = new_axes(part, name, 2, 2, 2)
    others = [part.add_subplot(2, 2, k) for k in (1, 4)]  # beside it and below
    assert DRAWINGS[name](ax) is ax
    part.figure.draw_without_rendering()
    assert ax.bbox.width > 40
    assert ax.bbox.height > 80
    assert all(other.figure is part for other in part.axes)
    assert not any(other.lines or other.collections for other in others)
