import numpy as np
import pytest

from nn.batches import check_samples, in_pieces, minibatches
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


def test_samples_keep_their_dtype():
    for dtype in (np.uint8, np.int64, np.float32, np.float64):
        given = np.array([[1, 2], [3, 4]], dtype)
        x, t = check_samples(given, [0, 1], "x")
        assert x is given
        assert t.tolist() == [0, 1]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_pieces_are_put_together_in_order(size):
    x, seen = np.arange(10).reshape(5, 2), []
    whole = in_pieces(lambda part: seen.append(len(part)) or part + 1, x, size)
    assert (whole == x + 1).all()
    assert max(seen) <= size


def test_a_fault_late_in_many_rows_is_found():
    x = np.zeros((10_000, 2), np.float32)
    x[9_999, 1] = np.nan
    with pytest.raises(InputError, match="x is not finite in row 9999, column 1"):
        check_samples(x, np.zeros(10_000), "x")


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
