"""Draw the pictures of the README, the manual and the lessons: python -m docs.draw [NAME …].

All of them take two minutes: three networks are trained, and every lesson is run. `gradients` is
drawn from the measurements in gradients.json; `python -m benchmarks.gradients` measures anew. The
picture of lesson 11 shows times measured here and now, so it is never twice the same.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from PIL import Image

from benchmarks.picture import draw_results
from docs import draw_check, draw_rows, draw_search, draw_sweep
from nn.errors import nearest

ROOT = Path(__file__).resolve().parent.parent
COLORS = 256  # enough for lines and maps, and a third of the bytes
THUMBNAIL = 640  # pixels across: sharp at the 320 the index shows


def draw_run(config: str, picture: str, path: Path) -> None:
    """Train what a config says, and take a picture of its run folder."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [sys.executable, "train.py", "--config", f"configs/{config}.toml"]
        subprocess.run([*command, "--out", str(run)], cwd=ROOT, check=True, capture_output=True)
        shutil.copy(run / f"{picture}.png", path)


def draw_gradients(path: Path) -> None:
    """Draw what was measured."""
    draw_results(json.loads((ROOT / "docs/gradients.json").read_text(encoding="utf-8")), path)


# What is drawn, and how many pixels across it may be.
PICTURES: dict[str, tuple[Callable[[Path], None], int]] = {
    "digits-loss": (partial(draw_run, "digits", "loss"), 1200),
    "spiral-boundary": (partial(draw_run, "spiral", "decision_boundary"), 900),
    "kernels": (partial(draw_run, "conv-digits", "kernels"), 1400),
    "step-sweep": (draw_sweep.draw, 1485),
    "gradcheck": (draw_check.draw, 785),
    "gradients": (draw_gradients, 1540),
    "perturbed-rows": (draw_rows.draw, 1122),
    "search": (draw_search.draw, 1485),
}


def shrink(source: Path, target: Path, width: int) -> None:
    """Save a picture with at most `width` pixels across and few colours."""
    image = Image.open(source).convert("RGB")
    if image.width > width:
        image = image.resize(
            (width, round(image.height * width / image.width)), Image.Resampling.LANCZOS
        )
    # Widely spread colours first, then moved to where most pixels are: no hue is lost.
    few = image.quantize(COLORS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


def draw_lesson(name: str, into: Path) -> None:
    """Run a lesson, and put small copies of its pictures into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
            runpy.run_module(f"lessons.{name}", run_name="__main__")
        for path in sorted(Path(folder, "runs/lessons").iterdir()):
            if path.suffix == ".gif":
                shutil.copy(path, into)
            else:
                shrink(path, into / path.name, THUMBNAIL)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> None:
    """Draw what is named, or everything, into the folders where the pages look for it."""
    lessons = sorted(path.stem for path in (ROOT / "lessons").glob("[0-9][0-9]_*.py"))
    parser = argparse.ArgumentParser(
        prog="python -m docs.draw", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}, or a lesson"
    )
    names = parser.parse_args(arguments).names or [*PICTURES, *lessons]
    for name in names:
        if name not in PICTURES and name not in lessons:
            near = nearest(name, [*PICTURES, *lessons])
            parser.error(f"no picture or lesson is called {name!r}{near}")
    mpl.use("agg")
    manual, thumbnails = root / "docs", root / "lessons/pictures"
    for name in names:
        if name in PICTURES:
            draw, width = PICTURES[name]
            with tempfile.TemporaryDirectory() as folder:
                draw(Path(folder) / "picture.png")
                shrink(Path(folder) / "picture.png", manual / f"{name}.png", width)
        else:
            draw_lesson(name, thumbnails)
        plt.close("all")
        for path in sorted([*manual.glob(f"{name}.png"), *thumbnails.glob(f"{name}.*")]):
            print(f"{path.relative_to(root)}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
