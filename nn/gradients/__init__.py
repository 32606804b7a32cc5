"""Gradients of networks by differences: the methods, and the door to them.

problem     what a method is given: the loss of a batch as a function of the parameters
loop        the textbook loop over the weights
blas        one thread for the small matrices of a nudged network
"""

from __future__ import annotations

import math

import numpy as np

from nn.errors import ImpureFunctionError, NotFiniteError, UnknownNameError, nearest
from nn.gradients.blas import one_thread
from nn.gradients.faults import fickle_layer, not_finite
from nn.gradients.loop import Loop
from nn.gradients.problem import Grads, Method, Problem

METHODS: dict[str, Method] = {method.name: method for method in (Loop(),)}


def get_method(name: str) -> Method:
    """Return the method called `name`; raise `UnknownNameError` with the nearest otherwise."""
    if name not in METHODS:
        raise UnknownNameError(f"unknown gradient method {name!r}{nearest(name, METHODS)}")
    return METHODS[name]


def gradient(problem: Problem, method: str = "loop") -> Grads:
    """Return dL/dp for every parameter of `problem`, a dict of the keys of its params.

    Raises
    ------
    UnknownNameError
        If there is no such method.
    NotFiniteError
        If the loss is not finite at or near the parameters; says which was being nudged.
    ImpureFunctionError
        If a layer answers the same input with different numbers; says which.
    StepError, StepTooSmallError
        If h cannot be worked with.
    """
    chosen = get_method(method)
    if not problem.params:
        return {}
    with one_thread(), np.errstate(all="ignore"):  # what is not finite is told in words
        if not math.isfinite(problem.clean_value()):
            raise NotFiniteError(not_finite(problem))
        try:
            return chosen.gradient(problem)
        except ImpureFunctionError as error:
            raise ImpureFunctionError(f"{fickle_layer(problem)}: {error}") from error


__all__ = ["METHODS", "Grads", "Method", "Problem", "get_method", "gradient", "one_thread"]
