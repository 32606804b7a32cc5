"""Weight, node and auto: the numbers of the textbook loop, by perturbed rows."""

import math
import re
import tracemalloc
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import FallbackWarning, InputError, NotFiniteError
from nn.gradients import METHODS, get_method
from nn.gradients.node import by_nodes
from nn.gradients.tail import tails
from nn.gradients.weight import Pairs
from nn.layers import Place
from nn.losses import OutputwiseLoss
from nn.rows import Rows
from nn.steps import default_step

from .boxes import in_pieces

EPS = np.finfo(np.float64).eps
H = 1e-4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 4))
CLASSES = np.array([0, 2, 1, 1, 0, 2, 2])
VALUES = RNG.normal(size=(7, 3)) * 2
ROWWISE = ("weight", "node", "auto")


def rounding(net, size, h=H):
    """How far apart two ways may be by rounding alone.

    Each evaluation of the loop is off by a few eps of its size, a sum of errors of either sign;
    the quotient divides that by h. Of all nets here, none is off by more than 1.4 eps / h: 16
    leaves room for another machine's exp and sums, and hides nothing of the size of a gradient.
    """
    if h is None:
        h = min(float(default_step(p).min()) for p in net.params.values())
    return 16 * EPS * max(1.0, size) / h


def by_the_loop(net, x, t, h):
    """The loop's gradient, and the largest loss it met."""
    met, loss = [], net.loss_function
    mean = loss.mean
    loss.mean = lambda z, t: met.append(mean(z, t)) or met[-1]
    try:
        return net.numerical_gradient(x, t, "loop", h), max(map(abs, met))
    finally:
        del loss.mean


def assert_as_loop(net, x, t, method="weight", h=H, **options):
    """Compare with the loop; return the gradient. The parameters keep their bits."""
    before = {name: p.copy() for name, p in net.params.items()}
    found = net.numerical_gradient(x, t, method, h, **options)
    for name, p in net.params.items():
        assert p.tobytes() == before[name].tobytes(), name
    by_loop, size = by_the_loop(net, x, t, h)
    assert list(found) == list(by_loop)
    for name, g in found.items():
        assert type(g) is np.ndarray
        assert (g.dtype, g.shape) == (np.float64, net.params[name].shape)
        atol = rounding(net, size, h)
        np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=atol, err_msg=name)
        assert not np.shares_memory(g, net.params[name])
    return found


ACTIVATIONS = {
    "Sigmoid": nn.Sigmoid,
    "Tanh": nn.Tanh,
    "ReLU": nn.ReLU,
    "LeakyReLU": lambda: nn.LeakyReLU(0.1),
    "GELU": nn.GELU,
    "GELU tanh": lambda: nn.GELU("tanh"),
    "Softplus": lambda: nn.Softplus(2),
    "ELU": nn.ELU,
    "SiLU": nn.SiLU,
    "Softmax": nn.Softmax,
    "LogSoftmax": nn.LogSoftmax,
    "Flatten": nn.Flatten,
    "none": None,
}

# loss, targets for outputs of a shape
TARGETS = {
    "CrossEntropyLoss": (
        nn.CrossEntropyLoss,
        lambda rng, shape: rng.integers(0, shape[1], shape[0]),
    ),
    "CrossEntropyLoss one-hot": (
        nn.CrossEntropyLoss,
        lambda rng, shape: np.eye(shape[1])[rng.integers(0, shape[1], shape[0])],
    ),
    "CrossEntropyLoss probabilities": (
        nn.CrossEntropyLoss,
        lambda rng, shape: rng.dirichlet(np.ones(shape[1]), shape[0]),
    ),
    "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss, lambda rng, shape: rng.random(shape)),
    "BCEWithLogitsLoss yes or no": (
        nn.BCEWithLogitsLoss,
        lambda rng, shape: rng.integers(0, 2, shape),
    ),
    "MSELoss": (nn.MSELoss, lambda rng, shape: rng.normal(size=shape)),
    "L1Loss": (nn.L1Loss, lambda rng, shape: rng.normal(size=shape)),
    "HuberLoss": (lambda: nn.HuberLoss(0.5), lambda rng, shape: rng.normal(size=shape)),
}


def inputs(rng, kind, shape):
    """A batch with zeros, with few distinct numbers, or with all of them different."""
    x = rng.normal(size=shape)
    if kind == "grey":
        x = rng.integers(0, 3, shape) / 2
    elif kind == "zero":
        x = np.zeros(shape)
    elif kind == "holes":
        x[rng.random(shape) < 0.4] = 0
        x[:, 0] = 0
        x[-1] = 0
    return x


@st.composite
def cases(draw):
    """A net of our layers, a batch and its targets."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    loss_name = draw(st.sampled_from(sorted(TARGETS)))
    make_loss, make_targets = TARGETS[loss_name]
    depth = draw(st.integers(1, 4))
    sizes = [draw(st.integers(1, 5)) for _ in range(depth + 1)]
    if loss_name.startswith("Cross"):
        sizes[-1] = max(2, sizes[-1])
    layers = []
    shape = (sizes[0],)
    if draw(st.booleans()):
        shape = draw(st.sampled_from([(sizes[0], 1, 1), (1, sizes[0], 1), (1, 1, sizes[0])]))
        layers.append(nn.Flatten())
    for inside, outside in pairwise(sizes):
        linear = nn.Linear(inside, outside, bias=draw(st.booleans()), rng=rng)
        if "b" in linear.params and draw(st.booleans()):
            linear.params["b"][:] = rng.normal(size=outside)
        activation = ACTIVATIONS[draw(st.sampled_from(sorted(ACTIVATIONS)))]
        layers += [linear] if activation is None else [linear, activation()]
    samples = draw(st.sampled_from([1, 2, 5, 9]))
    x = inputs(rng, draw(st.sampled_from(["normal", "grey", "zero", "holes"])), (samples, *shape))
    t = make_targets(rng, (samples, sizes[-1]))
    if sizes[-1] == 1 and draw(st.booleans()):
        t = t.reshape(samples)
    return nn.Sequential(layers, make_loss()), x, t


@settings(derandomize=True, deadline=None, max_examples=120)
@given(cases(), st.sampled_from([H, H, 1e-2, None]), st.sampled_from(["256 MiB", "2 KiB"]))
def test_weight_is_the_loop(case, h, memory):
    assert_as_loop(*case, h=h, memory=memory)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(cases())
def test_node_is_weight_up_to_the_square_of_h(case):
    """Away from kinks: where h halves leave the number the same, so does the way."""
    net, x, t = case
    by_weight, finer, by_node = (
        net.numerical_gradient(x, t, method, h)
        for method, h in (("weight", 1e-3), ("weight", 1e-4), ("node", 1e-3))
    )
    for name, g in by_weight.items():
        if np.abs(g - finer[name]).max() < 1e-5:
            np.testing.assert_allclose(by_node[name], g, rtol=0, atol=1e-3)


@pytest.mark.parametrize("loss_name", TARGETS)
@pytest.mark.parametrize("activation_name", set(ACTIVATIONS) - {"none"})
def test_every_activation_with_every_loss(activation_name, loss_name):
    make_loss, make_targets = TARGETS[loss_name]
    t = make_targets(np.random.default_rng(1), (7, 3))
    net = nn.TwoLayerNet(4, 5, 3, 0.7, ACTIVATIONS[activation_name](), make_loss(), rng=2)
    for p in net.params.values():
        p += 0.1
    for h in (H, None):
        found = assert_as_loop(net, X, t, h=h)
        assert all(g.any() for g in found.values())


class Grow(nn.Layer):
    """Numbers a net can learn on the way, one for each of the last axis."""

    def __init__(self, shape):
        self.params = {"a": np.linspace(0.5, 1.5, math.prod(shape)).reshape(shape)}

    def forward(self, x):
        return x * self.params["a"]


class Bend(nn.Layer):
    """Not linear in its parameter."""

    def __init__(self):
        self.params = {"p": np.array([0.7])}

    def forward(self, x):
        return np.tanh(x * self.params["p"] ** 2) + np.sin(self.params["p"])


class Idle(nn.Layer):
    """A parameter without effect."""

    def __init__(self):
        self.params = {"nothing": np.ones((2, 3))}

    def forward(self, x):
        return x * 1.0


class Some(nn.Layer):
    """A parameter that moves a few outputs, not those at the ends."""

    def __init__(self):
        self.params = {"v": np.array([0.3, -0.2])}

    def forward(self, x):
        y = x.copy()
        y[:, 1:3] += self.params["v"] * x[:, :1]
        return y


class Conv(nn.Layer):
    """A 2 x 2 filter for each pair of channels, over (N, C, H, W)."""

    def __init__(self, inside, outside, seed=0):
        rng = np.random.default_rng(seed)
        self.params = {"W": rng.normal(size=(outside, inside, 2, 2)), "b": rng.normal(size=outside)}

    def forward(self, x):
        patches = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))
        y = np.tensordot(patches, self.params["W"], ((1, 4, 5), (1, 2, 3)))
        return y.transpose(0, 3, 1, 2) + self.params["b"][:, None, None]


class Sum(nn.Layer):
    """One number a sample: (N, ...) -> (N,)."""

    def forward(self, x):
        return x.reshape(len(x), -1).sum(axis=1)


class Stack(nn.Layer):
    """(N,) -> (N, 3)."""

    def forward(self, x):
        return np.stack([x, np.sin(x), x**2], axis=1)


class Steps(nn.Layer):
    """Whole numbers as they are."""

    def forward(self, x):
        return np.floor(x * 3).astype(int)


class Signs(nn.Layer):
    def forward(self, x):
        return x > 0.1


class Buffered(nn.Layer):
    """Writes every answer into the same memory."""

    buffer = np.empty(0)

    def forward(self, x):
        if self.buffer.size < x.size:
            self.buffer = np.empty(x.size)
        return np.tanh(x, out=self.buffer[: x.size].reshape(x.shape))


class Caches(nn.Layer):
    """Keeps what a `backward` would need."""

    def forward(self, x):
        self.x, self.y = x, np.tanh(x)
        return self.y


class Swaps(nn.Layer):
    """A view of its input."""

    def forward(self, x):
        return x[:, ::-1]


class Square(nn.Elementwise):
    def forward(self, x):
        return x * x


class Slope(nn.Elementwise):
    """One number learnt for all of them."""

    def __init__(self):
        self.params = {"a": np.array([0.3])}

    def forward(self, x):
        return np.where(x > 0, x, self.params["a"] * x)


class Remembers(nn.Elementwise):
    """Elementwise, answers with what it keeps."""

    def forward(self, x):
        self.y = np.tanh(x)
        return self.y


class Same(nn.Elementwise):
    def forward(self, x):
        return x


class ElementwiseBuffer(nn.Elementwise):
    buffer = np.empty(0)
    forward = Buffered.forward


class Floor(nn.Elementwise):
    forward = Steps.forward


class Bilinear(nn.Linear):
    """A Linear no longer: neither its push nor its terms hold."""

    def forward(self, x):
        return super().forward(x) ** 2


class Scales:
    def forward(self, x):
        return super().forward(x) * (1 + x.sum(axis=1, keepdims=True))


class Mixed(Scales, nn.Linear):
    """A mixin brings the forward."""


class Unmixed(nn.Linear, Scales):
    """It does not: Linear comes first."""


def linear(kind, *sizes):
    return kind(*sizes, rng=5)


# layers before a Linear(4 or 3, 3), behind a Linear(4, 4)
OTHERS = {
    "scale": lambda: [Grow((4,))],
    "of no linear parameter": lambda: [Bend()],
    "without effect": lambda: [Idle()],
    "of some outputs": lambda: [Some()],
    "numbers for samples": lambda: [Sum(), Stack(), Caches(), Grow((3,))],
    "flat numbers for samples": lambda: [Sum(), nn.Tanh(), Grow((1,)), nn.Flatten(), Grow((1,))],
    "whole numbers": lambda: [Steps()],
    "true and false": lambda: [Signs()],
    "a buffer": lambda: [Buffered(), Grow((4,)), Buffered()],
    "a cache": lambda: [Caches()],
    "a view": lambda: [Swaps(), nn.ReLU(), Swaps()],
    "elementwise": lambda: [Square(), nn.Tanh(), Square()],
    "elementwise that learns": lambda: [Slope(), Square(), Slope()],
    "elementwise that remembers": lambda: [Remembers(), Remembers()],
    "elementwise that does nothing": lambda: [Same(), nn.Sigmoid(), Same()],
    "elementwise with a buffer": lambda: [ElementwiseBuffer(), ElementwiseBuffer()],
    "a Linear with another forward": lambda: [linear(Bilinear, 4, 4)],
    "a mixin": lambda: [linear(Mixed, 4, 3)],
    "a mixin that comes last": lambda: [linear(Unmixed, 4, 3)],
    "ours and theirs": lambda: [nn.ReLU(), Grow((4,)), linear(nn.Linear, 4, 5), Bend()],
}  # fmt: skip


def with_others(name, loss=None):
    layers = [nn.Linear(4, 4, rng=1), *OTHERS[name]()]
    width = nn.Sequential(layers).forward(X).shape[1]
    return nn.Sequential([*layers, nn.Linear(width, 3, rng=2)], loss)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("options", [{}, {"h": None}, {"memory": "3 KiB"}], ids=str)
def test_layers_of_others(name, options):
    assert_as_loop(with_others(name), X, CLASSES, **options)
    assert_as_loop(with_others(name, nn.MSELoss()), X[:1], VALUES[:1], **options)


def test_elementwise_of_whole_numbers():
    net = nn.Sequential([nn.Linear(4, 4, rng=1), Floor(), nn.Linear(4, 3, rng=2)])
    assert_as_loop(net, X, CLASSES)


@pytest.mark.parametrize("memory", ["256 MiB", "3 KiB"])
def test_a_parameter_that_is_one_number(memory):
    net = nn.Sequential([nn.Linear(4, 3, rng=1), Grow(())])
    for h in (H, None):
        assert_as_loop(net, X, CLASSES, h=h, memory=memory)


IMAGES = np.random.default_rng(4).normal(size=(5, 2, 4, 3))
PICTURES = {
    "an image": lambda: [nn.Flatten(), nn.Linear(24, 3, rng=0)],
    "a convolution": lambda: [Conv(2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 3, rng=0)],
    "two": lambda: [Conv(2, 2), nn.Tanh(), Conv(2, 3, 1), nn.Flatten(), nn.Linear(6, 3, rng=0)],
    "channels": lambda: [Grow((2, 1, 1)), nn.Softmax(), nn.Flatten(), nn.Linear(24, 3, rng=0)],
    "a cache": lambda: [Caches(), Grow((4, 1)), Swaps(), nn.Flatten(), nn.Linear(24, 3, rng=0)],
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("options", [{}, {"h": None}, {"memory": "8 KiB"}], ids=str)
def test_layers_on_images(name, options):
    net = nn.Sequential(PICTURES[name]())
    found = assert_as_loop(net, IMAGES, CLASSES[:5], **options)
    assert all(g.any() for g in found.values())


def test_units_that_are_off_stay_off():
    """Samples whose change a relu swallows are left out, whatever narrow layers follow."""
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    layers = [nn.Linear(4, 5, rng=0), nn.ReLU(), nn.LeakyReLU(0.0), nn.Flatten(), nn.ReLU()]
    net = nn.Sequential([*layers, nn.Linear(5, 3, rng=1)])
    net.params["0.b"][:] = [-0.5, -2.0, 0.5, 3.0, -9.0]
    found = assert_as_loop(net, x, t)
    assert not found["0.W"][:, 4].any()
    assert_as_loop(nn.Sequential([*layers, Caches(), *net.layers[-1:]]), x, t)


def test_probabilities_that_nearly_sum_to_one():
    """A little more or less is let through, and counts."""
    t = np.random.default_rng(0).dirichlet([1, 1, 1], 7) * (1 + 9e-6)
    for loss in (nn.CrossEntropyLoss(), Focal()):
        assert_as_loop(nn.TwoLayerNet(4, 5, 3, 0.5, loss=loss, rng=0), X, t, h=1e-2)


def test_images_as_outputs():
    """Losses that look at each output alone take outputs of any shape."""
    t = np.random.default_rng(0).random((5, 3, 3, 2))
    for loss in (nn.MSELoss(), nn.BCEWithLogitsLoss(), nn.HuberLoss(0.3)):
        assert_as_loop(nn.Sequential([Conv(2, 3), Same()], loss), IMAGES, t)


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.BCEWithLogitsLoss, nn.L1Loss, nn.HuberLoss])
def test_one_output_with_and_without_an_axis(loss):
    t = (VALUES[:, 0] > 0).astype(float)
    flat = nn.Sequential([nn.Linear(4, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1), Sum()], loss())
    column = nn.Sequential(flat.layers[:3], loss())
    for h in (H, None):
        one, other = assert_as_loop(flat, X, t, h=h), assert_as_loop(column, X, t, h=h)
        assert_as_loop(column, X, t[:, None], h=h)
        for name, g in one.items():
            np.testing.assert_allclose(g, other[name], rtol=0, atol=rounding(flat, 1.0, h))


class Fourth(nn.Loss):
    """A loss of one's own, with nothing but per_sample."""

    def per_sample(self, z, t):
        return ((z - t) ** 4).sum(axis=1) * z[:, 0]


class Whole(nn.Loss):
    def per_sample(self, z, t):
        return np.floor(np.abs(z - t) * 50).sum(axis=1).astype(int)


class Unsigned(nn.Loss):
    def per_sample(self, z, t):
        return np.floor(np.abs(z - t) * 50).sum(axis=1).astype(np.uint64)


class Listed(nn.Loss):
    def per_sample(self, z, t):
        return ((z - t) ** 2).sum(axis=1).tolist()


class LossBuffer(nn.Loss):
    buffer = np.empty(1 << 16)

    def per_sample(self, z, t):
        return np.sum((z - t) ** 2, axis=1, out=self.buffer[: len(z)])


class Cubes(nn.MSELoss):
    """Its costs are others: the parent's rise is not its own."""

    def costs(self, z, t):
        return np.abs(z - t) ** 3


class Quartic(OutputwiseLoss):
    def costs(self, z, t):
        return (z - t) ** 4


class Rooted(nn.MSELoss):
    """No mean of costs any more: the parent's changes are not its own."""

    def per_sample(self, z, t):
        return np.sqrt(super().per_sample(z, t))


class Focal(nn.CrossEntropyLoss):
    def per_sample(self, z, t):
        cost = super().per_sample(z, t)
        return (1 - np.exp(-cost)) ** 2 * cost


class Smoothed:
    def per_sample(self, z, t):
        return 0.9 * super().per_sample(z, t) + 0.1 * np.log1p(np.exp(z)).sum(axis=1)


class Smooth(Smoothed, nn.CrossEntropyLoss):
    """A mixin brings the per_sample."""


class Doubled(nn.MSELoss):
    """Another rise that goes with other costs."""

    def costs(self, z, t):
        return 2 * (z - t) ** 2

    def rise(self, delta, z, t):
        return 2 * delta * (2 * (z - t) + delta)


@pytest.mark.parametrize(
    "loss",
    [
        Fourth,
        Whole,
        LossBuffer,
        Cubes,
        Quartic,
        Rooted,
        Focal,
        Smooth,
        Doubled,
        Unsigned,
        Listed,
    ],
)
@pytest.mark.parametrize("memory", ["256 MiB", "3 KiB"])
def test_losses_of_others(loss, memory):
    t = CLASSES if issubclass(loss, nn.CrossEntropyLoss) else VALUES
    net = nn.Sequential([nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 3, rng=1)], loss())
    for h in (1e-2, None) if loss not in (Whole, Unsigned) else (0.05,):
        assert all(g.any() for g in assert_as_loop(net, X, t, h=h, memory=memory).values())


class Norm(nn.Sigmoid):
    """Not elementwise any more, though its parent is."""

    def forward(self, x):
        return super().forward(x - x.mean(axis=-1, keepdims=True))


class Named(nn.Linear):
    """A Linear with a parameter that its forward does not know."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.params["unused"] = np.ones(self.params["b"].shape)


class Slopes(nn.Elementwise):
    """Says it treats every number alone, but has a slope for each column."""

    def __init__(self):
        self.params = {"a": np.array([0.1, 0.2, 0.3, 0.4])}

    def forward(self, x):
        return np.where(x > 0, x, self.params["a"] * x)


class Weighted(nn.MSELoss):
    """Costs that depend on which output it is."""

    def costs(self, z, t):
        return np.array([1.0, 2.0, 5.0]) * (z - t) ** 2


class TestWhatClassesSayOfThemselves:
    def test_a_child_of_an_activation_that_is_not_elementwise(self):
        net = nn.Sequential([nn.Linear(4, 4, rng=0), Norm(), nn.Linear(4, 3, rng=1)])
        assert_as_loop(net, X, CLASSES)

    def test_a_linear_with_a_parameter_more(self):
        found = assert_as_loop(nn.Sequential([Named(4, 3, rng=0)]), X, CLASSES)
        assert not found["0.unused"].any()

    def test_an_elementwise_layer_that_is_none(self):
        """Right, or refused in words; never another number."""
        net = nn.Sequential([nn.Linear(4, 4, rng=0), Slopes(), nn.Linear(4, 3, rng=1)])
        try:
            assert_as_loop(net, X, CLASSES)
        except InputError as error:
            assert "layer 1, Slopes()" in str(error)

    def test_costs_of_each_output_that_are_none(self):
        net = nn.Sequential([nn.Linear(4, 3, rng=0)], Weighted())
        try:
            assert_as_loop(net, X, VALUES)
        except InputError as error:
            assert "Weighted" in str(error)


# --- node ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Sigmoid", "Tanh", "GELU", "SiLU", "Softplus", "Softmax"])
@pytest.mark.parametrize("loss_name", [n for n in TARGETS if n[:2] not in ("L1", "Hu")])
def test_node_differs_by_the_square_of_h(name, loss_name):
    """Halve h, and the difference falls to a quarter."""
    make_loss, make_targets = TARGETS[loss_name]
    t = make_targets(np.random.default_rng(1), (7, 3))
    layers = [nn.Linear(4, 5, rng=0), ACTIVATIONS[name](), nn.Linear(5, 3, rng=1)]
    net = nn.Sequential([*layers, ACTIVATIONS[name]()], make_loss())
    apart = []
    for h in (0.2, 0.1, 0.05):
        by_weight, by_node = (net.numerical_gradient(X, t, m, h) for m in ("weight", "node"))
        square = sum(((by_weight[key] - by_node[key]) ** 2).sum() for key in by_weight)
        apart.append(math.sqrt(square))
    assert apart[0] > 1e-6
    assert apart[0] / apart[1] == pytest.approx(4, rel=0.1)
    assert apart[1] / apart[2] == pytest.approx(4, rel=0.05)


def test_node_is_exact_for_biases_and_squares():
    """A bias moves its unit by h, as node does; a square has no third derivative."""
    net = nn.Sequential([nn.Linear(4, 3, rng=0), nn.Tanh(), nn.Linear(3, 3, rng=1)], nn.MSELoss())
    found = net.numerical_gradient(X, VALUES, "node", 0.3)
    by_loop = net.numerical_gradient(X, VALUES, "loop", 0.3)
    for name in ("0.b", "2.b", "2.W"):
        np.testing.assert_allclose(found[name], by_loop[name], rtol=0, atol=1e-13)
    assert np.abs(found["0.W"] - by_loop["0.W"]).max() > 1e-4


class ColumnMax(nn.Layer):
    """The largest input: several may be."""

    def forward(self, x):
        return x.max(axis=1, keepdims=True)


class TestTies:
    """Three inputs of a maximum are equal: each weight moves one of them, by its own kink."""

    x, t = np.array([[1.0], [-2.0], [0.5]]), np.zeros(3)

    def net(self):
        net = nn.Sequential([nn.Linear(1, 3, rng=0), ColumnMax()], nn.MSELoss())
        net.params["0.W"][:] = 1.0
        return net

    def test_weight_is_the_loop(self):
        found = assert_as_loop(self.net(), self.x, self.t)
        assert len(np.unique(found["0.W"].round(9))) == 1

    def test_node_goes_to_the_same_as_h_does(self):
        """At a kink the error of any central difference is of the order of h, not of its square."""
        apart = []
        for h in (1e-2, 1e-3, 1e-4):
            net = self.net()
            (tail,) = tails(net.problem(self.x, self.t, h))
            node = by_nodes(tail, Place((0,)), ["W"])["W"]
            weight = net.numerical_gradient(self.x, self.t, "weight", h)["0.W"]
            apart.append(np.abs(node - weight).max())
        np.testing.assert_allclose(apart[:-1], 10 * np.array(apart[1:]), rtol=0.1)
        assert apart[-1] < 1e-4 < np.abs(weight).max()

    def test_nodes_before_a_tie_are_not_nudged_all_the_same(self):
        """Whether each weight moves one of the equals is not known of every layer."""
        net = self.net()
        with pytest.warns(FallbackWarning) as said:
            by_node = assert_as_loop(net, self.x, self.t, "node")
        assert [str(w.message) for w in said] == [
            "the gradient of layer 0, Linear(1, 3), is found by weight: layer 1, ColumnMax(), has a"
            " kink where inputs are equal, and there nudging each of them is not nudging all"
        ]
        again = self.net()
        assert ways(again, x=self.x, t=self.t) == {(0,): "weight"}
        by_auto = again.numerical_gradient(self.x, self.t, "auto")
        assert all((by_auto[name] == g).all() for name, g in by_node.items())


def why_not(net, method="node", x=X, t=CLASSES):
    """The sentences of a gradient's warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.numerical_gradient(x, t, method)
    assert all(w.category is FallbackWarning for w in caught)
    assert all(w.filename == __file__ for w in caught)  # it points at who asked
    return [str(w.message) for w in caught]


class TestFallback:
    def test_a_layer_without_terms(self):
        net = nn.Sequential([nn.Linear(4, 4, rng=0), Slope(), linear(Bilinear, 4, 3)])
        assert why_not(net) == [
            "the gradient of layer 1, Slope(), is found by weight: its a does not enter as the"
            " weights of a sum",
            "the gradient of layer 2, Linear(4, 3), is found by weight: its W does not enter as"
            " the weights of a sum",
        ]

    @pytest.mark.parametrize("method", ["weight", "auto"])
    def test_only_who_asked_for_nodes_is_told(self, method):
        assert why_not(nn.Sequential([nn.Linear(4, 4, rng=0), Grow((4,))]), method) == []

    def test_once_a_network(self):
        net = nn.Sequential([nn.Linear(4, 4, rng=0), Grow((4,))])
        assert len(why_not(net)) == 1
        assert why_not(net) == []
        net.inspector.forget()
        assert why_not(net) == []
        assert len(why_not(nn.Sequential(net.layers))) == 1

    def test_once_a_training(self):
        net = nn.Sequential([nn.Linear(4, 4, rng=0), Grow((4,))])
        trainer = nn.Trainer(net, None, nn.SGD(0.1), method="node", rng=0)
        with pytest.warns(FallbackWarning) as said:
            trainer.fit(X, CLASSES, epochs=3, batch_size=3, progress=False)
        assert len(said) == 1

    @pytest.mark.parametrize("name", OTHERS)
    def test_the_numbers_are_those_of_weight(self, name):
        net = with_others(name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FallbackWarning)
            found = net.numerical_gradient(X, CLASSES, "node")
        by_weight = net.numerical_gradient(X, CLASSES, "weight")
        ways = get_method("node").ways(net.problem(X, CLASSES))
        assert set(ways.values()) <= {"weight", "node"}
        for key, g in found.items():
            if ways[int(key[0]),] == "weight":
                assert (g == by_weight[key]).all()
            else:
                np.testing.assert_allclose(g, by_weight[key], rtol=0, atol=1e-7)


# --- auto ------------------------------------------------------------------------------------


def ways(net, method="auto", x=X, t=CLASSES, **options):
    return get_method(method).ways(net.problem(x, t, **options))


class TestAuto:
    def test_counts_rows(self):
        """2 x units x samples for nodes; 2 x distinct numbers that are not zero for weights."""
        wide = nn.Sequential([nn.Linear(4, 3, rng=0)])
        narrow = nn.Sequential([nn.Linear(1, 3, bias=False, rng=0)])
        assert ways(wide) == {(0,): "node"}
        assert ways(narrow, x=X[:, :1]) == {(0,): "weight"}  # as cheap, and exact
        assert ways(nn.Sequential([nn.Linear(1, 3, rng=0)]), x=X[:, :1]) == {(0,): "node"}
        assert ways(wide, x=np.eye(4)[[0, 1, 2, 3, 0, 1, 2]]) == {(0,): "node"}  # W and b
        none = nn.Sequential([nn.Linear(4, 3, bias=False, rng=0)])
        assert ways(none, x=np.eye(4)[[0, 1, 2, 3, 0, 1, 2]]) == {(0,): "weight"}
        assert ways(none, x=np.zeros((7, 4))) == {(0,): "weight"}
        assert ways(none, x=np.ones((7, 4))) == {(0,): "weight"}  # one distinct number a sample
        assert ways(none, x=np.ones((7, 4)), h=None) == {(0,): "node"}  # each with its own step

    def test_the_numbers_are_those_of_the_way_chosen(self):
        net = nn.Sequential(
            [nn.Linear(4, 1, rng=0), nn.Tanh(), nn.Linear(1, 4, bias=False, rng=1), Grow((4,))]
        )
        net.layers[3].__class__ = type("Sure", (Grow,), {})
        assert ways(net) == {(0,): "node", (2,): "weight", (3,): "weight"}
        found = net.numerical_gradient(X, CLASSES, "auto", 0.1)
        by_node = net.numerical_gradient(X, CLASSES, get_method("auto"), 0.1)
        assert all((found[key] == by_node[key]).all() for key in found)
        by_weight = net.numerical_gradient(X, CLASSES, "weight", 0.1)
        with pytest.warns(FallbackWarning, match="its a does not"):
            by_node = net.numerical_gradient(X, CLASSES, "node", 0.1)
        for key, g in found.items():
            same, other = (by_node, by_weight) if key[0] == "0" else (by_weight, by_node)
            assert (g == same[key]).all()
            assert key[0] == "3" or not (g == other[key]).all()

    def test_ways_of_every_method(self):
        net = nn.TwoLayerNet(4, 5, 3, activation=Slope(), rng=0)
        expected = {
            "loop": {(0,): "loop", (1,): "loop", (2,): "loop"},
            "direction": {(0,): "direction", (1,): "direction", (2,): "direction"},
            "weight": {(0,): "weight", (1,): "weight", (2,): "weight"},
            "node": {(0,): "node", (1,): "weight", (2,): "node"},
            "auto": {(0,): "node", (1,): "weight", (2,): "node"},
        }
        assert expected == {name: ways(net, name) for name in METHODS}

    def test_two_ways_in_one_layer(self):
        """A layer with a parameter of its own and one that is shared."""
        first, second = nn.Linear(4, 4, rng=0), nn.Linear(4, 4, rng=1)
        second.params["W"] = first.params["W"]
        with pytest.warns(FallbackWarning, match="layers 0 and 1 share W"):
            net = nn.Sequential([first, second])
            net.numerical_gradient(X, CLASSES, "weight")
        assert ways(net, "weight") == {(0,): "loop weight", (1,): "weight"}


# --- memory ----------------------------------------------------------------------------------


class TestMemory:
    @pytest.mark.parametrize("memory", ["3 KiB", "10 KiB", "1 MiB", 20_000])
    @pytest.mark.parametrize("method", ["weight", "node"])
    def test_little_of_it_gives_the_same(self, method, memory):
        rng = np.random.default_rng(0)
        x, t = inputs(rng, "holes", (150, 6)), rng.integers(0, 4, 150)
        net = nn.TwoLayerNet(6, 7, 4, 0.5, nn.ReLU(), rng=0)
        for h in (H, None):
            found = net.numerical_gradient(x, t, method, h, memory)
            usual = net.numerical_gradient(x, t, method, h)
            for name, g in found.items():
                np.testing.assert_allclose(g, usual[name], rtol=0, atol=rounding(net, 2.0, h))

    @pytest.mark.parametrize("numbers", [10, 14, 33, 64, 200, 1000])
    @pytest.mark.parametrize("kind", ["normal", "grey", "holes"])
    def test_pieces_of_any_size_give_the_same(self, monkeypatch, numbers, kind):
        """Rows that are followed at the same time: less than a unit's, or those of several."""
        rng = np.random.default_rng(0)
        x, t = inputs(rng, kind, (13, 6)), rng.integers(0, 4, 13)
        layers = [nn.Linear(6, 5, rng=0), nn.ReLU(), Grow((5,)), Some(), nn.Linear(5, 4, rng=1)]
        net = nn.Sequential(layers)
        for layer in layers:
            layer.__class__ = type(layer.__class__.__name__, (type(layer),), {})
        for h in (H, None):
            usual = net.numerical_gradient(x, t, "auto", h)
            with monkeypatch.context() as patch:
                pieces = in_pieces(patch, numbers)
                found = net.numerical_gradient(x, t, "auto", h)
                assert len(pieces) > 10 or numbers == 1000
                assert_as_loop(net, x, t, h=h)
            for name, g in found.items():
                np.testing.assert_allclose(g, usual[name], rtol=0, atol=rounding(net, 2.0, h))

    def test_how_many_rows_at_once(self):
        """As many numbers as the widest row on the way has, the layer's own input included."""
        net = nn.Sequential([nn.Linear(4, 30, rng=0), Sum(), nn.Flatten()], nn.MSELoss())
        (part,) = tails(net.problem(X, np.zeros(7), memory="1 MiB"))
        places = [(Place((number,)), box) for number, box in ((0, (1,)), (1, ()), (2, (1,)))]
        assert [part.numbers(place, box) for place, box in places] == [30, 1, 1]
        assert part.limit(*places[0]) == 2**20 // 8 // 16 // 30
        assert part.limit(*places[0], 31) == 2**20 // 8 // 16 // 31
        (part,) = tails(net.problem(X, np.zeros(7)))
        assert part.limit(*places[2]) == 1 << 17

    def test_parts(self):
        """Half the memory is for what every layer gives; all samples are in one part or other."""
        net = nn.Sequential([nn.Linear(4, 9, rng=0), nn.Tanh(), nn.Linear(9, 3, rng=1)])
        problem = net.problem(np.resize(X, (100, 4)), np.resize(CLASSES, 100), memory="10 KiB")
        assert problem.activations is None
        sizes = [len(part.t) for part in tails(problem)]
        per_sample = 8 * (4 + 9 + 9 + 3 + 6 * 9)
        assert sizes == [5120 // per_sample] * 12 + [100 - 12 * (5120 // per_sample)]
        again = np.concatenate([part.activations[0] for part in tails(problem)])
        assert (again == problem.x).all()

    @pytest.mark.parametrize("samples", [1023, 1024, 1025, 2500])
    def test_batches_that_go_through_in_parts(self, samples):
        rng = np.random.default_rng(0)
        x, t = rng.normal(size=(samples, 3)), rng.normal(size=(samples, 2))
        net = nn.Sequential([nn.Linear(3, 2, rng=0), nn.Tanh()], nn.MSELoss())
        problem = net.problem(x, t)
        assert (problem.activations is None) == (samples > 1024)
        assert_as_loop(net, x, t)
        assert problem.clean_value == pytest.approx(net.loss(x, t), rel=1e-13)

    def test_parts_that_a_buffer_is_reused_for(self):
        x, t = np.random.default_rng(0).normal(size=(2500, 3)), np.zeros((2500, 2))
        net = nn.Sequential([nn.Linear(3, 2, rng=0), Buffered()], nn.MSELoss())
        assert net.problem(x, t).clean_value == pytest.approx(net.loss(x, t), rel=1e-13)

    @pytest.mark.parametrize("method", ["weight", "node"])
    def test_too_little_for_a_row(self, method):
        net = nn.Sequential([nn.Linear(4, 3, rng=0), nn.Tanh(), nn.Linear(3, 100, rng=1)])
        with pytest.raises(InputError) as caught:
            net.numerical_gradient(X, CLASSES, method, memory="10 KiB")
        assert str(caught.value) == (
            "memory = 10 KiB is too small to follow one row after layer 0, Linear(4, 3): its 100"
            " numbers, up and down, need 25 KiB"
        )
        assert net.numerical_gradient(X, CLASSES, method, memory="25 KiB").keys()

    @pytest.mark.parametrize("method", ROWWISE)
    def test_rows_of_many_numbers(self, method):
        """A row may be wide where there is memory for it."""
        net = nn.Sequential([nn.Linear(2, 1, rng=0), nn.Linear(1, 70_000, rng=1)], nn.MSELoss())
        x, t = np.ones((1, 2)), np.zeros((1, 70_000))
        net.layers[1].params.clear()
        net.layers[1].__class__ = Spread
        found = net.numerical_gradient(x, t, method, memory="64 MiB")
        by_loop = net.numerical_gradient(x, t, "loop")
        for name, g in found.items():
            np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=rounding(net, 1.0))

    @pytest.mark.parametrize("method", ["weight", "node"])
    def test_a_large_batch_stays_within(self, method, memory="2 MiB"):
        """Beside the budget: the outputs, a thousand samples' activations, and the gradients."""
        rng = np.random.default_rng(0)
        sizes = (2, 2, 256, 2)
        layers = []
        for inside, outside in pairwise(sizes):
            layers += [nn.Linear(inside, outside, rng=rng), nn.Tanh()]
        net = nn.Sequential(layers)
        x, t = rng.normal(size=(2500, 2)), rng.integers(0, 2, 2500)
        assert (
            peak(net, x, t, method, memory) < nn.budget.in_bytes(memory) + 8 * 1024 * sum(sizes) * 2
        )

    @pytest.mark.parametrize(
        "loss",
        [nn.MSELoss, *(c for c in (nn.CrossEntropyLoss, Fourth))],
    )
    def test_many_outputs_stay_within(self, loss):
        """Also where a loss looks at all of a sample's outputs, to see one of them move."""
        rng = np.random.default_rng(0)
        net = nn.Sequential([nn.Linear(2, 300, rng=rng)], loss())
        x = rng.normal(size=(40, 2))
        t = rng.integers(0, 300, 40)
        t = t if loss is nn.CrossEntropyLoss else np.eye(300)[t]
        h = 2.0 if loss is nn.CrossEntropyLoss else H  # far: each row goes through the loss
        assert peak(net, x, t, "weight", "2 MiB", h) < 2 * 2**20 + 8 * 3 * t.size


class Spread(nn.Layer):
    """One number, many times."""

    def forward(self, x):
        return np.repeat(x, 70_000, axis=1)


def peak(net, x, t, method, memory, h=H):
    """Most bytes alive during a gradient."""
    net.numerical_gradient(x[:2], t[:2], method, h, memory)
    tracemalloc.start()
    try:
        net.numerical_gradient(x, t, method, h, memory)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- what is left behind ---------------------------------------------------------------------


class Fails(nn.Layer):
    """Raises in one of its calls."""

    at = 10**9

    def __init__(self, error):
        self.error, self.calls = error, 0
        self.params = {"w": np.array([0.1, 1 / 3])}

    def forward(self, x):
        self.calls += 1
        if self.calls == self.at:
            raise self.error
        return x * (1 + self.params["w"].sum())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()], ids=repr)
def test_parameters_keep_their_bits_when_a_layer_raises(method, error):
    layer = Fails(error)
    net = nn.TwoLayerNet(4, 5, 3, 0.5, layer, rng=0)
    before = {name: p.copy() for name, p in net.params.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        net.numerical_gradient(X, CLASSES, method)
        count, layer.calls = layer.calls, 0
        heard = 0
        for at in range(1, count + 1):
            layer.calls, layer.at = 0, at
            net.inspector.forget()
            try:
                net.numerical_gradient(X, CLASSES, method)
            except type(error):
                heard += 1
            assert all(p.tobytes() == before[name].tobytes() for name, p in net.params.items())
    # An error is an answer to one question: what becomes of inputs that are all equal.
    silent = 4 if method in ("node", "auto") and isinstance(error, Exception) else 0
    assert count - silent <= heard <= count


def test_the_first_error_is_the_one_that_is_told():
    """Cleaning up after it may fail too."""

    class Breaks(nn.Layer):
        left = 10**9

        def forward(self, x):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
            if self.left < 0:
                raise RuntimeError("broken for good")
            return x * 1.0

    layer = Breaks()
    net = nn.TwoLayerNet(4, 5, 3, activation=layer, rng=0)
    net.numerical_gradient(X, CLASSES)
    layer.left = 3
    with pytest.raises(KeyboardInterrupt):
        net.numerical_gradient(X, CLASSES)


@pytest.mark.parametrize("memory", ["256 MiB", "3 KiB"])
@pytest.mark.parametrize("method", ROWWISE)
def test_caches_are_those_of_a_clean_pass(method, memory):
    layers = [nn.Linear(4, 5, rng=0), Caches(), nn.Linear(5, 3, rng=1), Caches()]
    net = nn.Sequential(layers)
    x = np.random.default_rng(0).normal(size=(40, 4))
    t = np.arange(40) % 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        net.numerical_gradient(x, t, method, memory=memory)
    left = [(layer.x.copy(), layer.y.copy()) for layer in (layers[1], layers[3])]
    net.forward(x)
    for (x_left, y_left), layer in zip(left, (layers[1], layers[3]), strict=True):
        assert x_left.shape == layer.x.shape
        assert np.abs(x_left - layer.x).max() < 1e-14
        assert np.abs(y_left - layer.y).max() < 1e-14


@pytest.mark.parametrize("method", ROWWISE)
def test_nothing_of_the_batch_is_changed(method):
    x, t = X.copy(), VALUES.copy()
    net = nn.Sequential([nn.Linear(4, 3, rng=0), Same()], nn.MSELoss())
    net.numerical_gradient(x, t, method)
    assert x.tobytes() == X.tobytes()
    assert t.tobytes() == VALUES.tobytes()


# --- not finite ------------------------------------------------------------------------------


class Cliff(nn.Layer):
    """Nan above a limit."""

    def __init__(self, limit):
        self.limit = limit

    def forward(self, x):
        return np.where(x > self.limit, np.nan, x)


class TestNotFinite:
    @pytest.mark.parametrize("method", ROWWISE)
    def test_only_when_nudged(self, method):
        """The loss is finite, a nudge makes it nan: the loop's sentence, for that weight."""
        net = nn.Sequential([nn.Linear(4, 3, rng=0), Cliff(1.0)])
        x, t = X * 0, CLASSES
        net.params["0.b"][:] = [0.0, 1.0 - H / 2, 0.5]
        said = {}
        for name in ("loop", method):
            with warnings.catch_warnings(), pytest.raises(NotFiniteError) as caught:
                warnings.simplefilter("ignore", FallbackWarning)
                net.numerical_gradient(x, t, name)
            said[name] = str(caught.value)
        assert said[method] == said["loop"]
        assert "with 0.b[1] moved to" in said["loop"]

    def test_a_parameter_that_is_one_number(self):
        net = nn.Sequential([Grow(()), Cliff(1.0)])
        net.params["0.a"][...] = 1.0
        for method in ("loop", "weight"):
            with pytest.raises(NotFiniteError, match=r"with 0\.a moved to"):
                net.numerical_gradient(np.ones((2, 3)), [0, 1], method)

    def test_h_that_vanishes(self):
        net = nn.Sequential([nn.Linear(4, 3, rng=0)])
        net.params["0.W"][1, 2] = 1e20
        for method in ("loop", "weight", "direction"):
            with pytest.raises(nn.StepTooSmallError, match=re.escape("0.W[1, 2]")):
                net.numerical_gradient(X * 0, CLASSES, method)

    @pytest.mark.parametrize("loss_name", TARGETS)
    def test_far_from_the_batch(self, loss_name):
        """exp of what a row adds is far beyond all floats."""
        make_loss, make_targets = TARGETS[loss_name]
        rng = np.random.default_rng(0)
        x = rng.normal(size=(5, 3)) * 1e4
        t = make_targets(rng, (5, 3))
        for layers in (
            [nn.Linear(3, 3, rng=1)],
            [nn.Linear(3, 2, rng=1), nn.ReLU(), linear(nn.Linear, 2, 3)],
        ):
            net = nn.Sequential(layers, make_loss())
            assert_as_loop(net, x, t, h=0.5)

    @pytest.mark.parametrize("size", [0.3, 0.6, 1.0, 3.0, 30.0, 800.0])
    @pytest.mark.parametrize("loss_name", TARGETS)
    def test_near_and_far(self, loss_name, size):
        """The formula for small changes and the one for large ones, on both sides of the seam."""
        make_loss, make_targets = TARGETS[loss_name]
        rng = np.random.default_rng(1)
        t = make_targets(rng, (40, 3))
        net = nn.Sequential([nn.Linear(4, 3, rng=1)], make_loss())
        net.params["0.b"][:] = [1.0, -2.0, 0.3]
        assert_as_loop(net, rng.normal(size=(40, 4)) * 2, t, h=size)

    @pytest.mark.parametrize("value", [40.0, 700.0, -40.0, -700.0])
    @pytest.mark.parametrize("loss_name", ["CrossEntropyLoss", "BCEWithLogitsLoss yes or no"])
    def test_sure_answers(self, loss_name, value):
        make_loss, make_targets = TARGETS[loss_name]
        t = make_targets(np.random.default_rng(0), (7, 3))
        net = nn.Sequential([nn.Linear(4, 3, rng=1)], make_loss())
        net.params["0.b"][:] = [value, 0.0, 1.0]
        assert_as_loop(net, X, t)


# --- pieces ----------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.sampled_from(["normal", "grey", "zero", "holes"]),
    st.integers(1, 6),
    st.integers(1, 6),
    st.booleans(),
    st.integers(0, 1000),
)
def test_terms(kind, samples, entries, distinct, seed):
    """Every number that is not zero has its sample, its value and its column."""
    rng = np.random.default_rng(seed)
    a = inputs(rng, kind, (samples, entries))
    terms = Pairs.read(a, distinct)
    of = np.arange(len(terms.value)) if terms.of is None else terms.of
    again = np.zeros(a.shape)
    again[terms.sample[of], terms.entry] = terms.value[of]
    assert (again == a).all()
    assert len(of) == len(terms.entry) == np.count_nonzero(a)
    if terms.of is not None:
        pairs = list(zip(terms.sample.tolist(), terms.value.tolist(), strict=True))
        assert len(set(pairs)) == len(pairs)
    slopes = rng.normal(size=len(terms.value))
    each = np.zeros(a.shape)
    each[terms.sample[of], terms.entry] = slopes[of]
    total = terms.total(slopes, entries)
    assert total.dtype == np.float64
    np.testing.assert_allclose(total, each.sum(axis=0), rtol=0, atol=1e-13)


def test_grey_pictures_are_followed_by_their_distinct_numbers():
    net = nn.Sequential([nn.Linear(50, 2, bias=False, rng=0)])
    x = np.random.default_rng(0).integers(0, 3, (6, 50)) / 2
    problem = net.problem(x, np.zeros(6, int))
    assert get_method("weight").work(problem).number == 2 * 2 * 6 * 2
    assert len(Pairs.read(x, True).value) == 12
    assert Pairs.read(x, False).of is None


@pytest.mark.parametrize("loss_name", TARGETS)
@pytest.mark.parametrize("start", [None, [0, 0], [1, 0], [2, 2]])
def test_changes_of_a_loss(loss_name, start):
    """What the loss of a changed sample is more than before, by its own formula."""
    make_loss, make_targets = TARGETS[loss_name]
    rng = np.random.default_rng(0)
    loss, z = make_loss(), rng.normal(size=(4, 3))
    t = loss.targets(make_targets(rng, (4, 3)), z)
    for size in (1e-3, 1.0, 900.0):
        for sample in (None, np.array([3, 0, 0])):
            across = 4 if sample is None else 3
            delta = rng.normal(size=(2, across, 3 if start is None else 1)) * size
            rows = Rows(delta, sample, None if start is None else np.array(start))
            with np.errstate(all="ignore"):
                found, plain = (cls.changes(loss, z, t)(rows) for cls in (type(loss), nn.Loss))
            atol = 1e-14 * max(1.0, np.abs(plain).max())
            np.testing.assert_allclose(found, plain, rtol=0, atol=atol)


# loss, targets for outputs (4, 3), slope of each sample's loss by output 1
SLOPES = {
    "CrossEntropyLoss": (
        nn.CrossEntropyLoss(),
        np.array([0, 1, 2, 0]),
        lambda z: np.exp(z[:, 1]) / np.exp(z).sum(axis=1) - [0, 1, 0, 0],
    ),
    "BCEWithLogitsLoss": (
        nn.BCEWithLogitsLoss(),
        np.full((4, 3), 0.3),
        lambda z: (1 / (1 + np.exp(-z[:, 1])) - 0.3) / 3,
    ),
    "MSELoss": (nn.MSELoss(), np.full((4, 3), 0.3), lambda z: 2 * (z[:, 1] - 0.3) / 3),
}


@pytest.mark.parametrize("name", SLOPES)
def test_small_changes_do_not_cancel(name):
    """A nudge of 1e-12 is known to ten digits, where two losses would leave four."""
    loss, t, slope = SLOPES[name]
    z = np.random.default_rng(0).normal(size=(4, 3))
    rows = Rows(np.full((1, 4, 1), 1e-12), None, np.array([1]))
    np.testing.assert_allclose(loss.changes(z, t)(rows)[0] / 1e-12, slope(z), rtol=1e-10)
