"""Everything that has a name: a class that is not in these tables fails the suite."""

import inspect

import numpy as np
import pytest

import nn
from nn import InputError, registry
from nn.registry import KINDS, register, registered

# layer, shape of a sample
LAYERS = {
    "Linear": (lambda: nn.Linear(4, 3, rng=0), (4,)),
    "Sigmoid": (nn.Sigmoid, (4,)),
    "Tanh": (nn.Tanh, (4,)),
    "ReLU": (nn.ReLU, (4,)),
    "LeakyReLU": (nn.LeakyReLU, (4,)),
    "ELU": (nn.ELU, (4,)),
    "GELU": (nn.GELU, (4,)),
    "SiLU": (nn.SiLU, (4,)),
    "Softplus": (nn.Softplus, (4,)),
    "Softmax": (nn.Softmax, (4,)),
    "LogSoftmax": (nn.LogSoftmax, (4,)),
    "Flatten": (nn.Flatten, (2, 3)),
    "Unflatten": (lambda: nn.Unflatten((2, 2, 1)), (4,)),
    "Conv2d": (lambda: nn.Conv2d(1, 2, 2, rng=0), (1, 3, 3)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (2, 4, 2)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (2, 4, 2)),
    "LayerNorm": (lambda: nn.LayerNorm(4), (4,)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), (4,)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2), (2, 2, 3)),
    "Dropout": (lambda: nn.Dropout(0.25, rng=0), (4,)),
    "Embedding": (lambda: nn.Embedding(5, 3, rng=0), (2,)),
    "Residual": (lambda: nn.Residual([nn.Linear(4, 4, rng=0), nn.Tanh()]), (4,)),
}
INDICES = {"Embedding"}  # layers of whole numbers, which nothing can be learnt before

CLASSES = np.array([2, 0, 1, 1, 0])
VALUES = np.random.default_rng(1).normal(size=(5, 3)) * 2
YES = (VALUES > 0).astype(float)


def _softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


# loss, targets for outputs (5, 3), derivative by the outputs
LOSSES = {
    "CrossEntropyLoss": (
        nn.CrossEntropyLoss,
        CLASSES,
        lambda z: (_softmax(z) - np.eye(3)[CLASSES]) / 5,
    ),
    "BCEWithLogitsLoss": (
        nn.BCEWithLogitsLoss,
        YES,
        lambda z: (1 / (1 + np.exp(-z)) - YES) / 15,
    ),
    "MSELoss": (nn.MSELoss, VALUES, lambda z: 2 * (z - VALUES) / 15),
    "L1Loss": (nn.L1Loss, VALUES, lambda z: np.sign(z - VALUES) / 15),
    "HuberLoss": (nn.HuberLoss, VALUES, lambda z: np.clip(z - VALUES, -1, 1) / 15),
}

OPTIMIZERS = {
    "SGD": lambda: nn.SGD(lr=0.9),
    "AdaGrad": lambda: nn.AdaGrad(lr=1.5),
    "RMSprop": lambda: nn.RMSprop(lr=0.01),
    "Adam": lambda: nn.Adam(lr=0.1),
    "AdamW": lambda: nn.AdamW(lr=0.1),
}

SCHEDULES = {
    "ConstantSchedule": lambda: nn.ConstantSchedule(0.5),
    "StepSchedule": lambda: nn.StepSchedule(0.5, every=10),
    "CosineSchedule": lambda: nn.CosineSchedule(0.5, steps=40),
    "LinearWarmup": lambda: nn.LinearWarmup(0.5, warmup_steps=5),
}

INITIALIZERS = {
    "Zeros": nn.Zeros,
    "Normal": nn.Normal,
    "Uniform": nn.Uniform,
    "Xavier": nn.Xavier,
    "He": nn.He,
}

NETWORKS = {
    "Sequential": lambda: nn.Sequential([nn.Linear(4, 3, rng=0)]),
    "TwoLayerNet": lambda: nn.TwoLayerNet(4, 5, 3, rng=0),
}

TABLES = {
    "layer": LAYERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "initializer": INITIALIZERS,
    "network": NETWORKS,
}


def ours(kind):
    """The classes of `nn` itself; other tests may have registered some of their own."""
    return {name: c for name, c in registered(kind).items() if c.__module__.startswith("nn.")}


EVERY = [pytest.param(kind, name, id=name) for kind in KINDS for name in ours(kind)]


def build(kind, name):
    made = TABLES[kind][name]
    return made[0]() if isinstance(made, tuple) else made()


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_here_name_every_class(kind):
    assert TABLES[kind].keys() == ours(kind).keys()


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_named_documented_and_built_from_plain_arguments(kind, name):
    cls = registered(kind)[name]
    assert cls.__name__ == name
    assert getattr(nn, name) is cls
    assert name in nn.__all__
    assert len(vars(cls).get("__doc__") or "") > 10
    assert isinstance(build(kind, name), cls)
    assert not inspect.isabstract(cls)
    asks = {"layer": "forward", "loss": "per_sample", "optimizer": "move"}.get(kind, "__call__")
    if kind != "network":
        assert getattr(cls, asks).__doc__
    assert "References" in cls.__doc__ or not takes_options_of_a_paper(kind, cls)


def takes_options_of_a_paper(kind, cls):
    return kind == "optimizer" or cls in (
        nn.GELU, nn.ELU, nn.SiLU, nn.HuberLoss, nn.Xavier, nn.He, nn.TwoLayerNet, nn.Conv2d,
        nn.AvgPool2d, nn.MaxPool2d, nn.LayerNorm, nn.BatchNorm1d, nn.BatchNorm2d, nn.Dropout,
        nn.Embedding, nn.Residual,
    )  # fmt: skip


class Shift(nn.Layer):
    """x + w: something to learn in front of a layer that may have nothing."""

    def __init__(self, shape):
        self.params = {"w": np.zeros(shape)}

    def forward(self, x):
        return x + self.params["w"]


class TestLayers:
    @pytest.fixture(params=LAYERS)
    def case(self, request):
        make, shape = LAYERS[request.param]
        rng = np.random.default_rng(0)
        if request.param in INDICES:
            return make(), shape, rng.integers(0, 5, (7, *shape)).astype(float)
        return make(), shape, rng.normal(size=(7, *shape)) * 3

    def test_a_row_a_sample_each_on_its_own(self, case):
        layer, shape, x = case
        y = layer.forward(x)
        assert len(y) == 7
        assert y.dtype == np.float64
        for k in (1, 4):
            np.testing.assert_allclose(layer.forward(x[:k]), y[:k], rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(layer.forward(x[k:]), y[k:], rtol=1e-13, atol=1e-15)
        assert layer.forward(np.zeros((0, *shape))).shape == (0, *y.shape[1:])

    def test_repeatable_and_innocent(self, case):
        layer, _, x = case
        before = x.copy()
        params = {name: p.copy() for name, p in layer.params.items()}
        buffers = {name: kept.copy() for name, kept in layer.buffers.items()}
        first = layer.forward(x).copy()
        layer.forward(x[:2] * (1 if isinstance(layer, nn.Embedding) else 5))
        assert (layer.forward(x) == first).all()
        x.flags.writeable = False
        assert (layer(x) == first).all()
        assert (x == before).all()
        assert all((p == params[name]).all() for name, p in layer.params.items())
        assert all((kept == buffers[name]).all() for name, kept in layer.buffers.items())

    def test_stable_at_a_thousand(self, case):
        layer, shape, _ = case
        if isinstance(layer, nn.Embedding):
            pytest.skip("takes indices")
        signs = np.random.default_rng(0).choice([-1000.0, 0.0, 1000.0], size=(50, *shape))
        y = layer.forward(signs)
        assert np.isfinite(y).all()
        assert np.abs(y).max() <= 1000 * 4 * 2  # no more than Linear's four inputs can add up to

    def test_trains(self, case):
        layer, shape, x = case
        width = layer.forward(x).reshape(7, -1).shape[1]
        first = [] if isinstance(layer, nn.Embedding) else [Shift(shape)]
        net = nn.Sequential([*first, layer, nn.Flatten(), nn.Linear(width, 3, rng=0)])
        t, optimizer = [0, 1, 2, 0, 1, 2, 0], nn.SGD(0.05)
        losses = [net.loss(x, t)]
        for _ in range(3):
            grads = net.numerical_gradient(x, t)
            assert grads.keys() == net.params.keys()
            assert all(np.isfinite(g).all() and g.any() for g in grads.values())
            optimizer.update(net.params, grads)
            losses.append(net.loss(x, t))
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", LOSSES)
class TestLosses:
    z = np.random.default_rng(0).normal(size=(5, 3)) * 2

    def test_one_number_a_sample_and_their_mean(self, name):
        make, t, _ = LOSSES[name]
        loss, z = make(), self.z.copy()
        each = loss.per_sample(z, loss.targets(t, z))
        assert each.shape == (5,)
        assert each.dtype == np.float64
        assert (each >= 0).all()
        assert loss(z, t) == loss.mean(z, loss.targets(t, z)) == pytest.approx(np.mean(each))
        for n in range(5):  # each on its own
            assert loss(z[n : n + 1], t[n : n + 1]) == pytest.approx(each[n], rel=1e-13)
        assert (z == self.z).all()
        assert loss.predict(z).shape == z.shape
        assert loss.metric in ("accuracy", "r2")
        assert np.isfinite(loss.score(loss.predict(z), t))

    def test_derivative(self, name):
        make, t, slope = LOSSES[name]
        loss = make()
        found = nn.numerical_gradient(lambda z: loss(z, t), self.z.copy(), h=1e-4)
        np.testing.assert_allclose(found, slope(self.z), rtol=0, atol=1e-8)

    def test_stable_at_a_thousand(self, name):
        make, t, _ = LOSSES[name]
        loss = make()
        for z in (self.z * 0 + [1000.0, 0.0, -1000.0], self.z * 0 + 1000, self.z * 0 - 1000):
            assert np.isfinite(loss(z, t))
            assert np.isfinite(loss.predict(z)).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_reach_the_bottom_of_a_bowl(name):
    """x**2 / 20 + y**2, from (-7, 2): flat one way, steep the other."""
    optimizer, params = OPTIMIZERS[name](), {"x": np.array([-7.0]), "y": np.array([2.0])}
    for _ in range(1000):
        optimizer.update(params, {"x": params["x"] / 10, "y": 2 * params["y"]})
    assert optimizer.steps == 1000
    assert abs(params["x"][0]) < 0.01
    assert abs(params["y"][0]) < 0.01


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_give_a_rate_for_every_step(name):
    schedule = SCHEDULES[name]()
    rates = [schedule(step) for step in range(60)]
    assert all(isinstance(lr, float) and 0 <= lr <= 0.5 for lr in rates)
    assert max(rates) == 0.5
    assert rates[3] == schedule(3)  # a function of the step alone


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("shape", [(6, 3), (4, 2, 3, 3)])
def test_initializers_give_an_array_of_the_shape(name, shape):
    init = INITIALIZERS[name]()
    w = init(shape, np.random.default_rng(0))
    assert (w.shape, w.dtype) == (shape, np.float64)
    assert np.isfinite(w).all()
    assert w.flags.writeable
    assert (w == init(shape, np.random.default_rng(0))).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_learn(name):
    net = NETWORKS[name]()
    x, t = np.random.default_rng(0).normal(size=(6, 4)), [0, 1, 2, 0, 1, 2]
    before = net.loss(x, t)
    nn.SGD(0.1).update(net.params, net.numerical_gradient(x, t))
    assert net.loss(x, t) < before


class TestRegister:
    @pytest.fixture(autouse=True)
    def put_back(self, monkeypatch):
        """Work on a copy of the registry."""
        copied = {kind: dict(classes) for kind, classes in registry._registered.items()}
        monkeypatch.setattr(registry, "_registered", copied)

    @pytest.mark.parametrize("base", KINDS.values(), ids=KINDS)
    def test_a_class_of_ones_own(self, base):
        kind = next(k for k, b in KINDS.items() if b is base)
        body = {name: lambda *_: None for name in base.__abstractmethods__}
        own = type("Own", (base,), body)
        assert register(own) is own
        assert registered(kind)["Own"] is own
        assert register(own) is own  # twice is no quarrel
        assert all("Own" not in registered(other) for other in KINDS if other != kind)

    def test_as_a_decorator(self):
        @nn.register
        class Double(nn.Layer):
            def forward(self, x):
                return 2 * x

        assert registered("layer")["Double"] is Double
        assert Double()([1.0]) == [2.0]

    @pytest.mark.parametrize("thing", [int, np.tanh, "ReLU", nn.ReLU(), nn.Trainer], ids=str)
    def test_what_is_none_of_ours(self, thing):
        with pytest.raises(InputError) as caught:
            register(thing)
        assert "is none of: Layer, Loss, Optimizer, Schedule, Initializer, Network" in str(
            caught.value
        )
        assert repr(thing) in str(caught.value)

    def test_abstract_ones(self):
        with pytest.raises(InputError, match=r"^Loss lacks per_sample$"):
            register(nn.Loss)
        with pytest.raises(InputError, match=r"^Half lacks forward$"):
            register(type("Half", (nn.Layer,), {}))
        assert "Half" not in registered("layer")

    def test_names_that_are_taken(self):
        other = type("ReLU", (nn.Tanh,), {})
        with pytest.raises(InputError, match="a layer called ReLU is there already"):
            register(other)
        assert registered("layer")["ReLU"] is nn.ReLU
        loss = type("ReLU", (nn.MSELoss,), {})  # another kind has names of its own
        assert register(loss) is loss

    def test_the_answer_is_a_copy(self):
        registered("layer").clear()
        assert "ReLU" in registered("layer")
