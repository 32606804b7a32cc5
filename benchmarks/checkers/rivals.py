"""What else checks gradients, where it is installed; each in its own default settings.

A hand-written layer becomes what the package's users write: a `torch.autograd.Function`, a pair of
functions for JAX's `check_vjp`, which is what its `check_grads` calls in reverse mode, a primitive
with its `defvjp` for autograd. JAX compares along one random direction through all arrays, in
NumPy's float64, autograd along one for each array, torch's fast mode along one for each too; its
slow mode compares all entries of the Jacobian. torch itself sums a gradient over a batch where the
array has none, so that one that is not summed is right to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.checkers.answers import Answer, CannotRunError, Checker, of_view
from benchmarks.checkers.recipe import UNCOMFORTABLE, WRONG, recipe
from benchmarks.checkers.view import Array, View
from benchmarks.packages import versions

PACKAGES = ("torch", "jax", "autograd")
_JACOBIAN = 1 << 26  # numbers; torch holds several of that size


def installed() -> dict[str, str]:
    """Return the versions of those that are installed."""
    return versions(PACKAGES)


def rivals() -> list[Checker]:
    """Return all that are installed, and the recipe, which needs nothing."""
    there = installed()
    found = [
        Checker(name, of_view(check))
        for package, checks in _CHECKS.items()
        if package in there
        for name, check in checks.items()
    ]
    return found + [
        Checker(f"CS231n, above {limit:g}", of_view(recipe(limit)), ("place",))
        for limit in (WRONG, UNCOMFORTABLE)
    ]


def _torch(fast: bool) -> Callable[[View], None]:
    def check(view: View) -> None:
        torch = import_module("torch")
        names = list(view.arrays)
        size = sum(x.size for x in view.arrays.values()) * view.forward(view.arrays).size
        if not fast and size > _JACOBIAN:
            raise CannotRunError(f"a Jacobian of {size:.1e} numbers")

        def named(tensors: Any) -> dict[str, Array]:
            return {k: v.detach().numpy() for k, v in zip(names, tensors, strict=True)}

        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.save_for_backward(*tensors)
            return torch.from_numpy(view.forward(named(tensors)))

        def backward(ctx: Any, dout: Any) -> Any:
            grads = view.vjp(named(ctx.saved_tensors), np.array(dout))
            return tuple(torch.from_numpy(grads[name]) for name in names)

        methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
        layer: Any = type("Case", (torch.autograd.Function,), methods)
        tensors = [torch.tensor(x, requires_grad=True) for x in view.arrays.values()]
        torch.autograd.gradcheck(layer.apply, tensors, fast_mode=fast)

    return check


def _jax(view: View) -> None:
    names = list(view.arrays)

    def f(*values: Array) -> Array:
        return view.forward(dict(zip(names, values, strict=True)))

    def f_vjp(*values: Array) -> tuple[Array, Callable[[Array], tuple[Array, ...]]]:
        arrays = dict(zip(names, values, strict=True))

        def pull(dout: Array) -> tuple[Array, ...]:
            grads = view.vjp(arrays, dout)
            for name, x in arrays.items():  # as `jax.custom_vjp` does
                if grads[name].shape != x.shape:
                    raise ValueError(f"the gradient of {name} has shape {grads[name].shape}")
            return tuple(grads.values())

        return f(*values), pull

    import_module("jax.test_util").check_vjp(f, f_vjp, tuple(view.arrays.values()))


def _autograd(view: View) -> None:
    extend = import_module("autograd.extend")
    names = list(view.arrays)

    def forward(*values: Array) -> Array:
        return view.forward(dict(zip(names, values, strict=True)))

    def pull(name: str) -> Any:
        def rule(answer: Array, *values: Array) -> Callable[[Array], Array]:
            arrays = dict(zip(names, values, strict=True))
            return lambda dout: view.vjp(arrays, dout)[name]

        return rule

    f = extend.primitive(forward)
    extend.defvjp(f, *map(pull, names))
    check_grads = import_module("autograd.test_util").check_grads
    with _same_directions():
        for place in range(len(names)):
            check_grads(f, place, modes=["rev"], order=1)(*view.arrays.values())


@contextmanager
def _same_directions() -> Iterator[None]:
    """Start the global generator, which autograd draws from, at the same place each time."""
    theirs = import_module("autograd.numpy.random")
    state = theirs.get_state()
    theirs.seed(0)
    try:
        yield
    finally:
        theirs.set_state(state)


_CHECKS: dict[str, dict[str, Callable[[View], Answer | None]]] = {
    "torch": {"torch gradcheck": _torch(False), "torch gradcheck, fast": _torch(True)},
    "jax": {"jax check_vjp": _jax},
    "autograd": {"autograd check_grads": _autograd},
}
