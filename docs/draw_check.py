"""A layer with one flipped sign, checked: python -m docs.draw gradcheck."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

import nn

Array = NDArray[np.float64]


class Hidden(nn.Layer):
    """max(0, x W + b), with one sign flipped among the gradients of W."""

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        w, b = rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)
        self.params = {"W": w / np.sqrt(inputs), "b": b}

    def forward(self, x: Array) -> Array:
        """Shape (N, inputs) to (N, outputs)."""
        self.x, self.z = x, x @ self.params["W"] + self.params["b"]
        return np.maximum(0, self.z)

    def backward(self, dout: Array) -> Array:
        """Shape (N, outputs) to (N, inputs)."""
        dz = np.where(self.z > 0, dout, 0)
        self.grads = {"W": self.x.T @ dz, "b": dz.sum(axis=0)}
        self.grads["W"][2, 1] *= -1
        dx: Array = dz @ self.params["W"].T
        return dx


def draw(path: Path) -> None:
    """Draw the report on the layer, some of its units exactly at their kinks."""
    rng = np.random.default_rng(1)
    layer, x = Hidden(12, 20, rng), rng.normal(size=(8, 12))
    x[3] = 0  # and where b is 0 too, a unit is exactly at its kink
    layer.params["b"][4] = 0
    layer.params["W"][:, 4] *= 6
    nn.plot_gradcheck(nn.gradcheck(layer, x))
    plt.gcf().savefig(path, dpi=110, bbox_inches="tight", pad_inches=0.1)
