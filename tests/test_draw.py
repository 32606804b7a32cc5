"""The pictures of the pages can be drawn anew, small, by the one command they name."""

import re

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from docs import draw

from .conftest import ROOT


@pytest.fixture
def root(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "lessons/pictures").mkdir(parents=True)
    yield tmp_path
    plt.close("all")


def test_draws_what_is_named_where_the_pages_look(root, capsys):
    draw.main(["search", "04_tangent_line"], root)
    files = ["docs/search.png", "lessons/pictures/04_tangent_line.png"]
    assert plt.get_fignums() == []
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == files
    assert sorted(str(p.relative_to(root)) for p in root.rglob("*.*")) == files
    for name in files:
        with Image.open(root / name) as new, Image.open(ROOT / name) as kept:
            assert new.size == kept.size
            assert new.mode == "P"


@pytest.mark.parametrize("name", ["gradients", "gradcheck", "perturbed-rows", "step-sweep"])
def test_each_picture_of_the_manual(root, name):
    draw.main([name], root)
    with Image.open(root / f"docs/{name}.png") as new, Image.open(ROOT / f"docs/{name}.png") as old:
        assert new.width == old.width
        assert abs(new.height - old.height) <= 0.02 * old.height


def test_pictures_of_runs(root, monkeypatch):
    """The two that train are only asked for, not waited for."""
    commands = []

    def train(command, *, check, **_):
        assert check  # or a picture of long ago would be taken for the new one
        commands.append(command)
        folder = draw.Path(command[-1])
        folder.mkdir()
        for picture, height in (("loss", 1000), ("decision_boundary", 2000)):
            Image.new("RGB", (2000, height), "white").save(folder / f"{picture}.png")

    monkeypatch.setattr(draw.subprocess, "run", train)
    draw.main(["digits-loss", "spiral-boundary"], root)
    assert [command[3] for command in commands] == ["configs/digits.toml", "configs/spiral.toml"]
    with Image.open(root / "docs/digits-loss.png") as image:
        assert image.size == (1200, 600)
    with Image.open(root / "docs/spiral-boundary.png") as image:
        assert image.size == (900, 900)


def test_everything_where_nothing_is_named(root, monkeypatch):
    drawn = []
    picture = Image.new("RGB", (10, 10))
    for name in draw.PICTURES:
        monkeypatch.setitem(draw.PICTURES, name, (picture.save, 10))
    monkeypatch.setattr(draw, "draw_lesson", lambda name, into: drawn.append(name))
    draw.main([], root)
    assert {p.stem for p in root.glob("docs/*.png")} == set(draw.PICTURES)
    assert drawn == sorted(p.stem for p in ROOT.glob("lessons/??_*.py"))


def test_films_of_a_lesson_are_taken_as_they_are(tmp_path, monkeypatch):
    def run(name, run_name):
        assert (name, run_name) == ("lessons.99_films", "__main__")
        folder = draw.Path("runs/lessons")
        folder.mkdir(parents=True)
        for ending, size in (("gif", (700, 100)), ("png", (1280, 100))):
            Image.new("RGB", size).save(folder / f"99_films.{ending}")

    monkeypatch.setattr(draw.runpy, "run_module", run)
    draw.draw_lesson("99_films", tmp_path)
    for ending, size in (("gif", (700, 100)), ("png", (640, 50))):
        with Image.open(tmp_path / f"99_films.{ending}") as image:
            assert (image.format, image.size) == (ending.upper(), size)


def test_small_pictures_stay_as_large_as_they_are(tmp_path):
    Image.effect_noise((300, 200), 60).convert("RGB").save(tmp_path / "a.png")
    draw.shrink(tmp_path / "a.png", tmp_path / "b.png", 400)
    with Image.open(tmp_path / "b.png") as image:
        assert image.size == (300, 200)
        assert 100 < len(image.getcolors()) <= 256


def test_every_picture_of_the_manual_has_one_who_draws_it():
    assert {p.stem for p in ROOT.glob("docs/*.png")} == set(draw.PICTURES)
    lessons = {p.stem for p in ROOT.glob("lessons/??_*.py")}
    assert {p.stem for p in ROOT.glob("lessons/pictures/*")} == lessons


def test_a_name_that_is_none(root, capsys):
    with pytest.raises(SystemExit) as stopped:
        draw.main(["stepsweep"], root)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert re.search(
        r"no picture or lesson is called 'stepsweep'; did you mean 'step-sweep'\?", message
    )
    assert not list(root.rglob("*.*"))


def test_few_colours_keep_their_hue(tmp_path):
    """A thin orange line among many greys stays orange."""
    image = Image.effect_noise((400, 300), 60).convert("RGB")
    image.paste((255, 128, 14), (0, 100, 400, 102))
    image.save(tmp_path / "a.png")
    draw.shrink(tmp_path / "a.png", tmp_path / "b.png", 400)
    with Image.open(tmp_path / "b.png") as small:
        found = small.convert("RGB").getpixel((200, 100))
    assert all(abs(a - b) < 12 for a, b in zip(found, (255, 128, 14), strict=True))
