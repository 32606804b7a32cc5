"""The convolution: the same weighted sum at every place of an image."""

from __future__ import annotations

import math

import numpy as np

from nn.errors import check_count
from nn.initializers import Initializer, Xavier, Zeros
from nn.layers.base import Array, Layer
from nn.layers.terms import Terms
from nn.layers.windows import Pair, Windows, as_pair, short
from nn.rows import Places, Rows

_NUMBERS = 1 << 20  # of patches at a time


class Conv2d(Layer):
    """z[n, o, y, x] = Σ W[o, c, u, v] · image[n, c, y·stride + u, x·stride + v] + b[o].

    Parameters
    ----------
    in_channels, out_channels : int >= 1
        In a config, in_channels may be left out where the data or the layer before decides.
    kernel_size : int >= 1, or (height, width)
    stride : int >= 1, or (down, across)
        Pixels from one place to the next.
    padding : int >= 0, or (rows, columns)
        Zeros around the image, on each side.
    bias : bool
    init : Initializer
        Where W starts, Xavier by default; b starts at zero.
    rng : numpy Generator, int or None
        Source of the first weights; None is a different one each time.

    Attributes
    ----------
    params : "W" (out_channels, in_channels, height, width) and "b" (out_channels,)

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to Document Recognition,
    Proceedings of the IEEE 86, 1998.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        *,
        bias: bool = True,
        init: Initializer | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        check_count("in_channels", in_channels)
        check_count("out_channels", out_channels)
        self.windows = Windows(
            as_pair("kernel_size", kernel_size),
            as_pair("stride", stride),
            as_pair("padding", padding, at_least=0),
        )
        generator = np.random.default_rng(rng)
        shape = (out_channels, in_channels, *self.windows.size)
        self.params["W"] = (Xavier() if init is None else init)(shape, generator)
        if bias:
            self.params["b"] = Zeros()((out_channels,), generator)

    def forward(self, x: Array) -> Array:
        """(N, in_channels, H, W) -> (N, out_channels, H', W')."""
        W, windows = self.params["W"], self.windows
        windows.check_image(x.shape, type(self).__name__, W.shape[1])
        high, wide = windows.count(x.shape)
        kernels = W.reshape(len(W), -1)
        z = np.empty((len(W), high, wide, len(x)))
        some = max(1, _NUMBERS // (kernels.shape[1] * high * wide))
        for first in range(0, len(x), some):
            part = slice(first, first + some)
            images = windows.bordered(np.ascontiguousarray(np.moveaxis(x[part], 0, -1)))
            patches = windows.patches(images, (high, wide)).reshape(kernels.shape[1], -1)
            sums = kernels.dot(patches)
            if "b" in self.params:
                sums += self.params["b"][:, None]
            z[..., part] = sums.reshape(len(W), high, wide, -1)
        return np.moveaxis(z, -1, 0)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Multiply the change by the kernels of its channels alone: b, and x itself, cancel."""
        if rows.corner is not None and self._stays_small(rows, x):
            return self._push_windows(rows, x)
        rows = rows.spread_windows(x.shape[1:])
        W, columns, count = self.params["W"], rows.columns, z.shape[2:]
        slices, samples = rows.grid
        kernels: Array = W[:, columns].reshape(len(W), -1)
        if not isinstance(columns, slice):
            kernels = W[:, columns].swapaxes(0, 1).reshape(slices, len(W), -1)
        images = self.windows.bordered(np.ascontiguousarray(np.moveaxis(rows.delta, 1, -1)))
        patches = self.windows.patches(images, count).reshape(slices, kernels.shape[-1], -1)
        sums = np.matmul(kernels, patches).reshape(slices, len(W), *count, samples)
        return rows.widened(np.moveaxis(sums, -1, 1))

    def room(self, rows: Rows, x: Array) -> int:
        """Count the patches, or the weights that lead from a window to a window."""
        slices, samples = rows.grid
        if rows.corner is not None and self._stays_small(rows, x):
            return slices * self._links(rows, x)
        width = rows.delta.shape[2]
        pixels = math.prod(self.windows.count(x.shape))
        return int(slices * samples * width * math.prod(self.windows.size) * pixels)

    def _links(self, rows: Rows, x: Array) -> int:
        """Count the weights that lead from a window of pixels to the windows it reaches."""
        pixels = rows.delta.shape[-2:]
        assert rows.corner is not None
        _, reached = self.windows.landing(rows.corner[:1], pixels, x.shape[2:])
        numbers = rows.delta.shape[2] * math.prod(pixels)
        return int(numbers * len(self.params["W"]) * math.prod(reached))

    def _stays_small(self, rows: Rows, x: Array) -> bool:
        """Whether a window of pixels takes less work than the whole of its channels."""
        W = self.params["W"]
        whole = rows.delta.shape[2] * W[:, 0].size * math.prod(self.windows.count(x.shape))
        return bool(self._links(rows, x) < whole)

    def _push_windows(self, rows: Rows, x: Array) -> Rows:
        """Follow a window of pixels to the windows that look at it, and no further."""
        W, windows, corner = self.params["W"], self.windows, rows.corner
        assert corner is not None
        (slices, samples), (width, high, wide) = rows.grid, rows.delta.shape[2:]
        begin, (up, along) = windows.landing(corner, (high, wide), x.shape[2:])
        # Most slices lie alike in the windows that look at them; those share their weights.
        start = np.zeros(slices, np.intp) if rows.start is None else rows.start
        ahead = corner + np.array(windows.padding) - begin * np.array(windows.stride)
        alike, first, of = np.unique(
            np.column_stack([start, ahead]), axis=0, return_index=True, return_inverse=True
        )
        box = (width, high, wide)
        links = self._weights(start[first], corner[first], begin[first], box, (up, along))
        links = links[0] if len(alike) == 1 else links[of.ravel()]
        changes = np.moveaxis(rows.delta, 1, -1).reshape(slices, width * high * wide, samples)
        single = changes.shape[1] == 1  # a product without a sum
        found = links * changes if single else np.matmul(links, changes)
        found = found.reshape(slices, len(W), up, along, samples)
        return Rows(np.moveaxis(found, -1, 1), rows.sample, None, begin)

    def _weights(
        self, start: Places, corner: Places, begin: Places, box: tuple[int, int, int], reached: Pair
    ) -> Array:
        """Return the weights from boxes of (width, high, wide) numbers to the windows they reach.

        (G, out_channels · reached, width · high · wide).
        """
        W, windows = self.params["W"], self.windows
        width, high, wide = box
        u = windows.offsets(corner, high, begin, reached[0], 0)
        v = windows.offsets(corner, wide, begin, reached[1], 1)
        outside = np.zeros((*W.shape[:2], W.shape[2] + 1, W.shape[3] + 1))
        outside[:, :, :-1, :-1] = W
        channels = (start[:, None] + np.arange(width))[:, None, None, :, None, None]
        found = outside[
            :,
            channels,
            u.swapaxes(1, 2)[:, :, None, None, :, None],
            v.swapaxes(1, 2)[:, None, :, None, None, :],
        ]  # (out_channels, G, reached high, reached wide, width, high, wide)
        return np.moveaxis(found, 0, 1).reshape(
            len(start), len(W) * math.prod(reached), width * high * wide
        )

    def terms(self, name: str, x: Array) -> Terms | None:
        """W is multiplied by the patches of x, b by ones."""
        windows = self.windows
        count = windows.count(x.shape)
        if name == "W":
            images = windows.bordered(np.ascontiguousarray(np.moveaxis(x, 0, -1)))
            patches = np.moveaxis(windows.patches(images, count), -1, 0)
            return Terms(patches, units_first=True, entry_axes=3)
        return Terms(np.ones((len(x), 1, *count))) if name == "b" else None

    def __repr__(self) -> str:
        outputs, inputs = self.params["W"].shape[:2]
        windows = self.windows
        text = f"Conv2d({inputs}, {outputs}, {short(windows.size)}"
        if windows.stride != (1, 1):
            text += f", stride={short(windows.stride)}"
        if windows.padding != (0, 0):
            text += f", padding={short(windows.padding)}"
        return f"{text}{'' if 'b' in self.params else ', bias=False'})"
