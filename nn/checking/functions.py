"""A function and its gradient, seen as something with a forward and a backward."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.structure import flatten, like
from nn.checking.subject import Subject
from nn.errors import InputError, ShapeError
from nn.probing import Subject as Arrays

Array = NDArray[Any]


class Function(Subject):
    """f of a number, an array, or arrays in dicts and lists, with `grad`.

    `grad(x, dout)` is the product of dout with the Jacobian. `grad(x)` is the gradient, like x,
    where f answers with one number; it may also be the whole Jacobian, of shape f(x) + x, or,
    where each number of the answer has an x of its own, the slopes in the shape of x.
    """

    def __init__(self, f: Callable[..., Any], x: Any, grad: Callable[..., Any]) -> None:
        super().__init__(f, grad)
        self.f, self.grad, self.x = f, grad, x
        self.title = getattr(f, "__name__", type(f).__name__)
        if not callable(grad):
            raise InputError(f"grad must be a function, got {type(grad).__name__}")
        self.number = not isinstance(x, dict | list | tuple) and np.ndim(x) == 0
        self.given = {name: np.asarray(part) for name, part in flatten(x).items()}
        checked = Arrays(flatten(x)).arrays  # says what cannot be nudged
        self.inputs = {name: array.copy() for name, array in checked.items()}
        self._products = self._takes_dout()
        self.shape: tuple[int, ...] = ()

    def _takes_dout(self) -> bool:
        try:
            parameters = inspect.signature(self.grad).parameters.values()
        except (TypeError, ValueError):  # np.cos
            return False
        needed = [
            p for p in parameters
            if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]  # fmt: skip
        return len(needed) > 1

    def _argument(self, arrays: dict[str, Array]) -> Any:
        return arrays["x"].reshape(())[()] if self.number else like(self.x, arrays)

    def answer(self, inputs: dict[str, Array]) -> Any:
        """Return f."""
        z = self.f(self._argument(inputs))
        self.shape = np.shape(z)
        self.scalar = np.size(z) == 1 and not self._products
        return z

    def backward(self, dout: Array) -> dict[str, Any]:
        """Return what `grad` makes of dout, by the names of x."""
        argument = self._argument(self.passed)
        if self._products:
            return dict(flatten(self.grad(argument, dout)))
        found = flatten(self.grad(argument))
        return {name: self._product(name, g, dout) for name, g in found.items()}

    def _product(self, name: str, gradient: Any, dout: Array) -> Any:
        """Return dout times a Jacobian, however that is given."""
        g, z = np.asarray(gradient), self.shape
        if name not in self.inputs or g.dtype.kind not in "fiub":
            return gradient
        x = self.inputs[name].shape if not self.number else ()
        if np.prod(z, dtype=int) == 1:
            return g.reshape(x) * dout.reshape(()) if g.size == self.inputs[name].size else g
        if g.shape == z + x:
            return np.tensordot(dout, g, dout.ndim)
        if g.shape == x and x[: len(z)] == z:
            return dout.reshape(*z, *[1] * (len(x) - len(z))) * g
        raise ShapeError(
            f"grad gives shape {g.shape} for an f of shape {z} and an x of shape {x}: neither the"
            f" Jacobian, {z + x}, nor a slope for each number; grad(x, dout) may give the product"
        )
