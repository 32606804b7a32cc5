"""The plane in the space of all weights that a picture of the loss is drawn over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nn.differences import numerical_gradient
from nn.errors import ArgumentError, InputError

from .arrays import FloatArray
from .loss_line import bending_width
from .snapshots import Index, as_vector, one_weight

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
