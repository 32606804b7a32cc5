"""The loss over two weights, or over the plane that a run has walked in: the landscape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from nn.differences import numerical_gradient
from nn.errors import ArgumentError, InputError, check_count, check_number

from .arrays import FloatArray
from .film import Snapshot, as_vector, put, read_path
from .loss_line import Index, Learner, bending_width, held, one_weight
from .plane import PALE, Plane, bar_beside, draw_map
from .style import ORANGE, axes_or_new, styled
from .surface import draw_relief

Entry: TypeAlias = tuple[str, Index]
_NARROW = 0.65  # the shorter side of a picture, beside the longer


@dataclass(frozen=True)
class Cut:
    """A rectangle of a plane in the space of the parameters: origin + a · u + b · v.

    Attributes
    ----------
    origin : (P,)
    along : (2, P)
        The directions u and v, of length 1.
    labels : (str, str)
    shift : (2,)
        What the axes say at the origin.
    track : (K, 2)
        How far along u and v the snapshots of a path lie.
    low, high : (2,)
        The corners.
    """

    origin: FloatArray
    along: FloatArray
    labels: tuple[str, str]
    shift: FloatArray
    track: FloatArray
    low: FloatArray
    high: FloatArray


def principal_plane(path: Sequence[FloatArray], margin: float) -> Cut:
    """Return the plane through the last snapshot in which a path spreads most.

    Its directions are the first two principal components of the snapshots minus the last. A
    path that is straight is given a second direction by chance, always the same.
    """
    moves = np.array(path) - path[-1]
    if not moves.any():
        raise InputError("the path goes nowhere: all its snapshots are the same; copy them, as"
                         " net.params.copy() does")  # fmt: skip
    if moves.shape[1] < 2:
        raise InputError("one weight alone spans no plane; plot_loss_line draws its loss")
    _, sizes, rows = np.linalg.svd(moves - moves.mean(axis=0), full_matrices=False)
    share = np.append(sizes**2 / (sizes**2).sum(), 0.0)[:2]
    u = rows[0] if moves[0] @ rows[0] < 0 else -rows[0]  # so that a path goes to the right …
    labels = [f"{n} direction of the path\n{s:.0%} of its variance"
              for n, s in zip(("1st", "2nd"), share, strict=True)]  # fmt: skip
    if share[1] > 1e-12:
        v = rows[1]
        v = v if (moves @ v)[np.abs(moves @ v).argmax()] > 0 else -v  # … and rather from above
    else:
        labels[1] = "a direction by chance,\nas the path is straight"
        v = np.random.default_rng(0).normal(size=u.shape)
        v -= (v @ u) * u
        v /= np.linalg.norm(v)
    along = np.stack([u, v])
    track = moves @ along.T
    low, high = corners(track, margin)
    return Cut(path[-1], along, (labels[0], labels[1]), np.zeros(2), track, low, high)


def plane_of_weights(
    loss: Callable[[], float],
    params: Mapping[str, FloatArray],
    weights: tuple[Entry, Entry],
    path: Sequence[FloatArray],
    margin: float,
) -> Cut:
    """Return the plane of two weights; without a path, so large that the loss is seen to bend."""
    entries = list(weights) if isinstance(weights, tuple | list) else []
    if len(entries) != 2 or not all(isinstance(e, tuple | list) and len(e) == 2 for e in entries):
        raise ArgumentError("weights", 'a pair such as (("W1", (0, 0)), ("b1", 0))', weights)
    views = dict(one_weight(params, *entry) for entry in entries)
    if len(views) < 2:
        raise InputError(f"the two weights are one and the same, {next(iter(views))}")
    along = np.stack([_unit(params, entry) for entry in entries])
    origin = as_vector(params)
    shift = along @ origin
    track = np.array(path) @ along.T - shift if path else np.zeros((1, 2))
    if path and track.any():
        low, high = corners(np.concatenate([track, np.zeros((1, 2))]), margin)
    else:
        slopes = numerical_gradient(lambda _: loss(), views, 1e-4)
        high = np.array([bending_width(loss, views[k], float(slopes[k])) for k in views])
        low = -high
    first, second = views
    return Cut(origin, along, (first, second), shift, track, low, high)


def corners(points: FloatArray, margin: float) -> tuple[FloatArray, FloatArray]:
    """Return the lower and the upper corner (2,) of a rectangle around points, not too narrow."""
    low, high = points.min(axis=0), points.max(axis=0)
    sides = high - low + 2 * margin * (high - low).max()
    sides = np.maximum(sides, _NARROW * sides.max())
    return (low + high - sides) / 2, (low + high + sides) / 2


def _unit(params: Mapping[str, FloatArray], entry: Entry) -> FloatArray:
    """Return the row (P,) that is 1 at one entry of the parameters and 0 elsewhere."""
    zeros = {name: np.zeros(p.shape) for name, p in params.items()}
    one_weight(zeros, *entry)[1][...] = 1.0
    return as_vector(zeros)


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
    levels = ground.levels(12)
    filled = draw_map(drawn, ground, levels, PALE)
    if len(levels):
        bar_beside(drawn, filled, "loss", spacing="uniform", ticks=levels[:: len(levels) // 8 + 1])
    drawn.set(xlabel=labels[0], ylabel=labels[1])
    return drawn


def _draw_path(ax: Any, track: FloatArray, walked: bool) -> None:
    """Draw a path (K, 3) over the ground; its third column, the loss, is seen in relief."""
    places = track.T[:2]
    if solid := hasattr(ax, "get_zlim"):
        places = track.T + np.array([[0], [0], [0.02 * np.ptp(ax.get_zlim())]])
    ends = [(places[:, -1:], "black", "end" if walked else "now")]
    if len(track) > 1:
        halo = [withStroke(linewidth=4.5, foreground="white")]
        ax.plot(*places, color=ORANGE, zorder=3, path_effects=halo, label="path")
        if len(track) <= 60:
            ax.plot(*places, ".", color=ORANGE, markersize=9, markeredgecolor="white",
                    markeredgewidth=0.6, zorder=3.5)  # fmt: skip
        ends.insert(0, (places[:, :1], "white", "start"))
    for end, fill, label in ends:
        ax.plot(*end, "o", color=fill, markeredgecolor="black", zorder=4, label=label)
    corner, at = ("upper left", (-0.08, 1.0)) if solid else ("lower center", (0.5, 1.0))
    ax.legend(loc=corner, bbox_to_anchor=at, ncols=1 if solid else 3, frameon=False)
