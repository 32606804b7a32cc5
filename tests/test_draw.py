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

    def train(command, **_):
        commands.append(command)
        folder = draw.Path(command[-1])
        folder.mkdir()
        for picture in ("loss", "decision_boundary"):
            Image.new("RGB", (2000, 1000), "white").save(folder / f"{picture}.png")

    monkeypatch.setattr(draw.subprocess, "run", train)
    draw.main(["digits-loss", "spiral-boundary"], root)
    assert [command[3] for command in commands] == ["configs/digits.toml", "configs/spiral.toml"]
    with Image.open(root / "docs/digits-loss.png") as image:
        assert image.size == (1200, 600)


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
