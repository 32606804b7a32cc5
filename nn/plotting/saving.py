"""A picture saved as a file, and shown to whoever sits before a screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nn.errors import ArgumentError, InputError

if TYPE_CHECKING:  # half as long to import as the rest of matplotlib that is needed here
    from matplotlib.animation import Animation

Picture: TypeAlias = "Axes | Iterable[Axes] | Figure | Animation"
_SILENT = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")  # backends without a window
_FILM_DPI = 72


def figure_of(axes: Axes) -> Figure:
    """Return the whole figure that `axes` are on, whatever figures within figures lie between.

    Raises
    ------
    InputError
        If they are on none.
    """
    figure = axes.figure
    while not isinstance(figure, Figure):
        if figure is None:
            raise InputError("these axes are on no figure any more")
        figure = figure.figure
    return figure


def check_ending(path: Path, known: Iterable[str]) -> None:
    """Raise InputError unless the ending of `path` is one of those known, without their dots."""
    if path.suffix.lower().removeprefix(".") not in known:
        has = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise InputError(f"{path.name!r} {has}, and a picture's must be one of {', '.join(known)}")


def save_axes(axes: Axes, path: str | Path) -> None:
    """Save the whole figure that `axes` are on, sharp enough for a slide.

    Parameters
    ----------
    axes : Axes
    path : str or Path
        Its ending decides the format: ".png", ".pdf", ".svg" and what else matplotlib knows. A
        file that is there already is replaced.

    Raises
    ------
    InputError
        If no format has that ending, the folder is not there, or the axes are on no figure.
    """
    path = Path(path)
    figure = figure_of(axes)
    check_ending(path, sorted(figure.canvas.get_supported_filetypes()))
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {str(path.parent)!r} to save {path.name!r} in")
    save_figure(figure, path)


def save_figure(figure: Figure, path: Path) -> None:
    """Save a figure as every picture here is saved."""
    figure.savefig(path, dpi=200, bbox_inches="tight", pad_inches=0.15)


def show(picture: Picture, path: str | Path | None = None) -> None:
    """Show a picture where there is a screen, and save it where `path` says.

    In a notebook it appears below the cell; from a shell in a window, and the call returns when
    the window is closed. Without a screen nothing is shown, and nothing complains.

    Parameters
    ----------
    picture : Axes, several of them, Figure or Animation
        What a `plot_` or `animate_` function returned, or the figure that it was drawn on.
    path : str or Path, optional
        Its ending decides the format, ".gif" for an animation. Folders are made as needed; a file
        that is there already is replaced, and the path printed.

    Raises
    ------
    ArgumentError
        If it is no picture.
    InputError
        If no format has that ending, or nothing can be saved there.
    """
    film, figure = _parts(picture)
    if path is not None:
        path = Path(path)
        if film and path.suffix.lower() != ".gif":
            raise InputError(f"{path.name!r} is no name for an animation: it is saved as .gif")
        check_ending(path, sorted(figure.canvas.get_supported_filetypes()) + ["gif"] * bool(film))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if film:
                with _undrawn_between(figure):
                    film.save(path, writer="pillow", dpi=_FILM_DPI)
            else:
                save_figure(figure, path)
        except OSError as error:
            raise InputError(f"{path} cannot be saved: {error}") from error
        print(f"picture: {path}")
    _present(film, figure, path)


@contextmanager
def _undrawn_between(figure: Figure) -> Iterator[None]:
    """Keep a film that is saved from drawing each frame twice: once to show it, once to save."""
    canvas: Any = figure.canvas
    canvas.draw_idle = lambda *_, **__: None
    try:
        yield
    finally:
        del canvas.draw_idle


def _present(film: Animation | None, figure: Figure, path: Path | None) -> None:
    """Show a figure or a film once, in a notebook or a window, if there is one."""
    import matplotlib.pyplot as plt

    backend = mpl.get_backend().lower()
    notebook = sys.modules.get("IPython.display")
    if backend in _SILENT:
        plt.close(figure)  # nobody will see it, and pyplot would keep it for ever
    elif notebook and "inline" in backend:
        plt.close(figure)  # else it is shown once more when the cell ends
        if film:
            played = notebook.Image(filename=path) if path else notebook.HTML(film.to_jshtml())
            notebook.display(played)
        else:
            notebook.display(figure)
    else:
        plt.show()


def _parts(picture: Picture) -> tuple[Animation | None, Figure]:
    """Return the animation, if it is one, and the whole figure."""
    films = sys.modules.get("matplotlib.animation")  # who made one has imported it
    if films and isinstance(picture, films.Animation):
        return picture, picture._fig
    if isinstance(picture, Figure):
        return None, picture
    axes = [picture] if isinstance(picture, Axes) else picture
    if isinstance(axes, Iterable):
        found = list(axes)
        if found and all(isinstance(ax, Axes) for ax in found):
            return None, figure_of(found[0])
    raise ArgumentError("picture", "Axes, several of them, a Figure or an Animation", picture)
