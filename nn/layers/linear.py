"""The linear layer: weighted sums of the inputs, and their perturbation made cheap."""

from __future__ import annotations

import numpy as np

from nn.errors import ShapeError, check_count
from nn.initializers import Initializer, Xavier, Zeros
from nn.layers.base import Array, Layer
from nn.rows import Rows


class Linear(Layer):
    """z = x W + b.

    Parameters
    ----------
    in_features, out_features : int >= 1
        In a config, may be left out where the data or the layer before decides.
    bias : bool
        Without one, z = x W.
    init : Initializer
        Where W starts, Xavier by default; b starts at zero.
    rng : numpy Generator, int or None
        Source of the first weights; None is a different one each time.

    Attributes
    ----------
    params : "W" (in_features, out_features) and "b" (out_features,)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        init: Initializer | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        check_count("in_features", in_features)
        check_count("out_features", out_features)
        generator = np.random.default_rng(rng)
        shape = (in_features, out_features)
        self.params["W"] = (Xavier() if init is None else init)(shape, generator)
        if bias:
            self.params["b"] = Zeros()((out_features,), generator)

    def forward(self, x: Array) -> Array:
        """(N, in_features) -> (N, out_features)."""
        W = self.params["W"]
        if x.ndim != 2 or x.shape[1] != W.shape[0]:
            hint = "; a Flatten layer before it makes rows of images" if x.ndim > 2 else ""
            hint = "; one sample is a batch of one, x[None]" if x.ndim == 1 else hint
            raise ShapeError(f"Linear needs x of shape (N, {W.shape[0]}), got {x.shape}{hint}")
        z = x.dot(W)
        if "b" in self.params:
            z += self.params["b"]
        return np.asarray(z)

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Multiply the change by the weights of its slice alone: b, and x itself, cancel."""
        W, columns = self.params["W"], rows.columns
        if isinstance(columns, slice):
            slices, samples, width = rows.delta.shape
            if not rows.delta.flags.c_contiguous:  # such as pictures, samples next to each other
                return rows.widened(np.matmul(rows.delta, W[columns]))
            flat = rows.delta.reshape(slices * samples, width)
            return rows.widened(flat.dot(W[columns]).reshape(slices, samples, W.shape[1]))
        if rows.delta.shape[2] == 1:  # a product without a sum: matmul takes twice as long
            return rows.widened(np.einsum("gk,gu->gku", rows.delta[:, :, 0], W[columns[:, 0]]))
        return rows.widened(np.matmul(rows.delta, W[columns]))

    def terms(self, name: str, x: Array) -> Array | None:
        """W is multiplied by x, b by ones."""
        if name == "W":
            return x
        return np.ones((len(x), 1)) if name == "b" else None

    def __repr__(self) -> str:
        inputs, outputs = self.params["W"].shape
        return f"Linear({inputs}, {outputs}{'' if 'b' in self.params else ', bias=False'})"
