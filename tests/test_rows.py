"""Rows against batches built out, sample by sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn.rows import Rows, samples_last

from .boxes import assert_pushed, built_out, rows_of

RESTS = ((), (2,), (3, 2), (1, 1), (4, 5))


@st.composite
def rows_of_a_batch(draw, rests=RESTS, **options):
    """Rows of any kind, and the batch they change."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples, features = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    clean = rng.normal(size=(samples, features, *draw(st.sampled_from(rests))))
    if draw(st.booleans()):  # as images lie that a convolution has made
        clean = np.moveaxis(np.ascontiguousarray(np.moveaxis(clean, 0, -1)), -1, 0)
    return draw(rows_of(clean, **options)), clean


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows_of_a_batch())
def test_whole_moved_and_of(case):
    rows, clean = case
    before = clean.copy()
    changed, where = built_out(rows, clean)
    assert rows.grid == changed.shape[:2]
    assert (rows.whole(clean) == changed.reshape(-1, *clean.shape[1:])).all()
    assert (rows.moved(clean) == changed[where].reshape(rows.delta.shape)).all()
    still = np.broadcast_to(rows.samples(clean), changed.shape)
    found = np.broadcast_to(rows.of(clean), rows.delta.shape)
    assert (found == still[where].reshape(rows.delta.shape)).all()
    assert (clean == before).all()
    assert not np.shares_memory(rows.whole(clean), clean)
    assert not np.shares_memory(rows.moved(clean), clean)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(rows_of_a_batch(), st.data())
def test_only(case, data):
    rows, clean = case
    kept = data.draw(st.lists(st.integers(0, max(rows.grid[1] - 1, 0)), max_size=5))
    if not rows.grid[1]:
        kept = []
    some = rows.only(np.array(kept, int))
    assert some.grid == (rows.grid[0], len(kept))
    assert (built_out(some, clean)[0] == built_out(rows, clean)[0][:, kept]).all()
    targets = np.arange(len(clean)) * 10
    assert (some.samples(targets) == rows.samples(targets)[kept]).all()


@settings(derandomize=True, deadline=None, max_examples=50)
@given(rows_of_a_batch())
def test_columns(case):
    rows, clean = case
    numbers = np.arange(clean.shape[1])
    found = rows.columns
    for g in range(rows.grid[0]):
        first = 0 if rows.start is None else rows.start[g]
        expected = numbers[first : first + rows.delta.shape[2]]
        here = numbers[found] if isinstance(found, slice) else found[g]
        assert (here == expected).all()
    assert isinstance(found, slice) == (rows.start is None or len(set(rows.start.tolist())) == 1)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(rows_of_a_batch(), st.data())
def test_part(case, data):
    """Some samples of one slice."""
    rows, clean = case
    place = data.draw(st.integers(0, rows.grid[0] - 1))
    kept = data.draw(st.lists(st.integers(0, rows.grid[1] - 1), min_size=1, max_size=4))
    part = rows.part(place, np.array(kept))
    assert part.grid == (1, len(kept))
    assert (built_out(part, clean)[0] == built_out(rows, clean)[0][place, kept]).all()


@settings(derandomize=True, deadline=None, max_examples=100)
@given(rows_of_a_batch())
def test_spread(case):
    """The same changes, zeros around them; as wide as asked for and no wider."""
    rows, clean = case
    changed, shape = built_out(rows, clean)[0], clean.shape[1:]
    wide, windows = rows.spread(shape), rows.spread_windows(shape)
    assert (built_out(wide, clean)[0] == changed).all()
    assert (built_out(windows, clean)[0] == changed).all()
    assert wide.delta.shape[2:] == shape
    assert wide.start is wide.corner is windows.corner is None
    assert wide.sample is windows.sample is rows.sample
    assert windows.start is rows.start
    assert windows.delta.shape[2:] == (rows.delta.shape[2], *shape[1:])
    assert (wide is rows) == (rows.start is None and rows.corner is None)
    assert (windows is rows) == (rows.corner is None)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(rows_of_a_batch(), st.data())
def test_plus(case, data):
    """Two changes of the same samples add up, wherever they lie."""
    rows, clean = case
    other = data.draw(rows_of(clean, subsets=False))
    slices, across = rows.grid
    index = np.arange(slices) % other.grid[0]
    delta = np.resize(other.delta[index], (slices, across, *other.delta.shape[2:]))
    start, corner = (None if a is None else a[index] for a in (other.start, other.corner))
    other = Rows(delta, rows.sample, start, corner)
    kept = rows.delta.copy(), other.delta.copy()
    zeros = np.zeros(clean.shape)
    expected = built_out(rows, zeros)[0] + built_out(other, zeros)[0]
    for both in (rows.plus(other, clean.shape[1:]), other.plus(rows, clean.shape[1:])):
        np.testing.assert_allclose(built_out(both, zeros)[0], expected, rtol=0, atol=1e-15)
        assert both.sample is rows.sample
    assert (rows.delta == kept[0]).all()
    assert (other.delta == kept[1]).all()
    doubled = rows.plus(Rows(*map(copy, (rows.delta, rows.sample, rows.start, rows.corner))), None)
    assert (doubled.delta == 2 * rows.delta).all()  # the same boxes stay as narrow as they are
    assert (doubled.start, doubled.corner) == (rows.start, rows.corner)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(rows_of_a_batch())
def test_added_to(case):
    rows, clean = case
    whole = np.random.default_rng(0).normal(size=(*rows.grid, *clean.shape[1:]))
    expected = whole + built_out(rows, np.zeros(clean.shape))[0]
    assert rows.added_to(whole) is whole
    assert (whole == expected).all()


@pytest.mark.parametrize("start", [None, [0, 1]])
@pytest.mark.parametrize("place", ["start", "corner"])
def test_boxes_of_one_shape_at_other_places(start, place):
    """Equal shapes do not make equal places."""
    clean = np.zeros((3, 2, 4, 4))
    width = 2 if start is None else 1
    start = None if start is None else np.array(start)
    corner = np.array([[0, 1], [2, 0]])
    rows = Rows(np.ones((2, 3, width, 2, 2)), None, start, corner)
    moved = corner[::-1] if place == "corner" or start is None else corner
    other = start[::-1] if place == "start" and start is not None else start
    other = Rows(np.full((2, 3, width, 2, 2), 10.0), None, other, moved)
    both = rows.plus(other, clean.shape[1:])
    expected = built_out(rows, clean)[0] + built_out(other, clean)[0]
    assert (built_out(both, clean)[0] == expected).all()


@pytest.mark.parametrize(
    "sample",
    [
        [2, 3, 4],
        [0, 2, 1, 3],
        [3, 2, 1],
        [0, 0, 2],
        [1, 1],
        [29],
        [5, 6, 9],
        [0, 29],
        list(range(30)),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["whole", "slice", "slices", "pixel", "window"])
def test_any_samples_in_any_order(sample, kind):
    """Neighbours, each once and in order, and all that only look like it."""
    rng = np.random.default_rng(0)
    clean, sample = rng.normal(size=(30, 3, 4, 5)), np.array(sample)
    shape = {"pixel": (1, 1), "window": (2, 3)}.get(kind, (4, 5))
    width, start, corner = (3 if kind == "whole" else 1), None, None
    if kind != "whole":
        start = np.array([1, 1] if kind == "slice" else [2, 0])
    if kind in ("pixel", "window"):
        corner = np.array([[2, 0], [1, 2]])
    rows = Rows(rng.normal(size=(2, len(sample), width, *shape)), sample, start, corner)
    changed, where = built_out(rows, clean)
    assert (rows.moved(clean) == changed[where].reshape(rows.delta.shape)).all()
    assert (rows.whole(clean) == changed.reshape(-1, 3, 4, 5)).all()
    numbers = np.arange(60).reshape(2, 30)
    assert (rows.samples(numbers, axis=1) == numbers[:, sample]).all()
    assert (rows.samples(numbers[0]) == numbers[0][sample]).all()
    assert (clean == np.random.default_rng(0).normal(size=clean.shape)).all()


def copy(a):
    return None if a is None else a.copy()


def test_arrays_in_which_samples_lie_next_to_each_other():
    found = samples_last(2, 3, (4, 5), 0.5)
    assert found.shape == (2, 3, 4, 5)
    assert (found == 0.5).all()
    assert found.strides[1] == 8


LAYERS = {
    "Sigmoid": nn.Sigmoid,
    "ReLU": nn.ReLU,
    "ELU": nn.ELU,
    "SiLU": nn.SiLU,
    "Softmax": nn.Softmax,
    "LogSoftmax": nn.LogSoftmax,
    "Flatten": nn.Flatten,
}
AS_NARROW = {"Sigmoid", "ReLU", "ELU", "SiLU"}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(rows_of_a_batch(), st.sampled_from(sorted(LAYERS)))
def test_layers_push_what_running_them_would_give(case, name):
    """In as narrow a box as they can."""
    rows, clean = case
    pushed = assert_pushed(LAYERS[name](), rows, clean)
    one_number = rows.start is not None and rows.delta[0, 0].size == 1
    if name in AS_NARROW or (name == "Flatten" and (rows.corner is None or one_number)):
        assert pushed.delta[0, 0].size == rows.delta[0, 0].size


@settings(derandomize=True, deadline=None, max_examples=100)
@given(rows_of_a_batch(rests=((), (2,), (2, 3))), st.sampled_from([(6,), (2, 3), (1, 2, 3)]))
def test_unflatten_pushes_what_running_it_would_give(case, size):
    rows, clean = case
    size = (*size, clean[0].size)
    layer = nn.Unflatten(size)
    wide = np.tile(clean.reshape(len(clean), -1), (1, 6))
    assert_pushed(layer, Rows(np.tile(rows.spread(clean.shape[1:]).delta.reshape(*rows.grid, -1), (
        1, 1, 6)), rows.sample), wide)  # fmt: skip
    narrow = nn.Unflatten((*clean.shape[1:], 1))
    assert_pushed(narrow, rows, clean)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows_of_a_batch(rests=((),)), st.integers(1, 3), st.booleans())
def test_linear_pushes_what_running_it_would_give(case, units, bias):
    rows, clean = case
    assert_pushed(nn.Linear(clean.shape[1], units, bias, rng=0), rows, clean)


def test_samples_of_a_single_number():
    clean = np.array([1.0, 2.0, 3.0])
    rows = Rows(np.array([[0.5, -0.5]]), np.array([2, 0]))
    assert rows.grid == (1, 2)
    assert (rows.moved(clean) == [[3.5, 0.5]]).all()
    assert (rows.whole(clean) == [3.5, 0.5]).all()
    assert (rows.only(np.array([1])).moved(clean) == [[0.5]]).all()


@pytest.mark.parametrize("sample", [None, np.array([1, 0, 1])])
def test_the_same_samples_changed_otherwise(sample):
    across = 2 if sample is None else 3
    rows = Rows(np.ones((2, across, 1)), sample, np.array([0, 2]))
    narrow, wide = (
        rows.with_delta(np.zeros((2, across, 2))),
        rows.widened(np.zeros((2, across, 3))),
    )
    assert narrow.start is rows.start
    assert wide.start is None
    assert narrow.sample is wide.sample is rows.sample
    assert narrow.delta.shape == (2, across, 2)
    assert wide.delta.shape == (2, across, 3)
