"""Losses of small networks, and the layers they are made of."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.points.problem import Array, Problem, Where, family, spread
from benchmarks.points.words import (
    gelu,
    logsumexp,
    normalized,
    sigmoid,
    softmax,
    softplus,
    textbook_sigmoid,
)

Labels = NDArray[np.int64]


def _params(*sizes: int, seed: int, scale: float = 1.0) -> dict[str, Array]:
    """W1, b1, W2, … of a net of these sizes."""
    found = {}
    for place, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        found[f"W{place}"] = spread(inputs, outputs, seed=seed + place, scale=scale)
        found[f"b{place}"] = spread(outputs, seed=seed + place + 50, scale=scale / 2)
    return found


def _net(m: Any, params: Any, x: Array, act: Any) -> Any:
    layers = len(params) // 2
    z = x @ params["W1"] + params["b1"]
    for place in range(2, layers + 1):
        z = act(m, z) @ params[f"W{place}"] + params[f"b{place}"]
    return z


def _cross_entropy(m: Any, z: Any, t: Labels) -> Any:
    return np.mean(logsumexp(m, z) - z[np.arange(len(t)), t])


def _classify(m: Any, params: Any, x: Array, t: Labels, act: Any) -> Any:
    return _cross_entropy(m, _net(m, params, x, act), t)


def _fit(m: Any, params: Any, x: Array, t: Array, act: Any) -> Any:
    return np.mean((_net(m, params, x, act) - t) ** 2)


def _textbook(m: Any, params: Any, x: Array, t: Labels) -> Any:
    """Softmax, and the log of its outputs plus 1e-7, as books write it."""
    p = softmax(m, _net(m, params, x, textbook_sigmoid))
    return -np.mean(m.log(p[np.arange(len(t)), t] + 1e-7))


def _binary(m: Any, w: Any, x: Array, t: Array) -> Any:
    z = x @ w[:-1] + w[-1]
    return np.mean(softplus(m, z) - t * z)


def _tanh(m: Any, z: Any) -> Any:
    return m.tanh(z)


def _silu(m: Any, z: Any) -> Any:
    return z * sigmoid(m, z)


_X = spread(3, 3, seed=1)
_T = np.array([0, 1, 1])
_Y = spread(3, 2, seed=2)
_TWO = (3, 4, 2)

NETS: list[tuple[str, Where, Any]] = [
    ("sigmoid net, cross-entropy", _params(*_TWO, seed=3),
     partial(_classify, x=_X, t=_T, act=sigmoid)),
    ("tanh net, cross-entropy", _params(*_TWO, seed=4), partial(_classify, x=_X, t=_T, act=_tanh)),
    ("softplus net, cross-entropy", _params(*_TWO, seed=5),
     partial(_classify, x=_X, t=_T, act=softplus)),
    ("gelu net, cross-entropy", _params(*_TWO, seed=6), partial(_classify, x=_X, t=_T, act=gelu)),
    ("sigmoid net, squares", _params(*_TWO, seed=7), partial(_fit, x=_X, t=_Y, act=sigmoid)),
    ("tanh net, squares", _params(*_TWO, seed=8), partial(_fit, x=_X, t=_Y, act=_tanh)),
    ("tanh net of three layers, squares", _params(2, 3, 3, 1, seed=9),
     partial(_fit, x=_X[:, :2], t=_Y[:, :1], act=_tanh)),
    ("silu net, squares of targets about 1e4", _params(*_TWO, seed=10),
     partial(_fit, x=_X, t=1e4 * _Y, act=_silu)),
    ("textbook net, log(p + 1e-7)", _params(*_TWO, seed=11), partial(_textbook, x=_X, t=_T)),
    ("tanh net of inputs about 1e3, units half saturated",
     {**_params(3, 2, 2, seed=12), "W1": 1e-3 * spread(3, 2, seed=13)},
     partial(_classify, x=1e3 * _X, t=_T, act=_tanh)),
    ("tanh net with weights of 8, saturated", _params(2, 3, 2, seed=14, scale=8.0),
     partial(_classify, x=_X[:, :2], t=_T, act=_tanh)),
    ("tanh net just initialized, weights of 0.01", _params(*_TWO, seed=15, scale=0.01),
     partial(_classify, x=_X, t=_T, act=_tanh)),
    ("logistic regression", spread(4, seed=16), partial(_binary, x=_X, t=_T)),
    ("logistic regression, sure and right", np.array([0.0, 0.5, 8.0, 2.0]),
     partial(_binary, x=np.abs(_X) + 0.5, t=np.ones(3))),
]  # fmt: skip


def _attention(m: Any, q: Any, k: Array, v: Array) -> Any:
    """Mean of what each query takes from the values."""
    return np.mean(softmax(m, q @ k.T / np.sqrt(k.shape[1])) @ v)


def _self_attention(m: Any, z: Any) -> Any:
    """Squares of what the rows of z take from each other."""
    return np.sum((softmax(m, z @ z.T) @ z) ** 2)


def _layer_norm(m: Any, z: Any, eps: float = 1e-5) -> Any:
    """A weighted sum of the normalized rows, as a later layer would take."""
    return np.sum(normalized(m, z, -1, eps) * spread(*z.shape, seed=21))


def _batch_norm(m: Any, z: Any, eps: float = 1e-5) -> Any:
    return np.sum(m.tanh(normalized(m, z, 0, eps)) * spread(*z.shape, seed=22))


def _rms_norm(m: Any, z: Any) -> Any:
    return np.sum(z / m.sqrt(np.mean(z**2) + 1e-8) * spread(*z.shape, seed=23))


def _cosine(m: Any, z: Any) -> Any:
    other = spread(*z.shape, seed=24)
    return np.sum(z * other) / m.sqrt(np.sum(z**2) * np.sum(other**2))


_ROWS = spread(2, 4, seed=25)

LAYERS: list[tuple[str, Where, Any]] = [
    ("cross-entropy of logits", 3 * spread(2, 3, seed=26),
     partial(_cross_entropy, t=np.array([0, 2]))),
    ("cross-entropy of logits about 1e3", np.array([[1000.0, 999.0, 998.5], [-1e3, -1001.0, -1e3]]),
     partial(_cross_entropy, t=np.array([1, 2]))),
    ("cross-entropy of logits about 1e6", np.array([[1e6, 1e6 + 1.5, 1e6 - 0.5]]),
     partial(_cross_entropy, t=np.array([0]))),
    ("cross-entropy, sure and wrong", np.array([[30.0, -5.0, 2.0]]),
     partial(_cross_entropy, t=np.array([1]))),
    ("logsumexp", spread(5, seed=27), logsumexp),
    ("logsumexp of far apart", np.array([0.0, -20.0, 3.0, -40.0]), logsumexp),
    ("attention by queries", 2 * _ROWS,
     partial(_attention, k=spread(3, 4, seed=28), v=spread(3, 2, seed=29))),
    ("attention, queries of 50", 50 * _ROWS,
     partial(_attention, k=spread(3, 4, seed=30), v=spread(3, 2, seed=31))),
    ("self-attention", spread(3, 2, seed=32, scale=1.5), _self_attention),
    ("layer norm", _ROWS, _layer_norm),
    ("layer norm about 1, spread 1e-3", 1 + 1e-3 * _ROWS, _layer_norm),
    ("layer norm about 1, spread 1e-5", 1 + 1e-5 * _ROWS, _layer_norm),
    ("layer norm about 1000, spread 1e-3", 1e3 + 1e-3 * _ROWS, _layer_norm),
    ("layer norm about 1000, spread 1e-5, eps 1e-12", 1e3 + 1e-5 * _ROWS,
     partial(_layer_norm, eps=1e-12)),
    ("layer norm about 1, spread 1e-3, no eps", 1 + 1e-3 * _ROWS, partial(_layer_norm, eps=0.0)),
    ("layer norm of a constant row", np.full((1, 4), 2.0), _layer_norm),
    ("batch norm", spread(4, 2, seed=33), _batch_norm),
    ("batch norm about 100, spread 1e-3", 100 + 1e-3 * spread(4, 2, seed=34), _batch_norm),
    ("batch norm of a batch of two", np.array([[0.3, -1.0], [0.3001, 2.0]]), _batch_norm),
    ("rms norm", _ROWS, _rms_norm),
    ("cosine similarity of vectors of 1e-3", 1e-3 * _ROWS, _cosine),
    ("sigmoid at 20", 20.0, sigmoid),
    ("sigmoid at -30", -30.0, textbook_sigmoid),
    ("sigmoid at 30", 30.0, textbook_sigmoid),
    ("sigmoid at -300", -300.0, textbook_sigmoid),
    ("log of a sigmoid at -50", -50.0, lambda m, x: -softplus(m, -x)),
    ("gelu", spread(4, seed=35, scale=3.0), lambda m, z: np.sum(gelu(m, z))),
    ("gelu at -6", -6.0, gelu),
    ("tanh at 12", 12.0, lambda m, x: m.tanh(x)),
    ("mish", np.array([0.7, -1.3]), lambda m, z: np.sum(z * m.tanh(softplus(m, z)))),
]  # fmt: skip

PROBLEMS: list[Problem] = [*family("network", NETS), *family("layer", LAYERS)]
