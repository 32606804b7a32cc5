"""The textbook loop: against a loop written out here, and against derivatives found by hand."""

import math
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import nn
from nn import (
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    StepError,
    StepTooSmallError,
    UnknownNameError,
)
from nn.gradients import METHODS, get_method, gradient, one_thread

EPS = np.finfo(np.float64).eps
H = 1e-4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
CLASSES = np.array([0, 2, 1, 1, 0, 2])
YES = RNG.integers(0, 2, (6, 3)).astype(float)
VALUES = RNG.normal(size=(6, 3)) * 2


def textbook(f, arrays, h=H):
    """The loop of the book: nudge, evaluate twice, restore."""
    grads = {}
    for name, p in arrays.items():
        grads[name] = np.zeros_like(p)
        for place in np.ndindex(p.shape):
            kept = p[place]
            p[place] = kept + h
            upper = f()
            p[place] = kept - h
            lower = f()
            grads[name][place] = (upper - lower) / (2 * h)
            p[place] = kept
    return grads


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normal_cdf(x):
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))(x)


# layer, the same by another formula, its derivative
SMOOTH = {
    "Sigmoid": (nn.Sigmoid(), sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    "Tanh": (nn.Tanh(), np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "Softplus": (nn.Softplus(2), lambda x: np.log(1 + np.exp(2 * x)) / 2, lambda x: sigmoid(2 * x)),
    "GELU": (
        nn.GELU(),
        lambda x: x * normal_cdf(x),
        lambda x: normal_cdf(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
    ),
}


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


# loss, targets, the same by another formula, its derivative by the outputs
LOSSES = {
    "CrossEntropyLoss": (
        nn.CrossEntropyLoss(),
        CLASSES,
        lambda z: -np.log(softmax(z)[np.arange(6), CLASSES]).mean(),
        lambda z: (softmax(z) - np.eye(3)[CLASSES]) / 6,
    ),
    "BCEWithLogitsLoss": (
        nn.BCEWithLogitsLoss(),
        YES,
        lambda z: -(YES * np.log(sigmoid(z)) + (1 - YES) * np.log(1 - sigmoid(z))).mean(),
        lambda z: (sigmoid(z) - YES) / 18,
    ),
    "MSELoss": (
        nn.MSELoss(),
        VALUES,
        lambda z: ((z - VALUES) ** 2).mean(),
        lambda z: 2 * (z - VALUES) / 18,
    ),
    "L1Loss": (
        nn.L1Loss(),
        VALUES,
        lambda z: np.abs(z - VALUES).mean(),
        lambda z: np.sign(z - VALUES) / 18,
    ),
    "HuberLoss": (
        nn.HuberLoss(1.5),
        VALUES,
        lambda z: np.where(
            np.abs(z - VALUES) < 1.5, (z - VALUES) ** 2 / 2, 1.5 * (np.abs(z - VALUES) - 0.75)
        ).mean(),
        lambda z: np.clip(z - VALUES, -1.5, 1.5) / 18,
    ),
}


@pytest.fixture(params=["TwoLayerNet", "Sequential"])
def make(request):
    """Both networks, with the same weights from the same names of their own."""

    def build(activation, loss):
        if request.param == "TwoLayerNet":
            net = nn.TwoLayerNet(4, 5, 3, 0.5, activation, loss, rng=1)
        else:
            layers = [nn.Linear(4, 5, rng=1), activation, nn.Linear(5, 3, rng=2)]
            net = nn.Sequential(layers, loss)
        for p in net.params.values():
            if p.ndim == 1:
                p[:] = np.linspace(-0.3, 0.4, len(p))
        return net

    return build


@pytest.mark.parametrize("loss_name", LOSSES)
@pytest.mark.parametrize("activation_name", SMOOTH)
def test_against_the_book_and_against_calculus(make, activation_name, loss_name):
    activation, same, slope = SMOOTH[activation_name]
    loss, t, mean_loss, loss_slope = LOSSES[loss_name]
    net = make(activation, loss)
    before = {name: p.copy() for name, p in net.params.items()}
    found = net.numerical_gradient(X, t, "loop")
    assert list(found) == list(net.params)
    assert all(g.shape == net.params[name].shape for name, g in found.items())
    for name, p in net.params.items():
        assert p.tobytes() == before[name].tobytes()

    # the book's loop around this network: the same bits
    with one_thread():
        by_loop = textbook(lambda: net.loss(X, t), dict(net.params))
    assert all((found[name] == by_loop[name]).all() for name in found)

    # the book's loop around a network of this test: the loss rounds otherwise
    W1, b1, W2, b2 = net.params.values()
    own = textbook(lambda: mean_loss(same(X @ W1 + b1) @ W2 + b2), dict(net.params))
    rounding = 16 * EPS * max(1.0, net.loss(X, t)) / H
    for name, g in own.items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=rounding)

    # backpropagation by hand
    a = X @ W1 + b1
    y = same(a)
    dz = loss_slope(y @ W2 + b2)
    da = dz @ W2.T * slope(a)
    by_hand = [X.T @ da, da.sum(axis=0), y.T @ dz, dz.sum(axis=0)]
    for g, exact in zip(found.values(), by_hand, strict=True):
        assert np.abs(exact).max() > 1e-3
        np.testing.assert_allclose(g, exact, rtol=0, atol=1e-7)


def test_three_layers_with_probabilities_as_targets():
    net = nn.Sequential(
        [
            nn.Linear(4, 5, rng=0),
            nn.Tanh(),
            nn.Linear(5, 4, rng=1),
            nn.Sigmoid(),
            nn.Linear(4, 3, rng=2),
        ]
    )
    t = RNG.dirichlet([1, 1, 1], 6)
    W1, b1, W2, b2, W3, b3 = net.params.values()
    y1 = np.tanh(X @ W1 + b1)
    y2 = sigmoid(y1 @ W2 + b2)
    dz = (softmax(y2 @ W3 + b3) - t) / 6
    d2 = dz @ W3.T * y2 * (1 - y2)
    d1 = d2 @ W2.T * (1 - y1**2)
    by_hand = [X.T @ d1, d1.sum(0), y1.T @ d2, d2.sum(0), y2.T @ dz, dz.sum(0)]
    for g, exact in zip(net.numerical_gradient(X, t, "loop").values(), by_hand, strict=True):
        np.testing.assert_allclose(g, exact, rtol=0, atol=1e-7)


class Cube(nn.Layer):
    """Mean of w**3 over the batch; its central difference is 3 w**2 + h**2 exactly."""

    def __init__(self, w):
        self.params = {"w": np.array([w])}

    def forward(self, x):
        return x * self.params["w"] ** 3


class Itself(nn.Loss):
    def per_sample(self, z, t):
        return z[:, 0]


class TestStep:
    x, t = np.ones((2, 1)), np.zeros(2)

    @pytest.mark.parametrize("h", [0.5, 1e-2])
    def test_h_is_taken_at_its_word(self, h):
        net = nn.Sequential([Cube(1.0)], Itself())
        found = net.numerical_gradient(self.x, self.t, "loop", h)["0.w"][0]
        assert found == pytest.approx(3 + h**2, rel=1e-12)

    def test_default(self):
        net = nn.Sequential([Cube(100.0)], Itself())
        default, given = (
            net.numerical_gradient(self.x, self.t, "loop", **o)["0.w"] for o in ({}, {"h": 1e-4})
        )
        assert default == given
        two = nn.TwoLayerNet(4, 2, 3, 0.5, rng=0)
        default, given = (
            two.numerical_gradient(X, CLASSES, "loop"),
            two.numerical_gradient(X, CLASSES, "loop", 1e-4),
        )
        assert all((default[name] == given[name]).all() for name in default)

    def test_none_is_a_step_by_the_size_of_the_parameter(self):
        net = nn.Sequential([Cube(1e5)], Itself())
        coarse = net.numerical_gradient(self.x, self.t, "loop")["0.w"][0] / 3e10 - 1
        fitted = net.numerical_gradient(self.x, self.t, "loop", None)["0.w"][0] / 3e10 - 1
        assert abs(fitted) < 1e-9
        assert abs(fitted) < abs(coarse)

    @pytest.mark.parametrize("h", [-1e-4, math.nan, math.inf, "1e-4", True])
    def test_bad_steps(self, h):
        with pytest.raises(StepError, match="h must be a positive finite number"):
            nn.Sequential([Cube(1.0)], Itself()).numerical_gradient(self.x, self.t, "loop", h)

    @pytest.mark.parametrize(("w", "h"), [(1.0, 0), (1e20, 1e-4), (1.0, 1e-17)])
    def test_steps_that_vanish(self, w, h):
        with pytest.raises(StepTooSmallError, match=r"0\.w\[0\]"):
            nn.Sequential([Cube(w)], Itself()).numerical_gradient(self.x, self.t, "loop", h)


class Fails(nn.Layer):
    """Raises, or answers with something, in its call number `at`."""

    def __init__(self, at, how):
        self.at, self.how, self.calls = at, how, 0

    def forward(self, x):
        self.calls += 1
        if self.calls < self.at:
            return x
        if isinstance(self.how, float):
            return x * 0 + self.how
        raise self.how


class Drops(nn.Layer):
    def __init__(self, share=0.5, in_place=False):
        self.rng, self.share, self.in_place = np.random.default_rng(0), share, in_place

    def forward(self, x):
        mask = self.rng.random(x.shape) > self.share
        if not self.in_place:
            return x * mask
        x *= mask
        return x


class Counts(nn.Layer):
    def __init__(self):
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x + self.calls


class TestFailures:
    def refuses(self, net, error, message=""):
        """The gradient raises, and leaves the parameters with the bits they had."""
        before = {name: p.copy() for name, p in net.params.items()}
        with np.errstate(invalid="ignore"), pytest.raises(error) as caught:
            net.numerical_gradient(X, CLASSES, "loop")
        assert message in str(caught.value)
        for name, p in net.params.items():
            assert p.tobytes() == before[name].tobytes()
        return str(caught.value)

    @pytest.mark.parametrize("at", [2, 3, 4, 5, 20, 77])
    @pytest.mark.parametrize("how", [RuntimeError("boom"), KeyboardInterrupt()], ids=repr)
    def test_a_layer_that_raises_in_the_middle(self, make, at, how):
        self.refuses(make(Fails(at, how), None), type(how))

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_a_layer_that_gives_nan_in_the_middle(self, value):
        # call 1 is the clean pass, 2 and 3 the checks, then two a parameter
        for at, moved in (
            (4, "W1[0, 0]"),
            (5, "W1[0, 0]"),
            (6, "W1[0, 1]"),
            (43, "W1[3, 4]"),
            (44, "b1[0]"),
        ):
            net = nn.TwoLayerNet(4, 5, 3, 0.5, Fails(at, value), rng=0)
            assert f"with {moved} moved to" in self.refuses(net, NotFiniteError)

    def test_a_layer_that_always_gives_nan(self, make):
        message = self.refuses(make(Fails(1, math.nan), None), NotFiniteError)
        assert message == (
            "the loss is nan before any nudge: layer 1, Fails(), gives what is not finite"
        )

    def test_nan_in_the_data(self):
        x = X.copy()
        x[2, 1] = math.nan
        with pytest.raises(NotFiniteError, match="x itself is not finite in row 2, column 1"):
            nn.TwoLayerNet(4, 5, 3).numerical_gradient(x, CLASSES)

    def test_nan_from_the_loss(self):
        class Undefined(nn.MSELoss):
            def per_sample(self, z, t):
                return np.full(len(z), math.nan)

        with pytest.raises(NotFiniteError, match="of outputs that are finite"):
            nn.TwoLayerNet(4, 5, 3, loss=Undefined()).numerical_gradient(X, VALUES)

    def test_a_parameter_that_is_nan(self, make):
        net = make(nn.Tanh(), None)
        name = list(net.params)[2]
        net.params[name][1, 2] = math.nan
        self.refuses(net, (InputError, NotFiniteError))

    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_layer_that_draws_anew_at_each_call(self, make, in_place):
        message = self.refuses(make(Drops(in_place=in_place), None), ImpureFunctionError)
        assert message.startswith("layer 1, Drops(), is not a function of its input: ")

    def test_a_layer_that_remembers(self, make):
        # + 1, + 2, … before the last Linear: an output no softmax cancels
        message = self.refuses(make(Counts(), None), ImpureFunctionError)
        assert message.startswith("layer 1, Counts(), is not a function of its input: ")

    def test_a_loss_that_remembers(self):
        class Drifts(nn.MSELoss):
            calls = 0

            def per_sample(self, z, t):
                Drifts.calls += 1
                return super().per_sample(z, t) + Drifts.calls

        net = nn.TwoLayerNet(4, 5, 3, loss=Drifts())
        with pytest.raises(ImpureFunctionError, match="the loss of this network is not a function"):
            net.numerical_gradient(X, VALUES, "loop")

    def test_a_layer_that_moves_its_own_parameter(self):
        class Drifts(Cube):
            def forward(self, x):
                self.params["w"] += 1
                return x * self.params["w"]

        net = nn.Sequential([Drifts(1.0)], Itself())
        with pytest.raises(ImpureFunctionError, match=r"writes into its input: 0\.w\[0\] changed"):
            net.numerical_gradient(np.ones((2, 1)), np.zeros(2), "loop")

    def test_nothing_to_learn(self):
        assert nn.Sequential([nn.ReLU()]).numerical_gradient(X, CLASSES, "loop") == {}


class TestMethods:
    def test_names(self):
        assert set(METHODS) == {"loop", "weight", "node", "direction", "auto"}
        assert all(get_method(name).name == name for name in METHODS)
        method = get_method("loop")
        assert get_method(method) is method
        with pytest.raises(
            UnknownNameError, match="unknown gradient method 'lop'; did you mean 'loop'"
        ):
            nn.TwoLayerNet(4, 5, 3).numerical_gradient(X, CLASSES, method="lop")

    def test_the_price_of_the_loop(self):
        layer = Fails(10**9, 0.0)
        net = nn.TwoLayerNet(4, 5, 3, activation=layer, rng=0)
        problem = net.problem(X, CLASSES)
        layer.calls = 0
        gradient(problem, "loop")
        assert get_method("loop").work(problem) == (layer.calls, "loss evaluations")
        assert layer.calls == 2 * net.size + 2

    def test_a_problem_knows_its_loss(self, make):
        net = make(nn.Tanh(), None)
        problem = net.problem(X, CLASSES, 0.25)
        assert problem.value() == problem.clean_value == net.loss(X, CLASSES)
        assert (problem.size, problem.h) == (net.size, 0.25)
        list(net.params.values())[-1][0] += 1
        assert problem.value() == net.loss(X, CLASSES) != problem.clean_value

    def test_the_loss_of_the_loop_is_that_of_the_network(self):
        class Square(nn.Loss):
            def per_sample(self, z, t):
                return (z - t) ** 2

        net = nn.TwoLayerNet(4, 5, 3, loss=Square())
        for ask in (net.loss, partial(net.numerical_gradient, method="loop")):
            with pytest.raises(nn.ShapeError, match=r"Square\.per_sample must return one real"):
                ask(X, VALUES)

    def test_one_thread_inside_and_as_many_as_before_outside(self):
        def threads():
            return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

        before = threads()
        with one_thread():
            assert set(threads()) <= {1}
        assert threads() == before

        class Looks(nn.Layer):
            def forward(self, x):
                seen.append(threads())
                return x

        seen = []
        with threadpool_limits(2, "blas"):
            nn.TwoLayerNet(4, 5, 3, activation=Looks()).numerical_gradient(X, CLASSES, "loop")
        assert all(set(pools) <= {1} for pools in seen[1:])  # the first is the clean pass

    def test_every_gradient_is_an_array_of_its_own(self):
        net = nn.TwoLayerNet(4, 5, 3, 0.5, rng=0)
        one, other = (net.numerical_gradient(X, CLASSES, "loop") for _ in range(2))
        assert type(one) is dict
        for name, g in one.items():
            assert g.dtype == np.float64
            assert (g == other[name]).all()
            assert not np.shares_memory(g, other[name])
            assert not np.shares_memory(g, net.params[name])
