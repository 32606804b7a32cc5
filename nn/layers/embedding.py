"""The embedding: a vector to learn for each of some things that are told apart by a number."""

from __future__ import annotations

import numpy as np

from nn.errors import InputError, ShapeError, check_count
from nn.initializers import Initializer, Normal
from nn.layers.base import Array, Layer
from nn.layers.terms import Terms


class Embedding(Layer):
    """z[n, ...] = W[x[n], ...]: row k of W for each index k.

    Parameters
    ----------
    num_embeddings, embedding_dim : int >= 1
        Rows of W, and their length.
    init : Initializer
        Where W starts, Normal(1) by default.
    rng : numpy Generator, int or None
        Source of the first weights; None is a different one each time.

    Attributes
    ----------
    params : "W" (num_embeddings, embedding_dim)

    References
    ----------
    Bengio, Ducharme, Vincent, Jauvin, A Neural Probabilistic Language Model, Journal of Machine
    Learning Research 3, 2003.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        init: Initializer | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        check_count("num_embeddings", num_embeddings)
        check_count("embedding_dim", embedding_dim)
        shape = (num_embeddings, embedding_dim)
        first = Normal(1.0) if init is None else init
        self.params["W"] = first(shape, np.random.default_rng(rng))

    def forward(self, x: Array) -> Array:
        """(N,) -> (N, embedding_dim), or (N, length) -> (N, length, embedding_dim)."""
        return self.params["W"][self._indices(x)]

    def _indices(self, x: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        rows = len(self.params["W"])
        if x.ndim not in (1, 2):
            raise ShapeError(
                f"{type(self).__name__} needs indices of shape (N,) or (N, length), got {x.shape}"
            )
        bad = np.argwhere(~((x >= 0) & (x < rows) & (np.floor(x) == x)))
        if len(bad):
            place = tuple(bad[0].tolist())
            where = f"sample {place[0]}" + (f", place {place[1]}" if x.ndim == 2 else "")
            raise InputError(
                f"Embedding needs indices that are whole numbers from 0 to {rows - 1}, got"
                f" {x[place]:g} in {where} of x, shape {x.shape}"
            )
        return x.astype(np.intp)

    def terms(self, name: str, x: Array) -> Terms:
        """W is multiplied by ones where its index stands, and by zeros elsewhere."""
        chosen = self._indices(x)[:, None] == np.arange(len(self.params["W"])).reshape(
            1, -1, *[1] * (x.ndim - 1)
        )
        return Terms(chosen.astype(np.float64), axis=-1)

    def __repr__(self) -> str:
        rows, length = self.params["W"].shape
        return f"Embedding({rows}, {length})"
