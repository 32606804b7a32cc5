"""Every block of the README is run, and says the truth."""

import contextlib
import io
import re
import shlex
import tomllib

import pytest

import datasets
from nn import config

from .conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(ROOT.glob("docs/*.md"))
LESSONS = ROOT / "lessons/README.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = FENCE.findall(TEXT)


def blocks(language):
    return [body for found, body in BLOCKS if found == language]


def test_all_blocks_are_of_kinds_that_are_run():
    assert {language for language, _ in BLOCKS} == {"sh", "text", "python", "toml"}
    assert TEXT.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda p: p.name)
def test_python_blocks_print_what_their_comments_say(page):
    namespace = {}
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    assert found
    for body in (body for language, body in found if language == "python"):
        said = re.findall(r"^\s*print\(.*\)\s*# (.*)$", body, re.MULTILINE)
        assert body.count("print(") == len(said), "each print states its output"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(body, "README.md", "exec"), namespace)
        assert printed.getvalue().splitlines() == said


def test_the_first_command_is_the_run_of_the_digits(digits):
    command = shlex.split(blocks("sh")[0])
    assert command[command.index(".venv/bin/python") + 1 :] == [
        "train.py", "--config", "configs/digits.toml"
    ]  # fmt: skip
    assert digits.done.returncode == 0


def test_the_output_shown_is_the_output_printed(digits):
    """Figure for figure, but for those that are measured."""

    def without_times(line):
        line = re.sub(r"measured at .*", "", line)
        return re.sub(r"[\d.]+ (s|min|µs)\b.*", "", line)

    shown = blocks("text")[0].splitlines()
    printed = [without_times(line) for line in digits.done.stdout.splitlines()]
    for line in shown:
        if line != "…":
            assert without_times(line) in printed


def test_the_config_shown_trains():
    (body,) = blocks("toml")
    found = config.build(tomllib.loads(body), datasets.loaders(), "README.md")
    assert found.network.size == 62


def test_the_faults_shown_are_the_faults_told(inside, tmp_path):
    shown = next(body for body in blocks("text") if body.startswith("$ "))
    line, _, answer = shown.partition("\n")
    arguments = shlex.split(line)[3:]
    done = inside(*arguments, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr == answer


def test_pictures_are_there_and_small():
    """Those of all pages together."""
    shown = set()
    for page in (ROOT / "README.md", *PAGES, LESSONS):
        found = re.findall(
            r"!\[.+?\]\((.+?)\)|<img src=\"(.+?)\"", page.read_text(encoding="utf-8")
        )
        assert found or page.stem == "deep-learning-from-scratch"
        shown |= {(page.parent / (one or other)).resolve() for one, other in found}
    kept = {*ROOT.glob("docs/*.png"), *ROOT.glob("lessons/pictures/*.*")}
    assert len(shown) == 8 + 14 and shown <= kept
    assert sum(path.stat().st_size for path in kept) < 1_500_000


@pytest.mark.parametrize("page", [ROOT / "README.md", LESSONS, *PAGES], ids=str)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!http)(.+?)\)", page.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (page.parent / link).exists(), link


def test_the_report_shown_is_the_report_printed():
    """But for the time, and what is left out."""
    page = FENCE.findall((ROOT / "docs/gradient-checking.md").read_text(encoding="utf-8"))
    first = next(body for language, body in page if language == "python")
    shown = next(body for language, body in page if language == "text")
    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(first, "gradient-checking.md", "exec"), namespace)

    def lines(text):
        return [re.sub(r"[\d.]+ s$", "", line) for line in text.splitlines()]

    printed = lines(str(namespace["report"]))
    assert all(line in printed for line in lines(shown) if line.strip() != "…")
