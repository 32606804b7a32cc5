"""Layer and batch normalization: by their formulas, pushed, and what the second remembers."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import ArgumentError, FallbackWarning, InputError, ShapeError
from nn.gradients import METHODS, get_method, gradient
from nn.layers import as_terms, in_mode
from nn.rows import Rows

from .boxes import assert_pushed, rows_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 5))
IMAGES = RNG.normal(size=(6, 2, 4, 3)) * 2 + 1
CLASSES = np.array([0, 2, 1, 1, 0, 2, 2])


def slow_layer_norm(x, axes, eps, gamma, beta):
    """Sample by sample, in Python's numbers."""
    z = np.empty(x.shape)
    for index in np.ndindex(x.shape[:-axes]):
        numbers = [float(v) for v in x[index].ravel()]
        mean = math.fsum(numbers) / len(numbers)
        variance = math.fsum((v - mean) ** 2 for v in numbers) / len(numbers)
        normal = [(v - mean) / math.sqrt(variance + eps) for v in numbers]
        z[index] = np.reshape(normal, x.shape[-axes:]) * gamma + beta
    return z


def slow_batch_norm(x, eps, gamma, beta, mean=None, variance=None):
    """Feature by feature; with the means of the batch, where none are given."""
    z = np.empty(x.shape)
    for j in range(x.shape[1]):
        numbers = [float(v) for v in x[:, j].ravel()]
        m = math.fsum(numbers) / len(numbers) if mean is None else mean[j]
        v = math.fsum((n - m) ** 2 for n in numbers) / len(numbers)
        v = v if variance is None else variance[j]
        z[:, j] = (x[:, j] - m) / math.sqrt(v + eps) * gamma[j] + beta[j]
    return z


def learnt(layer):
    """The layer, its parameters and what it remembers no longer where they start."""
    rng = np.random.default_rng(3)
    for p in layer.params.values():
        p += rng.normal(size=p.shape)
    for kept in layer.buffers.values():
        kept += rng.random(size=kept.shape)
    return layer


# --- layer normalization ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "shape"),
    [((5,), 5), ((1,), 1), ((4, 3), 3), ((4, 3), (4, 3)), ((2, 3, 4), (3, 4)), ((2, 3, 2), 2)],
    ids=str,
)
def test_layer_norm_by_its_formula(sample, shape):
    axes = len(shape) if isinstance(shape, tuple) else 1
    for eps in (1e-5, 0.5):
        layer = learnt(nn.LayerNorm(shape, eps))
        gamma, beta = layer.params["gamma"], layer.params["beta"]
        assert gamma.shape == beta.shape == sample[-axes:]
        for x in (RNG.normal(size=(3, *sample)), np.moveaxis(RNG.normal(size=(*sample, 3)), -1, 0)):
            expected = slow_layer_norm(x, axes, eps, gamma, beta)
            before = x.copy()
            np.testing.assert_allclose(layer.forward(x), expected, rtol=0, atol=1e-12)
            assert (x == before).all()
        plain = nn.LayerNorm(shape, eps, elementwise_affine=False)
        assert not plain.params
        expected = slow_layer_norm(x, axes, eps, 1.0, 0.0)
        np.testing.assert_allclose(plain.forward(x), expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(nn.LayerNorm(shape, eps).forward(x), expected, atol=1e-12)
    assert layer.forward(x[:0]).shape == (0, *sample)


def test_layer_norm_by_heart():
    """Mean 2, variance 2/3 of 1, 2, 3."""
    z = nn.LayerNorm(3, eps=1e-12)(np.array([[1.0, 2, 3], [5, 5, 5]]))
    np.testing.assert_allclose(z, [[-math.sqrt(1.5), 0, math.sqrt(1.5)], [0, 0, 0]], atol=1e-9)


@settings(derandomize=True, deadline=None, max_examples=120)
@given(
    st.sampled_from([((5,), 5), ((4, 3), 3), ((4, 3), (4, 3)), ((2, 3, 4), (3, 4)), ((1,), 1)]),
    st.booleans(),
    st.sampled_from([1e-3, 1.0, 30.0]),
    st.data(),
)
def test_layer_norm_pushes_what_running_it_would_give(case, affine, size, data):
    sample, shape = case
    layer = learnt(nn.LayerNorm(shape, 1e-3, affine))
    x = RNG.normal(size=(4, *sample))
    assert_pushed(layer, data.draw(rows_of(x, size=size)), x)


def test_small_changes_of_a_layer_norm_do_not_cancel():
    """A nudge of 1e-9 is known to nine digits, where two passes would leave six."""
    x, layer = X * 10, learnt(nn.LayerNorm(5))
    big, small = (
        layer.push(Rows(np.full((1, 7, 1), size), None, np.array([2])), x, layer.forward(x)).delta
        / size
        for size in (1e-5, 1e-9)
    )
    assert np.abs(big - small).max() < 1e-5
    up, down = (layer.forward(x + h * np.eye(5)[2]) for h in (1e-5, -1e-5))
    np.testing.assert_allclose(small[0], (up - down) / 2e-5, rtol=0, atol=1e-8)


def check_terms(layer, x):
    """z is the sum of the terms times the weights, and slopes by them are what they should be."""
    z = layer.forward(x)
    gamma, beta = layer.params["gamma"].copy(), layer.params["beta"].copy()
    slopes = RNG.normal(size=z.shape)
    for name in ("gamma", "beta"):
        terms = as_terms(layer.terms(name, x))
        expected = np.empty(layer.params[name].shape)
        for index in np.ndindex(expected.shape):  # linear in each: a nudge of 1 is exact
            layer.params[name][index] += 1
            moved = layer.forward(x) - z
            layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
            expected[index] = (moved * slopes).sum()
        found = np.empty(expected.shape)
        terms.table(found)[...] = terms.by_slopes(slopes)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("sample", "shape"), [((5,), 5), ((4, 3), 3), ((4, 3), (4, 3)), ((2, 3, 2), 2)], ids=str
)
def test_terms_of_a_layer_norm(sample, shape):
    check_terms(learnt(nn.LayerNorm(shape)), RNG.normal(size=(3, *sample)))


def test_a_layer_norm_over_some_of_many_axes_has_no_terms():
    """gamma then stands for a part of each sample; it is nudged in its layer."""
    layer = nn.LayerNorm((3, 4))
    assert layer.terms("gamma", np.zeros((2, 2, 3, 4))) is None
    assert layer.terms("beta", np.zeros((2, 2, 3, 4))) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalized_shape": 0}, "normalized_shape must be a whole number >= 1, got 0"),
        ({"normalized_shape": -1}, "normalized_shape must be a whole number >= 1, got -1"),
        ({"normalized_shape": 1.5}, "normalized_shape must be a whole number >= 1, got 1.5"),
        ({"normalized_shape": True}, "normalized_shape must be a whole number >= 1, got True"),
        ({"normalized_shape": "3"}, "normalized_shape must be a whole number >= 1, got '3'"),
        ({"normalized_shape": ()}, "normalized_shape must be a number or a shape, got ()"),
        ({"normalized_shape": (3, 0)}, "normalized_shape must be a whole number >= 1, got 0"),
        ({"eps": 0}, "eps must be a finite number > 0, got 0"),
        ({"eps": -1e-5}, "eps must be a finite number > 0, got -1e-05"),
        ({"eps": "small"}, "eps must be a finite number > 0, got 'small'"),
    ],
)
def test_bad_arguments_of_a_layer_norm(options, message):
    with pytest.raises(ArgumentError) as caught:
        nn.LayerNorm(**{"normalized_shape": 3, **options})
    assert str(caught.value) == message


def test_what_a_layer_norm_cannot_take():
    for shape, x, needed in (
        (4, np.zeros((3, 5)), "(N, ..., 4), got (3, 5)"),
        ((2, 4), np.zeros((3, 4, 2)), "(N, ..., 2, 4), got (3, 4, 2)"),
        (3, np.zeros(3), "(N, ..., 3), got (3,)"),
        ((2, 4), np.zeros((2, 4)), "(N, ..., 2, 4), got (2, 4)"),
    ):
        with pytest.raises(ShapeError) as caught:
            nn.Sequential([nn.Tanh(), nn.LayerNorm(shape)]).predict(x)
        named = repr(nn.LayerNorm(shape))
        assert str(caught.value) == f"layer 1, {named}: LayerNorm needs x of shape {needed}"


# --- batch normalization: the formula --------------------------------------------------------

SEQUENCES = RNG.normal(size=(4, 3, 5))
BATCHES = [(nn.BatchNorm1d, X), (nn.BatchNorm1d, SEQUENCES), (nn.BatchNorm2d, IMAGES)]


@pytest.mark.parametrize(("cls", "x"), BATCHES, ids=["1d", "1d of sequences", "2d"])
def test_batch_norm_by_its_formula(cls, x):
    features = x.shape[1]
    for eps in (1e-5, 0.5):
        layer = learnt(cls(features, eps))
        gamma, beta = layer.params["gamma"], layer.params["beta"]
        kept = layer.buffers["running_mean"], layer.buffers["running_var"]
        assert gamma.shape == beta.shape == kept[0].shape == kept[1].shape == (features,)
        for lying in (x, np.asfortranarray(x)):
            found = layer.forward(lying)
            np.testing.assert_allclose(
                found, slow_batch_norm(x, eps, gamma, beta, *kept), rtol=0, atol=1e-12
            )
            with in_mode([layer], True):
                found = layer.forward(lying)
            np.testing.assert_allclose(
                found, slow_batch_norm(x, eps, gamma, beta), rtol=0, atol=1e-12
            )
        plain = cls(features, eps, affine=False)
        assert not plain.params
        with in_mode([plain], True):
            found = plain.forward(x)
        ones = np.ones(features)
        np.testing.assert_allclose(found, slow_batch_norm(x, eps, ones, 0 * ones), atol=1e-12)
    first = cls(features)
    assert not first.buffers["running_mean"].any()
    assert (first.buffers["running_var"] == 1).all()
    np.testing.assert_allclose(first.forward(x), x / math.sqrt(1 + 1e-5), rtol=1e-13)


@pytest.mark.parametrize(("cls", "x"), BATCHES, ids=["1d", "1d of sequences", "2d"])
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_pushes_what_running_it_would_give(cls, x, affine):
    @settings(derandomize=True, deadline=None, max_examples=40)
    @given(st.sampled_from([1e-3, 1.0, 30.0]), st.booleans(), st.data())
    def check(size, training, data):
        layer = learnt(cls(x.shape[1], 1e-3, affine=affine))
        rows = data.draw(rows_of(x, size=size, subsets=not training))
        with in_mode([layer], training):
            assert_pushed(layer, rows, x, layer.forward if training else None)
            assert layer.mixes is training

    check()


def test_in_training_only_whole_batches_are_pushed():
    layer = nn.BatchNorm1d(5)
    z = layer.forward(X)
    with in_mode([layer], True):
        for rows in (
            Rows(np.ones((1, 7, 5)), np.arange(7)),
            Rows(np.ones((1, 3, 5))),
        ):
            with pytest.raises(InputError, match="BatchNorm1d mixes samples: only rows of whole"):
                layer.push(rows, X, z)


@pytest.mark.parametrize(("cls", "x"), BATCHES, ids=["1d", "1d of sequences", "2d"])
def test_terms_of_a_batch_norm(cls, x):
    for training in (True, False):
        layer = learnt(cls(x.shape[1]))
        with in_mode([layer], training):
            check_terms(layer, x)


# --- batch normalization: its gradient -------------------------------------------------------


def net_of(cls=nn.BatchNorm1d, **options):
    """A batch norm between two layers, and another batch norm deeper."""
    if cls is nn.BatchNorm1d:
        layers = [nn.Linear(5, 4, rng=0), nn.BatchNorm1d(4, **options), nn.Tanh()]
        layers += [nn.Linear(4, 3, rng=1), nn.BatchNorm1d(3, **options), nn.Linear(3, 3, rng=2)]
    else:
        layers = [nn.Conv2d(2, 2, 2, rng=0), nn.BatchNorm2d(2, **options), nn.Tanh()]
        layers += [nn.Flatten(), nn.Linear(12, 3, rng=1)]
    net = nn.Sequential(layers)
    for layer in net.layers:
        learnt(layer) if isinstance(layer, cls) else None
    return net


def test_the_gradient_is_that_of_backpropagation():
    """Written out by hand, with the means of the batch."""
    norm = learnt(nn.BatchNorm1d(4, eps=1e-3))
    net = nn.Sequential([nn.Linear(5, 4, rng=0), norm, nn.Linear(4, 3, rng=1)])
    W1, b1, gamma, beta, W2, b2 = net.params.values()
    z1 = X @ W1 + b1
    centred = z1 - z1.mean(axis=0)
    deviation = np.sqrt(z1.var(axis=0) + 1e-3)
    normal = centred / deviation
    z = (normal * gamma + beta) @ W2 + b2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dz = (p - np.eye(3)[CLASSES]) / 7
    dy = dz @ W2.T
    dn = dy * gamma
    d1 = (dn - dn.mean(axis=0) - normal * (dn * normal).mean(axis=0)) / deviation
    by_hand = [
        X.T @ d1, d1.sum(axis=0), (dy * normal).sum(axis=0), dy.sum(axis=0),
        (normal * gamma + beta).T @ dz, dz.sum(axis=0),
    ]  # fmt: skip
    for method in ("weight", "loop"):
        found = gradient(net.problem(X, CLASSES), method)
        for g, exact in zip(found.values(), by_hand, strict=True):
            np.testing.assert_allclose(g, exact, rtol=0, atol=1e-7)
    assert net.problem(X, CLASSES).value() == pytest.approx(
        -np.log(p[range(7), CLASSES]).mean(), rel=1e-12
    )


@pytest.mark.parametrize("cls", [nn.BatchNorm1d, nn.BatchNorm2d])
@pytest.mark.parametrize("method", METHODS)
def test_what_is_remembered_moves_once_a_step(cls, method):
    """By hand: the momentum's share of the batch's own mean and variance, however it is nudged."""
    x, t = (X, CLASSES) if cls is nn.BatchNorm1d else (IMAGES, CLASSES[:6])
    net = net_of(cls, momentum=0.3)
    place = 1
    inputs = nn.Sequential(net.layers[:place]).forward(x)
    axes = (0,) if inputs.ndim == 2 else (0, 2, 3)
    mean, variance = inputs.mean(axis=axes), inputs.var(axis=axes, ddof=1)
    kept = {name: b.copy() for name, b in net.layers[place].buffers.items()}
    arrays = dict(net.buffers)
    expected = {
        "running_mean": 0.7 * kept["running_mean"] + 0.3 * mean,
        "running_var": 0.7 * kept["running_var"] + 0.3 * variance,
    }
    problem = net.problem(x, t)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        gradient(problem, method)
        assert all((b == kept[name]).all() for name, b in net.layers[place].buffers.items())
        net.numerical_gradient(x, t, method)
    for name, b in net.layers[place].buffers.items():
        np.testing.assert_allclose(b, expected[name], rtol=1e-13)
    assert all(net.buffers[name] is b for name, b in arrays.items())


def test_a_trainer_moves_it_once_a_step_too():
    net = net_of(momentum=0.25)
    first = {name: b.copy() for name, b in net.buffers.items()}
    inputs = net.layers[0].forward(X)
    trainer = nn.Trainer(net, None, nn.SGD(0.1), rng=0)
    trainer.fit(X, CLASSES, epochs=1, batch_size=7, progress=False)
    np.testing.assert_allclose(
        net.buffers["1.running_mean"],
        0.75 * first["1.running_mean"] + 0.25 * inputs.mean(axis=0),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        net.buffers["1.running_var"],
        0.75 * first["1.running_var"] + 0.25 * inputs.var(axis=0, ddof=1),
        rtol=1e-12,
    )
    assert not net.layers[1].training


@pytest.mark.parametrize("momentum", [0, 0.1, 1])
def test_momentum(momentum):
    layer = nn.BatchNorm1d(5, momentum=momentum)
    for _ in range(2):
        layer.end(X)
    left = (1 - momentum) ** 2
    np.testing.assert_allclose(
        layer.buffers["running_mean"], (1 - left) * X.mean(axis=0), atol=1e-15
    )
    np.testing.assert_allclose(
        layer.buffers["running_var"], left + (1 - left) * X.var(axis=0, ddof=1), rtol=1e-13
    )


def test_answers_are_by_what_is_remembered():
    """One sample is answered as it is in a batch, and asking changes nothing."""
    net = net_of()
    before = net.state_dict()
    together = net.forward(X)
    np.testing.assert_allclose(
        np.concatenate([net.forward(X[n : n + 1]) for n in range(7)]), together, rtol=1e-12
    )
    net.loss(X, CLASSES), net.accuracy(X, CLASSES), net.predict(X), net.table(X)
    assert all((before[name] == a).all() for name, a in net.state_dict().items())
    assert net.loss(X, CLASSES) != net.problem(X, CLASSES).value()
    trainer = nn.Trainer(net, None, nn.SGD(0.1), rng=0)
    trainer.evaluate(X, CLASSES)
    trainer.cost(X, CLASSES, epochs=1)
    assert all((before[name] == a).all() for name, a in net.state_dict().items())


def test_what_is_remembered_is_kept_with_the_parameters(tmp_path):
    net, other = net_of(), net_of()
    net.numerical_gradient(X, CLASSES)
    names = {"1.running_mean", "1.running_var", "4.running_mean", "4.running_var"}
    assert set(net.buffers) == names
    assert set(net.state_dict()) == {*net.params, *names}
    assert names.isdisjoint(net.params)
    nn.save_params(tmp_path / "w.npz", net.state_dict())
    kept = dict(other.buffers)
    assert (other.forward(X) != net.forward(X)).any()
    other.load_state_dict(nn.load_params(tmp_path / "w.npz"))
    assert (other.forward(X) == net.forward(X)).all()
    assert all(other.buffers[name] is b for name, b in kept.items())
    state = net.state_dict()
    state["1.running_mean"][:] = 7  # a copy
    assert (net.buffers["1.running_mean"] != 7).all()
    del state["1.running_mean"]
    with pytest.raises(InputError, match=r"only the network has '1\.running_mean'"):
        other.load_state_dict(state)
    with pytest.raises(ShapeError, match=r"1\.running_mean has shape \(2,\) there, and \(4,\)"):
        other.load_state_dict({**net.state_dict(), "1.running_mean": np.zeros(2)})
    assert (other.forward(X) == net.forward(X)).all()


def test_the_best_weights_come_with_it():
    """Early stopping goes back to what was remembered then, not what is remembered now."""
    net = net_of()
    trainer = nn.Trainer(
        net, None, nn.SGD(3.0), early_stopping=nn.EarlyStopping(3, restore_best=True), rng=0
    )
    seen = []
    trainer.fit(
        X, CLASSES, epochs=12, batch_size=7, validation=(X[::-1] * 1.5, CLASSES[::-1]),
        on_epoch=lambda t: seen.append(t.network.state_dict()), progress=False,
    )  # fmt: skip
    best = trainer.history.evaluations.index(trainer.best_record)
    assert best < len(seen) - 1
    for name, a in net.state_dict().items():
        assert (a == seen[best][name]).all()
    assert (seen[-1]["1.running_mean"] != seen[best]["1.running_mean"]).any()
    assert net.loss(X[::-1] * 1.5, CLASSES[::-1]) == trainer.best_record["validation_loss"]


def test_node_goes_by_weight_before_it_and_says_so_once():
    net = net_of()
    problem = net.problem(X, CLASSES)
    assert get_method("node").ways(problem) == {
        (0,): "weight", (1,): "weight", (3,): "weight", (4,): "node", (5,): "node",
    }  # fmt: skip
    with pytest.warns(FallbackWarning) as said:
        net.numerical_gradient(X, CLASSES, "node")
        net.numerical_gradient(X, CLASSES, "node")
    assert [str(w.message) for w in said] == [
        f"the gradient of layer {place}, is found by weight: layer {by}, mixes samples, so that no"
        " unit can be nudged in one"
        for place, by in (
            ("0, Linear(5, 4)", "1, BatchNorm1d(4)"),
            ("1, BatchNorm1d(4)", "4, BatchNorm1d(3)"),
            ("3, Linear(4, 3)", "4, BatchNorm1d(3)"),
        )
    ]
    assert "loop" not in get_method("weight").ways(problem).values()
    assert get_method("auto").ways(problem)[0,] == "weight"


class Centre(nn.Layer):
    """Mixes samples, and knows nothing but its forward."""

    def forward(self, x):
        return x - x.mean(axis=0)


def test_a_layer_of_ones_own_that_mixes_takes_whole_batches_too():
    net = nn.Sequential(
        [nn.Linear(5, 4, rng=0), Centre(), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 3, rng=1)]
    )
    found = gradient(net.problem(X, CLASSES), "weight")
    with pytest.warns(FallbackWarning, match=r"layer 1, Centre\(\), mixes samples"):
        assert get_method("node").ways(net.problem(X, CLASSES)) == {
            (0,): "weight", (2,): "node", (4,): "node",
        }  # fmt: skip
        gradient(net.problem(X, CLASSES), "node")
    for name, g in gradient(net.problem(X, CLASSES), "loop").items():
        np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-10)


def test_units_that_are_off_are_part_of_the_batch_too():
    """Where a relu swallows a change the sample stays, for the mean that is to come."""
    net = nn.Sequential(
        [nn.Linear(5, 4, rng=0), nn.ReLU(), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 3, rng=1)]
    )
    net.params["0.b"][:] = [-0.5, -1.0, 0.5, 0.0]
    off = net.layers[0].forward(X) < 0
    assert (off.mean(axis=0) > 0.2).any()
    problem = net.problem(X, CLASSES)
    by_loop = gradient(problem, "loop")
    for name, g in gradient(problem, "weight").items():
        np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=1e-9)


def test_blank_samples_are_part_of_the_batch_all_the_same():
    """A weight moves nothing in a blank picture, and the mean of all nevertheless."""
    x = IMAGES.copy()
    x[[0, 3]] = 0
    images = net_of(nn.BatchNorm2d)
    words = nn.Sequential(
        [nn.Embedding(7, 3, rng=0), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 3, rng=1)]
    )
    for net, batch in ((images, x), (words, np.array([0, 1, 2, 3, 4, 5]))):
        for memory in ("256 MiB", "30 KiB"):
            problem = net.problem(batch, CLASSES[:6], memory=memory)
            by_loop = gradient(problem, "loop")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FallbackWarning)
                found = gradient(problem, "weight")
            for name, g in by_loop.items():
                np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-9)


# --- what is said ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_features": 0}, "num_features must be a whole number >= 1, got 0"),
        ({"num_features": 1.5}, "num_features must be a whole number >= 1, got 1.5"),
        ({"num_features": True}, "num_features must be a whole number >= 1, got True"),
        ({"num_features": "3"}, "num_features must be a whole number >= 1, got '3'"),
        ({"num_features": (3,)}, "num_features must be a whole number >= 1, got (3,)"),
        ({"eps": 0}, "eps must be a finite number > 0, got 0"),
        ({"momentum": -0.1}, "momentum must be a finite number >= 0 and <= 1, got -0.1"),
        ({"momentum": 1.1}, "momentum must be a finite number >= 0 and <= 1, got 1.1"),
        ({"momentum": None}, "momentum must be a finite number >= 0 and <= 1, got None"),
    ],
)
@pytest.mark.parametrize("cls", [nn.BatchNorm1d, nn.BatchNorm2d])
def test_bad_arguments_of_a_batch_norm(cls, options, message):
    with pytest.raises(ArgumentError) as caught:
        cls(**{"num_features": 3, **options})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("layer", "shape", "needed"),
    [
        (nn.BatchNorm1d(4), (3, 5), "(N, 4) or (N, 4, L), got (3, 5)"),
        (nn.BatchNorm1d(4), (3, 5, 4), "(N, 4) or (N, 4, L), got (3, 5, 4)"),
        (nn.BatchNorm1d(4), (3, 4, 2, 2), "(N, 4) or (N, 4, L), got (3, 4, 2, 2)"),
        (nn.BatchNorm1d(4), (4,), "(N, 4) or (N, 4, L), got (4,)"),
        (nn.BatchNorm2d(4), (3, 4), "(N, 4, H, W), got (3, 4)"),
        (nn.BatchNorm2d(4), (3, 2, 4, 4), "(N, 4, H, W), got (3, 2, 4, 4)"),
    ],
)
def test_what_a_batch_norm_cannot_take(layer, shape, needed):
    for layers, place in (([nn.Tanh(), layer], "1"), ([nn.Residual([nn.Tanh(), layer])], "0.1")):
        with pytest.raises(ShapeError) as caught:
            nn.Sequential(layers).predict(np.zeros(shape))
        name = type(layer).__name__
        assert str(caught.value) == f"layer {place}, {layer!r}: {name} needs x of shape {needed}"


def test_a_batch_of_one_has_no_variance():
    net = net_of()
    assert net.forward(X[:1]).shape == (1, 3)
    for ask in (net.problem, net.numerical_gradient):
        with pytest.raises(ShapeError) as caught:
            ask(X[:1], CLASSES[:1])
        assert str(caught.value) == (
            "layer 1, BatchNorm1d(4): BatchNorm1d needs two numbers of each feature at least, to"
            " see how they vary, got one: x of shape (1, 4); train on larger batches"
        )
    images = net_of(nn.BatchNorm2d)  # one image has many pixels
    assert images.numerical_gradient(IMAGES[:1], CLASSES[:1])["1.gamma"].all()
    with in_mode([images.layers[1]], True), pytest.raises(ShapeError, match="two numbers of each"):
        images.layers[1].forward(np.zeros((1, 2, 1, 1)))


def test_a_last_batch_of_one_is_found_before_the_first_step():
    net = net_of()
    before = net.state_dict()
    trainer = nn.Trainer(net, None, nn.SGD(0.1), rng=0)
    with pytest.raises(ShapeError) as caught:
        trainer.fit(X, CLASSES, epochs=1, batch_size=3, progress=False)
    assert str(caught.value).startswith("layer 1, BatchNorm1d(4): BatchNorm1d needs two numbers")
    assert str(caught.value).endswith("; of 7 samples in batches of 3, the last has 1")
    assert trainer.steps == 0
    assert all((before[name] == a).all() for name, a in net.state_dict().items())
    trainer.fit(X, CLASSES, epochs=1, batch_size=5, progress=False)
    assert trainer.steps == 2
    with pytest.raises(ShapeError, match="of 7 samples in batches of 1, the last has 1"):
        trainer.fit(X, CLASSES, epochs=1, batch_size=1, progress=False)
