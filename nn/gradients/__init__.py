"""Gradients of networks by differences: the methods, and the door to them.

questions   is a sample treated alone, does anything else matter?
strangers   asked of layers that are not ours
inspection  what the layers of a network can be relied on for
problem     what a method is given: the loss of a batch as a function of the parameters
machine     one BLAS thread, memory that is kept, two cores where it pays
faults      which layer is to blame
loop        the textbook loop over the weights
direction   all weights at once, along random directions
moves       how far weights and units are nudged
path        the way from a layer to the loss
tail        perturbed rows on their way along it
weight      every weight nudged, its rows followed
entries     the same for weights that move many numbers of each sample, or whole batches
node        every unit nudged, its rows followed
ties        whether inputs share a kink where they are equal
plan        which way for which layer
rowwise     weight, node and auto, put together
"""

from __future__ import annotations

import math

import numpy as np

from nn.errors import InputError, NotFiniteError, UnknownNameError, nearest
from nn.gradients.direction import Direction
from nn.gradients.faults import not_finite
from nn.gradients.inspection import Inspector
from nn.gradients.loop import Loop
from nn.gradients.machine import keep_memory, one_thread
from nn.gradients.problem import Grads, Method, Problem, Site, Work, begin
from nn.gradients.rowwise import Auto, Node, Weight
from nn.steps import check_step

METHODS: dict[str, type[Method]] = {
    method.name: method for method in (Loop, Weight, Node, Direction, Auto)
}


def get_method(method: str | Method) -> Method:
    """Return the method called `method`, or itself if it is one already.

    Raises
    ------
    UnknownNameError
        If there is none of that name; says which is nearest.
    """
    if isinstance(method, Method):
        return method
    if method not in METHODS:
        raise UnknownNameError(f"unknown gradient method {method!r}{nearest(method, METHODS)}")
    return METHODS[method]()


def gradient(problem: Problem, method: str | Method = "weight") -> Grads:
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
    InputError
        If layers have drawn for another batch since the problem was posed.
    """
    chosen = get_method(method)
    check_step(problem.h)
    problem.inspector.check_apart(problem.params)
    if problem.two_mode and problem.begun != problem.inspector.begun:
        raise InputError(
            "this problem is of an earlier step: since then layers have drawn for another batch"
        )
    if not problem.params:
        return {}
    keep_memory()
    with (  # what is not finite is told in words
        problem.training(),
        one_thread(),
        np.errstate(all="ignore"),
    ):
        if not math.isfinite(problem.clean_value):
            raise NotFiniteError(not_finite(problem))
        return chosen.gradient(problem)


__all__ = [
    "METHODS",
    "Auto",
    "Direction",
    "Grads",
    "Inspector",
    "Loop",
    "Method",
    "Node",
    "Problem",
    "Site",
    "Weight",
    "Work",
    "begin",
    "get_method",
    "gradient",
    "one_thread",
]
