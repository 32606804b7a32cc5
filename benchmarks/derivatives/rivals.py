"""What else finds derivatives, where it is installed; each in its own default settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from benchmarks.derivatives.answers import Found, Method
from benchmarks.packages import versions

Array = NDArray[np.float64]
Function = Callable[[Array], float]
PACKAGES = ("scipy", "numdifftools", "statsmodels", "jacobi")


def installed() -> dict[str, str]:
    """Return the versions of those that are installed."""
    return versions(PACKAGES)


def rivals() -> list[Method]:
    """Return all that are installed."""
    there = installed()
    return [
        method
        for package, methods in _METHODS.items()
        if package in there
        for method in methods
        if _has(method)
    ]


def _has(method: Method) -> bool:
    """Whether it can do x² at all: some came late to their package."""
    try:
        method.find(lambda x: float(x[0] ** 2), np.ones(1))
    except (ImportError, AttributeError):
        return False
    return True


def _approx_fprime(f: Function, x: Array) -> Found:
    return Found(import_module("scipy.optimize").approx_fprime(x, f))


def _three_point(f: Function, x: Array) -> Found:
    derivative = import_module("scipy.optimize._numdiff").approx_derivative
    return Found(np.ravel(derivative(f, x, method="3-point")))


def _differentiate(f: Function, x: Array) -> Found:
    """`jacobian`, which asks f at the columns of an array."""

    def columns(points: Array) -> Array:
        return np.asarray(np.apply_along_axis(f, 0, points))[None]

    found = import_module("scipy.differentiate").jacobian(columns, x)
    return Found(found.df[0], found.error[0], ~found.success[0])


def _numdifftools(f: Function, x: Array) -> Found:
    value, *info = import_module("numdifftools").Gradient(f, full_output=True)(x)
    error = info[0] if len(info) > 1 else info[0].error_estimate  # before 0.10 a pair
    return Found(np.ravel(value), np.ravel(error))


def _statsmodels(f: Function, x: Array) -> Found:
    slopes = import_module("statsmodels.tools.numdiff").approx_fprime(x, f, centered=True)
    return Found(np.ravel(slopes))


def _jacobi(f: Function, x: Array) -> Found:
    with _no_output():  # LAPACK complains of nan on stdout
        value, error = import_module("jacobi").jacobi(f, x)
    return Found(np.ravel(value), np.ravel(error))


@contextmanager
def _no_output() -> Iterator[None]:
    """Keep what libraries write to stdout by themselves, past Python, out of the table."""
    sys.stdout.flush()
    saved, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)


_METHODS: dict[str, list[Method]] = {
    "scipy": [
        Method("scipy.optimize.approx_fprime", _approx_fprime),
        Method("scipy approx_derivative, 3-point", _three_point),
        Method("scipy.differentiate.jacobian", _differentiate),
    ],
    "numdifftools": [Method("numdifftools.Gradient", _numdifftools)],
    "statsmodels": [Method("statsmodels approx_fprime, centred", _statsmodels)],
    "jacobi": [Method("jacobi.jacobi", _jacobi)],
}
