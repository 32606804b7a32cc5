"""Every lesson and every solution runs, prints what it says it prints, and draws its picture."""

import ast
import contextlib
import io
import itertools
import os
import re
import runpy
import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from PIL import Image

import nn
from lessons.__main__ import main

from .conftest import ROOT

FOLDER = ROOT / "lessons"
LESSONS = sorted(path.stem for path in FOLDER.glob("??_*.py"))
KEPT = FOLDER / "pictures"
SCRIPTS = [*LESSONS, *(f"solutions.{name}" for name in LESSONS)]
KNOWN = {"nn", "datasets", "numpy", "matplotlib"}  # what a lesson may stand on
# 1e-4, 0.25, 39 760 and 1/8 are each one number; x₀ and W1 hold none.
NUMBER = re.compile(
    r"(?<![\w.])(?:\d{1,3}(?: \d{3})+|\d+/\d+(?![.\d])|\d+(?:\.\d+)?(?:e-?\d+)?)(?!\w)"
)


def text_of(name):
    return (FOLDER / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")


def cells(name):
    """Yield (whether prose, the text) of every cell; prose without its comment signs."""
    first, *parts = re.split(r"^# %%(.*)\n", text_of(name), flags=re.MULTILINE)
    assert first == "", "the first line opens the first cell"
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        assert kind in ("", " [markdown]")
        prose = bool(kind)
        if prose and not body.startswith('"""'):
            assert all(line.startswith("#") for line in body.split("\n") if line), body
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
        yield prose, body.strip().strip('"')


def stated(code):
    """The output that a lesson's comments state: `print(…)  # this`, or lines `# > this` below."""
    return re.findall(r"^[^#\n]*\bprint\(.*\)  # (.*)$|^# > ?(.*)$", code, re.MULTILINE)


def perform(name, folder):
    """Run a script in a folder; return the lines that it printed."""
    settings, printed = dict(mpl.rcParams), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        runpy.run_module(f"lessons.{name}", run_name="__main__")
    plt.close("all")
    assert dict(mpl.rcParams) == settings
    return printed.getvalue().splitlines()


def save_coarse(figure, path):
    figure.savefig(path, dpi=72, bbox_inches="tight", pad_inches=0.15)


def every_sixth(film, frames=FuncAnimation.new_saved_frame_seq):
    return itertools.islice(frames(film), 0, None, 6)


@pytest.fixture(scope="module", params=SCRIPTS)
def run(request, tmp_path_factory):
    """A script, run once in a folder of its own: its name, what it printed, the folder.

    Its pictures are coarse and its films short, for time's sake.
    """
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nn.plotting.saving.save_figure", save_coarse)
        patch.setattr(FuncAnimation, "new_saved_frame_seq", every_sixth)
        return request.param, perform(request.param, folder), folder


def test_prints_what_it_states(run):
    name, lines, _ = run
    code = "\n".join(body for prose, body in cells(name) if not prose)
    said = ["".join(pair) for pair in stated(code)]
    printed = [line.rstrip() for line in lines if not line.startswith("picture: ")]
    assert len(said) == len(printed) > 2
    for want, got in zip(said, printed, strict=True):
        assert re.fullmatch(".*".join(map(re.escape, want.split("…"))), got), (want, got)


def test_draws_its_picture(run):
    name, lines, folder = run
    saved = [line.removeprefix("picture: ") for line in lines if line.startswith("picture: ")]
    assert sorted(saved) == sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )
    stem = name.rpartition(".")[2]
    place = "runs/lessons/solutions" if name.startswith("solutions.") else "runs/lessons"
    assert all(path.startswith(f"{place}/{stem}.") for path in saved)
    if name in LESSONS:
        assert f"runs/lessons/{name}.png" in saved
        with Image.open(folder / saved[-1]) as new, Image.open(KEPT / f"{name}.png") as kept:
            new, kept = (np.asarray(i.convert("RGB").resize((48, 36)), float) for i in (new, kept))
        assert np.abs(new - kept).mean() < 5  # of 255; the most alike of two lessons differ by 7
    for path in saved:
        assert (folder / path).stat().st_size > 5_000


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_draws_whole_pictures_and_films(name, tmp_path):
    perform(name, tmp_path)
    for kept in KEPT.glob(f"{name}.*"):
        with Image.open(tmp_path / "runs/lessons" / kept.name) as new, Image.open(kept) as old:
            assert new.width >= old.width
            assert getattr(new, "n_frames", 1) == getattr(old, "n_frames", 1)


def numbers(prose):
    """Yield the numbers that sentences state, and what they mean; small whole ones go for words."""
    prose = re.sub(r"(?i)\blessons?\s+\d+|^## .*$|^# .*$|`python -m.*`|, \d{4}\)", "", prose,
                   flags=re.MULTILINE)  # fmt: skip
    for number in NUMBER.findall(prose):
        top, _, bottom = number.replace(" ", "").partition("/")
        value = float(top) / float(bottom or 1)
        if value >= 10 or value != int(value):
            yield number, value


def computed(code):
    """The numbers that code works with."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            found.add(float(node.value))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = (node.left, node.right)
            if all(isinstance(part, ast.Constant) for part in parts) and parts[1].value:
                found.add(parts[0].value / parts[1].value)
    return found


def printed(lines):
    """The numbers in what was printed."""
    text = "\n".join(lines).replace("−", "-")
    found = {float(n) for n in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)}
    return found | {float(a) / float(b) for a, b in re.findall(r"(\d+)/(\d+)", text) if float(b)}


def test_every_number_of_the_prose_is_in_the_code_or_printed(run):
    """A sentence says no figure that nothing holds it to."""
    name, lines, _ = run
    known = printed(lines)
    for prose, body in cells(name):
        known |= set() if prose else computed(body)
    for prose, body in cells(name):
        if prose and not body.startswith("## Exercises"):
            for number, value in numbers(body):
                assert value in known, (number, body)


@pytest.mark.parametrize("name", LESSONS)
def test_every_number_of_an_exercise_is_in_its_solution(name):
    known, number = {}, None
    for prose, body in cells(f"solutions.{name}"):
        heading = re.match(r"## Exercise (\d)", body) if prose else None
        number = heading[1] if heading else number
        found = known.setdefault(number, set())
        if prose:
            found |= {value for _, value in numbers(body)}
        else:
            found |= computed(body) | printed("".join(pair) for pair in stated(body))
    *_, (_, exercises) = cells(name)
    for text in re.split(r"\n(?=\d\. )", exercises.partition("\n\n")[2].partition("\n\n")[0]):
        for shown, value in numbers(text[3:]):
            assert value in known[text[0]] | known[None], (shown, text)


@pytest.mark.parametrize("name", LESSONS)
def test_is_built_as_a_lesson_is(name):
    (prose, opening), *rest = cells(name)
    number, _, title = opening.strip().partition("\n")[0].removeprefix("# ").partition(". ")
    assert prose and int(number) == int(name[:2]) and title
    assert "\nAfter this lesson you" in opening
    assert f"`python -m lessons.{name}`" in opening
    prose, last = rest[-1]
    assert prose and last.startswith("## Exercises\n")
    assert re.findall(r"^(\d)\. ", last, re.MULTILINE) == ["1", "2", "3"]
    assert last.endswith(f"Solutions: `lessons/solutions/{name}.py`")
    (_, opening), *rest = cells(f"solutions.{name}")
    assert f"# Solutions to lesson {int(number)}, " in opening
    assert f"`python -m lessons.solutions.{name}`" in opening
    found = [re.match(r"## Exercise (\d): \S", body) for prose, body in rest if prose]
    assert [match[1] for match in found if match] == ["1", "2", "3"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_cell_is_a_notebook_cell_and_uses_the_public_names(name):
    for prose, body in cells(name):
        if not prose:
            for node in ast.walk(ast.parse(body)):  # a cell is whole statements
                if isinstance(node, ast.Import):
                    assert {alias.name.partition(".")[0] for alias in node.names} <= KNOWN
                    assert not any(alias.name.startswith("nn.") for alias in node.names)
                assert not isinstance(node, ast.ImportFrom)
                if isinstance(node, ast.Attribute):
                    assert not node.attr.startswith("_")


@pytest.fixture
def python(tmp_path):
    """`python -m …` as the README says, but for the folder that the pictures go to."""

    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
        return subprocess.run(
            [sys.executable, "-m", *arguments], cwd=tmp_path, env=environment,
            capture_output=True, text=True,
        )  # fmt: skip

    return run


def test_at_a_shell(python, tmp_path):
    listed = python("lessons").stdout.splitlines()
    assert [line.split()[2] for line in listed] == [f"lessons.{name}" for name in LESSONS]
    assert listed[3].split("  ")[-1] == "4. The tangent line, and what the computer says"
    picture = tmp_path / "runs/lessons/04_tangent_line.png"
    for command in (["lessons.04_tangent_line"], ["lessons", "4"]):
        done = python(*command)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith("picture: runs/lessons/04_tangent_line.png\n")
        picture.unlink()


@pytest.mark.parametrize("asked", ["4", "04", "04_tangent_line"])
def test_a_lesson_is_found_by_its_number_and_by_its_name(asked, monkeypatch):
    found = []
    monkeypatch.setattr(sys, "argv", ["lessons", asked])
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: found.append((name, run_name)))
    main()
    assert found == [("lessons.04_tangent_line", "__main__")]


def test_no_such_lesson(python):
    done = python("lessons", "04_tangent")
    assert done.returncode == 2
    assert done.stderr.endswith("no lesson '04_tangent'; did you mean '04_tangent_line'?\n")


INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_index_shows_each_lesson():
    row = (
        r'^\| <img src="(.+?)" width="320" alt="(.+?)"> \| \*\*\[(.+?)\]\((.+?)\.py\)\*\*<br>'
        r"You (.+?)<br>`python -m lessons\.(.+?)` \|$"
    )
    rows = re.findall(row, INDEX, re.MULTILINE)
    assert [row[3] for row in rows] == [row[5] for row in rows] == LESSONS
    for picture, alt, title, name, able, _ in rows:
        opening = ast.get_docstring(ast.parse(text_of(name)))
        assert opening.startswith(f"# {title}\n")
        assert f"After this lesson you {able}" in " ".join(opening.split())
        assert picture.startswith(f"pictures/{name}.") and (FOLDER / picture).exists() and alt


def test_the_pictures_of_the_teachers_are_all_there():
    told = set(
        re.findall(r"`nn\.((?:plot|animate)_\w+)", (FOLDER / "README.md").read_text("utf-8"))
    )
    elsewhere = {"plot_confusion", "plot_fit", "plot_mistakes", "plot_predicted"}  # of a run's end
    assert told | elsewhere == {n for n in nn.__all__ if n.startswith(("plot_", "animate_"))}
