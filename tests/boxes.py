"""Rows of every kind for hypothesis to draw, and what they mean, built out sample by sample."""

import numpy as np
from hypothesis import strategies as st

import nn
from nn.gradients.tail import Tail
from nn.rows import Rows, samples_last

KINDS = ("whole", "slice", "slices", "pixel", "window", "one window", "channels in a window")


@st.composite
def rows_of(draw, clean, kinds=KINDS, subsets=True, size=1.0):
    """Draw rows that change a batch of (N, features, ...): boxes anywhere in it, its edges too."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples, (features, *rest) = len(clean), clean.shape[1:]
    kind = draw(st.sampled_from([k for k in kinds if rest or k in ("whole", "slice", "slices")]))
    slices = draw(st.integers(1, 4))
    width = features if kind in ("whole", "window") else draw(st.integers(1, features))
    start = corner = None
    if kind not in ("whole", "window"):
        start = _anywhere(draw, rng, features - width, slices)
        if kind in ("slice", "one window"):
            start[:] = start[0]
    shape = tuple(rest)
    if kind not in ("whole", "slice", "slices"):
        shape = (
            (1,) * len(rest)
            if kind == "pixel"
            else tuple(draw(st.integers(1, length)) for length in rest)
        )
        at = [_anywhere(draw, rng, a - b, slices) for a, b in zip(rest, shape, strict=True)]
        corner = np.stack(at, axis=1)
        if kind == "one window":
            corner[:] = corner[0]
    sample = None
    if subsets and draw(st.booleans()):
        sample = rng.integers(0, samples, draw(st.integers(1, 6)))
    across = samples if sample is None else len(sample)
    delta = rng.normal(size=(slices, across, width, *shape)) * size
    if draw(st.booleans()):  # as samples lie in what layers make of images
        delta = samples_last(slices, across, (width, *shape)) + delta
    return Rows(delta, sample, start, corner)


def _anywhere(draw, rng, last, slices):
    """Places from 0 to the last, often the first or the last of them."""
    found = rng.integers(0, last + 1, slices)
    edge = draw(st.sampled_from(["", "first", "last"]))
    if edge:
        found[draw(st.integers(0, slices - 1))] = 0 if edge == "first" else last
    return found


def built_out(rows, clean):
    """What the rows mean: every changed sample in full, (G, K, features, ...), and its places."""
    slices, samples = rows.grid
    changed = np.empty((slices, samples, *clean.shape[1:]))
    where = np.zeros(changed.shape, bool)
    for g in range(slices):
        begin = [0] * (clean.ndim - 1)
        if rows.start is not None:
            begin[0] = rows.start[g]
        if rows.corner is not None:
            begin[1:] = rows.corner[g]
        box = tuple(
            slice(b, b + length) for b, length in zip(begin, rows.delta.shape[2:], strict=True)
        )
        for k in range(samples):
            changed[g, k] = clean[k if rows.sample is None else rows.sample[k]]
            assert changed[g, k][box].shape == rows.delta.shape[2:]  # none sticks out
            changed[g, k][box] += rows.delta[g, k]
            where[g, k][box] = True
    return changed, where


def assert_pushed(layer, rows, x, through=None):
    """Compare what a layer pushes with the whole of its answers, and return what it pushes.

    `through` stands for the layer where it answers to batches of this size alone.
    """
    z, before, kept = layer.forward(x).copy(), x.copy(), rows.delta.copy()
    pushed = layer.push(rows, x, z)
    assert pushed.grid == rows.grid
    assert pushed.sample is rows.sample
    assert (x == before).all()
    assert (rows.delta == kept).all()
    if through is None:
        plain = nn.Layer.push(layer, rows, x, z).delta
    else:
        plain = np.stack([through(changed) - rows.samples(z) for changed in built_out(rows, x)[0]])
    zeros = np.zeros(z.shape)
    found = built_out(pushed, zeros)[0]
    size = max(1.0, np.abs(z).max(), np.abs(plain).max())
    np.testing.assert_allclose(found, plain, rtol=0, atol=1e-12 * size)
    room = layer.room(rows, x)
    assert isinstance(room, int)
    assert room >= 0
    return pushed


def in_pieces(patch, numbers):
    """Have rows followed in pieces of no more than so many numbers; return the grids of each."""
    follow, pieces = Tail.follow, []

    def counted(self, rows, place):
        pieces.append(rows.grid)
        return follow(self, rows, place)

    patch.setattr("nn.gradients.tail._NUMBERS", numbers)
    patch.setattr("nn.gradients.tail._PICTURES", numbers)
    patch.setattr(Tail, "follow", counted)
    return pieces
