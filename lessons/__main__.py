"""List the lessons: python -m lessons."""

from __future__ import annotations

import ast
from pathlib import Path


def title(path: Path) -> str:
    """Return the title of a lesson, "1. What a derivative is", without running it."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    return docstring.partition("\n")[0].removeprefix("# ")


if __name__ == "__main__":
    paths = sorted(Path(__file__).parent.glob("[0-9][0-9]_*.py"))
    width = max(len(path.stem) for path in paths)
    for path in paths:
        print(f"python -m lessons.{path.stem:<{width}}  {title(path)}")
