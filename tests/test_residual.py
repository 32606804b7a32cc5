"""Blocks: what they add, where the layers inside stand, and rows that go through both ways."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import ArgumentError, FallbackWarning, ShapeError
from nn.gradients import get_method, gradient
from nn.gradients.path import effort, links
from nn.gradients.path import path as find_path
from nn.layers import Block, Place, in_mode, leaves, parts, run, trace, two_mode
from nn.rows import Rows

from .boxes import assert_pushed, rows_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 5))
IMAGES = RNG.normal(size=(4, 2, 5, 4))
CLASSES = np.array([0, 2, 1, 1, 0, 2, 2])


def block(seed=0, size=5):
    return nn.Residual([nn.Linear(size, 4, rng=seed), nn.Tanh(), nn.Linear(4, size, rng=seed + 1)])


def test_x_and_what_the_layers_make_of_it():
    layer = block()
    inner, outer = layer.layers[0].params, layer.layers[2].params
    expected = X + np.tanh(X @ inner["W"] + inner["b"]) @ outer["W"] + outer["b"]
    before = X.copy()
    np.testing.assert_allclose(layer.forward(X), expected, rtol=0, atol=1e-14)
    assert (before == X).all()
    nested = nn.Residual([layer, nn.Residual([nn.Tanh()])])
    np.testing.assert_allclose(
        nested.forward(X), X + expected + np.tanh(expected), rtol=0, atol=1e-14
    )
    doubled = nn.Residual([nn.Flatten()])
    assert (doubled.forward(X) == 2 * X).all()
    assert not layer.params
    assert isinstance(layer, Block)


def test_names_and_places():
    net = nn.Sequential(
        [nn.Linear(5, 5, rng=9), nn.Residual([nn.Tanh(), block(1)]), nn.Linear(5, 3, rng=3)]
    )
    assert list(net.params) == [
        "0.W", "0.b", "1.1.0.W", "1.1.0.b", "1.1.2.W", "1.1.2.b", "2.W", "2.b"
    ]  # fmt: skip
    assert net.size == 30 + 2 * 20 + 9 + 18
    places = [place for place, _ in leaves(net.layers)]
    assert places == [(0,), (1, 0), (1, 1, 0), (1, 1, 1), (1, 1, 2), (2,)]
    assert [str(place) for place in places] == ["0", "1.0", "1.1.0", "1.1.1", "1.1.2", "2"]
    assert places == sorted(places)
    assert all(isinstance(place, Place) for place in places)
    assert net.table(X) == [
        ((0,), "Linear(5, 5)", (5,), 30),
        ((1,), "Residual", (5,), 0),
        ((1, 0), "Tanh()", (5,), 0),
        ((1, 1), "Residual", (5,), 0),
        ((1, 1, 0), "Linear(5, 4)", (4,), 24),
        ((1, 1, 1), "Tanh()", (4,), 0),
        ((1, 1, 2), "Linear(4, 5)", (5,), 25),
        ((2,), "Linear(5, 3)", (3,), 18),
    ]
    with pytest.raises(ShapeError, match=r"^layer 1\.1\.0, Linear\(5, 4\)"):
        nn.Sequential([nn.Tanh(), net.layers[1]]).table(X[:, :4])


def test_parameters_inside_are_read_and_written_by_name():
    net = nn.Sequential([block(), nn.Linear(5, 3, rng=3)])
    net.params["0.0.W"][...] = 0
    net.params["0.0.b"] = np.zeros(4)
    net.params["0.2.b"] = np.ones(5)
    np.testing.assert_allclose(net.layers[0].forward(X), X + 1, rtol=1e-15)
    state = net.state_dict()
    other = nn.Sequential([block(7), nn.Linear(5, 3, rng=8)])
    other.load_state_dict(state)
    assert (other.forward(X) == net.forward(X)).all()


def test_copies_are_of_their_own():
    layer = block()
    layer.forward(X)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert (twin.forward(X) == layer.forward(X)).all()
        twin.layers[0].params["W"][:] = 7
        assert (layer.layers[0].params["W"] != 7).all()


KINDS = {
    "linear": lambda: [nn.Linear(4, 3, rng=0), nn.ReLU(), nn.Linear(3, 4, rng=1)],
    "elementwise": lambda: [nn.Tanh()],
    "nested": lambda: [nn.Tanh(), nn.Residual([nn.SiLU(), nn.Residual([nn.Tanh()])])],
    "norm": lambda: [nn.LayerNorm(4), nn.Tanh()],
    "softmax": lambda: [nn.Softmax()],
}
PICTURES = {
    "convolution": lambda: [nn.Conv2d(2, 2, 3, padding=1, rng=0), nn.Tanh()],
    "two": lambda: [nn.Conv2d(2, 3, 3, rng=0), nn.ReLU(), nn.Conv2d(3, 2, 3, padding=2, rng=1)],
    "pool": lambda: [nn.MaxPool2d(3, stride=1, padding=1), nn.Tanh()],
    "mean": lambda: [nn.AvgPool2d(3, stride=1, padding=1)],
    "elementwise": lambda: [nn.Tanh()],
    "batch norm": lambda: [nn.BatchNorm2d(2), nn.Tanh()],
    "nested": lambda: [nn.Residual([nn.Conv2d(2, 2, 3, padding=1, rng=0)]), nn.LayerNorm(4)],
}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_block_pushes_what_running_it_would_give(kind, data):
    x = RNG.normal(size=(3, 4))
    assert_pushed(nn.Residual(KINDS[kind]()), data.draw(rows_of(x)), x)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.sampled_from(sorted(PICTURES)), st.data())
def test_a_block_of_images_pushes_what_running_it_would_give(kind, data):
    layer = nn.Residual(PICTURES[kind]())
    assert_pushed(layer, data.draw(rows_of(IMAGES)), IMAGES)
    if kind == "batch norm":
        rows, batch = data.draw(rows_of(IMAGES, subsets=False)), IMAGES.copy()
        with in_mode(two_mode([layer]), True):
            assert layer.mixes
            assert_pushed(layer, rows, batch, layer.forward)


def test_a_narrow_change_stays_narrow_where_it_can():
    x = RNG.normal(size=(2, 2, 12, 12))
    pixel = Rows(np.ones((1, 2, 1, 1, 1)), None, np.array([1]), np.array([[5, 5]]))
    alone = nn.Residual([nn.Tanh()])
    assert assert_pushed(alone, pixel, x).delta.shape == pixel.delta.shape


def test_what_a_row_takes_inside_of_a_block_is_counted():
    first, inner = nn.Conv2d(1, 2, 3, padding=1, rng=1), nn.Conv2d(2, 2, 3, padding=1, rng=0)
    images = IMAGES[:, :1]
    taken = []
    for layers in (
        [first, inner],
        [first, nn.Residual([inner])],
        [first, nn.Residual([nn.Tanh(), inner])],
    ):
        activations = trace(layers, images)
        path = find_path(links(layers, activations, frozenset()), Place((0,)))
        taken.append(effort(path, (1, *images.shape[2:])))
    assert taken[0][0] == taken[1][0] == taken[2][0]  # the patches of the convolution
    assert taken[0][1] < taken[1][1] < taken[2][1]


def test_what_a_block_says_of_itself():
    norm = nn.BatchNorm1d(5)
    for layers, mixing, ties in (
        ([nn.Tanh()], False, False),
        ([nn.Residual([nn.MaxPool2d(1)])], False, True),
        ([nn.Tanh(), norm], False, False),
    ):
        layer = nn.Residual(layers)
        assert (layer.mixes, layer.ties) == (mixing, ties)
    with in_mode([norm], True):
        assert layer.mixes
        assert nn.Residual([layer]).mixes


def test_what_is_inside_is_found_once_for_each_batch():
    calls = []

    class Counts(nn.Layer):
        def forward(self, x):
            calls.append(len(x))
            return x * 2.0

    net = nn.Sequential([nn.Linear(5, 5, rng=0), nn.Residual([Counts(), nn.Tanh()])])
    net.loss_function = nn.MSELoss()
    problem = net.problem(X, X)
    gradient(problem, "weight")  # layers that are not ours are asked once, on a few samples
    inside = problem.activations.inside[1]
    assert (inside[2] == np.tanh(2 * inside[0])).all()
    calls.clear()
    gradient(problem, "node")
    assert calls.count(7) == 1  # at the end, so that it remembers the whole batch


@pytest.mark.parametrize("method", ["weight", "node", "auto"])
def test_a_second_gradient_is_of_the_weights_there_are_then(method):
    """What is kept of a batch must not outlive a step."""
    net = nn.Sequential([block(), nn.Tanh(), block(4), nn.Linear(5, 3, rng=3)])
    x = X.copy()
    for step in range(3):
        problem = net.problem(x, CLASSES)
        by_loop = gradient(problem, "loop")
        found = gradient(problem, method)
        for name, g in by_loop.items():
            np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-7, err_msg=f"{step} {name}")
        for p in net.params.values():
            p += RNG.normal(size=p.shape) * 0.5


def test_a_batch_that_is_changed_in_place():
    """The same array with other numbers is another batch."""
    net = nn.Sequential([block(), nn.Linear(5, 3, rng=3)])
    x = X.copy()
    net.numerical_gradient(x, CLASSES)
    x += 1.0
    found = net.numerical_gradient(x, CLASSES)
    for name, g in net.numerical_gradient(x, CLASSES, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)


def test_one_block_in_two_places():
    shared = block()
    net = nn.Sequential([shared, nn.Tanh(), shared, nn.Linear(5, 3, rng=3)])
    assert list(net.params) == ["0.0.W", "0.0.b", "0.2.W", "0.2.b", "3.W", "3.b"]
    with pytest.warns(FallbackWarning) as said:
        found = net.numerical_gradient(X, CLASSES)
    assert [str(w.message).split(": ")[1] for w in said] == [
        "layers 0.0 and 2.0 share W", "layers 0.2 and 2.2 share W"
    ]  # fmt: skip
    for name, g in net.numerical_gradient(X, CLASSES, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)


def test_a_layer_inside_and_outside():
    shared = nn.Linear(5, 5, rng=0)
    net = nn.Sequential([shared, nn.Residual([nn.Tanh(), shared]), nn.Linear(5, 3, rng=3)])
    with pytest.warns(FallbackWarning, match=r"layers 0 and 1\.1 share W"):
        found = net.numerical_gradient(X, CLASSES)
    for name, g in net.numerical_gradient(X, CLASSES, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)


# --- of one's own ----------------------------------------------------------------------------


class Halved(nn.Residual):
    """Adds half of it: neither its push nor its trace is that of its parent."""

    def forward(self, x):
        return (x + super().forward(x)) / 2


class Gate(Block):
    """Layers in a row, and their answer times x."""

    def __init__(self, layers):
        self.layers = tuple(layers)

    push = nn.Layer.push

    def forward(self, x):
        return x * run(self.layers, x)

    def joined(self, rows, inner, shape):
        raise NotImplementedError  # it takes x to say


@pytest.mark.parametrize("kind", [Halved, Gate])
@pytest.mark.parametrize("method", ["weight", "node", "auto"])
def test_a_block_with_another_forward(kind, method):
    """Those inside are nudged by the loop, those before it go through all of it."""
    own = kind([nn.Linear(5, 4, rng=0), nn.Tanh(), nn.Linear(4, 5, rng=1)])
    assert kind.push is nn.Layer.push
    net = nn.Sequential([nn.Linear(5, 5, rng=2), own, nn.Linear(5, 3, rng=3)])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = net.numerical_gradient(X, CLASSES, method)
    assert all(f"layer 1, {own!r}, is a block with a forward" in str(w.message) for w in said)
    assert len(said) == 2
    ways = get_method(method).ways(net.problem(X, CLASSES))
    assert (ways[1, 0], ways[1, 2]) == ("loop", "loop")
    assert "loop" not in (ways[0,], ways[2,])
    for name, g in net.numerical_gradient(X, CLASSES, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-7)
    assert [place for place, _ in parts(net.layers)] == [(0,), (1,), (2,)]


class Weighted(nn.Residual):
    """A number of its own, by which what is inside counts."""

    def __init__(self, layers):
        super().__init__(layers)
        self.params["share"] = np.array([0.5])

    def forward(self, x):
        return x + self.params["share"] * run(self.layers, x)


def test_a_block_with_something_of_its_own_to_learn():
    own = Weighted([nn.Linear(5, 5, rng=1), nn.Tanh()])
    net = nn.Sequential([nn.Linear(5, 5, rng=2), own, nn.Linear(5, 3, rng=3)])
    assert list(net.params) == ["0.W", "0.b", "1.share", "1.0.W", "1.0.b", "2.W", "2.b"]
    assert net.size == sum(row.parameters for row in net.table(X)) == 30 + 1 + 30 + 18
    assert net.table(X)[1] == ((1,), "Weighted", (5,), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        found = net.numerical_gradient(X, CLASSES)
    for name, g in net.numerical_gradient(X, CLASSES, "loop").items():
        assert g.any()
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", [nn.Residual, Halved, Gate])
def test_what_is_inside_remembers_once_a_step(kind):
    """Of the batch that it is given there, whoever wrote the block."""
    norm = nn.BatchNorm1d(5, momentum=0.5)
    own = kind([nn.Tanh(), norm])
    net = nn.Sequential([nn.Linear(5, 5, rng=2), own, nn.Linear(5, 3, rng=3)])
    given = np.tanh(net.layers[0].forward(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        net.numerical_gradient(X, CLASSES)
    np.testing.assert_allclose(norm.buffers["running_mean"], given.mean(axis=0) / 2, rtol=1e-12)
    expected = 0.5 + given.var(axis=0, ddof=1) / 2
    np.testing.assert_allclose(norm.buffers["running_var"], expected, rtol=1e-12)
    assert set(net.buffers) == {"1.1.running_mean", "1.1.running_var"}


def test_a_layer_of_ones_own_inside():
    class Square(nn.Layer):
        def __init__(self):
            self.params = {"a": np.linspace(0.5, 1, 5)}

        def forward(self, x):
            return (x * self.params["a"]) ** 2

    class Mixes(nn.Layer):
        def forward(self, x):
            return x - x.mean(axis=0)

    net = nn.Sequential(
        [nn.Linear(5, 5, rng=1), nn.Residual([nn.Tanh(), Square()]), nn.Linear(5, 3, rng=3)]
    )
    found = net.numerical_gradient(X, CLASSES)
    for name, g in net.numerical_gradient(X, CLASSES, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)
    net = nn.Sequential(
        [nn.Linear(5, 5, rng=1), nn.Residual([block(), Mixes()]), nn.Linear(5, 3, rng=3)]
    )
    with pytest.warns(FallbackWarning, match=r"layer 1\.1, Mixes\(\), mixes samples"):
        net.numerical_gradient(X, CLASSES, "node")
    found = net.numerical_gradient(X, CLASSES)
    ways = get_method("node").ways(net.problem(X, CLASSES))
    assert ways == {(0,): "weight", (1, 0, 0): "weight", (1, 0, 2): "weight", (2,): "node"}
    for name, g in net.numerical_gradient(X, CLASSES, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)


# --- what is said ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "layers must be a list of at least one layer, got []"),
        (nn.ReLU(), "layers must be a list of at least one layer, got ReLU()"),
        ([nn.ReLU], "each layer must be an nn.Layer, got <class"),
        ([nn.ReLU(), 3], "each layer must be an nn.Layer, got 3"),
    ],
)
def test_bad_layers(layers, message):
    with pytest.raises(ArgumentError) as caught:
        nn.Residual(layers)
    assert str(caught.value).startswith(message)


def test_shapes_that_differ():
    wide = nn.Residual([nn.Linear(5, 4, rng=0)])
    for layers, place in (([nn.Tanh(), wide], "1"), ([nn.Residual([nn.Tanh(), wide])], "0.1")):
        with pytest.raises(ShapeError) as caught:
            nn.Sequential(layers).predict(X)
        assert str(caught.value) == (
            f"layer {place}, Residual([Linear(5, 4)]): Residual adds x of shape (7, 5) to what its"
            " layers make of it, and that has shape (7, 4); the shapes must be the same"
        )
    with pytest.raises(ShapeError, match=r"^layer 0\.1, Linear\(3, 5\): Linear needs x of shape"):
        nn.Sequential([nn.Residual([nn.Tanh(), nn.Linear(3, 5)])]).predict(X)
    broadcast = nn.Residual([nn.Linear(5, 1, rng=0)])  # numpy would add it
    with pytest.raises(ShapeError, match=r"and that has shape \(7, 1\)"):
        broadcast.forward(X)


def test_layers_may_come_as_any_sequence_and_are_not_kept():
    given_layers = [nn.Tanh()]
    layer = nn.Residual(given_layers)
    given_layers.append(nn.ReLU())
    assert len(layer.layers) == 1
    assert nn.Residual((nn.Tanh(),)).layers[0].params == {}
