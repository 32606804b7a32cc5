"""The walks of descents: where each went, whether it ran away, and what to see of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn.errors import InputError, ShapeError
from nn.probing import Function

from .arrays import FloatArray
from .heights import evaluate
from .writing import figures


@dataclass(frozen=True)
class Walk:
    """One path: what it is called, where it went as long as that were numbers, what f was there.

    Attributes
    ----------
    label : str
    points : (S + 1, 2)
        The start first.
    steps : int
        How many steps there are, also those that are not finite.
    first, last : float
        f at the start and after the last step; nan if it has no value there.
    """

    label: str
    points: FloatArray
    steps: int
    first: float
    last: float

    @property
    def runs_away(self) -> bool:
        """Whether it ends higher than it began, or in steps that grow without end."""
        strides = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        growing = len(strides) > 2 and strides[-1] == strides.max() > 10 * np.median(strides)
        return not self.last <= self.first or bool(growing)

    def ways_out(self, view: FloatArray) -> tuple[FloatArray, bool]:
        """Return what to draw of it in a view (2, 2), and whether it ends outside.

        (K, 2): the points until it is inside for the last time, and where it crosses the edge.
        """
        off = (self.points < view[:, 0]) | (self.points > view[:, 1])
        inside = np.ravel(~off.any(axis=1))
        kept = len(inside) - int(np.argmax(np.append(inside[::-1], True)))
        drawn = self.points[:kept]
        if not 0 < kept < len(inside):
            return drawn, kept == 0 or kept <= self.steps
        here, there = self.points[kept - 1 : kept + 1]
        edge = np.where(there > here, view[:, 1], view[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.nanmin((edge - here) / (there - here))
        return np.vstack([drawn, here + part * (there - here)]), True

    def said(self, outside: bool) -> str:
        """Say how it went."""
        name = self.label or f"{self.steps} step{'s' * (self.steps != 1)}"
        known = math.isfinite(self.last)
        reached = [f"f = {figures(self.last, 3)}" if known else "f has no value"]
        if outside:
            reached = ["leaves the picture", *reached[:known]]
        return f"{name}: {', '.join(reached)}"

    def beginning(self) -> FloatArray:
        """Return the points, (K, 2), that show how it begins to run away."""
        strides = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        if not len(strides):
            return self.points
        far = np.linalg.norm(self.points - self.points[0], axis=1)
        reach = 2 * max(far[1], far[int(strides.argmin())])
        return self.points[: int(np.argmax(np.append(far > reach, True)))]


def as_walks(f: Function, paths: Any) -> list[Walk]:
    """Check the paths, and ask f how high they begin and end; errors as in `plot_descent`."""
    named = paths if isinstance(paths, Mapping) else {"": paths}
    if not named:
        raise InputError("paths is an empty mapping: there is nothing to draw")
    walks = []
    for label, path in named.items():
        what = f"paths[{label!r}]" if isinstance(paths, Mapping) else "paths"
        try:
            points = np.asarray(path, np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"{what} must hold real numbers, (steps + 1, 2)") from error
        if points.ndim != 2 or points.shape[1] != 2 or not len(points):
            hint = "; several paths go into a mapping of labels" if points.ndim == 3 else ""
            raise ShapeError(f"{what} must have shape (steps + 1, 2), got {points.shape}{hint}")
        known = int(np.argmin(np.append(np.isfinite(points).all(axis=1), False)))
        if not known:
            raise InputError(f"{what} begins at {points[0]}, which is not finite")
        ends = evaluate(f, points[[0, known - 1]]).tolist()
        if known < len(points):
            ends[1] = math.nan
        walks.append(Walk(str(label), points[:known], len(points) - 1, *ends))
    return walks


def fitting(walks: Sequence[Walk], minimum: FloatArray | None) -> FloatArray:
    """Return the ranges, (2, 2), in which what the walks do is seen; runaways may leave them."""
    tame = [walk.points for walk in walks if not walk.runs_away]
    wild = [walk for walk in walks if walk.runs_away]
    seen = np.vstack([
        *(tame or [walk.beginning() for walk in wild]),
        *(walk.points[:1] for walk in wild),
        *([] if minimum is None else [minimum[None]]),
    ])  # fmt: skip
    low, high = seen.min(axis=0), seen.max(axis=0)
    size = np.ptp(seen, axis=0)
    if tame:  # some of the runaways' first steps, if they are not far off
        room = 0.5 * size.max()
        near = [
            p for w in wild for p in w.beginning() if ((low - room < p) & (p < high + room)).all()
        ]
        low, high = np.min([low, *near], axis=0), np.max([high, *near], axis=0)
    middle, size = (low + high) / 2, high - low
    size = np.maximum(size, 0.5 * size.max()) if size.max() else np.full(2, 2.0)
    return np.stack([middle - 0.7 * size, middle + 0.7 * size], axis=1)
