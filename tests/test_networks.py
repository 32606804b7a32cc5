"""The two networks: the book's surface, and layers of a user's own that know only `forward`."""

import doctest

import numpy as np
import pytest

import nn
from nn import ArgumentError, InputError, ShapeError, networks
from nn.layers import run

X = np.random.default_rng(0).normal(size=(6, 4))
T = np.array([0, 2, 1, 1, 0, 2])


class Scale(nn.Layer):
    """Parameters in whatever form; no more than `forward`."""

    def __init__(self, w):
        self.params = {"w": w}

    def forward(self, x):
        return x * self.params["w"]


class Writes(nn.Layer):
    def forward(self, x):
        x += 1
        return x


def two_layers(**options):
    return nn.TwoLayerNet(4, 5, 3, **{"weight_init_std": 0.5, "rng": 0, **options})


class TestTwoLayerNet:
    def test_surface(self):
        net = nn.TwoLayerNet(input_size=4, hidden_size=5, output_size=3)
        shapes = {name: p.shape for name, p in net.params.items()}
        assert shapes == {"W1": (4, 5), "b1": (5,), "W2": (5, 3), "b2": (3,)}
        assert net.size == 4 * 5 + 5 + 5 * 3 + 3
        assert repr(net) == "TwoLayerNet([Linear(4, 5), Sigmoid(), Linear(5, 3)])"

    def test_formula(self):
        net = two_layers()
        W1, b1, W2, b2 = (net.params[key] for key in ("W1", "b1", "W2", "b2"))
        b1[:], b2[:] = np.arange(5), np.arange(3)
        z = 1 / (1 + np.exp(-(X @ W1 + b1))) @ W2 + b2
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(net.forward(X), z, rtol=1e-13)
        np.testing.assert_allclose(net.predict(X), p, rtol=1e-13)
        assert net.loss(X, T) == pytest.approx(-np.log(p[range(6), T]).mean(), rel=1e-13)
        assert net.accuracy(X, T) == (p.argmax(axis=1) == T).mean()
        assert net.score(X, T) == net.accuracy(X, T)

    def test_class_indices_or_one_hot(self):
        net, hot = two_layers(), np.eye(3)[T]
        assert net.loss(X, T) == net.loss(X, hot) == net.loss(X, T[:, None])
        assert net.accuracy(X, T) == net.accuracy(X, hot)
        one, other = net.numerical_gradient(X, T), net.numerical_gradient(X, hot)
        assert all((one[name] == other[name]).all() for name in net.params)

    def test_first_weights(self):
        net = nn.TwoLayerNet(300, 200, 3, rng=0)
        assert net.params["W1"].std() == pytest.approx(0.01, rel=0.02)
        assert net.params["W2"].std() == pytest.approx(0.01, rel=0.1)
        assert not net.params["b1"].any()
        assert not net.params["b2"].any()
        again = nn.TwoLayerNet(300, 200, 3, rng=0)
        assert (again.params["W1"] == net.params["W1"]).all()
        wide = nn.TwoLayerNet(300, 200, 3, 0.5, rng=0)
        np.testing.assert_allclose(wide.params["W1"], 50 * net.params["W1"])
        assert (two_layers(rng=None).params["W1"] != two_layers(rng=None).params["W1"]).any()
        square = nn.TwoLayerNet(3, 3, 3, rng=0)
        assert (square.params["W1"] != square.params["W2"]).all()
        assert not two_layers(weight_init_std=0).params["W1"].any()
        bound = np.sqrt(6 / 500)
        drawn = nn.TwoLayerNet(300, 200, 3, nn.Xavier()).params["W1"]
        assert 0.99 * bound < np.abs(drawn).max() <= bound

    def test_the_books_way_to_train(self):
        net = two_layers()
        arrays, before, lr = dict(net.params), net.loss(X, T), 0.5
        for _ in range(3):
            grad = net.numerical_gradient(X, T)
            assert list(grad) == ["W1", "b1", "W2", "b2"]
            for key in ("W1", "b1", "W2", "b2"):
                net.params[key] -= lr * grad[key]
        assert net.loss(X, T) < before
        assert all(net.params[key] is arrays[key] for key in arrays)

    def test_writing_and_assigning_change_the_net(self):
        net = two_layers()
        net.params["W2"][...] = 0
        net.params["b2"] = np.log([1.0, 2.0, 5.0])
        np.testing.assert_allclose(net.predict(X), np.tile([0.125, 0.25, 0.625], (6, 1)))

    @pytest.mark.parametrize(
        ("loss", "t", "what_belongs"),
        [
            (nn.CrossEntropyLoss(), T, nn.Softmax()),
            (nn.BCEWithLogitsLoss(), np.eye(3)[T], nn.Sigmoid()),
            (nn.MSELoss(), X[:, :3], None),
            (nn.L1Loss(), X[:, :3], None),
            (nn.HuberLoss(), X[:, :3], None),
        ],
        ids=repr,
    )
    def test_predict_applies_what_belongs_to_the_loss(self, loss, t, what_belongs):
        net = two_layers(loss=loss)
        z = net.forward(X)
        assert (net.predict(X) == (z if what_belongs is None else what_belongs(z))).all()
        assert net.loss(X, t) == loss(z, t)
        assert net.score(X, t) == loss.score(net.predict(X), t)
        if what_belongs is None:
            with pytest.raises(InputError, match=r"no classes .* score\(x, t\) gives r2"):
                net.accuracy(X, t)

    def test_any_layer_as_activation(self):
        for layer in (nn.ReLU(), nn.Tanh(), nn.GELU(), nn.Linear(5, 5, rng=1), Scale(2)):
            net = two_layers(activation=layer)
            z = layer(X @ net.params["W1"]) @ net.params["W2"]
            np.testing.assert_allclose(net.forward(X), z, rtol=1e-12)
            assert net.numerical_gradient(X, T).keys() == net.params.keys()

    def test_names_of_the_activations_parameters(self):
        net = two_layers(activation=nn.Linear(5, 5))
        names = ["W1", "b1", "activation.W", "activation.b", "W2", "b2"]
        assert list(net.params) == names

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"input_size": 0}, "input_size must be a whole number >= 1, got 0"),
            ({"hidden_size": 2.0}, "hidden_size must be a whole number >= 1, got 2.0"),
            ({"output_size": "3"}, "output_size must be a whole number >= 1, got '3'"),
            ({"weight_init_std": -1}, "weight_init_std must be a finite number >= 0, got -1"),
            ({"weight_init_std": "he"}, "weight_init_std must be a finite number >= 0, got 'he'"),
            ({"loss": nn.MSELoss}, "loss must be a Loss, such as CrossEntropyLoss(), got <class"),
            ({"loss": "mse"}, "loss must be a Loss, such as CrossEntropyLoss(), got 'mse'"),
            ({"activation": nn.ReLU}, "each layer must be an instance, not a class, got <class"),
            ({"activation": np.tanh}, "each layer must be an nn.Layer, got <ufunc 'tanh'>"),
        ],
    )
    def test_bad_arguments(self, options, message):
        with pytest.raises(ArgumentError) as caught:
            nn.TwoLayerNet(**{"input_size": 4, "hidden_size": 5, "output_size": 3, **options})
        assert str(caught.value).startswith(message)

    def test_sizes_from_numpy(self):
        net = nn.TwoLayerNet(np.int64(4), 5, T.max() + 1)
        assert net.predict(X).shape == (6, 3)


class TestSequential:
    def test_names_and_formula(self):
        net = nn.Sequential(
            [nn.Flatten(), nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 3, bias=False, rng=1)]
        )
        assert list(net.params) == ["1.W", "1.b", "3.W"]
        expected = np.tanh(X @ net.params["1.W"]) @ net.params["3.W"]
        np.testing.assert_allclose(net.forward(X.reshape(6, 2, 2)), expected, rtol=1e-14)
        assert net.size == 20 + 5 + 15
        assert repr(net).startswith("Sequential([Flatten(), Linear(4, 5), Tanh(), Linear(5, 3, b")

    def test_the_example_in_its_docstring(self):
        found = doctest.DocTestFinder().find(networks.Sequential, "Sequential", globs=vars(nn))
        results = doctest.DocTestRunner().run(found[0])
        assert results.attempted == 2
        assert results.failed == 0

    def test_layers_may_come_as_any_sequence_and_are_not_kept(self):
        given = [nn.Linear(4, 3, rng=0)]
        net = nn.Sequential(given)
        given.append(nn.Linear(9, 9))
        assert net.predict(X).shape == (6, 3)
        assert nn.Sequential((nn.Linear(4, 3), nn.ReLU())).predict(X).shape == (6, 3)

    @pytest.mark.parametrize(
        ("layers", "message"),
        [
            ([], "layers must be a list of at least one layer, got []"),
            (nn.ReLU(), "layers must be a list of at least one layer, got ReLU()"),
            ([nn.Linear(2, 2), nn.ReLU], "each layer must be an instance, not a class, got <class"),
            ([nn.Linear(2, 2), None], "each layer must be an nn.Layer, got None"),
            ([nn.Sequential([nn.ReLU()])], "each layer must be an nn.Layer, got Sequential([ReLU"),
        ],
    )
    def test_bad_layers(self, layers, message):
        with pytest.raises(ArgumentError) as caught:
            nn.Sequential(layers)
        assert str(caught.value).startswith(message)

    def test_table(self):
        net = nn.Sequential([nn.Flatten(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3, bias=False)])
        assert net.table(X.reshape(6, 2, 2)) == [
            ((0,), "Flatten()", (4,), 0),
            ((1,), "Linear(4, 5)", (5,), 25),
            ((2,), "ReLU()", (5,), 0),
            ((3,), "Linear(5, 3, bias=False)", (3,), 15),
        ]
        with pytest.raises(ShapeError, match=r"layer 1, Linear\(7, 2\)"):
            nn.Sequential([nn.Linear(4, 5), nn.Linear(7, 2)]).table(X)


class TestTheDoor:
    @pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float32, bool])
    def test_other_types_are_promoted(self, dtype):
        x = np.array([[1, 0, 1, 1], [0, 1, 0, 1]]).astype(dtype)
        net, t = two_layers(), [0, 2]
        wide = x.astype(float)
        assert net.forward(x).dtype == np.float64
        assert (net.predict(x) == net.predict(wide)).all()
        assert net.loss(x.tolist(), t) == net.loss(wide, t)
        one, other = net.numerical_gradient(x, t), net.numerical_gradient(wide, t)
        assert all((one[name] == other[name]).all() for name in one)

    def test_batch_of_one(self):
        net = two_layers()
        np.testing.assert_allclose(net.predict(X[:1]), net.predict(X)[:1], rtol=1e-14)
        assert net.accuracy(X[:1], net.predict(X[:1]).argmax(axis=1)) == 1.0
        assert net.numerical_gradient(X[:1], T[:1])["W1"].shape == (4, 5)

    @pytest.mark.parametrize("x", [[], np.zeros((0, 4)), np.zeros((3, 0)), 1.0])
    def test_what_is_no_batch(self, x):
        for ask in (lambda net: net.predict(x), lambda net: net.numerical_gradient(x, T)):
            with pytest.raises(ShapeError) as caught:
                ask(two_layers())
            assert str(caught.value) == (
                f"x must be a batch of samples, (N, ...), got shape {np.shape(x)}"
            )

    @pytest.mark.parametrize("x", [np.zeros((2, 4), complex), [["a"] * 4], [[None] * 4]])
    def test_what_is_no_number(self, x):
        with pytest.raises(InputError, match="x must be real numbers, got dtype"):
            two_layers().predict(x)

    def test_one_sample_without_its_axis(self):
        with pytest.raises(
            ShapeError, match=r"^layer 0, Linear\(4, 5\).*\(4,\); one sample is a batch"
        ):
            two_layers().predict(X[0])

    @pytest.mark.parametrize("method", ["loss", "accuracy", "score", "numerical_gradient"])
    def test_targets_that_do_not_fit(self, method):
        for t in (T[:5], [0, 1, 2, 3, 0, 1]):
            with pytest.raises(InputError, match="target"):
                getattr(two_layers(), method)(X, t)

    def test_no_layer_may_write_into_the_users_data(self):
        x = np.zeros((2, 3))
        for ask in (lambda net: net.predict(x), lambda net: net.numerical_gradient(x, [0, 1])):
            with pytest.raises(ValueError, match=r"layer 0, Writes.*changes its input"):
                ask(nn.Sequential([Writes(), nn.Linear(3, 2)]))
        assert not x.any()
        assert x.flags.writeable

    def test_writing_into_what_another_layer_made_is_that_layers_affair(self):
        first = nn.Linear(3, 2, rng=0)
        x = np.ones((1, 3))
        plain, more = nn.Sequential([first]), nn.Sequential([first, Writes()])
        np.testing.assert_allclose(more.forward(x) - plain.forward(x), 1)


class TestLayersOfOnesOwn:
    """Only `forward`, parameters in any form: both networks train them."""

    @pytest.mark.parametrize(
        "w",
        [
            1,
            1.5,
            np.float32(1.5),
            np.array(1.5),
            [1, 2, 1, 2, 1],
            np.arange(1, 6),
            np.linspace(1, 2, 5, dtype=np.float32),
            np.linspace(1, 2, 5),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("kind", ["TwoLayerNet", "Sequential"])
    def test_trains(self, w, kind):
        if kind == "TwoLayerNet":
            net, key = two_layers(activation=Scale(w)), "activation.w"
        else:
            net, key = (
                nn.Sequential([nn.Linear(4, 5, rng=0), Scale(w), nn.Linear(5, 3, rng=1)]),
                "1.w",
            )
        x = net.layers[0](X)
        factor = np.array(w, np.float64)
        assert (net.params[key] == factor).all()
        found = net.numerical_gradient(X, T)[key]

        # by hand: dL/dw = sum over samples of (softmax - one-hot) W2^T * x
        W = net.layers[2].params["W"]
        z = (x * factor) @ W
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        each = ((p - np.eye(3)[T]) @ W.T * x).sum(axis=0) / 6
        np.testing.assert_allclose(found, each if np.ndim(w) else each.sum(), atol=1e-7)

        before, array = net.loss(X, T), net.params[key]
        nn.SGD(0.1).update(net.params, net.numerical_gradient(X, T))
        assert net.loss(X, T) < before
        assert net.params[key] is array
        assert (array != factor).all()

    def test_one_layer_in_two_places(self):
        shared = nn.Linear(4, 4, rng=0)
        net = nn.Sequential([shared, nn.Tanh(), shared])
        assert list(net.params) == ["0.W", "0.b"]
        W = shared.params["W"]

        def loss():
            z = np.tanh(X @ W + shared.params["b"]) @ W + shared.params["b"]
            return nn.CrossEntropyLoss()(z, T)

        with pytest.warns(nn.FallbackWarning, match="found by loop: layers 0 and 2 share W"):
            found = net.numerical_gradient(X, T)["0.W"]
        np.testing.assert_allclose(found, nn.numerical_gradient(lambda _: loss(), W), atol=1e-8)


class TestLargeBatches:
    """More samples than are worth keeping at once."""

    x = np.random.default_rng(0).normal(size=(2500, 1, 4, 4))

    def layers(self):
        norm = nn.BatchNorm2d(2)
        norm.buffers["running_mean"][:] = [0.5, -0.5]
        return [nn.Conv2d(1, 2, 3, rng=0), norm, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]

    @pytest.mark.parametrize("samples", [1023, 1024, 1025, 2048, 2500])
    def test_answers_are_those_to_a_few(self, samples):
        net = nn.Sequential([*self.layers(), nn.Linear(2, 3, rng=1)])
        whole = run(net.layers, self.x[:samples])
        assert net.forward(self.x[:samples]).shape == (samples, 3)
        np.testing.assert_allclose(net.forward(self.x[:samples]), whole, rtol=0, atol=1e-14)

    def test_they_go_through_in_parts(self, monkeypatch):
        seen, forward = [], nn.Conv2d.forward

        def counted(self, x):
            seen.append(len(x))
            return forward(self, x)

        counted.__module__ = forward.__module__
        monkeypatch.setattr(nn.Conv2d, "forward", counted)
        nn.Sequential(self.layers()).forward(self.x)
        assert sum(seen) == 2500
        assert max(seen) == 1024

    def test_a_layer_of_ones_own_sees_all_of_them(self):
        class Centre(nn.Layer):
            def forward(self, x):
                return x - x.mean(axis=0)

        for layer in (Centre(), nn.Residual([Centre()])):
            net = nn.Sequential([*self.layers(), layer])
            np.testing.assert_array_equal(net.forward(self.x), run(net.layers, self.x))


@pytest.mark.parametrize("name", ["loss", "forward"])
def test_a_network_whose_gradients_would_be_of_something_else_is_refused(name):
    """A penalty added in `loss` would never be seen by the layers that are nudged."""
    other = type("Penalized", (nn.TwoLayerNet,), {name: lambda self, *given: 1.0})
    with pytest.raises(InputError, match=f"Penalized has a {name} of its own"):
        other(3, 4, 2).numerical_gradient(X, T)
