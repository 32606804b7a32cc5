"""Random directions: unbiased, as noisy as it says, and repeatable."""

import math

import numpy as np
import pytest

import nn
from nn import ArgumentError, InputError, NotFiniteError, StepTooSmallError
from nn.gradients import Direction, get_method

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
CLASSES = np.array([0, 2, 1, 1, 0, 2])
DISTRIBUTIONS = ("rademacher", "gaussian")


class Slope(nn.Layer):
    """z = p · c: its gradient is c, wherever p is."""

    c = np.array([3.0, -1.0, 0.5, 0.0, 2.0])

    def __init__(self):
        self.params = {"p": np.array([0.1, 0.2, -0.3, 0.4, 5.0])}

    def forward(self, x):
        return x * self.params["p"].dot(self.c)


class Itself(nn.Loss):
    def per_sample(self, z, t):
        return z[:, 0]


def estimates(count, h=1e-4, **options):
    """Many estimates of the slope above, and the slope."""
    net, method = nn.Sequential([Slope()], Itself()), Direction(rng=1, **options)
    problem = net.problem(np.ones((1, 1)), np.zeros(1), h)
    found = np.array([nn.gradients.gradient(problem, method)["0.p"] for _ in range(count)])
    return found, Slope.c


@pytest.mark.parametrize("h", [1e-4, None])
@pytest.mark.parametrize("directions", [1, 3])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_unbiased_and_as_noisy_as_it_says(distribution, directions, h):
    """Means and variances of 1000 estimates, to five standard errors of theirs.

    With a step s_i each, v_i / s_i is multiplied by the rise along v s: what is estimated is
    the slope by p_i / s_i, and everything is as for one step in those units.
    """
    count = 1000
    found, g = estimates(count, h, directions=directions, distribution=distribution)
    if h is None:
        steps = nn.steps.default_step(Slope().params["p"])
        found, g = found * steps, g * steps
    size = (g**2).sum()
    variance = (size - g**2 if distribution == "rademacher" else size + g**2) / directions
    assert np.all(np.abs(found.mean(axis=0) - g) < 5 * np.sqrt(variance / count))
    square = (found - g) ** 2
    error = square.std(axis=0) / math.sqrt(count)  # of the mean of the squares
    assert np.all(np.abs(square.mean(axis=0) - variance) < 5 * error)
    entries = len(g) - 1 if distribution == "rademacher" else len(g) + 1
    error = square.sum(axis=1).std() / math.sqrt(count)
    assert abs(square.sum(axis=1).mean() - entries * size / directions) < 5 * error + 1e-20


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("h", [1e-4, None])
def test_the_mean_of_many_is_the_gradient_of_a_network(distribution, h):
    net = nn.TwoLayerNet(4, 3, 3, 0.5, rng=0)
    exact = net.numerical_gradient(X, CLASSES, "loop")
    k = 1500
    found = net.numerical_gradient(X, CLASSES, Direction(k, distribution, rng=0), h)
    assert list(found) == list(exact)
    size = sum((g**2).sum() for g in exact.values())
    for name, g in found.items():
        assert (g.dtype, g.shape) == (np.float64, exact[name].shape)
        steps = nn.steps.default_step(net.params[name])
        if h is None:  # what counts is the slope in units of the steps
            scaled = sum(
                ((e * nn.steps.default_step(net.params[n])) ** 2).sum() for n, e in exact.items()
            )
            error = np.sqrt(2 * scaled / k) / steps
        else:
            error = np.full(g.shape, math.sqrt(2 * size / k))
        assert (np.abs(g - exact[name]) < 5 * error).all()


def test_one_parameter_is_found_exactly():
    """Along the one axis there is, ±1 is the central difference itself."""
    net = nn.Sequential([nn.Linear(1, 1, bias=False, rng=0)], nn.MSELoss())
    x, t = np.array([[1.0], [2.0]]), np.array([0.5, -1.0])
    for h in (1e-4, 0.3, None):
        found = net.numerical_gradient(x, t, Direction(1, rng=0), h)["0.W"]
        by_loop = net.numerical_gradient(x, t, "loop", h)["0.W"]
        np.testing.assert_allclose(found, by_loop, rtol=1e-8)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_seed_makes_it_repeatable(distribution):
    net = nn.TwoLayerNet(4, 5, 3, 0.5, rng=0)

    def twice(rng):
        method = Direction(2, distribution, rng)
        return [net.numerical_gradient(X, CLASSES, method)["W1"] for _ in range(2)]

    one, again, other, free = twice(3), twice(3), twice(4), twice(None)
    assert (one[0] == again[0]).all()
    assert (one[1] == again[1]).all()
    assert (one[0] != one[1]).any()  # a call draws new ones
    assert (one[0] != other[0]).any()
    assert (free[0] != twice(None)[0]).any()
    generator = np.random.default_rng(3)
    assert (twice(generator)[1] == one[1]).all()
    assert Direction(rng=generator).rng is generator
    assert (get_method("direction").directions, get_method("direction").distribution) == (
        10,
        "rademacher",
    )


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_draws(distribution):
    v = Direction(1, distribution, rng=0)._draw((200, 50))
    assert abs(v.mean()) < 5 / 100
    assert abs((v**2).mean() - 1) < 5 * math.sqrt(2) / 100
    if distribution == "rademacher":
        assert set(np.unique(v)) == {-1.0, 1.0}


@pytest.mark.parametrize("directions", [0, -1, 1.5, True, "10", None])
def test_how_many(directions):
    with pytest.raises(ArgumentError, match="directions must be a whole number >= 1"):
        Direction(directions)


def test_which():
    with pytest.raises(ArgumentError, match="'rademacher' or 'gaussian', got 'uniform'"):
        Direction(distribution="uniform")


class Fails(nn.Layer):
    def __init__(self, at, how):
        self.at, self.how, self.calls = at, how, 0

    def forward(self, x):
        self.calls += 1
        if self.calls < self.at:
            return x
        if isinstance(self.how, float):
            return x + self.how
        raise self.how


class TestFailures:
    @pytest.mark.parametrize("at", [2, 3, 4, 5])
    @pytest.mark.parametrize("how", [RuntimeError("boom"), KeyboardInterrupt()], ids=repr)
    def test_parameters_keep_their_bits(self, at, how):
        net = nn.TwoLayerNet(4, 5, 3, 0.5, Fails(at, how), rng=0)
        before = {name: p.copy() for name, p in net.params.items()}
        with pytest.raises(type(how)):
            net.numerical_gradient(X, CLASSES, "direction")
        assert all(p.tobytes() == before[name].tobytes() for name, p in net.params.items())

    @pytest.mark.parametrize("h", [1e-4, 0.3, None])
    def test_also_without_a_failure(self, h):
        net = nn.TwoLayerNet(4, 5, 3, 1 / 3, rng=0)
        before = {name: p.copy() for name, p in net.params.items()}
        net.numerical_gradient(X, CLASSES, "direction", h)
        assert all(p.tobytes() == before[name].tobytes() for name, p in net.params.items())

    @pytest.mark.parametrize(("at", "number"), [(2, 0), (3, 0), (4, 1), (7, 2)])
    def test_what_is_not_finite_is_named(self, at, number):
        net = nn.TwoLayerNet(4, 5, 3, 0.5, Fails(at, math.nan), rng=0)
        with pytest.raises(NotFiniteError) as caught:
            net.numerical_gradient(X, CLASSES, "direction")
        assert str(caught.value) == (
            f"the loss is nan with all parameters nudged along direction {number}"
        )

    def test_a_step_that_vanishes(self):
        net = nn.TwoLayerNet(4, 5, 3, 0.5, rng=0)
        net.params["W2"][1, 2] = 1e20
        with pytest.raises(StepTooSmallError, match=r"W2\[1, 2\]"):
            net.numerical_gradient(X, CLASSES, "direction")

    def test_arrays_that_share_memory(self):
        """Both would be moved, and restored, by way of each other."""
        first, second = nn.Linear(4, 3, rng=0), nn.Linear(3, 4, rng=1)
        second.params["W"] = first.params["W"].T
        with pytest.raises(InputError, match=r"0\.W and 1\.W share memory"):
            nn.Sequential([first, second], nn.MSELoss()).numerical_gradient(X, X, "direction")


def test_the_price():
    class Counts(nn.Layer):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return x * 1.0

    layer = Counts()
    net = nn.TwoLayerNet(4, 5, 3, activation=layer, rng=0)
    problem = net.problem(X, CLASSES)
    layer.calls = 0
    method = Direction(7, rng=0)
    nn.gradients.gradient(problem, method)
    assert layer.calls == 14
    assert method.work(problem) == (14, "loss evaluations")


def test_it_trains():
    net = nn.TwoLayerNet(4, 5, 3, 0.5, rng=0)
    trainer = nn.Trainer(net, None, nn.SGD(0.3), method=Direction(20, rng=0), rng=0)
    before = net.loss(X, CLASSES)
    trainer.fit(X, CLASSES, epochs=60, progress=False)
    assert net.loss(X, CLASSES) < 0.8 * before
