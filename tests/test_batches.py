import numpy as np
import pytest

from nn.batches import check_samples, minibatches
from nn.errors import ArgumentError, InputError, ShapeError


def test_every_sample_once_and_the_last_batch_short():
    batches = list(minibatches(10, 4, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches).tolist()) == list(range(10))


def test_samples_are_mixed_not_batches():
    first, *_ = minibatches(1000, 100, np.random.default_rng(0))
    assert len({index // 100 for index in first.tolist()}) > 5


def test_reproducible_and_new_in_every_epoch():
    def epochs():
        rng = np.random.default_rng(3)
        return [np.concatenate(list(minibatches(50, 8, rng))).tolist() for _ in range(2)]

    first, second = epochs()
    assert epochs() == [first, second]
    assert first != second


def test_batch_larger_than_the_samples():
    assert [len(b) for b in minibatches(3, 8, np.random.default_rng(0))] == [3]


@pytest.mark.parametrize(("samples", "size"), [(0, 1), (5, 0), (5, -1), (5, 2.5), (5, True)])
def test_counts_are_checked(samples, size):
    with pytest.raises(ArgumentError, match="whole number >= 1"):
        minibatches(samples, size, np.random.default_rng(0))


def test_samples_become_float64():
    x, t = check_samples([[1, 2], [3, 4]], [0, 1], "x")
    assert x.dtype == np.float64
    assert t.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("x", "t", "error", "words"),
    [
        (np.zeros((3, 2)), np.zeros(2), ShapeError, r"\(3, 2\) and \(2,\)"),
        (np.zeros((0, 2)), np.zeros(0), ShapeError, "row for every sample"),
        (3.0, 1.0, ShapeError, "row for every sample"),
        (np.array([["a"]]), [0], InputError, "real numbers"),
        (np.array([[0, 1], [2, np.nan]]), [0, 1], InputError, "row 1, column 1"),
        (np.array([[0, np.inf], [2, 3]]), [0, 1], InputError, "row 0, column 1"),
    ],
)
def test_samples_that_cannot_be_trained_on(x, t, error, words):
    with pytest.raises(error, match=words):
        check_samples(x, t, "x")
