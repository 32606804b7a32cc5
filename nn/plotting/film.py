"""The film of what a classifier decided, snapshot after snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.contour import QuadContourSet
from numpy.typing import ArrayLike

from nn.errors import InputError, check_count, check_number

from .arrays import as_classes, as_points, as_probabilities, check_lengths, name_classes
from .reel import reel
from .regions import (
    around,
    class_keys,
    dot_size,
    draw_boundary,
    draw_points,
    draw_steps,
    lay_features,
)
from .snapshots import Learner, Snapshot, held, put, read_path
from .style import new_figure, styled

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

_SIZE = (480 / 72, 400 / 72)  # inches: 480 x 400 pixels where a film is saved


class Classifier(Learner, Protocol):
    """A network that answers with probabilities."""

    def predict(self, x: Any) -> ArrayLike:
        """Return the probabilities of the classes, (N, C), or (N,) or (N, 1) for class 1."""


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
    feature_names: Sequence[str] = ("x₀", "x₁"),
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
    x1, x2, grid = around(points, resolution)
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

    figure = new_figure(*_SIZE)
    ax = figure.add_subplot()
    draw_points(ax, points, classes, dot_size(points))
    lay_features(ax, x1, x2, feature_names)
    drawn: list[QuadContourSet] = []

    @styled
    def draw(k: int) -> None:
        for artist in drawn:
            artist.remove()
        drawn[:] = draw_steps(ax, x1, x2, tables[k]) + draw_boundary(ax, x1, x2, tables[k])
        ax.set_title(titles[k])

    draw(0)
    keys = class_keys(names)
    figure.legend(handles=keys, loc="outside lower center", ncols=min(len(keys), 5), frameon=False)
    figure.draw_without_rendering()
    return reel(figure, draw, len(tables), interval, shades=17)  # fewer are too gaudy
