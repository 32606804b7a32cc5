"""What else finds gradients, where it is installed: PyTorch, torch.func, scipy, numdifftools.

None of them is needed. What nudges takes the same nudge as the loop; scipy and numdifftools are
given the same loss to call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders import Contender
from benchmarks.entries import H, Places, Sample, flat, unflat
from benchmarks.nets import Net
from benchmarks.packages import versions
from nn.gradients import Grads
from nn.gradients.machine import one_thread

Array = NDArray[np.float64]
PACKAGES = ("torch", "scipy", "numdifftools")
_CHUNK = 1 << 20  # numbers in perturbed parameters at once: the fastest of those tried
_WAITING = "its threads wait for one another where other processes use the cores"
_COPIES = "copies of all parameters, made anew for each entry"


def installed() -> dict[str, str]:
    """Return the versions of those that are installed."""
    return versions(PACKAGES)


def rivals(net: Net) -> list[Contender]:
    """Return all that are installed and can work on this net."""
    there = installed()
    found: list[Contender] = []
    if "torch" in there and net.activation:
        found += _torch(net)
    if "scipy" in there:
        found.append(_scipy(net))
    if "numdifftools" in there:
        found.append(_numdifftools(net))
    return found


def _torch(net: Net) -> list[Contender]:
    torch = import_module("torch")
    default = torch.get_num_threads()
    params = [
        torch.tensor(p, dtype=torch.float64, requires_grad=True)
        for p in net.network.params.values()
    ]
    x, t = torch.tensor(net.x), torch.tensor(net.batch.t)
    act = getattr(torch, net.activation)

    def loss(values: Any) -> Any:
        z = x
        for place in range(0, len(values), 2):
            z = torch.addmm(values[place + 1], z if place == 0 else act(z), values[place])
        return torch.nn.functional.cross_entropy(z, t)

    def autograd() -> Grads:
        grads = torch.autograd.grad(loss(params), params)
        return {key: g.numpy() for key, g in zip(net.keys, grads, strict=True)}

    @contextmanager
    def single() -> Iterator[None]:
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(default)

    centre = torch.cat([p.detach().ravel() for p in params])
    shapes = [p.shape for p in params]

    def of_vector(vector: Any) -> Any:
        parts = torch.split(vector, [shape.numel() for shape in shapes])
        return loss([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])

    losses = torch.func.vmap(of_vector)

    def slopes(places: Places) -> Array:
        found, at_once = [], max(1, _CHUNK // len(centre))
        for first in range(0, len(places), at_once):
            part = torch.tensor(places[first : first + at_once])
            up, down = (centre.repeat(len(part), 1) for _ in range(2))
            rows = torch.arange(len(part))
            up[rows, part] += H
            down[rows, part] -= H
            found.append(((losses(up) - losses(down)) / (2 * H)).numpy())
        return np.concatenate(found)

    everywhere = np.arange(len(centre))
    settings: dict[str, Callable[[], AbstractContextManager[None]]] = {"": nullcontext}
    if default > 1:
        settings[", 1 thread"] = single
    found: list[Contender] = []
    for aside, around in settings.items():
        threads = "1" if aside else str(default)
        found += [
            Contender(
                f"torch autograd{aside}",
                autograd,
                threads,
                around=around,
                traced=False,
                note="" if aside or default == 1 else _WAITING,
            ),
            Contender(
                f"torch.func vmap{aside}",
                lambda: unflat(net, slopes(everywhere)),
                threads,
                some=lambda places: _timed(net, lambda: slopes(places), places),
                around=around,
                traced=False,
                note="" if aside else "the loop, many perturbed parameter vectors at once",
            ),
        ]
    return found


def _scipy(net: Net) -> Contender:
    derivative = import_module("scipy.optimize._numdiff").approx_derivative

    def slopes(f: Callable[[Array], float], start: Array) -> Array:
        return np.asarray(derivative(f, start, method="3-point", abs_step=H))

    return _one_by_one(net, "scipy approx_derivative", slopes)


def _numdifftools(net: Net) -> Contender:
    Gradient = import_module("numdifftools").Gradient

    def slopes(f: Callable[[Array], float], start: Array) -> Array:
        return np.asarray(Gradient(f, step=H, method="central")(start)).reshape(-1)

    return _one_by_one(
        net, "numdifftools", slopes, "told one step; by itself it tries 15 and extrapolates"
    )


def _one_by_one(
    net: Net, name: str, slopes: Callable[[Callable[[Array], float], Array], Array], note: str = ""
) -> Contender:
    """Return a contender that calls the loss of a vector; `slopes` has (f, start)."""

    def at(places: Places | None) -> Array:
        params = dict(net.network.params)
        start = flat(params)
        problem = net.network.problem(net.x, net.batch.t, H)
        vector, chosen = start.copy(), slice(None) if places is None else places

        def f(values: Array) -> float:
            vector[chosen] = values
            for key, p in unflat(net, vector).items():
                params[key][...] = p
            return problem.value()

        try:
            return slopes(f, start[chosen])
        finally:
            for key, p in unflat(net, start).items():
                params[key][...] = p

    return Contender(
        name,
        lambda: unflat(net, at(None)),
        "BLAS 1",
        some=lambda places: _timed(net, lambda: at(places), places),
        around=one_thread,
        note=note,
        left_out=_COPIES,
    )


def _timed(net: Net, slopes: Callable[[], Array], places: Places) -> Sample:
    begun = perf_counter()
    found = slopes()
    return Sample(found, (perf_counter() - begun) / len(places) * net.network.size)
