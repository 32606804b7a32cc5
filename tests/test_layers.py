"""Layers by their formulas, and what a layer of one's own may leave out."""

import copy
import math
import pickle

import numpy as np
import pytest

import nn
from nn import ArgumentError, InputError, ShapeError
from nn.layers import run

X = np.array([[-1000.0, -2.0, -0.5], [0.0, 0.25, 1000.0]])


class Half(nn.Layer):
    def forward(self, x):
        return x / 2


class Answer(nn.Layer):
    """Answers anything with the same thing."""

    def __init__(self, answer):
        self.answer = answer

    def forward(self, x):
        return self.answer


ELEMENTWISE = {
    nn.Sigmoid(): lambda x: 1 / (1 + math.exp(-x)) if x > -700 else 0,
    nn.Tanh(): math.tanh,
    nn.ReLU(): lambda x: max(x, 0),
    nn.LeakyReLU(): lambda x: x if x > 0 else 0.01 * x,
    nn.LeakyReLU(0.3): lambda x: x if x > 0 else 0.3 * x,
    nn.LeakyReLU(-1): abs,
    nn.LeakyReLU(3): lambda x: x if x > 0 else 3 * x,
    nn.GELU(): lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    nn.GELU("tanh"): lambda x: (
        x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    ),
    nn.ELU(): lambda x: x if x > 0 else math.expm1(x),
    nn.ELU(0.5): lambda x: x if x > 0 else 0.5 * math.expm1(x),
    nn.SiLU(): lambda x: x / (1 + math.exp(-x)) if x > -700 else 0,
    nn.Softplus(): lambda x: math.log1p(math.exp(x)) if x < 700 else x,
    nn.Softplus(3.0): lambda x: math.log1p(math.exp(3 * x)) / 3 if x < 200 else x,
}


@pytest.mark.parametrize("layer", ELEMENTWISE, ids=repr)
@pytest.mark.parametrize("shape", [(2, 3), (6,), (1, 6), (2, 1, 3, 1)], ids=str)
def test_elementwise(layer, shape):
    expected = [ELEMENTWISE[layer](float(v)) for v in X.ravel()]
    y = layer(X.reshape(shape))
    assert y.shape == shape
    np.testing.assert_allclose(y.ravel(), expected, rtol=1e-12, atol=1e-16)


def test_softmax():
    y = nn.Softmax()(np.array([[0.0, math.log(3)], [1000.0, -1000.0]]))
    np.testing.assert_allclose(y, [[0.25, 0.75], [1, 0]], rtol=1e-15)
    with pytest.raises(ShapeError, match=r"\(N, ..., classes\), got \(3,\)"):
        nn.Softmax()(np.zeros(3))  # would make one distribution of three samples


def test_log_softmax():
    x = np.array([[0.0, math.log(3)], [1000.0, -1000.0]])
    expected = [[math.log(0.25), math.log(0.75)], [0, -2000]]
    np.testing.assert_allclose(nn.LogSoftmax()(x), expected, rtol=1e-15, atol=1e-15)
    images = np.random.default_rng(0).normal(size=(2, 3, 4))
    y = nn.LogSoftmax()(images)
    np.testing.assert_allclose(np.exp(y).sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.exp(y), nn.Softmax()(images), rtol=1e-13)
    with pytest.raises(ShapeError, match=r"LogSoftmax needs x of shape \(N, ..., classes\), got"):
        nn.LogSoftmax()(np.zeros(3))


def test_flatten():
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    assert (nn.Flatten()(x) == np.arange(24.0).reshape(2, 12)).all()
    assert nn.Flatten()(np.zeros(5)).shape == (5, 1)
    assert nn.Flatten()(np.zeros((0, 3, 4))).shape == (0, 12)


class TestLinear:
    def test_formula(self):
        layer = nn.Linear(2, 3, rng=0)
        W, b = layer.params["W"], layer.params["b"]
        assert (W.shape, b.shape) == ((2, 3), (3,))
        assert W.dtype == b.dtype == np.float64
        b[:] = [1, 2, 3]
        x = np.array([[1.0, 10.0], [0.0, -1.0]])
        expected = [
            [x[n, 0] * W[0, j] + x[n, 1] * W[1, j] + b[j] for j in range(3)] for n in (0, 1)
        ]
        np.testing.assert_allclose(layer(x), expected, rtol=1e-14)
        assert b.tolist() == [1, 2, 3]

    def test_without_bias(self):
        layer = nn.Linear(2, 3, bias=False, rng=0)
        assert list(layer.params) == ["W"]
        assert (layer(np.eye(2)) == layer.params["W"]).all()

    def test_where_it_starts(self):
        W = nn.Linear(200, 300, rng=0).params["W"]
        assert np.abs(W).max() <= math.sqrt(6 / 500)
        assert W.std() == pytest.approx(math.sqrt(2 / 500), rel=0.02)
        assert (nn.Linear(200, 300, rng=0).params["W"] == W).all()
        assert (nn.Linear(200, 300, rng=1).params["W"] != W).any()
        assert (nn.Linear(9, 9).params["W"] != nn.Linear(9, 9).params["W"]).any()
        assert not nn.Linear(2, 3, rng=0).params["b"].any()
        assert not nn.Linear(2, 3, init=nn.Zeros()).params["W"].any()
        rng = np.random.default_rng(0)
        assert (nn.Linear(9, 9, rng=rng).params["W"] != nn.Linear(9, 9, rng=rng).params["W"]).all()

    def test_does_not_touch_the_global_generator(self):
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        nn.Linear(3, 3)
        assert (np.random.get_state()[1] == before).all()  # noqa: NPY002

    @pytest.mark.parametrize("dtype", [np.int64, np.float32, np.uint8, bool])
    def test_other_types_of_numbers(self, dtype):
        layer, x = nn.Linear(2, 3, rng=0), np.array([[1, 0], [1, 1]])
        y = layer(x.astype(dtype))
        assert y.dtype == np.float64
        assert (y == layer(x.astype(float))).all()

    @pytest.mark.parametrize("shape", [(2,), (4, 3), (4, 1), (0, 3), ()])
    def test_wrong_shapes(self, shape):
        with pytest.raises(ShapeError) as caught:
            nn.Linear(2, 3)(np.zeros(shape))
        hint = "; one sample is a batch of one, x[None]" if len(shape) == 1 else ""
        assert str(caught.value) == f"Linear needs x of shape (N, 2), got {shape}{hint}"

    def test_images_get_a_hint(self):
        with pytest.raises(ShapeError, match="Flatten"):
            nn.Linear(4, 3)(np.zeros((5, 2, 2)))

    def test_no_samples_no_outputs(self):
        assert nn.Linear(2, 3)(np.zeros((0, 2))).shape == (0, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Linear(0, 3), "in_features must be a whole number >= 1, got 0"),
        (lambda: nn.Linear(3, 2.0), "out_features must be a whole number >= 1, got 2.0"),
        (lambda: nn.Linear(True, 3), "in_features must be a whole number >= 1, got True"),
        (lambda: nn.LeakyReLU(math.inf), "negative_slope must be a finite number, got inf"),
        (lambda: nn.ELU(math.nan), "alpha must be a finite number, got nan"),
        (lambda: nn.ELU("1"), "alpha must be a finite number, got '1'"),
        (lambda: nn.LeakyReLU("0.1"), "negative_slope must be a finite number, got '0.1'"),
        (lambda: nn.Softplus(0), "beta must be a finite number > 0, got 0"),
        (lambda: nn.GELU("exact"), "approximate must be 'none' or 'tanh', got 'exact'"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "cls", [nn.Sigmoid, nn.Tanh, nn.ReLU, nn.SiLU, nn.Softmax, nn.LogSoftmax, nn.Flatten]
)
def test_layers_without_options_take_none(cls):
    with pytest.raises(TypeError):
        cls(0.1)


class TestOfOnesOwn:
    def test_forward_is_enough(self):
        one, other = Half(), Half()
        assert one.params == one.grads == {}
        one.params["w"] = np.ones(2)
        assert other.params == {}
        assert one([4, 2]).tolist() == [2, 1]
        assert repr(one) == "Half()"

    def test_without_forward_there_is_no_layer(self):
        with pytest.raises(TypeError, match="forward"):
            type("Nothing", (nn.Layer,), {})()

    def test_copies_have_parameters_of_their_own(self):
        layer = nn.Linear(2, 2, rng=0)
        for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
            assert (twin.params["W"] == layer.params["W"]).all()
            twin.params["W"][:] = 7
            assert (layer.params["W"] != 7).all()

    def test_backward_is_the_authors_affair(self):
        assert not hasattr(nn.Layer, "backward")


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.float32])
@pytest.mark.parametrize("layer", [*ELEMENTWISE, nn.Softmax(), nn.Flatten()], ids=repr)
def test_calling_a_layer_promotes(layer, dtype):
    x = np.array([[1, 3], [2, 0]])
    y = layer(x.astype(dtype))
    assert y.dtype == np.float64
    assert (y == layer(x.astype(float))).all()
    assert (layer(x.tolist()) == y).all()


class TestRun:
    def test_in_order(self):
        layers = [nn.Linear(2, 2, init=nn.Zeros()), nn.Sigmoid(), Half()]
        assert (run(layers, np.zeros((3, 2))) == 0.25).all()
        x = np.zeros((3, 2))
        assert run([], x) is x

    def test_says_which_layer_does_not_fit(self):
        with pytest.raises(ShapeError) as caught:
            run([nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 1)], np.zeros((5, 2)))
        assert str(caught.value) == (
            "layer 2, Linear(4, 1): Linear needs x of shape (N, 4), got (5, 3)"
        )

    @pytest.mark.parametrize(
        ("answer", "got"),
        [
            (np.zeros((3, 2)), "shape (3, 2)"),
            (np.zeros(()), "shape ()"),
            (np.float64(1), "float64"),
            ([[1.0, 2.0]] * 5, "list"),
            (None, "NoneType"),
        ],
    )
    def test_one_row_a_sample(self, answer, got):
        with pytest.raises(ShapeError) as caught:
            run([Half(), Answer(answer)], np.zeros((5, 2)))
        assert str(caught.value) == (
            "layer 1, Answer(): forward must return an array with a row for each of the 5 samples,"
            f" got {got}"
        )

    @pytest.mark.parametrize("dtype", [np.float32, np.float16, np.complex128, object])
    def test_a_layer_of_another_precision(self, dtype):
        with pytest.raises(InputError, match=rf"layer 0, Answer\(\).*{np.dtype(dtype)}"):
            run([Answer(np.ones((5, 2), dtype))], np.zeros((5, 2)))

    @pytest.mark.parametrize("dtype", [bool, np.int64, np.uint8])
    def test_whole_numbers_go_on_as_floats(self, dtype):
        z = run([Answer(np.ones((5, 2), dtype))], np.zeros((5, 2)))
        assert z.dtype == np.float64
        assert (z == 1).all()


def test_classes_keep_their_parents():
    """A class that is being made must not spoil what `issubclass` remembers of Layer and Loss."""

    class Own(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 2

    class OwnLoss(nn.MSELoss):
        def costs(self, z, t):
            return np.abs(z - t)

    for cls, root in ((Own, nn.Layer), (OwnLoss, nn.Loss)):
        assert issubclass(cls, root)
        assert issubclass(root, root)
