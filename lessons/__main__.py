"""List the lessons, or run one: python -m lessons [NUMBER or NAME]."""

from __future__ import annotations

import argparse
import ast
import runpy
from pathlib import Path

from nn.errors import nearest


def title(path: Path) -> str:
    """Return the title of a lesson, "1. What a derivative is", without running it."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    return docstring.partition("\n")[0].removeprefix("# ")


def main() -> None:
    """List them all; or run the one that is named, as `python -m lessons.NAME` does."""
    paths = sorted(Path(__file__).parent.glob("[0-9][0-9]_*.py"))
    names = {path.stem: path for path in paths}
    parser = argparse.ArgumentParser(
        prog="python -m lessons", description="List the lessons, or run one."
    )
    parser.add_argument("lesson", nargs="?", metavar="NUMBER|NAME", help="4, or 04_tangent_line")
    asked = parser.parse_args().lesson
    if asked is None:
        width = max(map(len, names))
        for name, path in names.items():
            print(f"python -m lessons.{name:<{width}}  {title(path)}")
        return
    found = [name for name in names if asked in (name, name[:2], name[:2].lstrip("0"))]
    if not found:
        parser.error(f"there is no lesson {asked!r}{nearest(asked, names)}")
    runpy.run_module(f"lessons.{found[0]}", run_name="__main__")


if __name__ == "__main__":
    main()
