"""A picture on axes, saved as a file."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nn.errors import InputError


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
    known = sorted(figure.canvas.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in known:
        has = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise InputError(f"{path.name!r} {has}, and a picture's must be one of {', '.join(known)}")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {str(path.parent)!r} to save {path.name!r} in")
    figure.savefig(path, dpi=200, bbox_inches="tight", pad_inches=0.15)
