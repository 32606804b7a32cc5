"""Arrays as cells of one size: how large they are, and where each array stands in a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nn.errors import ShapeError

from .arrays import FloatArray, as_floats
from .style import new_figure
from .writing import shortened

Box: TypeAlias = tuple[float, float, float, float]  # left, top, width, height; inches

NUMBERS = 120  # cells, at most, that have their numbers written in them
ABOVE = 0.34  # inches, as all that follows: of a title above a map, …
_BELOW, _LEFT, _BAR = 0.3, 0.55, 1.15
_WIDE, _HIGH = 9.5, 5.0  # of all cells together
_CELL, _ROW, _LETTER = 0.4, 0.36, 0.092


@dataclass(frozen=True)
class Map:
    """One array as a matrix (rows, columns); a bias is one row."""

    name: str
    table: FloatArray
    shape: tuple[int, ...]

    @classmethod
    def read(cls, name: str, values: ArrayLike) -> Map:
        """Check that an array can be drawn."""
        array = as_floats(name or "array", values)
        if array.ndim not in (1, 2):
            raise ShapeError(f"{name or 'array'} must have 1 or 2 dimensions, got {array.shape}")
        return cls(name, np.atleast_2d(array), array.shape)

    @property
    def title(self) -> str:
        """The name and the shape."""
        return f"{self.name} {self.shape}".strip()


def written(value: float) -> str:
    """Write a number with three significant digits: −0.0312, 4.12e−5, 7e5."""
    text = f"{value:.3g}" if abs(value) >= 1e-3 or not value else f"{value:.2e}"
    return shortened(text)


def lay_out(maps: Sequence[Map]) -> list[Box]:
    """Return a box for each map, so that all cells are alike.

    A bias stands below the matrix before it, if it has a number for each of its columns.
    """
    groups: list[list[Map]] = []
    for one in maps:
        above = groups[-1] if groups else []
        if len(one.shape) == 1 == len(above) and above[0].shape[1:] == one.shape:
            above.append(one)
        else:
            groups.append([one])
    columns = sum(group[0].table.shape[1] for group in groups)
    rows = max(sum(len(one.table) for one in group) for group in groups)
    if sum(one.table.size for one in maps) <= NUMBERS:
        letters = max(len(written(v)) for one in maps for v in one.table.flat)
        wide, high = _LETTER * letters + 0.14, _ROW
    else:
        wide, high = min(_CELL, _WIDE / columns), min(_CELL, _HIGH / rows)
        side = min(wide, high)
        wide = max(side, min(wide, 2 * side, 6 / columns), 1.5 / columns)
        high = max(side, min(high, 1.5 / rows))
    boxes, left = [], 0.0
    for group in groups:
        top, left = 0.0, left + _LEFT
        for one in group:
            tall = max(len(one.table) * high, 0.15)
            boxes.append((left, top + ABOVE, one.table.shape[1] * wide, tall))
            top += ABOVE + tall + _BELOW
        left += max(boxes[-1][2], 0.1 * len(group[0].title))
    return boxes


def own_axes(boxes: Sequence[Box]) -> tuple[list[Axes], Axes]:
    """Make a figure with axes in boxes, and axes for the scale of colours on the right."""
    right = max(left + max(wide, 1.0) for left, _, wide, _ in boxes)
    bottom = max(top + high for _, top, _, high in boxes)
    figure = new_figure(right + _BAR, bottom + _BELOW)
    figure.set_layout_engine("none")  # the cells have the size they are to have
    scale = (right + 0.15, boxes[0][1], 0.16, max(box[3] for box in boxes))
    sides = np.array([right + _BAR, bottom + _BELOW] * 2)
    *made, beside = (
        figure.add_axes(tuple(np.array([left, bottom + _BELOW - top - high, wide, high]) / sides))
        for left, top, wide, high in (*boxes, scale)
    )
    return made, beside
