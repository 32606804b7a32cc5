"""Embeddings: rows of a table by their numbers."""

import numpy as np
import pytest

import nn
from nn import ArgumentError, InputError, ShapeError
from nn.gradients import get_method, gradient
from nn.layers import as_terms

WORDS = np.array([[0, 3, 3], [1, 0, 2], [3, 3, 3], [2, 1, 0]])
CLASSES = np.array([0, 2, 1, 1])


def test_rows_by_their_numbers():
    layer = nn.Embedding(5, 3, rng=0)
    W = layer.params["W"]
    assert W.shape == (5, 3)
    z = layer(WORDS)
    assert (z.shape, z.dtype) == ((4, 3, 3), np.float64)
    for n, k in np.ndindex(WORDS.shape):
        assert (z[n, k] == W[WORDS[n, k]]).all()
    assert (layer(WORDS[:, 0]) == W[[0, 1, 3, 2]]).all()
    assert layer.forward(np.zeros((0, 3))).shape == (0, 3, 3)
    assert (layer.forward(WORDS.astype(float)) == z).all()
    z[...] = 7  # an answer is nobody else's
    assert (W != 7).all()


def test_where_it_starts():
    W = nn.Embedding(400, 300, rng=0).params["W"]
    assert W.std() == pytest.approx(1, rel=0.01)
    assert (nn.Embedding(400, 300, rng=0).params["W"] == W).all()
    assert (nn.Embedding(9, 9).params["W"] != nn.Embedding(9, 9).params["W"]).any()
    assert not nn.Embedding(2, 3, init=nn.Zeros()).params["W"].any()


@pytest.mark.parametrize("x", [WORDS, WORDS[:, 0]], ids=["sequences", "one each"])
def test_what_weights_are_multiplied_by(x):
    layer = nn.Embedding(5, 3, rng=0)
    x = x.astype(float)
    terms = as_terms(layer.terms("W", x))
    assert terms.entries == 5
    z = layer.forward(x)
    assert terms.box(z.shape[1:]) == (*z.shape[1:-1], 1)
    a = np.moveaxis(terms.part(range(5)), -1, 0)  # samples, entries, places
    assert set(a.ravel()) == {0.0, 1.0}
    np.testing.assert_allclose(
        np.moveaxis(np.einsum("ni...,iu->nu...", a, terms.table(layer.params["W"])), 1, -1), z
    )
    start, corner = terms.begin(np.array([2, 0]), z.shape[1:])
    if x.ndim == 1:
        assert (start.tolist(), corner) == ([2, 0], None)
    else:
        assert (start, corner.tolist()) == (None, [[2], [0]])
    slopes = np.random.default_rng(0).normal(size=z.shape)
    expected = np.zeros((5, 3))
    np.add.at(expected, x.astype(int), slopes)
    np.testing.assert_allclose(terms.by_slopes(slopes), expected, rtol=0, atol=1e-14)


def nets():
    yield WORDS[:, 0], [nn.Embedding(5, 6, rng=0), nn.Tanh(), nn.Linear(6, 3, rng=1)]
    yield WORDS, [nn.Embedding(5, 2, rng=0), nn.Flatten(), nn.Tanh(), nn.Linear(6, 3, rng=1)]
    yield WORDS, [nn.Embedding(5, 4, rng=0), nn.LayerNorm(4), nn.Flatten(), nn.Linear(12, 3, rng=1)]


@pytest.mark.parametrize("case", range(3))
@pytest.mark.parametrize("options", [{}, {"h": None}, {"memory": "12 KiB"}], ids=str)
def test_the_gradient_is_that_of_the_loop(case, options):
    x, layers = list(nets())[case]
    problem = nn.Sequential(layers).problem(x, CLASSES, **options)
    by_loop = gradient(problem, "loop")
    rounding = 1e-8 if problem.h is None else 1e-9  # those steps are smaller
    for method, atol in (("weight", rounding), ("node", 1e-7), ("auto", 1e-7)):
        assert set(get_method(method).ways(problem).values()) <= {"weight", "node"}
        for name, g in gradient(problem, method).items():
            np.testing.assert_allclose(g, by_loop[name], rtol=0, atol=atol)
        assert not by_loop["0.W"][4].any()  # nobody said 4
    assert by_loop["0.W"][3].any()
    assert get_method("node").ways(problem)[0,] == "node"


def test_it_learns():
    net = nn.Sequential(list(nets())[1][1])
    trainer = nn.Trainer(net, None, nn.SGD(0.5), rng=0)
    trainer.fit(WORDS, CLASSES, epochs=40, batch_size=4, progress=False)
    assert net.accuracy(WORDS, CLASSES) == 1


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[0, 4], [5, 1]], "got 5 in sample 1, place 0 of x, shape (2, 2)"),
        ([[0, 4], [-1, 1]], "got -1 in sample 1, place 0 of x, shape (2, 2)"),
        ([[0, 1.5], [0, 1]], "got 1.5 in sample 0, place 1 of x, shape (2, 2)"),
        ([0, 1, np.nan], "got nan in sample 2 of x, shape (3,)"),
        ([0, np.inf, 1], "got inf in sample 1 of x, shape (3,)"),
        ([7, 0, 1], "got 7 in sample 0 of x, shape (3,)"),
    ],
)
def test_numbers_of_nothing(x, message):
    with pytest.raises(InputError) as caught:
        nn.Sequential([nn.Embedding(5, 3), nn.Flatten()]).predict(np.array(x))
    assert str(caught.value) == (
        "layer 0, Embedding(5, 3): Embedding needs indices that are whole numbers from 0 to 4,"
        f" {message}"
    )


def test_numbers_of_nothing_in_a_large_batch():
    x = np.zeros((2500, 2))
    x[2000, 1] = 9
    with pytest.raises(InputError) as caught:
        nn.Sequential([nn.Embedding(5, 3)]).forward(x)
    assert "got 9 in sample 2000, place 1 of x, shape (2500, 2)" in str(caught.value)


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 1, 1, 1)])
def test_wrong_shapes(shape):
    with pytest.raises(ShapeError) as caught:
        nn.Sequential([nn.Flatten(), nn.Unflatten((1, *shape[1:])), nn.Embedding(5, 3)]).predict(
            np.zeros(shape)
        )
    assert str(caught.value) == (
        "layer 2, Embedding(5, 3): Embedding needs indices of shape (N,) or (N, length), got"
        f" {(shape[0], 1, *shape[1:])}"
    )


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3", None, (3,)])
@pytest.mark.parametrize("argument", ["num_embeddings", "embedding_dim"])
def test_bad_arguments(argument, bad):
    with pytest.raises(ArgumentError, match=f"^{argument} must be a whole number >= 1, got"):
        nn.Embedding(**{"num_embeddings": 4, "embedding_dim": 3, argument: bad})
