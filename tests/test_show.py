"""Pictures shown where there is a screen, and saved where a path says."""

import sys
import types

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from nn.errors import ArgumentError, InputError
from nn.plotting.saving import show


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def two_axes():
    return Figure().subplots(1, 2)


def film():
    figure = Figure(figsize=(2, 1))
    (line,) = figure.add_subplot().plot([0, 1], [0, 1])

    def draw(k):
        line.set_ydata([0, k])
        return (line,)

    return FuncAnimation(figure, draw, frames=4, interval=100)


def test_saves_where_it_is_told_and_says_so(tmp_path, capsys):
    path = tmp_path / "new/folder/a.png"
    show(two_axes()[0], path)
    assert capsys.readouterr().out == f"picture: {path}\n"
    with Image.open(path) as image:
        assert image.width > 600
    show(two_axes(), tmp_path / "many.svg")  # an array of axes is one picture
    assert "<svg" in (tmp_path / "many.svg").read_text()


def test_an_animation_becomes_a_gif_that_repeats(tmp_path):
    show(film(), tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as image:
        assert image.n_frames == 4
        assert image.size == (144, 72)
        assert image.info["duration"] == 100
        assert image.info["loop"] == 0


def test_endings_may_be_in_capitals(tmp_path):
    show(film(), tmp_path / "film.GIF")
    with Image.open(tmp_path / "film.GIF") as image:
        assert image.n_frames == 4
    show(two_axes()[0], tmp_path / "a.PNG")
    assert (tmp_path / "a.PNG").exists()


def test_without_a_path_nothing_is_saved_or_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    show(two_axes()[0])
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("picture", "name", "kind", "message"),
    [
        (lambda: two_axes()[0], "a.gift", InputError, "'a.gift' ends in '.gift'"),
        (lambda: two_axes()[0], "a", InputError, "'a' has no ending"),
        (lambda: 3, "a.png", ArgumentError, "picture must be Axes, several of them, a Figure"),
        (list, "a.png", ArgumentError, "picture must be Axes"),
        (lambda: [two_axes()[0], 3], "a.png", ArgumentError, "picture must be Axes"),
        (lambda: "a.png", "a.png", ArgumentError, "picture must be Axes"),
    ],
)
def test_what_is_no_picture_or_no_format(tmp_path, picture, name, kind, message):
    with pytest.raises(kind, match=message):
        show(picture(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_film_is_no_png(tmp_path):
    picture = film()
    picture._draw_was_started = True  # else matplotlib minds that nobody ever saw it
    with pytest.raises(InputError, match=r"'a\.png' is no name for an animation: it is saved as"):
        show(picture, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_window_opens_where_there_are_windows(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(plt, "show", lambda: opened.append(True))
    show(two_axes()[0])
    monkeypatch.setattr(mpl, "get_backend", lambda: "Agg")
    show(two_axes()[0])
    assert not opened
    monkeypatch.setattr(mpl, "get_backend", lambda: "qtagg")
    show(two_axes()[0], tmp_path / "a.png")
    assert opened == [True]
    assert (tmp_path / "a.png").exists()


class TestNotebook:
    """What is shown below a cell: each picture once."""

    @pytest.fixture
    def shown(self, monkeypatch):
        shown = []
        notebook = types.ModuleType("IPython.display")
        notebook.Image = lambda filename: ("image", filename)
        notebook.HTML = lambda text: ("html", text)
        notebook.display = shown.append
        monkeypatch.setitem(sys.modules, "IPython.display", notebook)
        monkeypatch.setattr(mpl, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
        monkeypatch.setattr(plt, "show", lambda: shown.append("all figures"))
        return shown

    def test_a_film_is_played(self, shown, tmp_path):
        show(film(), tmp_path / "film.gif")
        assert shown == [("image", tmp_path / "film.gif")]

    def test_a_film_that_is_not_saved(self, shown):
        show(film())
        ((kind, text),) = shown
        assert kind == "html"
        assert "<img" in text

    def test_a_window_of_ipython_is_no_notebook(self, shown, monkeypatch):
        monkeypatch.setattr(mpl, "get_backend", lambda: "QtAgg")
        show(two_axes()[0])
        assert shown == ["all figures"]

    def test_a_figure_and_no_other(self, shown):
        plt.figure()
        ax = plt.figure().add_subplot()
        show(ax)
        assert shown == [ax.figure]
        assert len(plt.get_fignums()) == 1  # the other is left for the end of the cell


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(InputError, match=r"runs/a\.png cannot be saved: "):
        show(two_axes()[0], tmp_path / "runs/a.png")


def test_what_drawing_decides_for_good_stays_decided():
    """A notebook shows figures because it was made interactive when the backend was chosen."""
    from nn.plotting import plot_tangent, styled

    @styled
    def first_drawing():
        mpl.rcParams["interactive"] = True

    first_drawing()
    try:
        plot_tangent(np.sin, 1.0)
        assert mpl.rcParams["interactive"]
    finally:
        mpl.rcParams["interactive"] = False


def test_axes_come_back_as_they_were(tmp_path):
    ax = two_axes()[0]
    ax.plot(np.arange(3))
    show(ax, tmp_path / "a.png")
    assert isinstance(ax, Axes)
    assert len(ax.lines) == 1


def test_axes_of_a_figure_within_a_figure(tmp_path):
    part, other = plt.figure(figsize=(6, 3)).subfigures(1, 2)
    ax = part.add_subplot()
    other.add_subplot()
    show(ax, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.width > 1.5 * image.height  # all of it


def test_a_figure_is_a_picture_too(tmp_path):
    show(two_axes()[0].figure, tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_pyplot_does_not_keep_what_nobody_can_see(tmp_path):
    for _ in range(25):  # pyplot minds more than 20
        show(plt.figure().add_subplot())
    assert plt.get_fignums() == []
    ax = plt.figure().add_subplot()
    show(ax, tmp_path / "a.png")
    ax.plot([0, 1])  # and yet it can be drawn on
    show(ax, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()
