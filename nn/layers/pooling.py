"""Pooling: one number of each window of an image, its largest or its mean."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

import numpy as np

from nn.errors import ArgumentError, ShapeError
from nn.layers.base import Array, Layer
from nn.layers.windows import Pair, Windows, as_pair, short
from nn.rows import Rows


class Pool2d(Layer):
    """What the two have in common: a number of each window."""

    border: ClassVar[float]  # what lies around the image

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        *,
        floor: bool = False,
    ) -> None:
        size = as_pair("kernel_size", kernel_size)
        self.windows = Windows(
            size,
            size if stride is None else as_pair("stride", stride),
            as_pair("padding", padding, at_least=0),
        )
        self.floor = floor
        if any(2 * p > k for p, k in zip(self.windows.padding, size, strict=True)):
            raise ArgumentError("padding", f"at most half of kernel_size, {short(size)}", padding)

    def forward(self, x: Array) -> Array:
        """(N, C, H, W) -> (N, C, H', W')."""
        self._check(x.shape)
        images = self.windows.bordered(np.moveaxis(x, 0, -1), self.border)
        return np.moveaxis(self._pooled(images, self.windows.count(x.shape)), -1, 0)

    @abstractmethod
    def _pooled(self, images: Array, count: Pair) -> Array:
        """Return one number of each window of bordered (..., H, W, K) images."""

    def _check(self, shape: tuple[int, ...]) -> None:
        self.windows.check_image(shape, type(self).__name__)
        over = self.windows.left_over(shape)
        if any(over) and not self.floor:
            needed = " by ".join(
                f"{length - rest} or {length - rest + s}" if rest else f"{length}"
                for length, rest, s in zip(shape[2:], over, self.windows.stride, strict=True)
            )
            raise ShapeError(
                f"{type(self).__name__} needs images that its windows cover, of {needed} pixels,"
                f" got {shape[2]}x{shape[3]} in {shape}; floor=True leaves out what is left over"
            )

    def _reached(self, rows: Rows, x: Array) -> tuple[Rows, Rows, Pair]:
        """Return the changes in all that the reached windows look at, and where those are.

        The first rows are of the bordered images, the second have no changes yet.
        """
        assert rows.corner is not None
        windows = self.windows
        begin, count = windows.landing(rows.corner, rows.delta.shape[-2:], x.shape[2:])
        slices, samples = rows.grid
        width, high, wide = rows.delta.shape[2:]
        size = windows.field(count)
        field = begin * np.array(windows.stride)
        box = np.array([high, wide])
        at = np.clip(rows.corner + np.array(windows.padding) - field, -box, size)
        before = np.maximum(-at.min(axis=0), 0)  # what sticks out of the windows is cut off
        after = np.maximum((at + box - size).max(axis=0), 0)
        wider = np.zeros((slices, width, *(before + size + after), samples))
        changes = np.moveaxis(rows.delta, 1, -1)
        places, of = np.unique(at + before, axis=0, return_inverse=True)
        for place, (down, across) in enumerate(places.tolist()):
            some = of.ravel() == place
            wider[some, :, down : down + high, across : across + wide] = changes[some]
        inside = wider[:, :, before[0] :, before[1] :][:, :, : size[0], : size[1]]
        changed = Rows(np.moveaxis(inside, -1, 1), rows.sample, rows.start, field)
        return changed, Rows(changed.delta, rows.sample, rows.start, begin), count

    def room(self, rows: Rows, x: Array) -> int:
        """Count all that the reached windows look at."""
        if rows.corner is None:
            return rows.delta.size
        _, count = self.windows.landing(rows.corner[:1], rows.delta.shape[-2:], x.shape[2:])
        slices, samples = rows.grid
        return int(slices * samples * rows.delta.shape[2] * self.windows.field(count).prod())

    def __repr__(self) -> str:
        windows = self.windows
        text = f"{type(self).__name__}({short(windows.size)}"
        if windows.stride != windows.size:
            text += f", stride={short(windows.stride)}"
        if windows.padding != (0, 0):
            text += f", padding={short(windows.padding)}"
        return f"{text}{', floor=True' if self.floor else ''})"


class AvgPool2d(Pool2d):
    """The mean of each window.

    Parameters
    ----------
    kernel_size : int >= 1, or (height, width)
    stride : int >= 1, or (down, across), optional
        Pixels from one window to the next; without it, windows lie side by side.
    padding : int >= 0, or (rows, columns)
        Zeros around the image, on each side, that count.
    floor : bool
        Whether rows and columns at the end that fill no window are left out, as in torch, rather
        than an error.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to Document Recognition,
    Proceedings of the IEEE 86, 1998 (subsampling).
    """

    border = 0.0

    def _pooled(self, images: Array, count: Pair) -> Array:
        return self.windows.fold(images, count, np.add) / math.prod(self.windows.size)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Take the mean of the changes alone."""
        if rows.corner is None:
            changed, reached = rows, rows
            images = self.windows.bordered(np.moveaxis(rows.delta, 1, -1))
            count = (z.shape[2], z.shape[3])
        else:
            changed, reached, count = self._reached(rows, x)
            images = np.moveaxis(changed.delta, 1, -1)
        return reached.with_delta(np.moveaxis(self._pooled(images, count), -1, 1))


class MaxPool2d(Pool2d):
    """The largest number of each window.

    Pixels of a window that are exactly equal, as in the blank parts of a picture, share a kink:
    nudging one of them tells nothing of nudging all. So units before it are never nudged one by
    one (`method = "node"`), only weights are.

    Parameters
    ----------
    kernel_size : int >= 1, or (height, width)
    stride : int >= 1, or (down, across), optional
        Pixels from one window to the next; without it, windows lie side by side.
    padding : int >= 0, or (rows, columns)
        A border that is never the largest, on each side.
    floor : bool
        Whether rows and columns at the end that fill no window are left out, as in torch, rather
        than an error.

    References
    ----------
    Riesenhuber, Poggio, Hierarchical Models of Object Recognition in Cortex, Nature Neuroscience
    2, 1999.
    """

    ties = True
    border = -np.inf

    def _pooled(self, images: Array, count: Pair) -> Array:
        return self.windows.fold(images, count, np.maximum)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Take the largest of the changed windows, less what it was."""
        if rows.corner is None:
            moved = self.windows.bordered(np.moveaxis(rows.moved(x), 1, -1), self.border)
            reached, count = rows, (z.shape[2], z.shape[3])
        else:
            changed, reached, count = self._reached(rows, x)
            bordered = self.windows.bordered(np.moveaxis(x, 0, -1), self.border)
            moved = np.moveaxis(changed.moved(np.moveaxis(bordered, -1, 0)), 1, -1)
        pooled = np.moveaxis(self._pooled(moved, count), -1, 1)
        found = reached.with_delta(pooled)
        return found.with_delta(pooled - found.of(z))
