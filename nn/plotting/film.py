"""A path of snapshots, read and checked; and the film of what a network decided along it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from nn.errors import ArgumentError, InputError, ShapeError, check_count, check_number

from .arrays import (
    FloatArray,
    as_classes,
    as_floats,
    as_points,
    as_probabilities,
    check_lengths,
    name_classes,
)
from .boundary import draw_boundary, draw_points, lead
from .loss_line import Learner, held
from .style import class_color, class_marker, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

Snapshot: TypeAlias = Mapping[str, ArrayLike]
_SIZE = (480 / 72, 400 / 72)  # inches: 480 x 400 pixels where a film is saved
_PAUSE = 2000  # milliseconds that the last frame stays
_CERTAIN = (0.0, 0.5, 0.9, 1.0)  # leads of a class at which its colour grows stronger
_STRENGTHS = (0.18, 0.32, 0.46)
_LEVELS = 17  # of red, green and blue: of fewer colours a GIF is smaller, of still fewer too gaudy


class Classifier(Learner, Protocol):
    """A network that answers with probabilities."""

    def predict(self, x: Any) -> ArrayLike:
        """Return the probabilities of the classes, (N, C), or (N,) or (N, 1) for class 1."""


def as_vector(arrays: Mapping[str, FloatArray]) -> FloatArray:
    """Return all numbers in one row (P,), array after array."""
    return np.concatenate([array.ravel() for array in arrays.values()])


def put(params: Mapping[str, FloatArray], vector: FloatArray) -> None:
    """Write a row (P,) into the parameters, array after array."""
    start = 0
    for p in params.values():
        p[...] = vector[start : start + p.size].reshape(p.shape)
        start += p.size


def read_path(path: Iterable[Snapshot], params: Mapping[str, FloatArray]) -> list[FloatArray]:
    """Return the snapshots of a path as rows (P,) of their own, in the order of `params`.

    Raises
    ------
    ArgumentError
        If it is no list of snapshots.
    InputError, ShapeError
        If there is none, or one does not have the parameters of the network, or has numbers that
        are not finite.
    """
    if isinstance(path, Mapping) or not isinstance(path, Iterable):
        raise ArgumentError("path", "a list of snapshots, such as net.params.copy()", path)
    found = []
    for k, snapshot in enumerate(path):
        if not isinstance(snapshot, Mapping):
            raise ArgumentError(f"path[{k}]", "a snapshot, such as net.params.copy()", snapshot)
        if set(snapshot) != set(params):
            names = ", ".join(map(str, snapshot))
            raise InputError(f"path[{k}] holds {names}; the network has {', '.join(params)}")
        arrays = {name: as_floats(f"{name} of path[{k}]", snapshot[name]) for name in params}
        for name, p in params.items():
            if arrays[name].shape != p.shape:
                raise ShapeError(
                    f"{name} of path[{k}] has shape {arrays[name].shape}, and the network's"
                    f" {p.shape}"
                )
        found.append(as_vector(arrays))
    if not found:
        raise InputError("path is empty: there is no snapshot in it")
    return found


def draw_steps(ax: Axes, x1: FloatArray, x2: FloatArray, table: FloatArray) -> list[QuadContourSet]:
    """Colour the plane by winning class as `draw_regions` does, in a few flat steps."""
    drawn = []
    for c in range(table.shape[2]):
        ahead = lead(table, c)
        if ahead.max() > 0:
            pure = np.array(to_rgb(class_color(c)))
            tints = [tuple(1 - strength * (1 - pure)) for strength in _STRENGTHS]
            levels = (*_CERTAIN[:-1], 1.01)
            drawn.append(ax.contourf(x1, x2, ahead, levels=levels, colors=tints, zorder=0))
    return drawn


def fewer_colors(image: Any, _: float) -> tuple[Any, float, float]:
    """Round the colours of an image; matplotlib calls it on all that is drawn of a frame."""
    return np.round(np.asarray(image) * _LEVELS) / _LEVELS, 0.0, 0.0


@styled
def animate_decision_boundary(
    network: Classifier,
    path: Iterable[Snapshot],
    x: ArrayLike,
    t: ArrayLike,
    *,
    titles: Sequence[str] | None = None,
    resolution: int = 80,
    interval: float = 120,
    first_epoch: int = 0,
    class_names: Sequence[str] = (),
    feature_names: Sequence[str] = ("x₁", "x₂"),
) -> FuncAnimation:
    """Make a film of what a classifier of two features decides, a frame a snapshot.

    Colours are those of `plot_decision_boundary`, in three steps of certainty: a lead over the
    next class of up to 50, up to 90 and up to 100 percentage points. The last frame stays for
    two seconds. All is computed at once; the network may be trained on while the film runs.

    Parameters
    ----------
    network : Network
        Its parameters end with the bits they began with.
    path : list of K snapshots
        Copies of the parameters by name, as `net.params.copy()` gives them, in order: the first
        weights, and then those after each epoch, say.
    x : array_like, (N, 2)
        Points, in the units that the network takes.
    t : array_like, (N,), (N, 1) or one-hot (N, C)
        Their classes.
    titles : sequence of K str, optional
        By default which epoch it is, counted from `first_epoch`, and the accuracy on x.
    resolution : int, >= 2
        Grid points along each axis.
    interval : float, > 0
        Milliseconds between two frames.
    first_epoch : int, >= 0
        Number of the first snapshot; 1 if the path begins after the first epoch.
    class_names : sequence of str, optional
        The classes' numbers by default.
    feature_names : sequence of two str
        Labels of the axes, with units.

    Returns
    -------
    FuncAnimation
        On a new pyplot figure. Keep it in a variable, or it will not run.

    Raises
    ------
    ArgumentError, InputError, ShapeError
        If snapshots do not fit the network, x are not points of two features or t not their
        classes, the predictions are not probabilities, or there is not a title for each snapshot.
    """
    check_count("resolution", resolution, at_least=2)
    check_number("interval", interval, above=0)
    check_count("first_epoch", first_epoch, at_least=0)
    points, classes = as_points("x", x), as_classes("t", t)
    check_lengths(x=points, t=classes)
    low, high = points.min(0), points.max(0)
    margin = np.where(high > low, 0.08 * (high - low), 1.0)
    x1, x2 = np.linspace(low - margin, high + margin, resolution).T
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    asked = np.concatenate([grid, points])
    tables, right = [], []
    with held(network) as params:
        for snapshot in read_path(path, params):
            put(params, snapshot)
            table = as_probabilities("predict(x)", network.predict(asked), len(asked))
            tables.append(table[: len(grid)].reshape(resolution, resolution, -1))
            right.append(float((table[len(grid) :].argmax(1) == classes).mean()))
    if titles is None:
        last = first_epoch + len(tables) - 1
        titles = [f"epoch {k} of {last}, accuracy {share:.1%}"
                  for k, share in enumerate(right, first_epoch)]  # fmt: skip
    elif len(titles) != len(tables):
        raise InputError(f"there are {len(titles)} titles for {len(tables)} snapshots")
    names = name_classes(class_names, max(tables[0].shape[2], int(classes.max()) + 1))

    from matplotlib.animation import FuncAnimation  # brings pyplot along

    figure = new_figure(*_SIZE)
    ax = figure.add_subplot()
    ax.grid(False)
    draw_points(ax, points, classes, float(np.clip(8000 / len(points), 14, 42)))
    ax.set(xlim=x1[[0, -1]], ylim=x2[[0, -1]], xlabel=feature_names[0], ylabel=feature_names[1])
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.set_aspect("equal" if 0.4 < np.ptp(x2) / np.ptp(x1) < 2.5 else "auto")
    drawn: list[QuadContourSet] = []

    @styled
    def draw(k: int) -> None:
        for artist in drawn:
            artist.remove()
        drawn[:] = draw_steps(ax, x1, x2, tables[k]) + draw_boundary(ax, x1, x2, tables[k])
        ax.set_title(titles[k])

    draw(0)
    key: list[Line2D | Patch] = [
        Line2D([], [], linestyle="", marker=class_marker(c), color=class_color(c), label=name,
               markeredgecolor="0.15")
        for c, name in enumerate(names)
    ]  # fmt: skip
    key.append(Patch(facecolor="0.75", edgecolor="none", label="deeper: more certain"))
    figure.legend(handles=key, loc="outside lower center", ncols=min(len(key), 5), frameon=False)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the axes are not to move from frame to frame
    figure.set_agg_filter(fewer_colors)
    frames = [*range(len(tables)), *[len(tables) - 1] * math.ceil(_PAUSE / interval)]
    return FuncAnimation(figure, draw, frames=frames, interval=interval, cache_frame_data=False)
