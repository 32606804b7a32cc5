"""Dropout: some numbers left out at random while the network learns."""

from __future__ import annotations

import numpy as np

from nn.errors import InputError, check_number
from nn.layers.base import Array
from nn.layers.modes import TwoMode
from nn.rows import Rows


class Dropout(TwoMode):
    """In training, each number is zero with probability p, and the others are 1 / (1 - p) of it.

    What is zero is drawn once a step, so that the loss stays a function of the parameters while
    they are nudged. Otherwise all numbers pass as they are.

    Parameters
    ----------
    p : float in [0, 1)
    rng : numpy Generator, int or None
        Draws; None is a different one each time.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout: A Simple Way to Prevent
    Neural Networks from Overfitting, Journal of Machine Learning Research 15, 2014.
    """

    def __init__(self, p: float = 0.5, rng: np.random.Generator | int | None = None) -> None:
        check_number("p", p, at_least=0, below=1)
        self.p = p
        self.rng = np.random.default_rng(rng)
        self._factor = np.zeros(0)

    def begin(self, x: Array) -> None:
        """Draw what is left out of this step."""
        self._factor = (self.rng.random(x.shape) >= self.p) / (1 - self.p)

    def forward(self, x: Array) -> Array:
        """Any shape, kept."""
        if not self.training:
            return x
        if not self._factor.size:
            raise InputError("Dropout in training has drawn nothing yet; begin(x) draws")
        if x.shape != self._factor.shape:
            raise InputError(
                f"Dropout has drawn what to leave out of a batch of shape {self._factor.shape}, and"
                f" got {x.shape}; begin(x) draws anew"
            )
        return x * self._factor

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Leave out the same numbers of the changes."""
        return rows.with_delta(rows.delta * rows.of(self._factor)) if self.training else rows

    def __repr__(self) -> str:
        return f"Dropout({self.p})"
