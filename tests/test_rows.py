"""Rows against batches built out, sample by sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn.rows import Rows


@st.composite
def rows_of_a_batch(draw, rests=((), (2,), (3, 2), (1, 1))):
    """Rows of any kind, and the batch they change."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples, features = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    rest = draw(st.sampled_from(rests))
    clean = rng.normal(size=(samples, features, *rest))
    slices = draw(st.integers(1, 4))
    kind = draw(st.sampled_from(["whole", "same", "spread"]))
    width = features if kind == "whole" else draw(st.integers(1, features))
    start = None
    if kind != "whole":
        start = rng.integers(0, features - width + 1, slices)
        if kind == "same":
            start[:] = start[0]
    sample = None
    if draw(st.booleans()):  # a sample may come several times, as with several distinct values
        sample = rng.integers(0, samples, draw(st.integers(0 if slices > 1 else 1, 7)))
    across = samples if sample is None else len(sample)
    return Rows(rng.normal(size=(slices, across, width, *rest)), sample, start), clean


def built_out(rows, clean):
    """What the rows mean: every changed sample in full, (G, K, features, ...), and its places."""
    slices, samples = rows.grid
    changed = np.empty((slices, samples, *clean.shape[1:]))
    where = np.zeros(changed.shape, bool)
    for g in range(slices):
        for k in range(samples):
            first = 0 if rows.start is None else rows.start[g]
            place = slice(first, first + rows.delta.shape[2])
            changed[g, k] = clean[k if rows.sample is None else rows.sample[k]]
            changed[g, k, place] += rows.delta[g, k]
            where[g, k, place] = True
    return changed, where


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


LAYERS = {
    "Sigmoid": nn.Sigmoid,
    "ReLU": nn.ReLU,
    "Softmax": nn.Softmax,
    "Flatten": nn.Flatten,
}


def push(layer, rows, clean):
    """Push rows through a layer, in its own way and by running it on each sample in full."""
    z = layer.forward(clean)
    pushed, plain = layer.push(rows, clean, z), nn.Layer.push(layer, rows, clean, z)
    assert pushed.grid == rows.grid
    np.testing.assert_allclose(pushed.whole(z), plain.whole(z), rtol=0, atol=1e-13)
    return pushed


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows_of_a_batch(), st.sampled_from(sorted(LAYERS)))
def test_layers_push_what_running_them_would_give(case, name):
    """In as narrow a slice as they can."""
    rows, clean = case
    pushed = push(LAYERS[name](), rows, clean)
    if name != "Softmax":
        assert pushed.delta[0, :1].size == rows.delta[0, :1].size


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows_of_a_batch(rests=((),)), st.integers(1, 3), st.booleans())
def test_linear_pushes_what_running_it_would_give(case, units, bias):
    rows, clean = case
    push(nn.Linear(clean.shape[1], units, bias, rng=0), rows, clean)


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
