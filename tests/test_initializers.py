"""First weights: their spread, their bounds, and the same ones from the same seed."""

import math

import numpy as np
import pytest

from nn import ArgumentError, He, Normal, Uniform, Xavier, Zeros
from nn.initializers import fans

DENSE = (400, 300)
KERNEL = (64, 32, 5, 5)  # out, in, height, width: fans 800 and 1600
ALL = [
    Zeros(),
    Normal(),
    Uniform(),
    Uniform(0.2),
    *(k(d) for k in (Xavier, He) for d in ("uniform", "normal")),
]


def draw(init, shape=DENSE, seed=0):
    return init(shape, np.random.default_rng(seed))


def looks_normal(values, std):
    """Standard deviation, and the shares within one and two of them."""
    inside = [np.mean(np.abs(values) < k * std) for k in (1, 2)]
    assert values.std() == pytest.approx(std, rel=0.02)
    assert inside == pytest.approx([0.6827, 0.9545], abs=0.01)


def looks_uniform(values, limit):
    assert np.abs(values).max() <= limit
    assert values.min() < -0.99 * limit
    assert values.max() > 0.99 * limit
    assert values.std() == pytest.approx(limit / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3, 7), (3, 7)), ((8, 3, 5, 5), (75, 200)), ((8, 3, 5), (15, 40)), ((6,), (6, 6))],
)
def test_fans(shape, expected):
    assert fans(shape) == expected


@pytest.mark.parametrize("init", ALL, ids=repr)
@pytest.mark.parametrize("shape", [DENSE, KERNEL, (5,)], ids=str)
def test_shape_dtype_centre_and_seed(init, shape):
    w = draw(init, shape)
    assert (w.shape, w.dtype) == (shape, np.float64)
    assert (w == draw(init, shape)).all()
    if not isinstance(init, Zeros):
        assert (w != draw(init, shape, seed=1)).any()
        assert abs(w.mean()) < 5 * w.std() / math.sqrt(w.size)


def test_a_generator_is_used_up_and_not_started_anew():
    rng = np.random.default_rng(0)
    assert (Normal()((3, 3), rng) != Normal()((3, 3), rng)).all()


def test_zeros():
    assert not draw(Zeros()).any()


def test_normal():
    looks_normal(draw(Normal()), 0.01)
    looks_normal(draw(Normal(2.5)), 2.5)
    assert not draw(Normal(0)).any()


def test_uniform():
    looks_uniform(draw(Uniform(0.3)), 0.3)
    looks_uniform(draw(Uniform()), 1 / math.sqrt(400))
    looks_uniform(draw(Uniform(), KERNEL), 1 / math.sqrt(800))
    assert not draw(Uniform(0)).any()


@pytest.mark.parametrize(("shape", "variance"), [(DENSE, 2 / 700), (KERNEL, 2 / 2400)], ids=str)
def test_xavier(shape, variance):
    looks_uniform(draw(Xavier(), shape), math.sqrt(3 * variance))
    looks_normal(draw(Xavier("normal"), shape), math.sqrt(variance))


@pytest.mark.parametrize(("shape", "variance"), [(DENSE, 2 / 400), (KERNEL, 2 / 800)], ids=str)
def test_he(shape, variance):
    looks_normal(draw(He(), shape), math.sqrt(variance))
    looks_uniform(draw(He("uniform"), shape), math.sqrt(3 * variance))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normal(-0.1), "std must be a finite number >= 0, got -0.1"),
        (lambda: Normal(math.nan), "std must be a finite number >= 0, got nan"),
        (lambda: Uniform(-1), "limit must be a finite number >= 0, got -1"),
        (lambda: Uniform(math.inf), "limit must be a finite number >= 0, got inf"),
        (lambda: Xavier("gauss"), "distribution must be 'uniform' or 'normal', got 'gauss'"),
        (lambda: He(None), "distribution must be 'uniform' or 'normal', got None"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message
