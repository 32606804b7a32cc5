"""Every lesson and every solution runs, prints what it says it prints, and draws its picture."""

import ast
import contextlib
import io
import os
import re
import runpy
import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import nn

from .conftest import ROOT

FOLDER = ROOT / "lessons"
LESSONS = sorted(path.stem for path in FOLDER.glob("??_*.py"))
SCRIPTS = [*LESSONS, *(f"solutions.{name}" for name in LESSONS)]
KNOWN = {"nn", "datasets", "numpy", "matplotlib"}  # what a lesson may stand on
NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?: \d{3})+(?!\w)|(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?!\w)")


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


@pytest.fixture(scope="module", params=SCRIPTS)
def run(request, tmp_path_factory):
    """A script, run once in a folder of its own: its name, what it printed, the folder."""
    folder, settings = tmp_path_factory.mktemp("run"), dict(mpl.rcParams)
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        runpy.run_module(f"lessons.{request.param}", run_name="__main__")
    plt.close("all")
    assert dict(mpl.rcParams) == settings
    return request.param, printed.getvalue().splitlines(), folder


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
    for path in saved:
        assert (folder / path).stat().st_size > 5_000


def values(text):
    """The numbers in a text; 39 760 and 39_760 are one."""
    text = re.sub(r"(?<=\d)_(?=\d)", "", text).replace("−", "-")
    found = {float(number.replace(" ", "")) for number in NUMBER.findall(text)}
    return found | {float(n) for n in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)}


def test_every_number_of_the_prose_is_in_the_code_or_printed(run):
    """A sentence says no figure that nothing holds it to."""
    name, lines, _ = run
    known = values("\n".join(lines))
    for prose, body in cells(name):
        known |= set() if prose else values(body)
    for prose, body in cells(name):
        if not prose or body.startswith("## Exercises"):
            continue
        body = re.sub(r"(?i)\blessons?\s+\d+|^## .*$|^# .*$|`python -m.*`|, \d{4}\)", "", body,
                      flags=re.MULTILINE)  # fmt: skip
        for number in NUMBER.findall(body):
            value = float(number.replace(" ", ""))
            assert value in known or (value < 10 and value == int(value)), (number, body)


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


def test_at_a_shell(tmp_path):
    """As the README says, but for the folder that the picture goes to."""

    def python(*arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
        return subprocess.run(
            [sys.executable, "-m", *arguments], cwd=tmp_path, env=environment, check=True,
            capture_output=True, text=True,
        ).stdout.splitlines()  # fmt: skip

    listed = python("lessons")
    assert [line.split()[2] for line in listed] == [f"lessons.{name}" for name in LESSONS]
    assert python("lessons.04_tangent_line")[-1] == "picture: runs/lessons/04_tangent_line.png"
    assert (tmp_path / "runs/lessons/04_tangent_line.png").exists()


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
