"""What a network is: layers in a row, a loss at the end, and parameters that answer by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import gradients
from nn.batches import in_pieces
from nn.budget import MEMORY, in_bytes
from nn.errors import ArgumentError, InputError, ShapeError
from nn.gradients import Grads, Inspector, Method, Problem, Site
from nn.layers import Layer, Place, Trace, foreign, in_mode, leaves, parts, run, trace, two_mode
from nn.losses import CrossEntropyLoss, Loss
from nn.networks.table import Row, rows
from nn.parameters import Parameters, adopt, live

Array = NDArray[np.float64]
_SAMPLES = 1024  # a larger batch goes through the network in parts


class Network(ABC):
    """What every network is: layers, a loss, and what is asked of them.

    Parameters
    ----------
    layers : sequence of Layer
    loss : Loss, optional
        CrossEntropyLoss unless told otherwise. It works on the raw outputs; `predict` applies
        what belongs to it (softmax, sigmoid or nothing).
    """

    def __init__(self, layers: Sequence[Layer], loss: Loss | None = None) -> None:
        self.layers = list(layers)
        self.loss_function = CrossEntropyLoss() if loss is None else loss
        if not isinstance(self.loss_function, Loss):
            raise ArgumentError("loss", "a Loss, such as CrossEntropyLoss()", loss)
        if self.loss_function.metric not in ("accuracy", "r2"):
            raise ArgumentError(
                "metric of the loss", "'accuracy' or 'r2'", self.loss_function.metric
            )
        for layer in self.layers:
            if not isinstance(layer, Layer):
                what = "an instance, not a class" if isinstance(layer, type) else "an nn.Layer"
                raise ArgumentError("each layer", what, layer)
        for _, layer in leaves(self.layers):
            adopt(layer)
        self.inspector = Inspector()

    @abstractmethod
    def key(self, place: Place, name: str) -> str:
        """Return what the parameter `name` of the layer at `place` is called."""

    @property
    def params(self) -> Parameters:
        """The parameters by name; an array that several layers share is named once."""
        return Parameters({key: sites[0][1:] for key, sites in self.sites().items()})

    def sites(self) -> dict[str, tuple[Site, ...]]:
        """Return all places where each parameter is used, by the name of the first."""
        keys: dict[int, str] = {}
        found: dict[str, tuple[Site, ...]] = {}
        for place, layer in leaves(self.layers):
            for name, p in layer.params.items():
                key = keys.setdefault(id(p), self.key(place, name))
                found[key] = (*found.get(key, ()), Site(place, layer, name))
        return found

    def forward(self, x: Any) -> Array:
        """Return the raw outputs of a batch: samples along axis 0, of x and of the answer."""
        batch = _batch(x)
        if len(batch) <= _SAMPLES or any(foreign(layer) for _, layer in parts(self.layers)):
            return run(self.layers, batch)
        try:  # in parts, which need less memory
            return in_pieces(lambda part: run(self.layers, part), batch, _SAMPLES)
        except InputError:
            return run(self.layers, batch)  # says which sample of them all

    def predict(self, x: Any) -> Array:
        """Return probabilities for classes, numbers for regression."""
        return self.loss_function.predict(self.forward(x))

    def loss(self, x: Any, t: Any) -> float:
        """Return the mean loss of a batch."""
        return self.loss_function(self.forward(x), t)

    def score(self, x: Any, t: Any) -> float:
        """Return the metric of the loss: accuracy for classes, r2 for regression."""
        return self.loss_function.score(self.predict(x), t)

    def accuracy(self, x: Any, t: Any) -> float:
        """Return the share of samples told right, in [0, 1]."""
        if self.loss_function.metric != "accuracy":
            raise InputError(
                f"{self.loss_function!r} has no classes to be right about; score(x, t) gives"
                f" {self.loss_function.metric}"
            )
        return self.score(x, t)

    def problem(
        self, x: Any, t: Any, h: float | None = 1e-4, memory: int | str = MEMORY
    ) -> Problem:
        """Return the loss of a batch as a function of the parameters; layers that draw draw now."""
        for name in ("forward", "loss"):
            if getattr(type(self), name) is not getattr(Network, name):
                raise InputError(
                    f"{type(self).__name__} has a {name} of its own, and gradients are those of its"
                    " layers and its loss_function; write a Layer or a Loss that does it"
                )
        batch, room, sites = _batch(x), in_bytes(memory), self.sites()
        activations: Trace | None = None
        modes = two_mode(self.layers)
        with in_mode(modes, training=True), gradients.one_thread(), np.errstate(all="ignore"):
            if modes:
                gradients.begin(self.layers, batch)
                self.inspector.begun += 1
            whole = len(batch) <= _SAMPLES or bool(modes)
            if whole or self.inspector.look(self.layers, batch).mixing:
                activations = trace(self.layers, batch)
                z = activations[-1]
                if sum(a.nbytes for a in activations) > room // 2 and not modes:
                    activations = None
            else:
                z = in_pieces(lambda part: run(self.layers, part), batch, _SAMPLES)
        return Problem(
            self.layers,
            self.loss_function,
            Parameters({key: first[1:] for key, (first, *_) in sites.items()}),
            sites,
            batch,
            self.loss_function.targets(t, z),
            activations,
            z,
            self.inspector,
            h,
            room,
            self.inspector.begun,
        )

    def numerical_gradient(
        self,
        x: Any,
        t: Any,
        method: str | Method = "weight",
        h: float | None = 1e-4,
        memory: int | str = MEMORY,
    ) -> Grads:
        """Return dL/dp for every parameter, by central differences: one step.

        Layers that train otherwise than they answer do so here and nowhere else: Dropout draws what
        it leaves out, BatchNorm takes the means of the batch and remembers them. So `loss` is then
        not the loss that this is the gradient of; `problem(x, t).value()` is.

        Parameters
        ----------
        x : (N, ...) array
        t : targets, as the loss takes them
        method : str or Method
            "weight", the textbook's numbers in a fraction of its time; "loop", the textbook;
            "node", cheaper still and the same up to O(h²); "auto", the cheaper of weight and
            node for each layer; "direction", a noisy estimate. Or an instance, such as
            `nn.gradients.Direction(directions=20, rng=0)`.
        h : float > 0
            The nudge; None for one by the size of each parameter.
        memory : int or str
            Bytes that perturbed rows may take, such as "256 MiB".

        Returns
        -------
        dict of the keys of `params`

        Warns
        -----
        FallbackWarning
            Once, for each layer whose gradient is found another way than was asked for.
        """
        with gradients.one_thread():
            problem = self.problem(x, t, h, memory)
            grads = gradients.gradient(problem, method)
            problem.end()
        return grads

    @property
    def buffers(self) -> dict[str, Array]:
        """What layers remember and do not learn, such as running means: live arrays by name."""
        return {
            self.key(place, name): numbers
            for place, layer in leaves(self.layers)
            for name, numbers in layer.buffers.items()
        }

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters and buffers by name: all there is to keep."""
        return self.params.copy() | {key: kept.copy() for key, kept in self.buffers.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Write what `state_dict` returned into the arrays that are there.

        Raises
        ------
        InputError, ShapeError
            If names or shapes are those of another network; then nothing has changed.
        """
        there = {**self.params, **self.buffers}
        if other := set(there) ^ set(state):
            where = "the network" if min(other) in there else "the state"
            raise InputError(f"the state is of another network: only {where} has {min(other)!r}")
        new = {key: live(state[key], key) for key in there}
        for key, p in there.items():
            if new[key].shape != p.shape:
                raise ShapeError(
                    f"the state is of another network: {key} has shape {new[key].shape} there, and"
                    f" {p.shape} here"
                )
        for key, p in there.items():
            p[...] = new[key]

    @property
    def size(self) -> int:
        """Number of parameters, each entry counted."""
        return sum(p.size for p in self.params.values())

    def table(self, x: Any) -> list[Row]:
        """Return a line a layer: where and what it is, shape of one output, number of parameters.

        A block has a line, and after it those of the layers inside.
        """
        self.forward(x)  # says which layer does not fit
        return list(rows(self.layers, _batch(x), Place()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}([{', '.join(map(repr, self.layers))}])"


def _batch(x: Any) -> Array:
    """The door: real numbers as float64, at least one sample; no layer may write into them."""
    batch = np.asarray(x)
    if batch.dtype.kind not in "fiub":
        raise InputError(f"x must be real numbers, got dtype {batch.dtype}")
    if batch.ndim == 0 or batch.size == 0:
        raise ShapeError(f"x must be a batch of samples, (N, ...), got shape {batch.shape}")
    kept = np.asarray(batch, np.float64).view()
    kept.flags.writeable = False
    return kept
