"""Networks of every layer there is, alone and in any company: the numbers of the textbook loop."""

import re
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import FallbackWarning, InputError
from nn.budget import in_bytes
from nn.gradients import get_method, gradient
from nn.gradients.tail import tails
from nn.layers import Place, leaves, parts, two_mode
from nn.registry import registered

from .boxes import in_pieces

EPS = np.finfo(np.float64).eps
N = 5
CLASSES = np.array([0, 2, 1, 1, 0])


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def indices(*shape):
    return np.random.default_rng(1).integers(0, 4, shape).astype(float)


def conv(inside, outside, kernel, *options, seed=0, **more):
    return nn.Conv2d(inside, outside, kernel, *options, rng=seed, **more)


def linear(inside, outside, seed=0):
    return nn.Linear(inside, outside, rng=seed)


def residual(*layers):
    return nn.Residual(layers)


# name -> layers, sample, what follows the rest
NETS = {
    "a convolution": (lambda: [conv(2, 3, 2), nn.Flatten()], numbers(N, 2, 2, 3)),
    "without bias": (
        lambda: [conv(1, 2, 3, bias=False), nn.Tanh(), nn.Flatten(), linear(8, 3)],
        numbers(N, 1, 4, 4),
    ),
    "two convolutions": (
        lambda: [
            conv(1, 3, 3),
            nn.Tanh(),
            conv(3, 2, 2, seed=1),
            nn.SiLU(),
            nn.Flatten(),
            linear(18, 3),
        ],
        numbers(N, 1, 6, 6),
    ),
    "three in a row": (
        lambda: [conv(1, 2, 2), conv(2, 2, 2, seed=1), conv(2, 3, (3, 2), seed=2), nn.Flatten()],
        numbers(N, 1, 5, 4),
    ),
    "of means": (
        lambda: [
            conv(1, 3, 3),
            nn.Tanh(),
            nn.AvgPool2d(2),
            conv(3, 4, 2, seed=1),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            linear(16, 3),
        ],
        numbers(N, 1, 12, 12),
    ),
    "of the largest": (
        lambda: [
            conv(1, 3, 3),
            nn.SiLU(),
            nn.MaxPool2d(2),
            conv(3, 4, 2, seed=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            linear(16, 3),
        ],
        numbers(N, 1, 12, 12),
    ),
    "pooled first": (
        lambda: [nn.MaxPool2d((1, 2)), conv(1, 2, 2), nn.Softplus(), nn.Flatten(), linear(12, 3)],
        numbers(N, 1, 4, 6),
    ),
    "pooled last": (
        lambda: [conv(1, 3, 2), nn.MaxPool2d(4), nn.Flatten()],
        numbers(N, 1, 5, 5),
    ),
    "windows that overlap": (
        lambda: [
            conv(1, 2, 3, 1, 1),
            nn.MaxPool2d(3, 2, 1),
            nn.Tanh(),
            nn.AvgPool2d(2, 1),
            nn.Flatten(),
            linear(8, 3),
        ],
        numbers(N, 1, 5, 5),
    ),
    "strides": (
        lambda: [
            conv(2, 3, (3, 2), (2, 1), (1, 0)),
            nn.ELU(),
            nn.AvgPool2d(3, 2, 1, floor=True),
            conv(3, 3, 3, 1, 1, seed=1),
            nn.Tanh(),
            conv(3, 2, 3, 2, 2, seed=2),
            nn.Flatten(),
            linear(12, 3),
        ],
        numbers(N, 2, 8, 7),
    ),
    "strides that leave pixels out": (
        lambda: [
            conv(1, 2, 2, 3),
            nn.Tanh(),
            conv(2, 2, 1, 2, seed=1),
            nn.MaxPool2d(1, 2, floor=True),
            nn.Flatten(),
            linear(2, 3),
        ],
        numbers(N, 1, 9, 8),
    ),
    "images in a row": (
        lambda: [linear(5, 8), nn.Tanh(), nn.Unflatten((2, 2, 2)), conv(2, 3, 2), nn.Flatten()],
        numbers(N, 5),
    ),
    "every activation": (
        lambda: [
            conv(1, 2, 2),
            nn.Sigmoid(),
            conv(2, 2, 2, seed=1),
            nn.LeakyReLU(0.2),
            conv(2, 2, 1, seed=2),
            nn.GELU(),
            nn.ELU(0.5),
            nn.Flatten(),
            linear(8, 3),
            nn.LogSoftmax(),
        ],
        numbers(N, 1, 4, 4),
    ),
    "softmax of images": (
        lambda: [conv(1, 2, 2), nn.Softmax(), conv(2, 2, 2, seed=1), nn.LogSoftmax(), nn.Flatten()],
        numbers(N, 1, 4, 4),
    ),
    "batch norm": (
        lambda: [
            linear(5, 6),
            nn.BatchNorm1d(6),
            nn.Tanh(),
            linear(6, 4, 1),
            nn.BatchNorm1d(4),
            linear(4, 3, 2),
        ],
        numbers(N, 5),
    ),
    "batch norm alone": (lambda: [nn.BatchNorm1d(3)], numbers(N, 3)),
    "batch norm first": (
        lambda: [
            nn.BatchNorm2d(2),
            conv(2, 2, 2),
            nn.BatchNorm2d(2, affine=False),
            nn.Flatten(),
            nn.BatchNorm1d(8),
            linear(8, 3),
        ],
        numbers(N, 2, 3, 3),
    ),
    "batch norm of images": (
        lambda: [
            conv(1, 3, 3),
            nn.BatchNorm2d(3),
            nn.Tanh(),
            nn.AvgPool2d(2),
            conv(3, 2, 2, seed=1),
            nn.BatchNorm2d(2),
            nn.Tanh(),
            nn.Flatten(),
            linear(8, 3),
        ],
        numbers(N, 1, 8, 8),
    ),
    "batch norm and the largest": (
        lambda: [
            conv(1, 2, 3),
            nn.BatchNorm2d(2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            linear(8, 3),
        ],
        numbers(N, 1, 6, 6),
    ),
    "layer norm": (
        lambda: [
            linear(5, 6),
            nn.LayerNorm(6),
            nn.Tanh(),
            linear(6, 4, 1),
            nn.LayerNorm(4),
            linear(4, 3, 2),
        ],
        numbers(N, 5),
    ),
    "layer norm of images": (
        lambda: [
            conv(1, 3, 3),
            nn.LayerNorm((3, 3, 3)),
            nn.Tanh(),
            conv(3, 2, 2, seed=1),
            nn.LayerNorm(2),
            nn.Flatten(),
            linear(8, 3),
        ],
        numbers(N, 1, 5, 5),
    ),
    "layer norm of some axes": (
        lambda: [conv(1, 2, 2), nn.LayerNorm((3, 2)), nn.Tanh(), nn.Flatten(), linear(12, 3)],
        numbers(N, 1, 4, 3),
    ),
    "norms without weights": (
        lambda: [
            conv(1, 2, 2),
            nn.LayerNorm(2, elementwise_affine=False),
            nn.BatchNorm2d(2, affine=False),
            nn.Flatten(),
            linear(12, 3),
        ],
        numbers(N, 1, 4, 3),
    ),
    "dropout": (
        lambda: [
            linear(5, 6),
            nn.Dropout(0.3, rng=1),
            nn.Tanh(),
            linear(6, 4, 1),
            nn.Dropout(rng=2),
            linear(4, 3, 2),
        ],
        numbers(N, 5),
    ),
    "dropout of images": (
        lambda: [
            conv(1, 3, 3),
            nn.Dropout(0.3, rng=1),
            nn.Tanh(),
            conv(3, 2, 3, seed=1),
            nn.Flatten(),
            nn.Dropout(rng=3),
            linear(8, 3),
        ],
        numbers(N, 1, 6, 6),
    ),
    "all that train otherwise": (
        lambda: [
            nn.Dropout(0.2, rng=3),
            conv(1, 2, 2),
            nn.BatchNorm2d(2),
            nn.Dropout(0.3, rng=1),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.LayerNorm(8),
            linear(8, 3),
        ],
        numbers(N, 1, 5, 5),
    ),
    "an embedding": (
        lambda: [nn.Embedding(4, 6, rng=0), nn.Tanh(), linear(6, 3)],
        indices(N),
    ),
    "an embedding of sequences": (
        lambda: [nn.Embedding(4, 3, rng=0), nn.Tanh(), nn.Flatten(), linear(12, 3)],
        indices(N, 4),
    ),
    "an embedding and norms": (
        lambda: [
            nn.Embedding(4, 3, rng=0),
            nn.LayerNorm(3),
            nn.BatchNorm1d(4),
            nn.Dropout(0.2, rng=0),
            nn.Flatten(),
            linear(12, 3),
        ],
        indices(N, 4),
    ),
    "an embedding as an image": (
        lambda: [
            nn.Embedding(4, 4, rng=0),
            nn.Unflatten((1, 4, 4)),
            conv(1, 2, 3),
            nn.Flatten(),
            linear(8, 3),
        ],
        indices(N, 4),
    ),
    "a block": (
        lambda: [
            linear(5, 4),
            residual(linear(4, 4, 3), nn.Tanh(), linear(4, 4, 4)),
            nn.Tanh(),
            linear(4, 3, 2),
        ],
        numbers(N, 5),
    ),
    "a block first and last": (
        lambda: [
            residual(linear(4, 3, 1), nn.Tanh(), linear(3, 4, 2)),
            linear(4, 3),
            residual(nn.Tanh(), linear(3, 3, 4)),
        ],
        numbers(N, 4),
    ),
    "blocks in blocks": (
        lambda: [
            residual(nn.Tanh(), residual(linear(4, 4, 3), residual(nn.SiLU(), linear(4, 4, 5)))),
            linear(4, 3, 2),
            residual(residual(nn.Tanh())),
        ],
        numbers(N, 4),
    ),
    "a block with batch norm": (
        lambda: [
            linear(5, 4),
            residual(linear(4, 4, 3), nn.BatchNorm1d(4), nn.Tanh(), linear(4, 4, 4)),
            nn.Tanh(),
            residual(nn.Tanh(), nn.Dropout(0.2, rng=0)),
            linear(4, 3, 2),
        ],
        numbers(N, 5),
    ),
    "a block of images": (
        lambda: [
            conv(1, 2, 3, 1, 1),
            residual(conv(2, 2, 3, 1, 1, seed=5), nn.Tanh(), conv(2, 2, 3, 1, 1, seed=6)),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            linear(8, 3),
        ],
        numbers(N, 1, 4, 4),
    ),
    "a block of images with all": (
        lambda: [
            conv(1, 2, 2),
            residual(
                nn.BatchNorm2d(2),
                nn.ReLU(),
                conv(2, 3, 3, 1, 1, seed=5),
                nn.Dropout(0.3, rng=2),
                residual(nn.LayerNorm(4), nn.MaxPool2d(3, 1, 1)),
                conv(3, 2, 1, seed=7),
            ),
            nn.MaxPool2d(2),
            nn.Flatten(),
            linear(8, 3),
        ],
        numbers(N, 1, 5, 5),
    ),
}

# what is not smooth may be crossed by a large nudge
KINKS = (nn.ReLU, nn.LeakyReLU, nn.MaxPool2d, nn.ELU)
BATCH = (nn.BatchNorm1d, nn.BatchNorm2d)


def net_of(name, loss=None):
    """The same network each time, its parameters away from where they start."""
    net, rng = nn.Sequential(NETS[name][0](), loss), np.random.default_rng(3)
    for p in net.params.values():
        p += rng.normal(size=p.shape) * 0.2
    return net


def classes(net, x):
    return CLASSES[: len(x)]


def asked(problem, method):
    """The gradient, and the sentences of the warnings; the parameters keep their bits."""
    before = {name: p.tobytes() for name, p in problem.params.items()}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = gradient(problem, method)
    assert all(w.category is FallbackWarning for w in caught)
    for name, p in problem.params.items():
        assert p.tobytes() == before[name]
        assert (found[name].shape, found[name].dtype) == (p.shape, np.float64)
    return found, [str(w.message) for w in caught]


def apart(one, other):
    """The largest difference, by the largest number there is."""
    largest = max(np.abs(g).max() for g in other.values())
    assert largest > 1e-3
    return max(np.abs(one[name] - g).max() for name, g in other.items()) / largest


def rounding(problem, by_loop):
    """How far rounding alone may lead from a loop with steps as small as these."""
    if problem.h is not None:
        return 1e-9
    step = min(nn.steps.default_step(p, "central").min() for p in problem.params.values())
    largest = max(np.abs(g).max() for g in by_loop.values())
    return 16 * EPS * max(1.0, problem.clean_value) / step / largest


@pytest.mark.parametrize("name", NETS)
def test_the_numbers_are_those_of_the_loop(name):
    """By weight to the last digits, by nodes up to h²; the sentences are said once, if any."""
    x = NETS[name][1]
    for h in (1e-4, None):
        net = net_of(name)
        problem = net.problem(x, CLASSES, h)
        by_loop, _ = asked(problem, "loop")
        assert any(g.any() for g in by_loop.values())
        for method in ("weight", "node", "auto"):
            found, said = asked(problem, method)
            close = rounding(problem, by_loop)
            assert apart(found, by_loop) < (close if method == "weight" else max(close, 1e-6))
            expected = node_ways(net)
            ways = get_method(method).ways(problem)
            if method == "node":
                assert ways == expected
                instead = [place for place, way in expected.items() if way == "weight"]
                assert len(said) == len(instead)
                for place, sentence in zip(instead, said, strict=True):
                    assert sentence.startswith(f"the gradient of layer {place}, ")
                assert asked(problem, method)[1] == []
            else:
                assert said == []
                for place, way in ways.items():
                    assert way in {"weight"} | ({expected[place]} if method == "auto" else set())


def node_ways(net):
    """Which layers may be nudged by node: those before nothing that mixes, or shares kinks."""
    found = {}
    for place, layer in leaves(net.layers):
        if layer.params:
            after = [other for at, other in leaves(net.layers) if at > place]
            some_axes = name_of_some_axes(layer, net)
            free = not some_axes and not any(isinstance(o, (nn.MaxPool2d, *BATCH)) for o in after)
            found[place] = "node" if free else "weight"
    return found


def name_of_some_axes(layer, net):
    """Whether a layer norm is over several axes, but not all."""
    return isinstance(layer, nn.LayerNorm) and layer.normalized_shape == (3, 2)


@pytest.mark.parametrize("name", NETS)
def test_single_samples(name):
    net, x = net_of(name), NETS[name][1][:1]
    if any(isinstance(layer, nn.BatchNorm1d) for _, layer in leaves(net.layers)):
        return
    problem = net.problem(x, CLASSES[:1])
    by_loop, _ = asked(problem, "loop")
    for method in ("weight", "node"):
        assert apart(asked(problem, method)[0], by_loop) < (1e-9 if method == "weight" else 1e-6)


@pytest.mark.parametrize(
    ("name", "method"),
    [*(pytest.param(name, "weight", marks=pytest.mark.slow if place % 3 else ())
       for place, name in enumerate(NETS)), ("a block of images", "node"), ("a block", "node"),
     ("dropout of images", "node"), ("an embedding of sequences", "node")],
)  # fmt: skip
def test_little_memory_gives_the_same(name, method):
    """As little as is said to be needed: batches in parts, rows one by one, or the loop."""
    x = np.tile(NETS[name][1], (3, *[1] * (NETS[name][1].ndim - 1)))
    t = np.tile(CLASSES, 3)
    usual, _ = asked(net_of(name).problem(x, t), method)
    memory, needed, said = 200, None, []
    for _ in range(20):
        try:
            found, said = asked(net_of(name).problem(x, t, memory=memory), method)
            break
        except InputError as error:
            needed = str(error)
            sentence = re.fullmatch(
                r"memory = .* is too small to follow one row after layer"
                r" [\d.]+, .*: its \d+ numbers, up and down, need ([\d.]+ \w+)",
                needed,
            )
            memory = int(in_bytes(sentence[1]) * 1.001) + 1
    mixing = [place for place, layer in leaves(net_of(name).layers) if isinstance(layer, BATCH)]
    before = [key for key in usual if mixing and place_of(key) < mixing[-1]]
    assert needed is not None or before
    assert len(said) == len({place_of(key) for key in before})  # those who need whole batches
    assert all("is found by loop: rows of the whole batch take" in sentence for sentence in said)
    assert apart(found, usual) < (1e-9 if said else 1e-10)


def place_of(key):
    """The place that a name begins with: 1.0.W stands in (1, 0)."""
    return tuple(map(int, key.split(".")[:-1]))


@pytest.mark.parametrize("pieces", [40, pytest.param(700, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    ["of the largest", "strides", "layer norm of images", "dropout of images",
     "batch norm of images", "an embedding of sequences", "a block of images with all"],
)  # fmt: skip
def test_pieces_of_any_size_give_the_same(monkeypatch, name, pieces):
    """Rows that are followed at the same time: less than a weight's samples, or many weights."""
    x = NETS[name][1]
    for h in (1e-4, None):
        usual = {m: asked(net_of(name).problem(x, CLASSES, h), m)[0] for m in ("weight", "node")}
        with monkeypatch.context() as patch:
            followed = in_pieces(patch, pieces)
            patch.setattr("nn.layers.terms._NUMBERS", pieces)
            for method, expected in usual.items():
                followed.clear()
                found, _ = asked(net_of(name).problem(x, CLASSES, h), method)
                assert len(followed) > (10 if pieces == 40 else 1)
                assert apart(found, expected) < (1e-10 if h else 1e-8)


SMOOTH = [
    name
    for name, (make, _) in NETS.items()
    if not any(isinstance(layer, KINKS) for _, layer in leaves(make()))
    and "node" in node_ways(nn.Sequential(make())).values()
]


@pytest.mark.parametrize("name", SMOOTH)
def test_nodes_differ_by_the_square_of_h(name):
    """Halve h, and the difference falls to a quarter."""
    x, differences = NETS[name][1], []
    for h in (0.02, 0.01):
        problem = net_of(name).problem(x, CLASSES, h)
        by_weight, by_node = (asked(problem, method)[0] for method in ("weight", "node"))
        square = sum(((by_weight[key] - by_node[key]) ** 2).sum() for key in by_weight)
        differences.append(np.sqrt(square))
    assert differences[0] < 0.01
    if differences[0] > 1e-8:
        assert differences[0] / differences[1] == pytest.approx(4, rel=0.1)


LOSSES = {
    "MSELoss": (nn.MSELoss, lambda shape: numbers(*shape, seed=5)),
    "L1Loss": (nn.L1Loss, lambda shape: numbers(*shape, seed=5)),
    "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss, lambda shape: numbers(*shape, seed=5) > 0),
}
AS_OUTPUTS = {
    "images": (lambda: [conv(1, 2, 2), nn.Tanh(), conv(2, 2, 2, seed=1)], numbers(N, 1, 4, 4)),
    "pools": (lambda: [conv(1, 2, 2), nn.MaxPool2d(3)], numbers(N, 1, 4, 4)),
    "blocks": (lambda: [residual(conv(1, 1, 3, 1, 1), nn.Tanh())], numbers(N, 1, 4, 4)),
    "norms": (lambda: [conv(1, 2, 2), nn.LayerNorm(3), nn.BatchNorm2d(2)], numbers(N, 1, 4, 4)),
    "dropout": (lambda: [conv(1, 2, 2), nn.Dropout(0.3, rng=0)], numbers(N, 1, 4, 4)),
    "sequences": (lambda: [nn.Embedding(4, 3, rng=0), nn.Tanh()], indices(N, 2)),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", AS_OUTPUTS)
def test_images_as_outputs(name, loss):
    make, x = AS_OUTPUTS[name]
    make_loss, targets = LOSSES[loss]
    net = nn.Sequential(make(), make_loss())
    problem = net.problem(x, targets(net.forward(x).shape))
    by_loop, _ = asked(problem, "loop")
    for method in ("weight", "node"):
        found, _ = asked(problem, method)
        largest = max(np.abs(g).max() for g in by_loop.values())
        for key, g in by_loop.items():
            atol = largest * (1e-9 if method == "weight" else 1e-6)
            np.testing.assert_allclose(found[key], g, rtol=0, atol=atol)


def test_every_layer_is_in_one_of_these_networks():
    used = {type(layer) for make, _ in NETS.values() for _, layer in leaves(make())}
    used |= {type(layer) for make, _ in NETS.values() for layer in make()}
    ours = {c for c in registered("layer").values() if c.__module__.startswith("nn.")}
    assert ours <= used


@st.composite
def stacks(draw):
    """Layers of images in a row, as they come, and images that they can take."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    channels, high, wide = (draw(st.integers(1, n)) for n in (2, 6, 6))
    x, layers = rng.normal(size=(3, channels, high, wide)), []
    made = nn.Sequential([nn.Tanh()])
    for _ in range(draw(st.integers(1, 4))):
        shape = made.forward(x).shape[1:]
        layer = draw(st.sampled_from(sorted(MAKE)))
        layers.append(MAKE[layer](draw, rng, shape))
        made = nn.Sequential(layers)
    layers.append(nn.Flatten())
    features = nn.Sequential(layers).forward(x).shape[1]
    return nn.Sequential([*layers, nn.Linear(features, 3, rng=rng)]), x


def a_size(draw, shape, padding=0):
    return tuple(draw(st.integers(1, min(3, n + 2 * padding))) for n in shape[1:])


def a_conv(draw, rng, shape):
    padding = draw(st.integers(0, 1))
    stride = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    units = draw(st.integers(1, 3))
    return nn.Conv2d(shape[0], units, a_size(draw, shape, padding), stride, padding, rng=rng)


def a_pool(cls):
    def make(draw, rng, shape):
        stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        return cls(a_size(draw, shape), stride, floor=True)

    return make


MAKE = {
    "conv": a_conv,
    "conv again": a_conv,
    "mean": a_pool(nn.AvgPool2d),
    "max": a_pool(nn.MaxPool2d),
    "tanh": lambda draw, rng, shape: nn.Tanh(),
    "batch norm": lambda draw, rng, shape: nn.BatchNorm2d(shape[0]),
    "layer norm": lambda draw, rng, shape: nn.LayerNorm(shape[draw(st.integers(0, 2)) :]),
    "dropout": lambda draw, rng, shape: nn.Dropout(0.3, rng=rng),
    "block": lambda draw, rng, shape: nn.Residual(
        [nn.Conv2d(shape[0], shape[0], 3, padding=1, rng=rng), nn.SiLU()]
    ),
}


@settings(derandomize=True, deadline=None, max_examples=80)
@given(stacks())
def test_any_stack(case):
    net, x = case
    problem = net.problem(x, CLASSES[:3])
    by_loop, _ = asked(problem, "loop")
    found, said = asked(problem, "weight")
    assert said == []
    largest = max(1e-3, *(np.abs(g).max() for g in by_loop.values()))
    for key, g in by_loop.items():
        np.testing.assert_allclose(found[key], g, rtol=0, atol=1e-9 * largest + 1e-10)


# --- what is left behind ---------------------------------------------------------------------


class Fails(nn.Layer):
    """Raises in one of its calls."""

    at, calls = 10**9, 0

    def forward(self, x):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return x * 1.0


@pytest.mark.parametrize("method", ["weight", "node", "auto", "loop", "direction"])
def test_all_is_as_it_was_when_a_gradient_is_interrupted(method):
    """Parameters and what is remembered keep their bits, and nothing trains any more."""
    layer = Fails()
    net = nn.Sequential(
        [
            conv(1, 2, 2), nn.LayerNorm((3, 3)), nn.BatchNorm2d(2),
            residual(nn.Tanh(), nn.Dropout(0.2, rng=0)), layer, nn.Flatten(), linear(18, 3),
        ]
    )  # fmt: skip
    x = numbers(N, 1, 4, 4)
    before = net.state_dict()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        problem = net.problem(x, CLASSES)
        layer.calls = 0
        gradient(problem, method)
        count = layer.calls
        for at in sorted({1, 2, 3, 5, *range(7, count, max(1, count // 12)), count}):
            layer.at = 10**9
            problem = net.problem(x, CLASSES)
            layer.calls, layer.at = 0, at
            try:
                gradient(problem, method)
            except KeyboardInterrupt:
                heard = True
            for name, a in net.state_dict().items():
                assert a.tobytes() == before[name].tobytes()
            assert not any(two.training for two in two_mode(net.layers))
    assert heard


def test_nothing_of_the_batch_is_changed():
    x, t = NETS["a block of images with all"][1].copy(), CLASSES.copy()
    net_of("a block of images with all").numerical_gradient(x, t)
    assert (x == NETS["a block of images with all"][1]).all()
    assert (t == CLASSES).all()


# --- memory ----------------------------------------------------------------------------------


def peak(ask):
    """Most bytes alive meanwhile, and the answer."""
    tracemalloc.start()
    try:
        found = ask()
        return tracemalloc.get_traced_memory()[1], found
    finally:
        tracemalloc.stop()


def wide(pool):
    return nn.Sequential(
        [
            conv(1, 2, 3), nn.Tanh(), pool(2), conv(2, 3, 3, seed=1), nn.Tanh(), pool(2),
            nn.Flatten(), linear(3, 3),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "pool"),
    [("weight", nn.MaxPool2d), ("weight", nn.AvgPool2d), ("node", nn.AvgPool2d)],
)
def test_a_batch_of_images_beyond_memory(method, pool):
    """All its activations take more than there is: they come in parts, and rows in the rest."""
    net, x, t = wide(pool), numbers(250, 1, 10, 10), np.arange(250) % 3
    memory = 2**20
    activations = nn.layers.trace(net.layers, x)
    assert sum(a.nbytes for a in activations) > 0.75 * memory
    small = net.problem(x, t, memory=memory)
    assert small.activations is None
    gradient(net.problem(x[:5], t[:5]), method)  # what is imported and kept for good
    most, found = peak(lambda: gradient(small, method))
    assert most < memory
    largest, usual = peak(lambda: gradient(net.problem(x, t), method))
    assert largest > 2 * memory  # it does not happen by itself
    assert apart(found, usual) < 1e-11


def test_large_images_with_batch_norm_are_never_cut():
    """A part has other means: the batch is kept whole, or where there is no room, by the loop."""
    net = nn.Sequential(
        [conv(1, 3, 3), nn.BatchNorm2d(3), nn.Tanh(), nn.AvgPool2d(14), nn.Flatten()]
    )
    x, t = numbers(20, 1, 16, 16), np.arange(20) % 3
    by_loop = gradient(net.problem(x, t), "loop")
    with pytest.warns(FallbackWarning) as caught:
        found = net.numerical_gradient(x, t, memory="900 KiB")
    assert str(caught[0].message) == (
        "the gradient of layer 0, Conv2d(1, 3, 3), is found by loop: rows of the whole batch take"
        " 980 KiB, and memory is 900 KiB"
    )
    assert apart(found, by_loop) < 1e-9
    found = gradient(net.problem(x, t, memory="980 KiB"), "weight")
    assert apart(found, by_loop) < 1e-9
    for samples, memory, way in (
        (20, "980 KiB", "weight"),
        (20, "900 KiB", "loop"),
        (10, "900 KiB", "weight"),
        (20, "900 KiB", "loop"),
    ):  # one network, one batch after the other
        ways = get_method("weight").ways(net.problem(x[:samples], t[:samples], memory=memory))
        assert ways == {(0,): way, (1,): "weight"}


def test_what_a_layer_holds_meanwhile_is_counted():
    """The patches of a convolution, and the whole samples of a layer that knows no boxes."""

    class Own(nn.Layer):
        def forward(self, x):
            return x * 1.0

    x = numbers(2, 1, 12, 12)
    for last, widest in ((conv(1, 1, 5, seed=1), 25 * 8 * 8), (Own(), 144), (nn.Tanh(), 144)):
        net = nn.Sequential([conv(1, 1, 1), last], nn.MSELoss())
        (tail,) = tails(net.problem(x, np.zeros(net.forward(x).shape)))
        assert tail.numbers(Place((0,)), (1, 12, 12)) == widest
    net = nn.Sequential([conv(1, 2, 3), Own(), nn.Tanh()], nn.MSELoss())
    (tail,) = tails(net.problem(x, np.zeros((2, 2, 10, 10))))
    assert tail.numbers(Place((0,)), (1, 10, 10)) == 200
    assert tail.numbers(Place((1,)), (1, 1, 1)) == 1


def test_too_little_for_one_image():
    net = wide(nn.AvgPool2d)
    with pytest.raises(InputError) as caught:
        net.numerical_gradient(numbers(5, 1, 10, 10), CLASSES, memory="10 KiB")
    assert re.fullmatch(
        r"memory = 10 KiB is too small to follow one row after layer 0, Conv2d\(1, 2, 3\): its"
        r" \d+ numbers, up and down, need [\d.]+ KiB",
        str(caught.value),
    )


def test_no_layer_is_taken_for_a_part_of_a_block():
    net = net_of("blocks in blocks")
    assert [place for place, _ in parts(net.layers)] == [place for place, _ in leaves(net.layers)]
