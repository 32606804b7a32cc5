"""Blocks: layers in a row that count as one."""

from __future__ import annotations

from collections.abc import Sequence

from nn.errors import ArgumentError, ShapeError
from nn.layers.base import Array, Layer, run
from nn.layers.tree import Block
from nn.rows import Rows


class Residual(Block):
    """x + f(x), where f is some layers in a row: they learn what to add to x.

    Parameters
    ----------
    layers : sequence of Layer
        f; gives back the shape that it gets. Parameters of the second of them in a block that is
        layer 3 are called "3.1.W".

    References
    ----------
    He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR 2016.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = () if isinstance(layers, Layer) else tuple(layers)
        if not self.layers:
            raise ArgumentError("layers", "a list of at least one layer", layers)
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise ArgumentError("each layer", "an nn.Layer", layer)

    def forward(self, x: Array) -> Array:
        """(N, ...) -> the same shape."""
        z = run(self.layers, x)
        if z.shape != x.shape:
            raise ShapeError(
                f"Residual adds x of shape {x.shape} to what its layers make of it, and that has"
                f" shape {z.shape}; the shapes must be the same"
            )
        return x + z

    def joined(self, rows: Rows, inner: Rows, shape: tuple[int, ...]) -> Rows:
        """Add the change of x to what the layers inside make of it."""
        return rows.plus(inner, shape)

    @property
    def mixes(self) -> bool:  # type: ignore[override]
        """If one of the layers inside does."""
        return any(layer.mixes for layer in self.layers)

    @property
    def ties(self) -> bool:  # type: ignore[override]
        """If one of the layers inside does."""
        return any(layer.ties for layer in self.layers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}([{', '.join(map(repr, self.layers))}])"
