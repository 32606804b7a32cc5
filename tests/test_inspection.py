"""What layers are asked before their rows are followed, and what happens to those that fail."""

import warnings

import numpy as np
import pytest

import nn
from nn import FallbackWarning, ImpureFunctionError, InputError, ShapeError
from nn.gradients import Inspector, get_method
from nn.losses import OutputwiseLoss

from .test_rowwise import CLASSES, ROWWISE, VALUES, X, assert_as_loop

MANY = np.random.default_rng(5).normal(size=(40, 4))
LABELS = np.arange(40) % 3
NUMBERS = np.random.default_rng(6).normal(size=(40, 3))


class Centre(nn.Layer):
    """Mixes samples, as a BatchNorm in training does."""

    def __init__(self):
        self.params = {"a": np.array([0.5, 1.5, 1.0])}

    def forward(self, x):
        return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.1) * self.params["a"]


class Largest(nn.Layer):
    """By the largest number of the batch, wherever it is."""

    def forward(self, x):
        return x / np.abs(x).max()


class First(nn.Layer):
    """By the first sample."""

    def forward(self, x):
        return x - 0.5 * x[0]


class Last(nn.Layer):
    def forward(self, x):
        return x - 0.5 * x[-1]


class Running(nn.Layer):
    """By all samples before."""

    def forward(self, x):
        return np.cumsum(x, axis=0) / np.arange(1, len(x) + 1)[:, None]


MIXING = [Centre, Last, Largest, First, Running]


def around(layer, loss=None, seed=0):
    """Linear, the layer, Linear."""
    return nn.Sequential([nn.Linear(4, 3, rng=seed), layer, nn.Linear(3, 3, rng=9)], loss)


def quietly(net, x, t, method="weight", **options):
    """Compare with the loop, and return the sentences of the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert_as_loop(net, x, t, method, **options)
    assert all(w.category is FallbackWarning for w in caught)
    return [str(w.message) for w in caught]


class TestMixing:
    @pytest.mark.parametrize("seed", [0, 1])
    @pytest.mark.parametrize("kind", MIXING)
    def test_what_is_before_is_followed_in_whole_batches(self, kind, seed):
        net = around(kind(), seed=seed)
        assert quietly(net, MANY, LABELS) == []
        assert get_method("node").news(net.problem(MANY, LABELS))[0] == (
            "the gradient of layer 0, Linear(4, 3), is found by weight: layer 1,"
            f" {kind.__name__}(), mixes samples, so that no unit can be nudged in one"
        )
        ways = get_method("node").ways(net.problem(MANY, LABELS))
        assert (ways[0,], ways[2,]) == ("weight", "node")

    def test_its_own_parameters_and_those_after_it_are_followed(self):
        net = around(Centre())
        for method, expected in (
            ("weight", {(0,): "weight", (1,): "weight", (2,): "weight"}),
            ("auto", {(0,): "weight", (1,): "weight", (2,): "node"}),
        ):
            assert get_method(method).ways(net.problem(MANY, LABELS)) == expected

    @pytest.mark.parametrize("samples", [2, 3, 17, 40])
    def test_batches_of_any_size(self, samples):
        for h in (1e-4, None):
            quietly(around(Centre()), MANY[:samples], LABELS[:samples], h=h)

    def test_a_batch_is_never_cut(self):
        """Where there is no room for all of it, the loop needs none."""
        said = quietly(around(Centre()), MANY, LABELS, memory="4 KiB")
        assert len(said) == 1
        assert said[0].startswith(
            "the gradient of layer 0, Linear(4, 3), is found by loop: rows of the whole batch take "
        )
        assert said[0].endswith("KiB, and memory is 4 KiB")

    def test_nor_a_large_one(self):
        rng = np.random.default_rng(0)
        quietly(around(Centre()), rng.normal(size=(1100, 4)), rng.integers(0, 3, 1100))

    @pytest.mark.parametrize(("kind", "value"), [(Centre, 0), (First, 0), (First, 1)])
    def test_samples_that_are_all_the_same(self, kind, value):
        """Mixed or not, they give the same: others must be asked."""
        quietly(around(kind()), np.full((40, 4), float(value)), LABELS)

    def test_a_first_batch_of_one_says_nothing_of_the_next(self):
        net = around(Centre())
        quietly(net, MANY[:1], LABELS[:1])
        quietly(net, MANY, LABELS)

    @pytest.mark.parametrize("method", ROWWISE)
    def test_a_batch_of_one(self, method):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FallbackWarning)
            net = around(nn.Tanh())
            found = net.numerical_gradient(X[:1], CLASSES[:1], method, 1e-3)
        for name, g in net.numerical_gradient(X[:1], CLASSES[:1], "loop", 1e-3).items():
            np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-6)


class Draws(nn.Layer):
    """Another mask at each call."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def forward(self, x):
        return x * (self.rng.random(x.shape) > 0.3)


class Remembers(nn.Layer):
    """What it answers depends on what it was asked before."""

    last = 0.0

    def forward(self, x):
        y, self.last = x + self.last, self.last + 0.25
        return y


class DrawsIntoBuffer(Draws):
    """And keeps the memory of its last answer for the next."""

    def forward(self, x):
        y = super().forward(x)
        if not hasattr(self, "buffer"):
            self.buffer = np.empty(1000)
        kept = self.buffer[: y.size].reshape(y.shape)
        kept[...] = y
        return kept


class Overwrites(nn.Layer):
    def forward(self, x):
        x *= 2
        return x


class OverwritesQuietly(nn.Elementwise):
    def forward(self, x):
        np.maximum(x, 0, out=x)
        return x


@pytest.mark.parametrize("method", ROWWISE)
class TestRefused:
    def refuses(self, net, error, method):
        before = {name: p.copy() for name, p in net.params.items()}
        with pytest.raises(error) as caught:
            net.numerical_gradient(X, CLASSES, method)
        assert all(p.tobytes() == before[name].tobytes() for name, p in net.params.items())
        return str(caught.value)

    @pytest.mark.parametrize("kind", [Draws, DrawsIntoBuffer, Remembers])
    def test_layers_that_are_no_functions(self, method, kind):
        assert self.refuses(around(kind()), ImpureFunctionError, method) == (
            f"layer 1, {kind.__name__}(), is not a function of its input: two calls gave"
            " different numbers"
        )

    @pytest.mark.parametrize("kind", [Overwrites, OverwritesQuietly])
    def test_layers_that_change_their_input(self, method, kind):
        with pytest.raises(InputError) as caught:
            nn.Sequential([kind(), nn.Linear(4, 3, rng=0)]).numerical_gradient(X, CLASSES, method)
        assert str(caught.value) == (
            f"layer 0, {kind.__name__}(): forward changes its input; let it work on a copy,"
            " x.copy()"
        )
        assert self.refuses(around(kind()), InputError, method) == (
            f"layer 1, {kind.__name__}(): forward changes its input; let it work on a copy,"
            " x.copy()"
        )

    def test_answers_of_another_number_of_samples(self, method):
        class Pools(nn.Layer):
            def forward(self, x):
                return x.mean(axis=0, keepdims=True)

        assert self.refuses(around(Pools()), ShapeError, method) == (
            "layer 1, Pools(): forward must return an array with a row for each of the 7 samples,"
            " got shape (1, 3)"
        )

    def test_answers_for_one_batch_alone(self, method):
        class Fixed(nn.Layer):
            """As many rows as the first batch had."""

            def forward(self, x):
                return np.resize(x, (7, 3))

        message = self.refuses(around(Fixed()), ShapeError, method)
        assert message.startswith("layer 1, Fixed(): forward must return an array with a row for")

    @pytest.mark.parametrize("dtype", [np.float32, np.complex128, object])
    def test_answers_of_another_kind(self, method, dtype):
        class Casts(nn.Layer):
            def forward(self, x):
                return x.astype(dtype)

        message = self.refuses(around(Casts()), InputError, method)
        assert message.startswith("layer 1, Casts(): forward must return float64, got ")


class Borrower(nn.Layer):
    """Reads a parameter of another layer, and does not say so."""

    def __init__(self, lender, name="b"):
        self.lender, self.name = lender, name

    def forward(self, x):
        return x * (1 + self.lender.params[self.name].sum())


class TestSharing:
    @pytest.mark.parametrize("order", ["after", "before", "both"])
    @pytest.mark.parametrize("name", ["W", "b"])
    def test_parameters_of_others(self, order, name):
        lender = nn.Linear(4, 4, rng=0)
        lender.params["b"][:] = [0.1, -0.2, 0.3, 0.4]
        layers = [nn.Linear(4, 4, rng=1), nn.Tanh(), lender, nn.Tanh()]
        if order in ("before", "both"):
            layers.insert(1, Borrower(lender, name))
        if order in ("after", "both"):
            layers.append(Borrower(lender, name))
        net = nn.Sequential([*layers, nn.Linear(4, 3, rng=2)])
        said = quietly(net, X, CLASSES)
        assert len(said) == 3
        place = layers.index(next(layer for layer in layers if isinstance(layer, Borrower)))
        assert all(
            f"layer {place}, Borrower(), reads parameters that are not in its params" in text
            for text in said
        )

    @pytest.mark.parametrize("options", [{}, {"h": None}, {"memory": "4 KiB"}], ids=str)
    def test_a_layer_that_comes_twice(self, options):
        layer = nn.Linear(4, 4, rng=0)
        net = nn.Sequential([layer, nn.Tanh(), layer, nn.Sigmoid(), nn.Linear(4, 3, rng=1)])
        said = quietly(net, X, CLASSES, **options)
        assert said == [
            "the gradient of layer 0, Linear(4, 4), is found by loop: layers 0 and 2 share W"
        ]
        assert get_method("weight").ways(net.problem(X, CLASSES)) == {(0,): "loop", (4,): "weight"}

    @pytest.mark.parametrize("memory", ["256 MiB", "1 KiB"])
    def test_an_array_that_two_layers_hold(self, memory):
        first, second = nn.Linear(4, 4, rng=0), nn.Linear(4, 4, rng=1)
        second.params["W"] = first.params["W"]
        net = nn.Sequential([nn.Linear(4, 4, rng=3), first, nn.Tanh(), second, nn.Linear(4, 3)])
        said = quietly(net, X, CLASSES, memory=memory)
        assert said == [
            "the gradient of layer 1, Linear(4, 4), is found by loop: layers 1 and 3 share W"
        ]
        ways = get_method("weight").ways(net.problem(X, CLASSES))
        assert ways == {(0,): "weight", (1,): "loop weight", (3,): "weight", (4,): "weight"}

    def test_an_array_of_two_names(self):
        class Twice(nn.Layer):
            def __init__(self):
                p = np.array([0.5, -0.5, 1.0])
                self.params = {"a": p, "b": p}

            def forward(self, x):
                return x * self.params["a"] + self.params["b"]

        assert len(quietly(around(Twice()), X, CLASSES)) == 1

    @pytest.mark.parametrize("method", ROWWISE)
    def test_views_of_the_same_memory(self, method):
        """The loop refuses them; so does everyone."""
        first, second = nn.Linear(4, 3, rng=0), nn.Linear(3, 4, rng=1)
        second.params["W"] = first.params["W"].T
        with pytest.raises(InputError, match=r"0\.W and 1\.W share memory"):
            nn.Sequential([first, second], nn.MSELoss()).numerical_gradient(X, X, method)

    def test_a_layer_that_looks_back(self):
        """It adds what another layer keeps: the loop's numbers, or a sentence that names it."""

        class Keeps(nn.Layer):
            def forward(self, x):
                self.x = x
                return np.tanh(x)

        class Skip(nn.Layer):
            def __init__(self, back):
                self.back = back

            def forward(self, x):
                return x + self.back.x

        keeps = Keeps()
        net = nn.Sequential([nn.Linear(4, 3, rng=0), keeps, nn.Linear(3, 3, rng=1), Skip(keeps)])
        try:
            quietly(net, MANY, LABELS)
        except (InputError, ImpureFunctionError) as error:
            assert "layer 3, Skip()" in str(error)


# --- losses ----------------------------------------------------------------------------------


class Spread(nn.Loss):
    """By how far samples are from their mean, cubed."""

    def per_sample(self, z, t):
        return (np.abs(z - z.mean(axis=0)) ** 3).sum(axis=1) + ((z - t) ** 2).sum(axis=1)


class FromFirst(nn.Loss):
    def per_sample(self, z, t):
        return ((z - z[0] - t) ** 2).sum(axis=1)


class Relative(OutputwiseLoss):
    """Costs that are a share of the batch's."""

    def costs(self, z, t):
        return (z - t) ** 2 / np.sqrt(((z - t) ** 2).mean())


class Total(nn.MSELoss):
    def mean(self, z, t):
        return float(self.per_sample(z, t).sum())


class Noisy(nn.Loss):
    rng = np.random.default_rng(0)

    def per_sample(self, z, t):
        return ((z - t) ** 2).sum(axis=1) + self.rng.normal(size=len(z))


class NoisyCosts(nn.MSELoss):
    rng = np.random.default_rng(0)

    def costs(self, z, t):
        return (z - t) ** 2 + self.rng.normal(size=np.shape(z))


class TestLosses:
    @pytest.mark.parametrize(
        "kind",
        [Spread, FromFirst, Relative],
    )
    def test_a_loss_that_mixes(self, kind):
        said = quietly(around(nn.Tanh(), kind()), MANY, NUMBERS)
        assert said == [
            f"the gradient of layer {place}, {layer}, is found by loop: {kind.__name__}() mixes"
            " samples, so that none can be followed alone"
            for place, layer in ((0, "Linear(4, 3)"), (2, "Linear(3, 3)"))
        ]

    def test_also_after_a_batch_of_one(self):
        net = around(nn.Tanh(), Spread())
        quietly(net, MANY[:1], NUMBERS[:1])
        quietly(net, MANY, NUMBERS)

    def test_another_loss_of_the_same_class(self):
        class Either(Spread):
            def __init__(self, mixes):
                self.mixes = mixes

            def per_sample(self, z, t):
                return super().per_sample(z, t) if self.mixes else ((z - t) ** 2).sum(axis=1)

        net = around(nn.Tanh(), Either(False))
        assert quietly(net, MANY, NUMBERS) == []
        net.loss_function = Either(True)
        assert len(quietly(net, MANY, NUMBERS)) == 2

    def test_another_loss_of_another_class(self):
        net = around(nn.Tanh(), nn.MSELoss())
        assert quietly(net, MANY, NUMBERS) == []
        net.loss_function = Spread()
        assert len(quietly(net, MANY, NUMBERS)) == 2

    @pytest.mark.parametrize("method", ROWWISE)
    def test_a_mean_of_its_own(self, method):
        said = quietly(around(nn.Tanh(), Total()), X, VALUES, method)
        assert said == [
            f"the gradient of layer {place}, {layer}, is found by loop: Total() has a mean of its"
            " own, so that samples cannot be followed alone"
            for place, layer in ((0, "Linear(4, 3)"), (2, "Linear(3, 3)"))
        ]

    @pytest.mark.parametrize("kind", [Noisy, NoisyCosts])
    def test_a_loss_that_draws(self, kind):
        with pytest.raises(ImpureFunctionError) as caught:
            around(nn.Tanh(), kind()).numerical_gradient(X, VALUES)
        assert str(caught.value) == (
            "the loss of this network is not a function of its parameters: two calls of"
            f" {kind.__name__}.per_sample gave different numbers"
        )


# --- how often -------------------------------------------------------------------------------


class Counts(nn.Layer):
    """Counts its calls, and those of each number of samples."""

    def __init__(self):
        self.calls = []

    def forward(self, x):
        self.calls.append(len(x))
        return np.tanh(x)


class TestHowOften:
    def test_once_a_network(self):
        """Twice on 16 samples, once more with other parameters moved, and on some of them."""
        layer, looked = Counts(), Inspector()
        net = around(layer)
        first = looked.look(net.layers, MANY)
        assert layer.calls.count(16) == 3
        assert len(layer.calls) <= 6
        layer.calls.clear()
        assert looked.look(list(net.layers), MANY[:3]) is first
        assert layer.calls == []

    def test_gradients_ask_once(self):
        layer = Counts()
        net = around(layer)
        net.numerical_gradient(MANY, LABELS)
        first = len(layer.calls)
        layer.calls.clear()
        net.numerical_gradient(MANY, LABELS)
        again = len(layer.calls)
        layer.calls.clear()
        net.numerical_gradient(MANY, LABELS, "node")
        net.numerical_gradient(MANY[:5], LABELS[:5])
        assert 16 not in layer.calls
        assert 4 <= first - again <= 8

    def test_again_where_a_layer_is_another(self):
        looked = Inspector()
        net = around(nn.Tanh())
        first = looked.look(net.layers, MANY)
        net.layers[1] = Centre()
        second = looked.look(net.layers, MANY)
        assert (first.mixing, second.mixing) == (frozenset(), {(1,)})
        assert looked.look(net.layers[:2], MANY) is not second

    @pytest.mark.parametrize("inside", [False, True])
    def test_again_where_one_like_it_takes_its_place(self, inside):
        """Nothing to see from outside: no parameters, no switches."""

        class Plain(nn.Layer):
            def forward(self, x):
                return x * 1.0

        block = nn.Residual([Plain()])
        net = around(block if inside else Plain())
        looked = Inspector()
        assert looked.look(net.layers, MANY).mixing == frozenset()
        if inside:
            block.layers = (Largest(),)
        else:
            net.layers[1] = Largest()
        assert looked.look(net.layers, MANY).mixing == {(1, 0) if inside else (1,)}

    def test_a_layer_inside_of_a_block_is_named_by_its_place(self):
        class Fixed(nn.Layer):
            """As many rows as the whole batch has."""

            def forward(self, x):
                return np.resize(x, (40, 3))

        net = around(nn.Residual([nn.Tanh(), Fixed()]))
        with pytest.raises(ShapeError, match=r"^layer 1\.1, Fixed\(\): forward must return"):
            net.numerical_gradient(MANY, LABELS)

    def test_again_for_samples_of_another_shape(self):
        looked, layer = Inspector(), Counts()
        first = looked.look([layer], MANY)
        second = looked.look([layer], MANY[:, :3])
        assert (first.state[0], second.state[0]) == ((4,), (3,))
        assert (first.sizes, second.sizes) == ({(): 4, (0,): 4}, {(): 3, (0,): 3})

    def test_again_when_told_to_forget(self):
        looked, layer = Inspector(), Counts()
        first = looked.look([layer], MANY)
        looked.forget()
        assert looked.look([layer], MANY) is not first

    def test_again_in_every_run(self, monkeypatch):
        """A layer may have changed its ways since."""

        class Switches(Centre):
            training = False

            def forward(self, x):
                return super().forward(x) if self.training else x * self.params["a"]

        layer = Switches()
        net = around(layer)
        trainer = nn.Trainer(net, None, nn.SGD(0.1), rng=0)
        trainer.fit(MANY, LABELS, epochs=1, progress=False)
        assert not net.problem(MANY, LABELS).inspection().mixing
        layer.training = True
        trainer.fit(MANY, LABELS, epochs=1, progress=False)
        assert net.problem(MANY, LABELS).inspection().mixing == {(1,)}

    def test_a_network_whose_layer_is_replaced(self):
        net = around(nn.Tanh())
        assert quietly(net, MANY, LABELS) == []
        net.layers[1] = Centre()
        assert quietly(net, MANY, LABELS) == []
        assert net.problem(MANY, LABELS).inspection().mixing == {(1,)}

    def test_ours_are_not_asked(self, monkeypatch):
        calls = []
        forward = nn.Tanh.forward

        def counted(self, x):
            calls.append(len(x))
            return forward(self, x)

        counted.__module__ = "nn.layers.activations"
        monkeypatch.setattr(nn.Tanh, "forward", counted)
        Inspector().look(around(nn.Tanh()).layers, MANY)
        assert calls == [16]

    def test_the_layers_parameters_are_where_they_were(self):
        """Asking moves the parameters of others, and puts them back."""

        class Raises(nn.Layer):
            calls = 0

            def forward(self, x):
                self.calls += 1
                if self.calls == self.at:
                    raise KeyboardInterrupt
                return x * 1.0

        for at in range(1, 5):
            layer = Raises()
            layer.at = at
            net = around(layer)
            before = {name: p.copy() for name, p in net.params.items()}
            with pytest.raises(KeyboardInterrupt):
                Inspector().look(net.layers, MANY)
            assert all(p.tobytes() == before[name].tobytes() for name, p in net.params.items())


def test_sizes():
    """Sizes are those of a sample at every depth, also of images."""
    layers = [nn.Flatten(), nn.Linear(6, 5, rng=0), Counts(), nn.Linear(5, 2, rng=0)]
    found = Inspector().look(layers, np.ones((3, 2, 3)))
    assert found.sizes == {(): 6, (0,): 6, (1,): 5, (2,): 5, (3,): 2}
    assert found.state[0] == (2, 3)
