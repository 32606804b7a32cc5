"""Optimizers against recursions of single numbers, written out as the papers have them."""

import math

import numpy as np
import pytest

import nn
from nn import ArgumentError, InputError, ShapeError

STEPS = 7
RNG = np.random.default_rng(0)
START = {"W": RNG.normal(size=(2, 3)), "b": RNG.normal(size=3), "c": np.array(0.7)}
GRADS = [{name: RNG.normal(size=p.shape) * 3 for name, p in START.items()} for _ in range(STEPS)]


def sgd(p, gradients, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    v = None
    for g in gradients:
        g = g + weight_decay * p
        v = g if v is None else momentum * v + g
        p = p - lr * ((g + momentum * v) if nesterov else v)
    return p


def adagrad(p, gradients, lr, eps):
    s = 0.0
    for g in gradients:
        s = s + g**2
        p = p - lr * g / (math.sqrt(s) + eps)
    return p


def rmsprop(p, gradients, lr, alpha, eps):
    s = 0.0
    for g in gradients:
        s = alpha * s + (1 - alpha) * g**2
        p = p - lr * g / (math.sqrt(s) + eps)
    return p


def adam(p, gradients, lr, betas, eps, weight_decay=0.0, decoupled=False):
    m = s = 0.0
    for n, g in enumerate(gradients, start=1):
        if decoupled:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        s = betas[1] * s + (1 - betas[1]) * g**2
        m_hat, s_hat = m / (1 - betas[0] ** n), s / (1 - betas[1] ** n)
        p = p - lr * m_hat / (math.sqrt(s_hat) + eps)
    return p


CASES = [
    (nn.SGD(), sgd, {"lr": 0.01}),
    (nn.SGD(0.1), sgd, {"lr": 0.1}),
    (nn.SGD(0.1, weight_decay=0.3), sgd, {"lr": 0.1, "weight_decay": 0.3}),
    (nn.SGD(0.1, momentum=0.9), sgd, {"lr": 0.1, "momentum": 0.9}),
    (
        nn.SGD(0.1, momentum=0.8, nesterov=True, weight_decay=0.2),
        sgd,
        {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.2},
    ),
    (nn.AdaGrad(), adagrad, {"lr": 0.01, "eps": 1e-10}),
    (nn.AdaGrad(0.5, eps=0.2), adagrad, {"lr": 0.5, "eps": 0.2}),
    (nn.RMSprop(), rmsprop, {"lr": 0.01, "alpha": 0.99, "eps": 1e-8}),
    (nn.RMSprop(0.1, 0.7, 0.3), rmsprop, {"lr": 0.1, "alpha": 0.7, "eps": 0.3}),
    (nn.Adam(), adam, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}),
    (
        nn.Adam(0.1, (0.5, 0.6), 0.2, weight_decay=0.4),
        adam,
        {"lr": 0.1, "betas": (0.5, 0.6), "eps": 0.2, "weight_decay": 0.4},
    ),
    (
        nn.AdamW(),
        adam,
        {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01, "decoupled": True},
    ),
    (
        nn.AdamW(0.1, (0.5, 0.6), 0.2, weight_decay=0.4),
        adam,
        {"lr": 0.1, "betas": (0.5, 0.6), "eps": 0.2, "weight_decay": 0.4, "decoupled": True},
    ),
]


@pytest.mark.parametrize(("optimizer", "recursion", "options"), CASES)
def test_equations(optimizer, recursion, options):
    params = {name: p.copy() for name, p in START.items()}
    arrays = dict(params)
    given = [{name: g.copy() for name, g in grads.items()} for grads in GRADS]
    for n in range(1, STEPS + 1):
        optimizer.update(params, given[n - 1])
        for name, p in params.items():
            assert p is arrays[name]
            for place in np.ndindex(p.shape):
                history = [float(grads[name][place]) for grads in GRADS[:n]]
                alone = recursion(float(START[name][place]), history, **options)
                assert p[place] == pytest.approx(alone, rel=1e-12, abs=1e-14)
    assert optimizer.steps == STEPS
    for grads, untouched in zip(given, GRADS, strict=True):
        assert all((grads[name] == untouched[name]).all() for name in grads)


def test_the_rate_may_change_between_updates():
    for cls in (nn.SGD, nn.AdaGrad, nn.RMSprop, nn.Adam, nn.AdamW):
        full, tenth = ({"w": np.array([1.0])} for _ in range(2))
        cls(lr=0.1).update(full, {"w": np.array([1.0])})
        slower = cls(lr=0.1)
        slower.lr = 0.01
        slower.update(tenth, {"w": np.array([1.0])})
        assert 1 - tenth["w"] == pytest.approx((1 - full["w"]) / 10)


def test_the_memory_belongs_to_the_optimizer():
    g = np.array([1.0])
    w = np.array([0.0])
    optimizer = nn.SGD(1.0, momentum=0.5)
    optimizer.update({"w": w}, {"w": g})
    g[:] = 0
    optimizer.update({"w": w}, {"w": g})
    assert w == -1.5


def test_live_parameters_of_a_network():
    net = nn.Sequential([nn.Linear(2, 2, rng=0)])
    W, before = net.layers[0].params["W"], net.layers[0].params["W"].copy()
    nn.SGD(0.5).update(net.params, {"0.W": np.ones((2, 2)), "0.b": [2, 4]})
    assert net.layers[0].params["W"] is W
    assert (before - 0.5 == W).all()
    assert net.params["0.b"].tolist() == [-1, -2]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.float16, np.float32])
@pytest.mark.parametrize("cls", [nn.SGD, nn.AdaGrad, nn.RMSprop, nn.Adam, nn.AdamW])
def test_gradients_of_other_types(cls, dtype):
    one, other = {"w": np.ones(2)}, {"w": np.ones(2)}
    cls().update(one, {"w": np.array([100, 0], dtype)})
    cls().update(other, {"w": np.array([100.0, 0.0])})
    assert (one["w"] == other["w"]).all()


@pytest.mark.parametrize("cls", [nn.SGD, nn.AdaGrad, nn.RMSprop, nn.Adam, nn.AdamW])
def test_float32_parameters_stay_float32(cls):
    w = np.ones(2, np.float32)
    cls(0.1).update({"w": w}, {"w": np.array([1.0, 2.0])})
    assert w.dtype == np.float32
    assert (w < 1).all()


READ_ONLY = np.ones(2)
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize("optimizer", [nn.SGD(0.1, momentum=0.9), nn.Adam()], ids=repr)
@pytest.mark.parametrize(
    ("params", "grads", "error", "message"),
    [
        ({}, {"x": np.ones(2)}, InputError, "no gradient for 'b'; got a, x"),
        ({}, {"b": np.ones(3)}, ShapeError, "gradient of 'b' has shape (3,), not (2,)"),
        ({}, {"b": 1.0}, ShapeError, "gradient of 'b' has shape (), not (2,)"),
        ({}, {"b": [[1.0, 2.0]]}, ShapeError, "gradient of 'b' has shape (1, 2), not (2,)"),
        ({}, {"b": [1j, 0]}, InputError, "gradient of 'b' must be real numbers, got complex128"),
        ({}, {"b": ["1", "2"]}, InputError, "gradient of 'b' must be real numbers, got <U1"),
        ({"b": [1.0, 2.0]}, {"b": np.ones(2)}, InputError, "'b' must be a writable floating"),
        ({"b": np.ones(2, int)}, {"b": np.ones(2)}, InputError, "'b' must be a writable floating"),
        ({"b": READ_ONLY}, {"b": np.ones(2)}, InputError, "'b' must be a writable floating-point"),
        ({"b": 1.5}, {"b": 1.0}, InputError, "'b' must be a writable floating-point array"),
        (
            {"b": np.ones((2, 1))},
            {"b": np.ones((2, 1))},
            ShapeError,
            "'b' has shape (2, 1), but had (2,) in an earlier update",
        ),
    ],
)
def test_errors_leave_everything_unmoved(optimizer, params, grads, error, message):
    optimizer.update({"a": np.ones(2), "b": np.ones(2)}, {"a": np.ones(2), "b": np.ones(2)})
    params = {"a": np.ones(2), "b": np.ones(2)} | params
    steps, memory = optimizer.steps, {key: kept.copy() for key, kept in optimizer.memory.items()}
    with pytest.raises(error) as caught:
        optimizer.update(params, {"a": np.ones(2)} | grads)
    assert message in str(caught.value)
    assert params["a"].tolist() == [1, 1]
    assert optimizer.steps == steps
    assert all((optimizer.memory[key] == kept).all() for key, kept in memory.items())
    assert optimizer.memory.keys() == memory.keys()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.SGD(0), "lr must be a finite number > 0, got 0"),
        (lambda: nn.Adam(math.nan), "lr must be a finite number > 0, got nan"),
        (lambda: nn.SGD(momentum=1), "momentum must be a finite number >= 0 and < 1, got 1"),
        (lambda: nn.SGD(nesterov=True), "momentum must be a finite number > 0 and < 1, got 0.0"),
        (lambda: nn.SGD(weight_decay=-1), "weight_decay must be a finite number >= 0, got -1"),
        (lambda: nn.AdaGrad(eps=0), "eps must be a finite number > 0, got 0"),
        (lambda: nn.RMSprop(alpha=1.0), "alpha must be a finite number >= 0 and < 1, got 1.0"),
        (lambda: nn.RMSprop(eps=-1), "eps must be a finite number > 0, got -1"),
        (lambda: nn.Adam(betas=(0.9, 1)), "betas must be a finite number >= 0 and < 1, got 1"),
        (lambda: nn.Adam(betas=(0.9,)), "betas must be two numbers, got (0.9,)"),
        (lambda: nn.Adam(betas=0.9), "betas must be two numbers, got 0.9"),
        (lambda: nn.Adam(eps=0), "eps must be a finite number > 0, got 0"),
        (lambda: nn.AdamW(weight_decay=-1), "weight_decay must be a finite number >= 0, got -1"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message


def test_repr():
    assert repr(nn.AdamW(0.25)) == "AdamW(lr=0.25)"


class TestClip:
    def test_length_of_all_as_one_vector(self):
        assert nn.global_norm({"a": np.array([[2.0, 3.0]]), "b": np.array(6.0)}) == 7.0
        assert nn.global_norm({}) == 0.0
        assert nn.global_norm({"a": np.zeros(3), "b": np.zeros(0)}) == 0.0
        assert nn.global_norm({"a": np.array([100, 100], np.int8)}) == pytest.approx(141.4213562373)

    def test_shorter_ones_stay(self):
        grads = {"a": np.array([3.0]), "b": np.array([4.0])}
        for max_norm in (5.0, 5.1, 1e9):
            clipped = nn.clip_by_global_norm(grads, max_norm)
            assert all((clipped[name] == grads[name]).all() for name in grads)

    def test_longer_ones_keep_their_direction(self):
        grads = {"a": np.array([3.0, 0.0]), "b": np.array([[-4.0]])}
        clipped = nn.clip_by_global_norm(grads, 0.5)
        np.testing.assert_allclose(clipped["a"], [0.3, 0], rtol=1e-15)
        np.testing.assert_allclose(clipped["b"], [[-0.4]], rtol=1e-15)
        assert grads["a"].tolist() == [3, 0]
        assert list(clipped) == ["a", "b"]

    @pytest.mark.parametrize("size", [1e-200, 1e200])
    def test_squares_that_overflow_or_vanish(self, size):
        grads = {"a": np.array([3.0]) * size, "b": np.array([0.0, 4.0]) * size}
        assert nn.global_norm(grads) == pytest.approx(5 * size, rel=1e-14)
        clipped = nn.clip_by_global_norm(grads, size)
        np.testing.assert_allclose(clipped["b"] / size, [0, 0.8], rtol=1e-14)

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_what_is_not_finite_stays_visible(self, bad):
        grads = {"a": np.array([1.0, bad]), "b": np.array([2.0])}
        assert not math.isfinite(nn.global_norm(grads))
        clipped = nn.clip_by_global_norm(grads, 1.0)
        np.testing.assert_array_equal(clipped["a"], grads["a"])
        assert clipped["b"] == 2.0

    def test_nothing_to_clip(self):
        assert nn.clip_by_global_norm({"a": np.zeros(2)}, 1.0)["a"].tolist() == [0, 0]

    @pytest.mark.parametrize("max_norm", [0, -1, math.nan])
    def test_bad_length(self, max_norm):
        with pytest.raises(ArgumentError, match="max_norm must be a finite number > 0, got"):
            nn.clip_by_global_norm({}, max_norm)
