"""Layers of one's own among images: classes that know only `forward`, and children of ours."""

import warnings

import numpy as np
import pytest

import nn
from nn import FallbackWarning
from nn.gradients import get_method, gradient

X = np.random.default_rng(0).normal(size=(5, 2, 6, 5))
CLASSES = np.array([0, 2, 1, 1, 0])


class Tilt(nn.Layer):
    """Each image plus its mirror: whole samples, and nothing but a forward."""

    def forward(self, x):
        return x + 0.5 * x[..., ::-1]


class Cube(nn.Elementwise):
    def forward(self, x):
        return x**3


class Scale(nn.Layer):
    """A number to learn for each channel."""

    def __init__(self, channels):
        self.params = {"a": np.linspace(0.5, 1.5, channels)}

    def forward(self, x):
        return x * self.params["a"][:, None, None]


class Own(nn.Layer):
    """A push of its own that knows no windows."""

    def forward(self, x):
        return np.roll(x, 1, axis=2)

    def push(self, rows, x, z):
        assert rows.corner is None
        assert rows.delta.shape[3:] == x.shape[2:]
        return rows.with_delta(np.roll(rows.delta, 1, axis=3))


class Counted(nn.Layer):
    """Keeps what a `backward` would need."""

    def forward(self, x):
        self.x = x
        return np.tanh(x)


class Turned(nn.Conv2d):
    """Another formula: its kernels are turned round, and its answer is squared."""

    def forward(self, x):
        self.params["W"] = self.params["W"]
        return super().forward(x[..., ::-1]) ** 2


class Soft(nn.MaxPool2d):
    """No maximum any more."""

    def forward(self, x):
        return np.log(nn.AvgPool2d(2).forward(np.exp(x)))


class Half(nn.AvgPool2d):
    def forward(self, x):
        return super().forward(x) ** 2


class Centred(nn.LayerNorm):
    def forward(self, x):
        return (x - x.mean(axis=-1, keepdims=True)) * self.params["gamma"] ** 2


class Twice(nn.Embedding):
    def forward(self, x):
        return super().forward(x) ** 2


class Upside(nn.Flatten):
    def forward(self, x):
        return super().forward(x)[:, ::-1]


class Turning(nn.Unflatten):
    def forward(self, x):
        return super().forward(x)[..., ::-1] * 2


def image_net(*layers):
    """The layers between two convolutions, and what makes three numbers of that."""
    layers = [nn.Conv2d(2, 2, (3, 2), rng=0), *layers, nn.Conv2d(2, 2, 2, rng=1), nn.SiLU()]
    layers.append(nn.Flatten())
    features = nn.Sequential(layers).forward(X).shape[1]
    return nn.Sequential([*layers, nn.Linear(features, 3, rng=2)])


NETS = {
    "whole samples": lambda: image_net(Tilt()),
    "before a pool": lambda: image_net(Tilt(), nn.AvgPool2d(2)),
    "after a pool": lambda: image_net(nn.AvgPool2d(2), Tilt()),
    "after a maximum": lambda: image_net(nn.MaxPool2d(2), Tilt()),
    "elementwise": lambda: image_net(Cube(), nn.MaxPool2d(2), Cube()),
    "something to learn": lambda: image_net(Scale(2), nn.Tanh()),
    "a push without windows": lambda: image_net(Own(), nn.AvgPool2d(2)),
    "a cache": lambda: image_net(Counted(), nn.AvgPool2d(2), Counted()),
    "in a block": lambda: image_net(nn.Residual([Tilt(), Cube(), Scale(2), Own()])),
    "before batch norm": lambda: image_net(Tilt(), nn.BatchNorm2d(2)),
    "after batch norm": lambda: image_net(nn.BatchNorm2d(2), Scale(2), Tilt()),
    "a child of Conv2d": lambda: image_net(nn.Tanh(), Turned(2, 2, 2, rng=5)),
    "a child of MaxPool2d": lambda: image_net(Soft(2)),
    "a child of AvgPool2d": lambda: image_net(Half(2)),
    "a child of LayerNorm": lambda: image_net(Centred(4)),
    "a child of Unflatten": lambda: image_net(nn.Flatten(), Turning((2, 4, 4))),
}
CHILDREN = (Turned, Soft, Half, Centred, Twice, Upside, Turning)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("options", [{}, {"h": None}], ids=str)
def test_the_numbers_are_those_of_the_loop(name, options):
    net = NETS[name]()
    problem = net.problem(X, CLASSES, **options)
    by_loop = gradient(problem, "loop")
    largest = max(np.abs(g).max() for g in by_loop.values())
    for method, close in (("weight", 1e-9), ("node", 1e-6), ("auto", 1e-6)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if method == "node" else "error", FallbackWarning)
            found = gradient(problem, method)
        assert "loop" not in get_method(method).ways(problem).values()
        for key, g in by_loop.items():
            atol = largest * (close if problem.h else 1e-6)
            np.testing.assert_allclose(found[key], g, rtol=0, atol=atol, err_msg=f"{method} {key}")


@pytest.mark.parametrize("kind", CHILDREN)
def test_children_with_another_forward_start_from_nothing(kind):
    for fact in ("push", "terms", "room", "mixes", "ties"):
        assert getattr(kind, fact) is getattr(nn.Layer, fact)


def test_children_without_one_keep_it_all():
    class Named(nn.Conv2d):
        pass

    class Same(nn.MaxPool2d):
        def __repr__(self):
            return "Same()"

    assert Named.push is nn.Conv2d.push
    assert Named.terms is nn.Conv2d.terms
    assert Same.ties
    net = image_net(Named(2, 2, 1, rng=3), Same(2))
    problem = net.problem(X, CLASSES)
    for name, g in gradient(problem, "loop").items():
        np.testing.assert_allclose(gradient(problem, "weight")[name], g, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", [Upside, Twice])
def test_children_of_layers_that_make_no_images(kind):
    if kind is Twice:
        x = np.random.default_rng(1).integers(0, 4, (5, 3))
        layers = [Twice(4, 2, rng=0), nn.Tanh(), nn.Flatten(), nn.Linear(6, 3, rng=1)]
    else:
        x, layers = X, [nn.Conv2d(2, 1, 3, rng=0), Upside(), nn.Linear(12, 3, rng=1)]
    problem = nn.Sequential(layers).problem(x, CLASSES)
    by_loop = gradient(problem, "loop")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        for method in ("weight", "node"):
            for name, g in gradient(problem, method).items():
                np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=1e-8)
    assert get_method("node").ways(problem)[0,] == ("weight" if kind is Twice else "node")


def test_what_is_kept_for_a_backward_is_of_the_whole_batch():
    layer = Counted()
    net = image_net(nn.BatchNorm2d(2), layer)
    problem = net.problem(X, CLASSES)
    clean = layer.x.copy()
    gradient(problem, "weight")
    assert layer.x.shape == clean.shape
    np.testing.assert_allclose(layer.x, clean, rtol=0, atol=1e-14)


class Dot(nn.Layer):
    """One number a sample, a sum over its weights."""

    def __init__(self, features):
        self.params = {"w": np.linspace(-1, 1, features)}

    def forward(self, x):
        return x @ self.params["w"]

    def terms(self, name, x):
        return x


def test_a_sum_that_is_one_number_of_a_sample():
    x, t = X.reshape(5, -1), np.linspace(0, 1, 5)
    net = nn.Sequential([nn.Linear(60, 4, rng=0), Dot(4), nn.Tanh()], nn.MSELoss())
    problem = net.problem(x, t)
    by_loop = gradient(problem, "loop")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        for method in ("weight", "node", "auto"):
            for name, g in gradient(problem, method).items():
                np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=1e-7)


def test_a_convolution_that_learns_from_a_layer_of_ones_own():
    """Trained to the end of three epochs, each by its own way: the same weights."""
    found = {}
    for method in ("weight", "loop"):
        net = image_net(Tilt(), nn.BatchNorm2d(2), Cube())
        trainer = nn.Trainer(net, None, nn.SGD(0.05), method=method, rng=0)
        trainer.fit(X, CLASSES, epochs=3, batch_size=3, progress=False)
        found[method] = net.state_dict()
    for name, a in found["loop"].items():
        np.testing.assert_allclose(found["weight"][name], a, rtol=0, atol=1e-9)
