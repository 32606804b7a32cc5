"""Pure functions: right at ±1000 and in their tails, against `decimal`."""

import decimal
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import functional

EPS = np.finfo(np.float64).eps
POINTS = [
    -700.0,
    -40.0,
    -10.0,
    -3.7,
    -1.0,
    -0.1,
    -1e-9,
    0.0,
    1e-9,
    0.1,
    1.0,
    3.7,
    10.0,
    40.0,
    700.0,
]
ROWS = [[0.0, 0.0], [1.0, 2.0, 3.0], [-3.5, 0.25, 7.0, 6.5], [1000.0, 999.0], [-1000.0, -1001.5]]
# P(Z <= x) of a standard normal Z, to 16 digits.
NORMAL = {
    -20.0: 2.753624118606234e-89,
    -10.0: 7.619853024160526e-24,
    -5.0: 2.866515718791939e-07,
    -2.0: 2.275013194817921e-02,
    -1.0: 1.586552539314571e-01,
    0.0: 0.5,
    1.0: 8.413447460685429e-01,
    3.0: 9.986501019683699e-01,
}


@pytest.fixture(autouse=True)
def many_digits():
    with decimal.localcontext() as context:
        context.prec = 400  # 1 + exp(-700) needs 305 of them
        yield


def exp(x):
    return Decimal(x).exp()


def close(found, reference, ulps=4):
    return math.isclose(float(found), float(reference), rel_tol=ulps * EPS, abs_tol=0)


@pytest.mark.parametrize("x", POINTS)
def test_sigmoid(x):
    assert close(functional.sigmoid(np.array(x)), 1 / (1 + exp(-x)))


@pytest.mark.parametrize("x", POINTS)
def test_softplus(x):
    assert close(functional.softplus(np.array(x)), (1 + exp(x)).ln())


@pytest.mark.parametrize("x", ROWS)
def test_softmax(x):
    weights = [exp(v) for v in x]
    found = functional.softmax(np.array([x]))
    assert found.shape == (1, len(x))
    assert all(close(p, w / sum(weights), 8) for p, w in zip(found[0], weights, strict=True))


@pytest.mark.parametrize("x", ROWS)
def test_neg_log_softmax(x):
    weights = [exp(v) for v in x]
    found = functional.neg_log_softmax(np.array([x]))
    assert found.shape == (1, len(x))
    assert all(
        close(c, -(w / sum(weights)).ln(), 8) for c, w in zip(found[0], weights, strict=True)
    )


@pytest.mark.parametrize("x", NORMAL)
def test_gelu(x):
    assert math.isclose(float(functional.gelu(np.array(x))), x * NORMAL[x], rel_tol=1e-13)


@pytest.mark.parametrize("x", [-10.0, -5.0, -1.0, 0.0, 0.5, 3.0])
def test_gelu_tanh_is_the_formula_of_the_paper(x):
    u = (2 / Decimal(math.pi)).sqrt() * (Decimal(x) + Decimal("0.044715") * Decimal(x) ** 3)
    tanh = 1 - 2 / (exp(2 * u) + 1)
    reference = Decimal(x) / 2 * (1 + tanh)
    assert math.isclose(float(functional.gelu_tanh(np.array(x))), reference, rel_tol=1e-12)


def test_gelu_tanh_is_off_by_no_more_than_it_says():
    x = np.linspace(-12, 12, 20001)
    worst = np.abs(functional.gelu_tanh(x) - functional.gelu(x)).max()
    assert 4e-4 < worst < 5e-4


def test_limits_without_a_warning():
    x = np.array([-1000.0, 1000.0])
    assert functional.sigmoid(x).tolist() == [0, 1]
    assert functional.softplus(x).tolist() == [0, 1000]
    assert functional.gelu(x).tolist() == [0, 1000]
    assert functional.gelu_tanh(x).tolist() == [0, 1000]
    assert functional.softmax(x).tolist() == [0, 1]
    assert functional.neg_log_softmax(x).tolist() == [2000, 0]


def test_the_last_axis_is_the_one():
    x = np.random.default_rng(0).normal(size=(4, 3, 5))
    for f in (functional.softmax, functional.neg_log_softmax):
        alone = [[f(row) for row in sample] for sample in x]
        np.testing.assert_allclose(f(x), alone, rtol=1e-15)
    np.testing.assert_allclose(functional.softmax(x).sum(axis=-1), 1, rtol=1e-15)


def test_cross_entropy_is_as_exact_far_out_as_near_zero():
    x = np.array([[0.0, -1.0, -30.0]])
    assert (functional.neg_log_softmax(x + 1024) == functional.neg_log_softmax(x)).all()
    sure = functional.neg_log_softmax(np.array([[800.0, 0.0]]))[0, 0]
    assert sure == 0
    assert not np.signbit(sure)  # no "-0.0" on a screen


@given(st.floats(-1000, 1000))
def test_two_sides_of_one_curve(x):
    at, opposite = np.array(x), np.array(-x)
    size = max(1.0, abs(x))
    assert abs(functional.sigmoid(at) + functional.sigmoid(opposite) - 1) <= 2 * EPS
    assert abs(functional.softplus(at) - functional.softplus(opposite) - x) <= 2 * EPS * size
    assert abs(functional.gelu(at) - functional.gelu(opposite) - x) <= 2 * EPS * size
    assert abs(functional.gelu_tanh(at) - functional.gelu_tanh(opposite) - x) <= 2 * EPS * size


@pytest.mark.parametrize(
    "name", ["sigmoid", "softplus", "softmax", "neg_log_softmax", "gelu", "gelu_tanh"]
)
def test_shape_and_type_are_kept_and_the_input_too(name):
    x = np.random.default_rng(1).normal(size=(2, 3))
    before = x.copy()
    y = getattr(functional, name)(x)
    assert isinstance(y, np.ndarray)
    assert (y.shape, y.dtype) == ((2, 3), np.float64)
    assert (x == before).all()
    assert not np.shares_memory(x, y)
    assert getattr(functional, name)(np.zeros((2, 0, 3))).shape == (2, 0, 3)
