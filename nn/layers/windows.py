"""Windows that slide over images: which pixels each looks at, and which of them a change reaches.

Arrays here have the pixels before the samples, (..., height, width, samples): neighbouring pixels
are then cut out by whole blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from nn.errors import ArgumentError, ShapeError, check_count

Array = NDArray[np.float64]
Places = NDArray[np.intp]
Pair = tuple[int, int]


def as_pair(argument: str, value: int | Pair, at_least: int = 1) -> Pair:
    """Return (height, width), of such a pair or of one number for both.

    Raises
    ------
    ArgumentError
        If it is neither, or too small.
    """
    pair: Any = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2:
        raise ArgumentError(argument, "a whole number, or one for height and one for width", value)
    for number in pair:
        check_count(argument, number, at_least=at_least)
    return int(pair[0]), int(pair[1])


def short(pair: Pair) -> str:
    """Write a pair as its maker would: 5, or (5, 3)."""
    return str(pair[0]) if pair[0] == pair[1] else str(pair)


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of one size, at steps of `stride` over images with a border of `padding`.

    Attributes
    ----------
    size, stride, padding : (int, int)
        Pixels along height and width.
    """

    size: Pair
    stride: Pair
    padding: Pair

    def check_image(self, shape: tuple[int, ...], layer: str, channels: int | None = None) -> None:
        """Raise `ShapeError` unless a batch of that shape is images with room for a window."""
        needed = f"(N, {channels or 'C'}, H, W)"
        if len(shape) != 4:
            hint = "; an Unflatten layer before it makes images of rows" if len(shape) == 2 else ""
            hint = "; one image is a batch of one, x[None]" if len(shape) == 3 else hint
            raise ShapeError(f"{layer} needs images of shape {needed}, got {shape}{hint}")
        if channels is not None and shape[1] != channels:
            raise ShapeError(
                f"{layer} needs images of {channels} channels, {needed}, got {shape[1]} in {shape}"
            )
        room = [length + 2 * p for length, p in zip(shape[2:], self.padding, strict=True)]
        if any(space < k for space, k in zip(room, self.size, strict=True)):
            border = f" with a padding of {short(self.padding)}" if any(self.padding) else ""
            least = [max(1, k - 2 * p) for k, p in zip(self.size, self.padding, strict=True)]
            raise ShapeError(
                f"{layer} has windows of {self.size[0]}x{self.size[1]} and needs images of at"
                f" least {least[0]}x{least[1]} pixels, got {shape[2]}x{shape[3]}{border} in {shape}"
            )

    def count(self, shape: tuple[int, ...]) -> Pair:
        """Return how many windows fit along height and width of images of (..., H, W)."""
        high, wide = (
            (length + 2 * p - k) // s + 1
            for length, k, s, p in zip(
                shape[-2:], self.size, self.stride, self.padding, strict=True
            )
        )
        return high, wide

    def left_over(self, shape: tuple[int, ...]) -> Pair:
        """Return how many rows and columns at the end of images of (..., H, W) fill no window."""
        high, wide = (
            (length + 2 * p - k) % s
            for length, k, s, p in zip(
                shape[-2:], self.size, self.stride, self.padding, strict=True
            )
        )
        return high, wide

    def bordered(self, images: Array, fill: float = 0.0) -> Array:
        """Return (..., H, W, K) images with their border; themselves if there is none."""
        (high, wide), (*rest, rows, columns, samples) = self.padding, images.shape
        if not high and not wide:
            return images
        found = np.full((*rest, rows + 2 * high, columns + 2 * wide, samples), fill)
        found[..., high : high + rows, wide : wide + columns, :] = images
        return found

    def patches(self, images: Array, count: Pair) -> Array:
        """Return a view of bordered (..., H, W, K) images as (..., kh, kw, H', W', K)."""
        *rest, down, across, beside = images.strides
        (kh, kw), (sh, sw) = self.size, self.stride
        shape = (*images.shape[:-3], kh, kw, *count, images.shape[-1])
        strides = (*rest, down, across, down * sh, across * sw, beside)
        return as_strided(images, shape, strides, writeable=False)

    def fold(self, images: Array, count: Pair, into: np.ufunc) -> Array:
        """Return `into` (add, maximum) of each window of bordered images: (..., H', W', K).

        First of each column of a window, then of these.
        """
        found = images
        for axis, k, s, number in zip((-3, -2), self.size, self.stride, count, strict=True):
            views = []
            for first in range(k):
                at = [slice(None)] * found.ndim
                at[axis] = slice(first, first + (number - 1) * s + 1, s)
                views.append(found[tuple(at)])
            if k == 1:
                found = views[0]
                continue
            found = into(views[0], views[1])
            for view in views[2:]:
                into(found, view, out=found)
        return found

    def landing(self, corner: Places, shape: Pair, image: Pair) -> tuple[Places, Pair]:
        """Return which windows look at pixels of some boxes: a box of windows for each.

        Parameters
        ----------
        corner : (G, 2) int
            Where boxes of pixels begin.
        shape : (int, int)
            Their height and width.
        image : (int, int)
            Height and width of the images.

        Returns
        -------
        (G, 2) int, (int, int)
            Where the boxes of windows begin, and how many windows they are high and wide.
        """
        begin = np.empty_like(corner)
        lengths = []
        count = self.count(image)
        for axis in (0, 1):
            k, s, p = self.size[axis], self.stride[axis], self.padding[axis]
            length = min((shape[axis] + k - 2) // s + 1, count[axis])
            first = -((k - 1 - p - corner[:, axis]) // s)
            begin[:, axis] = first.clip(0, count[axis] - length)
            lengths.append(length)
        return begin, (lengths[0], lengths[1])

    def field(self, count: Pair) -> Places:
        """Return height and width of all the pixels that a box of windows looks at, (2,)."""
        pixels: Places = (np.array(count) - 1) * np.array(self.stride) + np.array(self.size)
        return pixels

    def offsets(self, corner: Places, length: int, begin: Places, count: int, axis: int) -> Places:
        """Return which pixel of its window each pixel is, along an axis: (G, length, count).

        A pixel outside a window has the number that is one too large, the size of the window.
        """
        k, s, p = self.size[axis], self.stride[axis], self.padding[axis]
        pixels = corner[:, axis, None, None] + p + np.arange(length)[:, None]
        found = pixels - s * (begin[:, axis, None, None] + np.arange(count))
        return np.where((found >= 0) & (found < k), found, k)
