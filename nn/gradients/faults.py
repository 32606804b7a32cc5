"""Which layer is to blame when a network cannot be differentiated."""

from __future__ import annotations

import numpy as np

from nn.gradients.problem import Problem


def not_finite(problem: Problem) -> str:
    """Say where the first number that is not finite comes from."""
    loss = f"the loss is {problem.clean_value} before any nudge"
    bad = np.argwhere(~np.isfinite(problem.x))
    if len(bad):
        row, *column = bad[0].tolist()
        where = f", column {', '.join(map(str, column))}" if column else ""
        return f"{loss}: x itself is not finite in row {row}{where}"
    z = problem.x
    for place, layer in enumerate(problem.layers):
        z = layer.forward(z)
        if not np.isfinite(z).all():
            return f"{loss}: layer {place}, {layer!r}, gives what is not finite"
    return f"{loss}, of outputs that are finite"


def fickle_layer(problem: Problem) -> str:
    """Name the layer that answers the same input with different numbers."""
    x = problem.x
    for place, layer in enumerate(problem.layers):
        z, again = layer.forward(x.copy()), layer.forward(x.copy())
        if not np.array_equal(z, again, equal_nan=True):
            return f"layer {place}, {layer!r}, is not a function of its input"
        x = z
    return "the loss of this network is not a function of its parameters"
