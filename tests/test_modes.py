"""Layers that learn otherwise than they answer: dropout, and layers of one's own."""

import copy
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import ArgumentError, FallbackWarning, ImpureFunctionError, InputError, ShapeError
from nn.gradients import METHODS, get_method, gradient
from nn.layers import TwoMode, in_mode, two_mode

from .boxes import assert_pushed, built_out, rows_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 5))
CLASSES = np.array([0, 2, 1, 1, 0, 2, 2])
IMAGES = RNG.normal(size=(7, 1, 6, 6))


def net_of(p=0.4, seed=1):
    return nn.Sequential(
        [
            nn.Linear(5, 8, rng=0), nn.Dropout(p, rng=seed), nn.Tanh(), nn.Linear(8, 6, rng=1),
            nn.Residual([nn.Dropout(p, rng=seed + 1), nn.Linear(6, 6, rng=2)]),
            nn.Linear(6, 3, rng=3),
        ]
    )  # fmt: skip


# --- dropout ---------------------------------------------------------------------------------


def test_dropout_by_its_formula():
    layer = nn.Dropout(0.3, rng=5)
    x = RNG.normal(size=(200, 50)) + 10
    assert layer.forward(x) is x
    layer.begin(x)
    assert layer.forward(x) is x  # it has drawn, and does not train
    with in_mode([layer], True):
        z = layer.forward(x)
        assert (layer.forward(x) == z).all()
    left_out = z == 0
    assert left_out.mean() == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(z[~left_out], x[~left_out] / 0.7, rtol=1e-15)
    assert z.mean() == pytest.approx(x.mean(), rel=0.02)
    assert left_out.any(axis=0).all()  # each number on its own
    assert left_out.any(axis=1).all()
    # what is drawn, from a generator of the same seed
    assert (left_out == (np.random.default_rng(5).random(x.shape) < 0.3)).all()


def test_no_dropout():
    layer = nn.Dropout(0.0)
    layer.begin(X)
    with in_mode([layer], True):
        assert (layer.forward(X) == X).all()
    assert nn.Dropout().p == 0.5


def test_other_seeds_other_masks():
    def drawn(rng):
        layer = nn.Dropout(0.5, rng)
        found = []
        for _ in range(3):
            layer.begin(X)
            with in_mode([layer], True):
                found.append(layer.forward(np.ones(X.shape)))
        return found

    assert np.array_equal(drawn(3), drawn(3))
    assert not np.array_equal(drawn(3), drawn(4))
    assert not np.array_equal(drawn(None), drawn(None))
    first, second, third = drawn(3)
    assert (first != second).any()
    assert (second != third).any()
    shared = np.random.default_rng(9)
    assert not np.array_equal(drawn(shared), drawn(shared))


def test_a_batch_that_was_not_drawn_for():
    layer = nn.Dropout(rng=0)
    with in_mode([layer], True):
        with pytest.raises(InputError, match=r"has drawn nothing yet; begin\(x\) draws"):
            layer.forward(X)
        layer.begin(X)
        with pytest.raises(InputError, match=r"batch of shape \(7, 5\), and got \(3, 5\)"):
            layer.forward(X[:3])


@pytest.mark.parametrize("p", [1, -0.1, 1.5, "0.5", None, True, math.nan, (0.5,)])
def test_bad_shares(p):
    with pytest.raises(ArgumentError) as caught:
        nn.Dropout(p)
    assert str(caught.value) == f"p must be a finite number >= 0 and < 1, got {p!r}"


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from([(5,), (2, 3), (2, 4, 3)]), st.data())
def test_dropout_pushes_what_running_it_would_give(sample, data):
    x = RNG.normal(size=(4, *sample))
    layer = nn.Dropout(0.4, rng=2)
    rows = data.draw(rows_of(x))
    assert layer.push(rows, x, x) is rows
    assert_pushed(layer, rows, x)
    layer.begin(x)
    with in_mode([layer], True):
        factor = layer.forward(np.ones(x.shape))
        z = layer.forward(x)
        pushed = layer.push(rows, x, z)
    expected = built_out(rows, np.zeros(x.shape))[0] * rows.samples(factor)
    np.testing.assert_allclose(built_out(pushed, np.zeros(x.shape))[0], expected, rtol=1e-13)
    assert pushed.delta.shape == rows.delta.shape


@pytest.mark.parametrize("method", METHODS)
def test_one_mask_a_step(method):
    """All of a step's evaluations see the same numbers left out; the next step draws anew."""
    net = net_of()
    problem = net.problem(X, CLASSES)
    masks = net.layers[1]._factor.copy(), net.layers[4].layers[0]._factor.copy()
    value = problem.value()
    assert value == problem.clean_value == problem.value()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if method != "direction":
            one, other = gradient(problem, method), gradient(problem, method)
            assert all((one[name] == other[name]).all() for name in one)
        else:
            gradient(problem, method)
    assert (net.layers[1]._factor == masks[0]).all()
    assert (net.layers[4].layers[0]._factor == masks[1]).all()
    assert problem.value() == value
    problem.end()
    assert net.problem(X, CLASSES).value() != value
    assert (net.layers[1]._factor != masks[0]).any()


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_the_loop(seed):
    net = net_of(seed=seed)
    for h in (1e-4, None):
        problem = net.problem(X, CLASSES, h)
        by_loop = gradient(problem, "loop")
        for method, atol in (("weight", 1e-9), ("node", 1e-7), ("auto", 1e-7)):
            for name, g in gradient(problem, method).items():
                np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=atol)
        left_out = (net.layers[1]._factor == 0).all(axis=0)
        assert not by_loop["0.W"][:, left_out].any()


def test_the_gradient_by_hand():
    """Backpropagation through the mask that was drawn."""
    net = nn.Sequential([nn.Linear(5, 8, rng=0), nn.Dropout(0.5, rng=1), nn.Linear(8, 3, rng=2)])
    problem = net.problem(X, CLASSES)
    factor = (np.random.default_rng(1).random((7, 8)) >= 0.5) * 2.0
    W1, b1, W2, b2 = net.params.values()
    y = (X @ W1 + b1) * factor
    z = y @ W2 + b2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dz = (p - np.eye(3)[CLASSES]) / 7
    d1 = dz @ W2.T * factor
    by_hand = [X.T @ d1, d1.sum(axis=0), y.T @ dz, dz.sum(axis=0)]
    assert problem.clean_value == pytest.approx(-np.log(p[range(7), CLASSES]).mean(), rel=1e-13)
    for g, exact in zip(gradient(problem, "weight").values(), by_hand, strict=True):
        np.testing.assert_allclose(g, exact, rtol=0, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_a_problem_of_an_earlier_step_is_refused(method):
    """Its masks are gone: what was drawn since then is for another batch."""
    net = net_of()
    earlier, now = net.problem(X, CLASSES), net.problem(X[::-1], CLASSES[::-1])
    with pytest.raises(InputError, match="this problem is of an earlier step"):
        gradient(earlier, method)
    assert gradient(now, method).keys() == net.params.keys()
    net.forward(X), net.loss(X, CLASSES)  # answers draw nothing
    assert gradient(now, method).keys() == net.params.keys()
    plain = nn.Sequential([nn.Linear(5, 3, rng=0)])  # what draws nothing may be asked any time
    first, _ = plain.problem(X, CLASSES), plain.problem(X[:3], CLASSES[:3])
    assert gradient(first, method).keys() == plain.params.keys()


def test_answers_are_without_dropout():
    net = net_of()
    first, _, *between, block, last = net.layers
    plain = nn.Sequential([first, *between, nn.Residual(block.layers[1:]), last])
    before = [copy.deepcopy(layer.rng.bit_generator.state) for layer in two_mode(net.layers)]
    for _ in range(2):
        assert (net.forward(X) == plain.forward(X)).all()
        assert (net.predict(X) == plain.predict(X)).all()
        assert net.loss(X, CLASSES) == plain.loss(X, CLASSES)
        assert net.accuracy(X, CLASSES) == plain.accuracy(X, CLASSES)
        net.table(X)
        assert before == [layer.rng.bit_generator.state for layer in two_mode(net.layers)]
        net.numerical_gradient(X, CLASSES)
        assert not any(layer.training for layer in two_mode(net.layers))
        before = [copy.deepcopy(layer.rng.bit_generator.state) for layer in two_mode(net.layers)]


def timeless(history):
    return [{k: v for k, v in r.items() if k != "seconds"} for r in history.records]


def trained(seed=1, epochs=3, **options):
    net = net_of(seed=seed)
    trainer = nn.Trainer(net, None, nn.Adam(0.02), rng=4, **options)
    trainer.fit(X, CLASSES, epochs=epochs, batch_size=3, progress=False)
    return trainer


def test_the_same_seed_gives_the_same_run():
    one, other = trained(), trained()
    assert timeless(one.history) == timeless(other.history)
    assert all((p == other.network.params[name]).all() for name, p in one.network.params.items())
    assert timeless(trained(seed=7).history) != timeless(one.history)


@pytest.mark.parametrize("method", ["weight", "auto", "direction", "loop"])
@pytest.mark.parametrize("kind", ["dropout", "batch norm"])
def test_a_run_that_stops_anywhere_goes_on_to_the_bit(method, kind):
    def make():
        net = net_of()
        if kind == "batch norm":
            net.layers[2] = nn.BatchNorm1d(8)
            net = nn.Sequential(net.layers)
        asked = nn.gradients.Direction(3, rng=5) if method == "direction" else method
        return nn.Trainer(net, None, nn.SGD(0.1, momentum=0.9), method=asked, rng=4)

    def fit(trainer, *on_step):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FallbackWarning)
            trainer.fit(
                X, CLASSES, epochs=3, batch_size=4, validation=(X[:4], CLASSES[:4]),
                on_step=on_step, progress=False,
            )  # fmt: skip
        return trainer

    whole = fit(make())
    for at in (2, 5) if method == "loop" else range(1, 7):
        kept = []
        stopped = fit(
            make(),
            lambda t, at=at, kept=kept: (
                (kept.append(t.checkpoint()), t.stop("enough")) if t.steps == at else None
            ),
        )
        resumed = make()
        resumed.restore(kept[0], stopped.history)
        fit(resumed)
        assert timeless(resumed.history) == timeless(whole.history)
        for name, a in whole.network.state_dict().items():
            assert (resumed.network.state_dict()[name] == a).all()
        assert all((resumed.best[name] == a).all() for name, a in whole.best.items())


def test_a_checkpoint_without_what_is_remembered_is_of_another_network():
    def make(layer):
        net = nn.Sequential([nn.Linear(5, 3, rng=0), layer])
        return nn.Trainer(net, None, nn.SGD(0.1), rng=0)

    trainer = make(nn.BatchNorm1d(3))
    trainer.fit(X, CLASSES, epochs=1, batch_size=7, progress=False)
    kept = trainer.checkpoint()
    assert {"1.running_mean", "1.running_var"} <= set(kept.params)
    with pytest.raises(InputError, match="the checkpoint is of another network"):
        make(nn.LayerNorm(3)).restore(kept, trainer.history)


def test_questions_before_the_first_step_draw_nothing():
    """A run is the same whether or not its cost was asked for, or its data looked at."""
    net = net_of()
    trainer = nn.Trainer(net, None, nn.Adam(0.02), rng=4)
    trainer.cost(X, CLASSES, epochs=1)
    trainer.evaluate(X, CLASSES)
    seen = []
    trainer.fit(
        X, CLASSES, epochs=1, batch_size=3, progress=False,
        on_step=lambda t: seen.append(net.layers[1]._factor.copy()),
    )  # fmt: skip
    rng = np.random.default_rng(1)
    for samples, factor in zip((3, 3, 1), seen, strict=True):
        assert ((factor == 0) == (rng.random((samples, 8)) < 0.4)).all()


def test_a_large_batch_goes_through_whole():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(1100, 2)), rng.integers(0, 2, 1100)
    net = nn.Sequential([nn.Linear(2, 3, rng=0), nn.Dropout(0.5, rng=0), nn.Linear(3, 2, rng=1)])
    for memory in ("256 MiB", "200 KiB"):
        problem = net.problem(x, t, memory=memory)
        by_loop = gradient(problem, "loop")
        for name, g in gradient(problem, "weight").items():
            np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=1e-9)


# --- which layers train, and when ------------------------------------------------------------


def test_modes_are_put_back():
    one, other = nn.Dropout(), nn.BatchNorm1d(3)
    other.training = True
    with in_mode([one, other], True):
        assert one.training is other.training is True
        with in_mode([one], False):
            assert not one.training
        assert one.training
    assert (one.training, other.training) == (False, True)
    with pytest.raises(KeyError), in_mode([one, other], False):
        raise KeyError
    assert (one.training, other.training) == (False, True)


def test_which_layers_have_two_modes():
    net = net_of()
    assert two_mode(net.layers) == [net.layers[1], net.layers[4].layers[0]]
    inner = nn.BatchNorm1d(3)
    assert two_mode([nn.Residual([nn.Tanh(), nn.Residual([inner])]), nn.ReLU()]) == [inner]


def test_a_layer_that_does_not_fit_is_named_while_others_draw():
    inner = nn.Residual([nn.Tanh(), nn.Linear(4, 4, rng=0)])
    net = nn.Sequential([nn.Dropout(rng=0), nn.Residual([nn.ReLU(), inner])])
    for ask in (net.forward, lambda x: net.problem(x, CLASSES)):
        with pytest.raises(ShapeError, match=r"^layer 1\.1\.1, Linear\(4, 4\): Linear needs x of"):
            ask(X)
    assert not net.layers[0].training


@pytest.mark.parametrize("method", METHODS)
def test_nothing_trains_when_a_gradient_has_failed(method):
    class Cliff(nn.Layer):
        limit = np.inf

        def forward(self, x):
            return np.where(np.abs(x) > self.limit, np.nan, x)

    cliff = Cliff()
    net = net_of()
    net = nn.Sequential([*net.layers, cliff])
    gradient(net.problem(X, CLASSES), "loop")
    problem = net.problem(X, CLASSES)
    before = net.state_dict()
    cliff.limit = np.abs(problem.z).max() + 1e-9
    with warnings.catch_warnings(), pytest.raises(nn.NudgeError):
        warnings.simplefilter("ignore", FallbackWarning)
        gradient(net.problem(X, CLASSES, 100.0), method)
    assert not any(layer.training for layer in two_mode(net.layers))
    for name, a in net.state_dict().items():
        assert a.tobytes() == before[name].tobytes()


# --- of one's own ----------------------------------------------------------------------------


class Noise(TwoMode):
    """Adds noise while it learns; a layer of one's own that draws once a step."""

    def __init__(self, size=0.5, seed=0):
        self.size, self.rng, self.noise = size, np.random.default_rng(seed), 0.0

    def begin(self, x):
        self.noise = self.rng.normal(size=x.shape) * self.size

    def forward(self, x):
        return x + self.noise if self.training else x


class Counted(TwoMode):
    """Counts the steps, and the means of what it saw."""

    def __init__(self):
        self.buffers["steps"] = np.zeros(1)
        self.buffers["mean"] = np.zeros(5)
        self.began = 0

    def begin(self, x):
        self.began += 1

    def end(self, x):
        assert self.training
        self.buffers["steps"] += 1
        self.buffers["mean"][:] = x.mean(axis=0)

    def forward(self, x):
        return x * 1.0


class DrawsInForward(TwoMode):
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def forward(self, x):
        return x * (self.rng.random(x.shape) > 0.3) if self.training else x


def test_noise_of_ones_own_trains_right():
    """It answers to whole batches alone, so weights before it are nudged in whole batches."""
    layer = Noise()
    net = nn.Sequential([nn.Linear(5, 4, rng=0), layer, nn.Tanh(), nn.Linear(4, 3, rng=1)])
    problem = net.problem(X, CLASSES)
    assert problem.clean_value == problem.value() != net.loss(X, CLASSES)
    assert set(get_method("weight").ways(problem).values()) == {"weight"}
    found = gradient(problem, "weight")
    for name, g in gradient(problem, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)
    # the same by hand, of the noise of this step
    W1, b1, W2, b2 = net.params.values()
    y = np.tanh(X @ W1 + b1 + np.random.default_rng(0).normal(size=(7, 4)) * 0.5)
    z = y @ W2 + b2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    d1 = ((p - np.eye(3)[CLASSES]) / 7) @ W2.T * (1 - y**2)
    np.testing.assert_allclose(found["0.W"], X.T @ d1, rtol=0, atol=1e-8)
    before = net.loss(X, CLASSES)
    trainer = nn.Trainer(net, None, nn.SGD(0.3), rng=0)
    trainer.fit(X, CLASSES, epochs=15, batch_size=7, progress=False)
    assert net.loss(X, CLASSES) < before


def test_begin_and_end_come_once_a_step():
    layer = Counted()
    net = nn.Sequential([nn.Residual([nn.Tanh(), layer]), nn.Linear(5, 3, rng=0)])
    for method in METHODS:
        began, steps = layer.began, layer.buffers["steps"][0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FallbackWarning)
            net.numerical_gradient(X, CLASSES, method)
        assert layer.began == began + 1
        assert layer.buffers["steps"][0] == steps + 1
        np.testing.assert_allclose(layer.buffers["mean"], np.tanh(X).mean(axis=0), rtol=1e-14)
    assert set(net.buffers) == {"0.1.steps", "0.1.mean"}
    trainer = nn.Trainer(net, None, nn.SGD(0.1), rng=0)
    steps = layer.buffers["steps"][0]
    trainer.fit(X, CLASSES, epochs=2, batch_size=3, progress=False)
    assert layer.buffers["steps"][0] == steps + 6


@pytest.mark.parametrize("method", ["weight", "loop"])
def test_what_draws_in_forward_is_told_so(method):
    net = nn.Sequential([nn.Linear(5, 4, rng=0), DrawsInForward(), nn.Linear(4, 3, rng=1)])
    assert (net.forward(X) == net.forward(X)).all()
    with pytest.raises(ImpureFunctionError, match=r"layer 1, DrawsInForward\(\), is not a func"):
        gradient(net.problem(X, CLASSES), method)


class Lighter(nn.Dropout):
    """A dropout that leaves the scale as it is."""

    def forward(self, x):
        return x * (self._factor > 0) if self.training else x


def test_a_dropout_with_another_forward_is_not_pushed_as_its_parent_is():
    assert Lighter.push is nn.Layer.push
    net = nn.Sequential([nn.Linear(5, 8, rng=0), Lighter(0.4, rng=0), nn.Linear(8, 3, rng=1)])
    problem = net.problem(X, CLASSES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        found = gradient(problem, "weight")
    for name, g in gradient(problem, "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)
    assert get_method("weight").ways(problem)[2,] == "weight"


class OwnNorm(nn.BatchNorm1d):
    """By the largest of the batch in place of the deviation."""

    def forward(self, x):
        if not self.training:
            return x
        return (x - x.mean(axis=0)) / np.abs(x).max(axis=0) * self.params["gamma"]


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_norm_with_another_forward_is_not_pushed_as_its_parent_is(method):
    assert OwnNorm.push is nn.Layer.push
    assert OwnNorm.terms is nn.Layer.terms
    net = nn.Sequential([nn.Linear(5, 4, rng=0), OwnNorm(4), nn.Tanh(), nn.Linear(4, 3, rng=1)])
    problem = net.problem(X, CLASSES)
    by_loop = gradient(problem, "loop")
    if method == "direction":
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        found = gradient(problem, method)
    for name, g in by_loop.items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-7)


def test_a_batch_of_one_in_both_modes():
    net = net_of()
    assert net.numerical_gradient(X[:1], CLASSES[:1]).keys() == net.params.keys()
    with pytest.raises(ShapeError, match="Linear needs x of shape"):
        net.numerical_gradient(X[0], CLASSES[:1])


def test_images_with_dropout():
    net = nn.Sequential(
        [
            nn.Conv2d(1, 2, 3, rng=0), nn.Dropout(0.5, rng=1), nn.Tanh(), nn.Conv2d(2, 2, 2, rng=1),
            nn.Dropout(0.3, rng=2), nn.AvgPool2d(3), nn.Flatten(), nn.Linear(2, 3, rng=2),
        ]
    )  # fmt: skip
    problem = net.problem(IMAGES, CLASSES)
    by_loop = gradient(problem, "loop")
    for method, atol in (("weight", 1e-10), ("node", 1e-8)):
        assert set(get_method(method).ways(problem).values()) == {method}
        for name, g in gradient(problem, method).items():
            np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=atol)
