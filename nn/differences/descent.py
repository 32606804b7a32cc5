"""Gradient descent: the gradient points up, so walk against it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.differences.gradient import numerical_gradient
from nn.errors import NotFiniteError, StepError, check_count, check_number
from nn.probing import Function, Subject
from nn.steps import Array


def gradient_descent(
    f: Function, x0: Any, lr: float = 0.1, steps: int = 100, h: float | None = None
) -> Array:
    """Walk against the numerical gradient: x <- x - lr * gradient.

    Parameters
    ----------
    f : callable, array of the shape of x0 -> number
    x0 : array or number
        Where to start; left as it is.
    lr : float > 0
        Learning rate.
    steps : int >= 0
    h : float > 0, optional
        As in `numerical_gradient`.

    Returns
    -------
    array, (steps + 1, *shape of x0)
        The path: x0 first, the lowest point reached last if lr is small enough.

    Raises
    ------
    NotFiniteError
        If the walk leaves all bounds: lr is too large. Others as in `numerical_gradient`; those
        of a later step than the first ask about lr too.
    """
    check_number("lr", lr, above=0)
    check_count("steps", steps, at_least=0)
    x = Subject(x0, "x0").only.copy()
    path = [x.copy()]
    for step in range(1, steps + 1):
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # told in words below
                gradient = numerical_gradient(f, x, h)
        except (NotFiniteError, StepError) as error:
            if step == 1:  # lr had no say yet
                raise
            raise type(error)(f"{error}, in step {step}; is lr = {lr} too large?") from error
        with np.errstate(over="ignore"):
            x -= float(lr) * gradient
        if not np.isfinite(x).all():
            raise NotFiniteError(f"x left all bounds in step {step}; is lr = {lr} too large?")
        path.append(x.copy())
    return np.array(path)
