"""Draw gradcheck.png: python docs/draw_check.py."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
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


if __name__ == "__main__":
    mpl.use("agg")
    rng = np.random.default_rng(1)
    layer, x = Hidden(12, 20, rng), rng.normal(size=(8, 12))
    x[3] = 0  # and where b is 0 too, a unit is exactly at its kink
    layer.params["b"][4] = 0
    layer.params["W"][:, 4] *= 6
    axes = nn.plot_gradcheck(nn.gradcheck(layer, x))
    path = Path(__file__).with_name("gradcheck.png")
    axes.figure.savefig(path, dpi=110, bbox_inches="tight", pad_inches=0.1)
    print(path)
