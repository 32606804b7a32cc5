"""Optimizers: step against the gradient. `update(params, grads)` changes the arrays in place.

In the equations p is a parameter, g its gradient, lr the learning rate; all else starts at 0.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ArgumentError, InputError, ShapeError, check_number

Array = NDArray[Any]


class Optimizer(ABC):
    """What every optimizer is: a learning rate, a memory for each parameter, and `update`.

    Attributes
    ----------
    lr : float > 0
        May be set between updates; a schedule does.
    steps : int
        Updates made so far.
    """

    def __init__(self, lr: float) -> None:
        check_number("lr", lr, above=0)
        self.lr = lr
        self.steps = 0
        self.memory: dict[str, Array] = {}

    def update(self, params: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
        """Move every array of `params` by one step, in place.

        Raises
        ------
        InputError, ShapeError
            If a gradient is missing or has another shape, or an array cannot be written; then
            nothing has moved.
        """
        checked: dict[str, Array] = {}
        for name, p in params.items():
            if name not in grads:
                raise InputError(f"no gradient for {name!r}; got {', '.join(grads) or 'none'}")
            if not (isinstance(p, np.ndarray) and p.dtype.kind == "f" and p.flags.writeable):
                raise InputError(f"{name!r} must be a writable floating-point array, np.array(1.5)")
            g = np.asarray(grads[name])
            if g.shape != p.shape:
                raise ShapeError(f"the gradient of {name!r} has shape {g.shape}, not {p.shape}")
            if g.dtype.kind not in "fiub":
                raise InputError(f"the gradient of {name!r} must be real numbers, got {g.dtype}")
            checked[name] = g.astype(np.promote_types(g.dtype, p.dtype), copy=False)
        for key, kept in self.memory.items():
            name = key.rpartition("/")[0]
            if name in checked and checked[name].shape != kept.shape:
                raise ShapeError(
                    f"{name!r} has shape {checked[name].shape}, but had {kept.shape} in an earlier"
                    " update; another network needs an optimizer of its own"
                )
        self.steps += 1
        moves = {name: self.move(name, p, checked[name]) for name, p in params.items()}
        for name, p in params.items():  # all at once: an interruption finds no half of an update
            p -= moves[name]

    @abstractmethod
    def move(self, name: str, p: Array, g: Array) -> Array:
        """Return what is to be subtracted from the parameter `name`."""

    def remembered(self, what: str, name: str, like: Array) -> Array:
        """Return the array this optimizer keeps for a parameter, zeros the first time."""
        key = f"{name}/{what}"
        if key not in self.memory:
            self.memory[key] = np.zeros_like(like)
        return self.memory[key]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(lr={self.lr:g})"


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    g <- g + weight_decay * p;  v <- momentum * v + g;  p <- p - lr * v
    (with nesterov: p <- p - lr * (g + momentum * v))

    References
    ----------
    Polyak, Some methods of speeding up the convergence of iteration methods, 1964 (momentum).
    Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum in deep
    learning, ICML 2013 (Nesterov).
    """

    def __init__(
        self,
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        check_number("momentum", momentum, at_least=0, below=1)
        check_number("weight_decay", weight_decay, at_least=0)
        if nesterov and momentum == 0:
            check_number("momentum", momentum, above=0, below=1)
        self.momentum, self.nesterov, self.weight_decay = momentum, nesterov, weight_decay

    def move(self, name: str, p: Array, g: Array) -> Array:
        """Return lr * v."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return self.lr * g
        v = self.remembered("v", name, p)
        v[...] = self.momentum * v + g
        return self.lr * (g + self.momentum * v) if self.nesterov else self.lr * v


class AdaGrad(Optimizer):
    """Smaller steps where the gradient has been large.

    s <- s + g**2;  p <- p - lr * g / (sqrt(s) + eps)

    References
    ----------
    Duchi, Hazan, Singer, Adaptive Subgradient Methods, JMLR 12, 2011.
    """

    def __init__(self, lr: float = 0.01, eps: float = 1e-10) -> None:
        super().__init__(lr)
        check_number("eps", eps, above=0)
        self.eps = eps

    def move(self, name: str, p: Array, g: Array) -> Array:
        """Return lr * g / (sqrt(s) + eps)."""
        s = self.remembered("s", name, p)
        s += g * g
        return self.lr * g / (np.sqrt(s) + self.eps)


class RMSprop(Optimizer):
    """AdaGrad that forgets: a running mean of the squares instead of their sum.

    s <- alpha * s + (1 - alpha) * g**2;  p <- p - lr * g / (sqrt(s) + eps)

    References
    ----------
    Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012.
    """

    def __init__(self, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8) -> None:
        super().__init__(lr)
        check_number("alpha", alpha, at_least=0, below=1)
        check_number("eps", eps, above=0)
        self.alpha, self.eps = alpha, eps

    def move(self, name: str, p: Array, g: Array) -> Array:
        """Return lr * g / (sqrt(s) + eps)."""
        s = self.remembered("s", name, p)
        s[...] = self.alpha * s + (1 - self.alpha) * g * g
        return self.lr * g / (np.sqrt(s) + self.eps)


class Adam(Optimizer):
    """Momentum and RMSprop together, both freed of their start at zero (n counts the updates).

    g <- g + weight_decay * p
    m <- beta1 * m + (1 - beta1) * g;  s <- beta2 * s + (1 - beta2) * g**2
    p <- p - lr * (m / (1 - beta1**n)) / (sqrt(s / (1 - beta2**n)) + eps)

    References
    ----------
    Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.
    """

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        if np.shape(betas) != (2,):
            raise ArgumentError("betas", "two numbers", betas)
        for beta in betas:
            check_number("betas", beta, at_least=0, below=1)
        check_number("eps", eps, above=0)
        check_number("weight_decay", weight_decay, at_least=0)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def move(self, name: str, p: Array, g: Array) -> Array:
        """Return the step of the equation above."""
        return self.adaptive(name, p, g + self.weight_decay * p if self.weight_decay else g)

    def adaptive(self, name: str, p: Array, g: Array) -> Array:
        """Return lr times the corrected mean over the root of the corrected square."""
        beta1, beta2 = self.betas
        m, s = self.remembered("m", name, p), self.remembered("s", name, p)
        m[...] = beta1 * m + (1 - beta1) * g
        s[...] = beta2 * s + (1 - beta2) * g * g
        mean, square = m / (1 - beta1**self.steps), s / (1 - beta2**self.steps)
        return np.asarray(self.lr * mean / (np.sqrt(square) + self.eps))


class AdamW(Adam):
    """Adam whose weight decay goes past the adaptive part: p <- p - lr * weight_decay * p too.

    References
    ----------
    Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.
    """

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(lr, betas, eps, weight_decay)

    def move(self, name: str, p: Array, g: Array) -> Array:
        """Return the step of Adam, and the decay beside it."""
        return self.adaptive(name, p, g) + self.lr * self.weight_decay * p


def global_norm(grads: Mapping[str, Array]) -> float:
    """Length of all gradients as one vector."""
    flat = np.concatenate([np.zeros(0), *(np.ravel(g) for g in grads.values())])
    top = float(np.abs(flat).max(initial=0.0))
    return top * float(np.linalg.norm(flat / top)) if 0 < top < math.inf else top  # no overflow


def clip_by_global_norm(grads: Mapping[str, Array], max_norm: float) -> dict[str, Array]:
    """Return the gradients, shortened together to length `max_norm` > 0 if they are longer.

    References
    ----------
    Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013.
    """
    check_number("max_norm", max_norm, above=0)
    norm = global_norm(grads)
    scale = min(1.0, max_norm / norm) if 0 < norm < math.inf else 1.0
    return {name: g * scale if scale < 1 else g for name, g in grads.items()}
