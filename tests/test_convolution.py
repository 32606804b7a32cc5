"""Windows, convolutions and pooling: against loops over pixels, and pushed as boxes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import ArgumentError, InputError, ShapeError
from nn.layers import as_terms
from nn.layers.windows import Windows, as_pair, short
from nn.rows import Rows

from .boxes import assert_pushed, rows_of

RNG = np.random.default_rng(0)


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def slow_conv(x, W, b, stride=1, padding=0):
    """The formula of a convolution, pixel by pixel."""
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    samples, _, rows, columns = x.shape
    units, channels, kh, kw = W.shape
    high, wide = (rows + 2 * ph - kh) // sh + 1, (columns + 2 * pw - kw) // sw + 1
    z = np.zeros((samples, units, high, wide))
    for n, o, y, across in np.ndindex(z.shape):
        total = 0.0 if b is None else b[o]
        for c, u, v in np.ndindex(channels, kh, kw):
            i, j = y * sh + u - ph, across * sw + v - pw
            if 0 <= i < rows and 0 <= j < columns:
                total += W[o, c, u, v] * x[n, c, i, j]
        z[n, o, y, across] = total
    return z


def slow_pool(x, size, stride=None, padding=0, largest=True):
    """The largest or the mean of each window, which has at least a pixel of the image in it."""
    (kh, kw), (sh, sw), (ph, pw) = pair(size), pair(stride or size), pair(padding)
    samples, channels, rows, columns = x.shape
    high, wide = (rows + 2 * ph - kh) // sh + 1, (columns + 2 * pw - kw) // sw + 1
    z = np.zeros((samples, channels, high, wide))
    for n, c, y, across in np.ndindex(z.shape):
        inside = [
            x[n, c, y * sh + u - ph, across * sw + v - pw]
            for u, v in np.ndindex(kh, kw)
            if 0 <= y * sh + u - ph < rows and 0 <= across * sw + v - pw < columns
        ]
        z[n, c, y, across] = max(inside) if largest else math.fsum(inside) / (kh * kw)
    return z


@st.composite
def geometries(draw, pool=False):
    """Kernel, stride, padding and size of an image that has room for it, and often more."""
    size = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    most = [k // 2 if pool else 3 for k in size]
    padding = tuple(draw(st.integers(0, m)) for m in most)
    image = tuple(
        draw(st.integers(max(1, k - 2 * p), 7)) for k, p in zip(size, padding, strict=True)
    )
    return size, stride, padding, image


def layouts(x):
    """The same numbers, lying otherwise in memory."""
    wider = np.zeros((2 * len(x), *x.shape[1:-1], x.shape[-1] + 3))[::2, ..., 1:-2]
    wider[...] = x
    return {
        "C": np.ascontiguousarray(x),
        "Fortran": np.asfortranarray(x),
        "samples last": np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0),
        "channels last": np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
        "backwards": np.ascontiguousarray(x[::-1, ::-1, ::-1, ::-1])[::-1, ::-1, ::-1, ::-1],
        "a part": wider,
    }


# --- convolution -----------------------------------------------------------------------------

CONVS = [
    # in, out, kernel, stride, padding, height and width
    (1, 1, 1, 1, 0, (1, 1)),
    (1, 2, 3, 1, 0, (3, 3)),
    (2, 3, 3, 1, 1, (5, 4)),
    (3, 2, (1, 3), 1, 0, (2, 5)),
    (2, 2, (3, 1), (2, 1), (0, 2), (6, 3)),
    (2, 3, 2, 2, 0, (5, 5)),
    (1, 4, 3, (1, 3), (2, 1), (4, 7)),
    (2, 1, (4, 2), 3, (3, 0), (2, 6)),
    (1, 2, 5, 1, 2, (2, 1)),
    (2, 2, 1, 2, 0, (4, 5)),
    (1, 1, 2, 5, 0, (4, 4)),
]


@pytest.mark.parametrize(("inside", "outside", "kernel", "stride", "padding", "image"), CONVS)
def test_convolution_by_its_formula(inside, outside, kernel, stride, padding, image):
    for bias in (True, False):
        layer = nn.Conv2d(inside, outside, kernel, stride, padding, bias=bias, rng=1)
        W, b = layer.params["W"], layer.params.get("b")
        assert W.shape == (outside, inside, *pair(kernel))
        if bias:
            b[:] = RNG.normal(size=outside)
        x = RNG.normal(size=(3, inside, *image))
        expected = slow_conv(x, W, b, stride, padding)
        for lying in layouts(x).values():
            before = lying.copy()
            z = layer.forward(lying)
            assert (z.dtype, z.shape) == (np.float64, expected.shape)
            np.testing.assert_allclose(z, expected, rtol=0, atol=1e-13)
            assert (lying == before).all()
            assert not np.shares_memory(z, lying)
        assert layer.forward(x[:0]).shape == (0, *expected.shape[1:])


def test_an_edge_is_found_where_it_is():
    """Numbers known by heart."""
    layer = nn.Conv2d(1, 1, (1, 2), bias=False)
    layer.params["W"][...] = [[[[-1, 1]]]]
    image = np.array([[[[0.0, 0, 5, 5], [1, 1, 1, 4]]]])
    assert layer(image).tolist() == [[[[0, 5, 0], [0, 0, 3]]]]
    layer = nn.Conv2d(1, 1, 2, stride=2, padding=1)  # not turned round: a correlation
    layer.params["W"][...], layer.params["b"][...] = [[[[1, 2], [3, 4]]]], 10
    image = np.arange(1.0, 5.0).reshape(1, 1, 2, 2)
    assert layer(image).tolist() == [[[[14, 16], [16, 14]]]]


def test_many_images_go_through_in_parts(monkeypatch):
    layer, x = nn.Conv2d(2, 3, 3, padding=1, rng=0), RNG.normal(size=(7, 2, 4, 5))
    z = layer.forward(x)
    for numbers in (1, 2 * 9 * 20 * 3, 2 * 9 * 20 * 6):
        monkeypatch.setattr("nn.layers.convolution._NUMBERS", numbers)
        np.testing.assert_allclose(layer.forward(x), z, rtol=1e-13)


def test_where_a_convolution_starts():
    W = nn.Conv2d(4, 6, 3, rng=0).params["W"]
    bound = math.sqrt(6 / (4 * 9 + 6 * 9))
    assert 0.9 * bound < np.abs(W).max() <= bound
    assert (nn.Conv2d(4, 6, 3, rng=0).params["W"] == W).all()
    assert (nn.Conv2d(4, 6, 3).params["W"] != nn.Conv2d(4, 6, 3).params["W"]).any()
    assert not nn.Conv2d(4, 6, 3).params["b"].any()
    assert list(nn.Conv2d(4, 6, 3, bias=False).params) == ["W"]
    he = nn.Conv2d(20, 30, 5, init=nn.He(), rng=0).params["W"]
    assert he.std() == pytest.approx(math.sqrt(2 / 500), rel=0.05)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(geometries(), st.integers(1, 3), st.integers(1, 3), st.data())
def test_a_convolution_pushes_what_running_it_would_give(geometry, inside, outside, data):
    size, stride, padding, image = geometry
    layer = nn.Conv2d(inside, outside, size, stride, padding, rng=data.draw(st.integers(0, 9)))
    layer.params["b"][:] = 1.0
    x = RNG.normal(size=(3, inside, *image))
    assert_pushed(layer, data.draw(rows_of(x)), x)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(geometries(), st.data())
def test_what_weights_are_multiplied_by(geometry, data):
    """z is the sum of the terms times the weights."""
    size, stride, padding, image = geometry
    layer = nn.Conv2d(2, 3, size, stride, padding, rng=0)
    layer.params["b"][:] = [1.0, -2.0, 0.5]
    x = RNG.normal(size=(3, 2, *image))
    z = layer.forward(x)
    total = np.zeros(z.shape)
    for name, p in layer.params.items():
        terms = as_terms(layer.terms(name, x))
        table, entries = terms.table(p), range(terms.entries)
        assert terms.space == z.shape[2:]
        assert terms.box(z.shape[1:]) == (1, *z.shape[2:])
        assert table.shape == (len(entries), 3)
        assert np.shares_memory(table, p)
        a = terms.part(entries)
        assert a.shape == (len(entries), *z.shape[2:], 3)
        some = terms.part(range(len(entries) // 2, len(entries)))
        assert (some == a[len(entries) // 2 :]).all()
        total += np.einsum("iyxn,io->noyx", a, table)
        slopes = RNG.normal(size=z.shape)
        np.testing.assert_allclose(
            terms.by_slopes(slopes), np.einsum("iyxn,noyx->io", a, slopes), rtol=0, atol=1e-12
        )
        start, corner = terms.begin(np.array([2, 0]), z.shape[1:])
        assert (start.tolist(), corner) == ([2, 0], None)
    np.testing.assert_allclose(total, z, rtol=0, atol=1e-12)
    assert layer.terms("V", x) is None


def test_a_pixel_reaches_few_windows():
    """Boxes stay as small as they can, so that nudging pixels pays."""
    x = RNG.normal(size=(2, 3, 20, 20))
    layer = nn.Conv2d(3, 2, 5, rng=0)
    pixel = Rows(np.ones((1, 2, 1, 1, 1)), None, np.array([1]), np.array([[10, 3]]))
    found = assert_pushed(layer, pixel, x)
    assert found.delta.shape == (1, 2, 2, 5, 5)
    assert (found.start, found.corner.tolist()) == (None, [[6, 0]])
    pooled = assert_pushed(nn.MaxPool2d(2), found, layer.forward(x))
    assert pooled.delta.shape == (1, 2, 2, 3, 3)
    assert pooled.corner.tolist() == [[3, 0]]
    for pool in (nn.MaxPool2d(4), nn.AvgPool2d(4)):
        found = assert_pushed(pool, pixel, x)
        assert found.delta.shape == (1, 2, 1, 1, 1)
        assert (found.start.tolist(), found.corner.tolist()) == ([1], [[2, 0]])
    strided = assert_pushed(nn.Conv2d(3, 2, 3, stride=3, rng=0), pixel, x)
    assert strided.delta.shape == (1, 2, 2, 1, 1)
    assert strided.corner.tolist() == [[3, 1]]


def test_a_window_that_reaches_nearly_all_is_followed_whole():
    """Weights from each pixel to each window would be more work than the windows."""
    x = RNG.normal(size=(2, 3, 6, 6))
    layer = nn.Conv2d(3, 4, 3, rng=0)
    wide = Rows(np.ones((1, 2, 3, 5, 5)), None, None, np.array([[0, 1]]))
    found = assert_pushed(layer, wide, x)
    assert found.corner is None
    assert layer.room(wide, x) == 2 * 3 * 9 * 16
    pixel = Rows(np.ones((4, 2, 1, 1, 1)), None, np.arange(4) % 3, np.full((4, 2), 2))
    assert layer.room(pixel, x) == 4 * 4 * 9


# --- pooling ---------------------------------------------------------------------------------

POOLS = [
    # kernel, stride, padding, floor, height and width
    (1, None, 0, False, (2, 3)),
    (2, None, 0, False, (4, 6)),
    ((2, 3), None, 0, False, (4, 6)),
    ((1, 2), None, 0, False, (3, 4)),
    (3, 2, 1, False, (5, 3)),
    (3, 1, 1, False, (4, 4)),
    (2, 2, 1, False, (4, 2)),
    ((3, 2), (1, 2), (1, 0), False, (3, 4)),
    (2, 3, 0, False, (5, 8)),
    (2, None, 0, True, (5, 7)),
    (3, 2, 1, True, (6, 4)),
    (3, 4, 0, True, (4, 5)),
    ((4, 1), (3, 2), (2, 0), True, (3, 6)),
]


@pytest.mark.parametrize("cls", [nn.MaxPool2d, nn.AvgPool2d])
@pytest.mark.parametrize(("kernel", "stride", "padding", "floor", "image"), POOLS)
def test_pooling_by_its_formula(cls, kernel, stride, padding, floor, image):
    layer = cls(kernel, stride, padding, floor=floor)
    assert not layer.params
    x = RNG.normal(size=(3, 2, *image)) - 5  # below zero, where a border of zeros would show
    expected = slow_pool(x, kernel, stride, padding, cls is nn.MaxPool2d)
    for lying in layouts(x).values():
        before = lying.copy()
        z = layer.forward(lying)
        assert (z.dtype, z.shape) == (np.float64, expected.shape)
        np.testing.assert_allclose(z, expected, rtol=0, atol=1e-14)
        assert (lying == before).all()
    assert layer.forward(x[:0]).shape == (0, *expected.shape[1:])


def test_pooling_by_heart():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert nn.MaxPool2d(2)(x).tolist() == [[[[5, 7], [13, 15]]]]
    assert nn.AvgPool2d(2)(x).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]
    assert nn.MaxPool2d(3, floor=True)(x).tolist() == [[[[10]]]]
    means = [[0, 0.75, 0.75], [3, 7.5, 4.5], [3, 6.75, 3.75]]  # the border counts
    assert nn.AvgPool2d(2, padding=1)(x).tolist() == [[means]]
    largest = [[0, -1, -3], [-4, -5, -7], [-12, -13, -15]]
    assert nn.MaxPool2d(2, padding=1)(-x).tolist() == [[largest]]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(geometries(pool=True), st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]), st.data())
def test_pooling_pushes_what_running_it_would_give(geometry, cls, data):
    """Also where a pixel lies between windows, or in what is left over of the image."""
    size, stride, padding, image = geometry
    x = RNG.normal(size=(3, data.draw(st.integers(1, 3)), *image))
    if data.draw(st.booleans()):
        x = x.round()  # several largest ones
    assert_pushed(cls(size, stride, padding, floor=True), data.draw(rows_of(x)), x)


@pytest.mark.parametrize("layer", [nn.MaxPool2d(2, stride=3), nn.AvgPool2d(2, stride=3)], ids=repr)
def test_pixels_that_no_window_looks_at(layer):
    x = RNG.normal(size=(2, 1, 8, 8))
    rows = Rows(np.ones((2, 2, 1, 1, 1)), None, np.zeros(2, int), np.array([[2, 0], [3, 5]]))
    assert not assert_pushed(layer, rows, x).delta.any()


@pytest.mark.parametrize("layer", [nn.MaxPool2d(2, floor=True), nn.AvgPool2d(2, floor=True)])
def test_pixels_that_are_left_over(layer):
    x = RNG.normal(size=(2, 1, 5, 5))
    corners = np.array([[4, 0], [0, 4], [4, 4]])
    rows = Rows(np.full((3, 2, 1, 1, 1), 9.0), None, np.zeros(3, int), corners)
    assert not assert_pushed(layer, rows, x).delta.any()
    rows = Rows(np.full((1, 2, 1, 2, 2), 9.0), None, np.zeros(1, int), np.array([[3, 3]]))
    assert assert_pushed(layer, rows, x).delta.any()


def test_room_of_pooling():
    x = RNG.normal(size=(2, 3, 8, 8))
    slices = Rows(np.ones((5, 2, 1, 8, 8)), None, np.zeros(5, int))
    assert nn.MaxPool2d(2).room(slices, x) == slices.delta.size
    pixels = Rows(np.ones((5, 2, 1, 1, 1)), None, np.zeros(5, int), np.zeros((5, 2), int))
    assert nn.MaxPool2d(2).room(pixels, x) == 5 * 2 * 2 * 2
    assert nn.MaxPool2d(3, 1).room(pixels, x) == 5 * 2 * (3 - 1 + 3) ** 2


# --- windows ---------------------------------------------------------------------------------


@settings(derandomize=True, deadline=None, max_examples=200)
@given(geometries(), st.data())
def test_which_windows_look_at_a_box(geometry, data):
    """None that does is left out; all are there; and each pixel is where `offsets` says."""
    size, stride, padding, image = geometry
    windows = Windows(size, stride, padding)
    count = windows.count(image)
    shape = tuple(data.draw(st.integers(1, length)) for length in image)
    corner = np.array(
        [[data.draw(st.integers(0, a - b)) for a, b in zip(image, shape, strict=True)]]
    )
    begin, reached = windows.landing(corner, shape, image)
    assert (begin >= 0).all()
    for axis in (0, 1):
        assert begin[0, axis] + reached[axis] <= count[axis]
        inside = range(begin[0, axis], begin[0, axis] + reached[axis])
        offsets = windows.offsets(corner, shape[axis], begin, reached[axis], axis)
        assert offsets.shape == (1, shape[axis], reached[axis])
        for window in range(count[axis]):
            first = window * stride[axis] - padding[axis]
            for pixel in range(shape[axis]):
                at = corner[0, axis] + pixel - first
                if 0 <= at < size[axis]:
                    assert window in inside
                if window in inside:
                    expected = at if 0 <= at < size[axis] else size[axis]
                    assert offsets[0, pixel, window - begin[0, axis]] == expected
    # never more windows than pixels so close together can reach
    for axis in (0, 1):
        assert reached[axis] <= (shape[axis] + size[axis] - 2) // stride[axis] + 1


def test_counts_by_hand():
    windows = Windows((3, 2), (2, 1), (1, 0))
    assert windows.count((2, 5, 6)) == (3, 5)
    assert windows.left_over((2, 6, 6)) == (1, 0)
    assert windows.field((2, 3)).tolist() == [5, 4]
    images = np.arange(30.0).reshape(1, 5, 6, 1)
    bordered = windows.bordered(images, -1.0)
    assert bordered.shape == (1, 7, 6, 1)
    assert (bordered[:, 1:-1] == images).all()
    assert (bordered[:, [0, -1]] == -1).all()
    patches = windows.patches(bordered, (3, 5))
    assert patches.shape == (1, 3, 2, 3, 5, 1)
    assert not patches.flags.writeable
    for u, v, y, x in np.ndindex(3, 2, 3, 5):
        assert patches[0, u, v, y, x] == bordered[0, 2 * y + u, x + v]
    none = Windows((1, 1), (1, 1), (0, 0))
    assert none.bordered(images) is images


def test_pairs():
    assert as_pair("size", 3) == as_pair("size", (3, 3)) == as_pair("size", [3, 3]) == (3, 3)
    assert as_pair("size", np.int64(2)) == (2, 2)
    assert as_pair("padding", (0, 1), at_least=0) == (0, 1)
    assert (short((2, 2)), short((2, 3))) == ("2", "(2, 3)")


# --- what is said ----------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3", None, (3,), (3, 3, 3), (3, 0), (2, 1.5)])
@pytest.mark.parametrize("argument", ["in_channels", "out_channels", "kernel_size", "stride"])
def test_bad_arguments_of_a_convolution(argument, bad):
    if bad == (3,) and argument.endswith("channels"):
        bad = 2.0
    with pytest.raises(ArgumentError, match=rf"^{argument} must be a") as caught:
        nn.Conv2d(**{"in_channels": 1, "out_channels": 1, "kernel_size": 3, argument: bad})
    assert caught.value.argument == argument


@pytest.mark.parametrize("bad", [-1, 0.5, True, "0", (1,), (0, -1)])
@pytest.mark.parametrize("make", [nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d])
def test_bad_padding(make, bad):
    sizes = (1, 1, 3) if make is nn.Conv2d else (3,)
    with pytest.raises(ArgumentError, match=r"^padding must be a whole number"):
        make(*sizes, padding=bad)


@pytest.mark.parametrize("make", [nn.MaxPool2d, nn.AvgPool2d])
def test_bad_arguments_of_pooling(make):
    for bad in (0, -1, 1.5, True, "3", None, (3,), (3, 3, 3)):
        with pytest.raises(ArgumentError, match=r"^kernel_size must be a whole number"):
            make(bad)
        if bad is not None:
            with pytest.raises(ArgumentError, match=r"^stride must be a whole number"):
                make(2, stride=bad)
    for padding in (2, (0, 2), (2, 0)):
        with pytest.raises(ArgumentError) as caught:
            make(3, padding=padding)
        assert str(caught.value) == f"padding must be at most half of kernel_size, 3, got {padding}"
    make(4, padding=2)
    with pytest.raises(ArgumentError, match=r"half of kernel_size, \(4, 1\), got 1"):
        make((4, 1), padding=1)


def said(layers, x, error=ShapeError):
    with pytest.raises(error) as caught:
        nn.Sequential(layers).predict(x)
    return str(caught.value)


def test_images_that_do_not_fit():
    conv = nn.Conv2d(3, 2, 3)
    assert said([nn.Tanh(), conv], np.zeros((5, 12))) == (
        "layer 1, Conv2d(3, 2, 3): Conv2d needs images of shape (N, 3, H, W), got (5, 12); an"
        " Unflatten layer before it makes images of rows"
    )
    assert said([conv], np.zeros((3, 8, 8))) == (
        "layer 0, Conv2d(3, 2, 3): Conv2d needs images of shape (N, 3, H, W), got (3, 8, 8); one"
        " image is a batch of one, x[None]"
    )
    assert said([conv], np.zeros((5, 1, 8, 8))) == (
        "layer 0, Conv2d(3, 2, 3): Conv2d needs images of 3 channels, (N, 3, H, W), got 1 in"
        " (5, 1, 8, 8)"
    )
    assert said([nn.Conv2d(1, 1, (5, 3))], np.zeros((2, 1, 4, 9))) == (
        "layer 0, Conv2d(1, 1, (5, 3)): Conv2d has windows of 5x3 and needs images of at least 5x3"
        " pixels, got 4x9 in (2, 1, 4, 9)"
    )
    assert said([nn.Conv2d(1, 1, 5, padding=(0, 1))], np.zeros((2, 1, 5, 2))) == (
        "layer 0, Conv2d(1, 1, 5, padding=(0, 1)): Conv2d has windows of 5x5 and needs images of at"
        " least 5x3 pixels, got 5x2 with a padding of (0, 1) in (2, 1, 5, 2)"
    )
    assert said([nn.MaxPool2d(2)], np.zeros((5, 4))).startswith(
        "layer 0, MaxPool2d(2): MaxPool2d needs images of shape (N, C, H, W), got (5, 4); an Unfl"
    )
    assert said([nn.AvgPool2d(3)], np.zeros((2, 1, 3, 2))) == (
        "layer 0, AvgPool2d(3): AvgPool2d has windows of 3x3 and needs images of at least 3x3"
        " pixels, got 3x2 in (2, 1, 3, 2)"
    )


def test_images_that_windows_do_not_cover():
    layers = [nn.Conv2d(1, 2, 2), nn.MaxPool2d(2)]
    assert said(layers, np.zeros((2, 1, 6, 5))) == (
        "layer 1, MaxPool2d(2): MaxPool2d needs images that its windows cover, of 4 or 6 by 4"
        " pixels, got 5x4 in (2, 2, 5, 4); floor=True leaves out what is left over"
    )
    layers[1] = nn.MaxPool2d(2, floor=True)
    assert nn.Sequential(layers).forward(np.zeros((2, 1, 6, 5))).shape == (2, 2, 2, 2)
    assert said([nn.AvgPool2d(3, stride=2, padding=1)], np.zeros((2, 1, 5, 8))) == (
        "layer 0, AvgPool2d(3, stride=2, padding=1): AvgPool2d needs images that its windows cover,"
        " of 5 by 7 or 9 pixels, got 5x8 in (2, 1, 5, 8); floor=True leaves out what is left over"
    )


def test_inside_of_a_block():
    block = nn.Residual([nn.Tanh(), nn.Conv2d(3, 3, 3, padding=1)])
    outer = nn.Residual([nn.ReLU(), block])
    x = np.zeros((2, 1, 4, 4))
    assert said([nn.ReLU(), nn.ReLU(), nn.ReLU(), block], x).startswith(
        "layer 3.1, Conv2d(3, 3, 3, padding=1): Conv2d needs images of 3 channels"
    )
    assert said([nn.ReLU(), outer], x).startswith("layer 1.1.1, Conv2d(3, 3, 3, padding=1): ")
    with pytest.raises(ShapeError, match=r"^layer 1\.1\.1, Conv2d"):
        nn.Sequential([nn.ReLU(), outer]).numerical_gradient(x, [0, 0])


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((), "unflattened_size must be a shape such as (1, 28, 28), got ()"),
        (4, "unflattened_size must be a shape such as (1, 28, 28), got 4"),
        ("4", "unflattened_size must be a shape such as (1, 28, 28), got '4'"),
        ((2, 0), "unflattened_size must be a whole number >= 1, got 0"),
        ((2, 1.5), "unflattened_size must be a whole number >= 1, got 1.5"),
        ((True, 2), "unflattened_size must be a whole number >= 1, got True"),
    ],
)
def test_bad_sizes_of_unflatten(size, message):
    with pytest.raises(ArgumentError) as caught:
        nn.Unflatten(size)
    assert str(caught.value) == message


def test_unflatten():
    x = np.arange(12.0).reshape(2, 6)
    assert (nn.Unflatten((1, 2, 3))(x) == x.reshape(2, 1, 2, 3)).all()
    assert (nn.Unflatten([3, 2])(x.reshape(2, 2, 3)) == x.reshape(2, 3, 2)).all()
    assert nn.Unflatten((1, 2, 3))(x[:0]).shape == (0, 1, 2, 3)
    assert said([nn.Unflatten((1, 2, 2))], x) == (
        "layer 0, Unflatten((1, 2, 2)): Unflatten needs x of shape (N, 4), got (2, 6)"
    )
    assert said([nn.Unflatten((1,))], np.zeros(3)).endswith("needs x of shape (N, 1), got (3,)")


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 3, 5),
        nn.Conv2d(2, 3, (5, 4), stride=2, padding=1),
        nn.Conv2d(2, 3, 5, stride=(1, 2), padding=(0, 2), bias=False),
        nn.MaxPool2d(2),
        nn.AvgPool2d((2, 3), stride=1, padding=(1, 0), floor=True),
        nn.Unflatten((1, 2, 2)),
        nn.Dropout(0.25),
        nn.LayerNorm(5),
        nn.LayerNorm((5, 3)),
        nn.LayerNorm(5, elementwise_affine=False),
        nn.BatchNorm1d(4),
        nn.BatchNorm2d(4, affine=False),
        nn.Embedding(5, 3),
        nn.Residual([nn.Conv2d(2, 2, 3, padding=1), nn.Dropout(0.5)]),
    ],
    ids=repr,
)
def test_written_as_it_is_made(layer):
    again = eval(repr(layer), vars(nn))
    assert repr(again) == repr(layer)
    assert again.params.keys() == layer.params.keys()
    assert [p.shape for p in again.params.values()] == [p.shape for p in layer.params.values()]
    if hasattr(layer, "windows"):
        assert again.windows == layer.windows


def test_a_stride_that_is_the_window_need_not_be_said():
    assert nn.MaxPool2d(3, stride=3).windows == nn.MaxPool2d(3).windows
    assert repr(nn.MaxPool2d(3, 3)) == "MaxPool2d(3)"
    assert repr(nn.MaxPool2d((2, 3), 2)) == "MaxPool2d((2, 3), stride=2)"


def test_images_of_another_type():
    x = np.arange(32).reshape(2, 1, 4, 4)
    for layer in (nn.Conv2d(1, 2, 3, rng=0), nn.MaxPool2d(2), nn.AvgPool2d(2)):
        for dtype in (np.uint8, np.float32, np.int64):
            z = layer(x.astype(dtype))
            assert z.dtype == np.float64
            assert (z == layer(x.astype(float))).all()
    assert issubclass(ShapeError, InputError)
