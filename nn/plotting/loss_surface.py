"""The loss over two weights, or over the plane that a run has walked in: the landscape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nn.errors import InputError, check_count, check_number

from .arrays import FloatArray
from .loss_plane import Entry, plane_of_weights, principal_plane
from .maps import PALE, draw_pale_map
from .plane import Plane
from .relief import draw_relief
from .snapshots import Learner, Snapshot, held, put, read_path
from .style import ORANGE, axes_or_new, halo, styled


@styled
def plot_loss_surface(
    network: Learner,
    x: Any,
    t: Any,
    path: Iterable[Snapshot] | None = None,
    ax: Axes | None = None,
    *,
    weights: tuple[Entry, Entry] | None = None,
    resolution: int = 41,
    margin: float = 0.25,
) -> Axes:
    """Draw the loss of a batch over two weights, or over the plane a path lies in, and the path.

    Without `weights` the plane goes through the last snapshot, along the first two principal
    components of the path, and the labels tell how much of the path's variance each carries.
    What the path does besides is not seen.

    Parameters
    ----------
    network : Network
        Or anything with `params`, a mapping of names to arrays, and `loss(x, t)`. Its parameters
        end with the bits they began with.
    x, t : arrays, (N, ...)
        The batch.
    path : list of K snapshots, optional
        Copies of the parameters by name, as `net.params.copy()` gives them, in order.
    ax : Axes, optional
        Where to draw; a new pyplot figure by default. On axes made with projection="3d" a
        surface is drawn, and the path as high as the loss of each snapshot; on others a map.
    weights : pair of (name, index), optional
        The two entries to vary, all others as they are in the network now.
    resolution : int, >= 2
        Grid points along each axis. Where the loss is not finite there is a gap.
    margin : float, > 0
        How much is seen around the path, as a share of its extent.

    Returns
    -------
    Axes

    Raises
    ------
    ArgumentError, InputError, ShapeError
        If there is neither path nor weights, if snapshots do not fit the network or are all the
        same, if there is no such weight, or if the loss is finite nowhere.

    References
    ----------
    Li, Xu, Taylor, Studer, Goldstein, Visualizing the Loss Landscape of Neural Nets, NeurIPS
    2018, section 7.
    """
    check_count("resolution", resolution, at_least=2)
    check_number("margin", margin, above=0)
    if path is None and weights is None:
        raise InputError("a surface needs a path of snapshots, or two weights=((name, index), …)")
    with held(network) as params:
        snapshots = [] if path is None else read_path(path, params)
        if weights is None:
            cut = principal_plane(snapshots, margin)
        else:
            cut = plane_of_weights(
                lambda: float(network.loss(x, t)), params, weights, snapshots, margin
            )

        def losses(vectors: Iterable[FloatArray]) -> list[float]:
            found = []
            for vector in vectors:
                put(params, vector)
                found.append(float(network.loss(x, t)))
            return found

        a, b = np.linspace(cut.low, cut.high, resolution).T
        rows = (cut.origin + step * cut.along[1] for step in b)
        table = np.array([losses(row + step * cut.along[0] for step in a) for row in rows])
        heights = losses(snapshots or [cut.origin])
    table[~np.isfinite(table)] = np.nan
    if np.isnan(table).all():
        raise InputError("the loss is finite nowhere on this plane")

    ground = Plane(a + cut.shift[0], b + cut.shift[1], table)
    drawn: Axes = _draw_ground(ax, ground, cut.labels)
    _draw_path(drawn, np.column_stack([cut.track + cut.shift, heights]), path is not None)
    return drawn


def _draw_ground(ax: Axes | None, ground: Plane, labels: tuple[str, str]) -> Any:
    """Draw the loss in relief if the axes are 3-D, or else as a map."""
    if hasattr(ax, "get_zlim"):
        relief: Any = ax
        relief.computed_zorder = False  # or the surface would hide a path that lies on it
        draw_relief(relief, ground, PALE)
        relief.set(xlabel=labels[0], ylabel=labels[1], zlabel="loss")
        relief.xaxis.labelpad = relief.yaxis.labelpad = 10 * labels[0].count("\n") + 6
        relief.zaxis.labelpad += 5
        relief.set_box_aspect((4, 4, 3), zoom=0.88)  # or labels of two lines are cut off
        return relief
    drawn = axes_or_new(ax, 7.0, 5.6)
    draw_pale_map(drawn, ground, ground.levels(12), "loss")
    drawn.set(xlabel=labels[0], ylabel=labels[1])
    return drawn


def _draw_path(ax: Any, track: FloatArray, walked: bool) -> None:
    """Draw a path (K, 3) over the ground; its third column, the loss, is seen in relief."""
    places = track.T[:2]
    if solid := hasattr(ax, "get_zlim"):
        places = track.T + np.array([[0], [0], [0.02 * np.ptp(ax.get_zlim())]])
    ends = [(places[:, -1:], "black", "end" if walked else "now")]
    if len(track) > 1:
        ax.plot(*places, color=ORANGE, zorder=3, path_effects=halo(), label="path")
        if len(track) <= 60:
            ax.plot(*places, ".", color=ORANGE, markersize=9, markeredgecolor="white",
                    markeredgewidth=0.6, zorder=3.5)  # fmt: skip
        ends.insert(0, (places[:, :1], "white", "start"))
    for end, fill, label in ends:
        ax.plot(*end, "o", color=fill, markeredgecolor="black", zorder=4, label=label)
    corner, at = ("upper left", (-0.08, 1.0)) if solid else ("lower center", (0.5, 1.0))
    ax.legend(loc=corner, bbox_to_anchor=at, ncols=1 if solid else 3, frameon=False)
