"""Blocks: layers in a row that count as one."""

from __future__ import annotations

from collections.abc import Sequence

from nn.errors import ArgumentError, ShapeError
from nn.layers.base import Array, Layer, run, trace
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
        if isinstance(layers, Layer) or not layers:
            raise ArgumentError("layers", "a list of at least one layer", layers)
        for layer in layers:
            if not isinstance(layer, Layer):
                raise ArgumentError("each layer", "an nn.Layer", layer)
        self.layers = tuple(layers)
        self._traced: tuple[Array, list[Array]] | None = None

    def forward(self, x: Array) -> Array:
        """(N, ...) -> the same shape."""
        z = run(self.layers, x)
        if z.shape != x.shape:
            raise ShapeError(
                f"Residual adds x of shape {x.shape} to what its layers make of it, and that has"
                f" shape {z.shape}; the shapes must be the same"
            )
        return x + z

    def trace(self, x: Array) -> list[Array]:
        """Return x and the output of every layer inside; of the same array, found once.

        It is asked for again and again while the rows of one step are pushed.
        """
        known = self._traced
        if known is None or known[0] is not x:
            self._traced = known = (x, trace(self.layers, x))
        return known[1]

    @property
    def mixes(self) -> bool:  # type: ignore[override]
        """If one of the layers inside does."""
        return any(layer.mixes for layer in self.layers)

    @property
    def ties(self) -> bool:  # type: ignore[override]
        """If one of the layers inside does."""
        return any(layer.ties for layer in self.layers)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Add the change of x to what the layers inside make of it."""
        inner, before = rows, self.trace(x)
        for layer, given, answer in zip(self.layers, before, before[1:], strict=False):
            inner = layer.push(inner, given, answer)
        return rows.plus(inner, x.shape[1:])

    def room(self, rows: Rows, x: Array) -> int:
        """Return what the greediest layer inside needs, and the change itself."""
        inner, before, most = rows, self.trace(x), 0
        for layer, given, answer in zip(self.layers, before, before[1:], strict=False):
            most = max(most, layer.room(inner, given))
            inner = layer.push(inner, given, answer)
            most = max(most, inner.delta.size)
        return most + rows.delta.size

    def __repr__(self) -> str:
        return f"Residual([{', '.join(map(repr, self.layers))}])"
