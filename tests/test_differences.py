"""The lesson: slopes, gradients and descent by differences, against closed forms."""

import math
import re
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nn.differences import (
    directional_derivative,
    gradient_descent,
    numerical_diff,
    numerical_gradient,
    partial_derivative,
    tangent_line,
)
from nn.errors import (
    ArgumentError,
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    ShapeError,
    StepError,
    StepTooSmallError,
    UnknownNameError,
    UnusedInputWarning,
)
from nn.steps import default_step

modest = settings(deadline=None, derandomize=True, max_examples=60)
SCHEMES = ("forward", "backward", "central")
every_scheme = pytest.mark.parametrize("scheme", SCHEMES)
schemes = st.sampled_from(SCHEMES)


def squares(x):
    return float((np.asarray(x, np.float64) ** 2).sum())


def lesson(x):
    return 0.01 * x**2 + 0.1 * x


def count(f):
    """Count the calls of f."""

    def counted(*args):
        counted.calls += 1
        return f(*args)

    counted.calls = 0
    return counted


# The figures of the lesson


@pytest.mark.parametrize(("x", "slope"), [(5, 0.1999999999990898), (10, 0.2999999999986347)])
def test_slopes_of_the_lesson(x, slope):
    assert numerical_diff(lesson, x, h=1e-4) == slope
    assert numerical_diff(lesson, float(x), h=1e-4) == slope
    assert numerical_diff(lesson, np.array([x, x]), h=1e-4).tolist() == [slope, slope]


@pytest.mark.parametrize(("x", "gradient"), [((3, 4), (6, 8)), ((0, 2), (0, 4)), ((3, 0), (6, 0))])
@pytest.mark.parametrize("dtype", [int, float])
@pytest.mark.parametrize("h", [None, 1e-4])
def test_gradients_of_the_lesson(x, gradient, dtype, h):
    found = numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, np.array(x, dtype), h=h)
    np.testing.assert_allclose(found, gradient, rtol=0, atol=1e-9)
    assert found.dtype == np.float64


def test_partial_derivatives_of_the_lesson():
    f = lambda x: x[0] ** 2 + x[1] ** 2  # noqa: E731
    assert partial_derivative(f, np.array([3.0, 4.0]), 0, h=1e-4) == pytest.approx(6, abs=1e-9)
    assert partial_derivative(f, np.array([3.0, 4.0]), 1, h=1e-4) == pytest.approx(8, abs=1e-9)


@pytest.mark.parametrize("start", [(-3, 4), np.array([-3.0, 4.0])])
def test_descent_of_the_lesson(start):
    path = gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, start, lr=0.1, steps=100, h=1e-4)
    assert path.shape == (101, 2)
    assert path[0].tolist() == [-3, 4]
    assert np.abs(path[-1]).max() < 1e-9
    np.testing.assert_allclose(path, 0.8 ** np.arange(101)[:, None] * [-3, 4], atol=1e-9)


# Closed forms


GENTLE = {  # (f, slope) of numbers of any size up to 10 or so
    "square": (lambda x: x**2, lambda x: 2 * x),
    "cube": (lambda x: x**3 - x, lambda x: 3 * x**2 - 1),
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (2 + np.exp(x) + np.exp(-x))),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2)),
    "bump": (lambda x: np.exp(-(x**2)), lambda x: -2 * x * np.exp(-(x**2))),
    "root": (lambda x: np.sqrt(1 + x**2), lambda x: x / np.sqrt(1 + x**2)),
    "ratio": (lambda x: x / (2 + np.cos(x)), None),
    "line": (lambda x: 3 * x + 1, lambda x: np.full(np.shape(x), 3.0)),
}
GENTLE["ratio"] = (
    GENTLE["ratio"][0],
    lambda x: (2 + np.cos(x) + x * np.sin(x)) / (2 + np.cos(x)) ** 2,
)
every_gentle = pytest.mark.parametrize("name", GENTLE)


@every_gentle
@every_scheme
def test_slopes_against_closed_forms(name, scheme):
    f, slope = GENTLE[name]
    x = np.array([[-3.0, -1.1, -0.2], [0.4, 1.0, 2.5]])
    tolerance = (
        {"rtol": 1e-7, "atol": 1e-8} if scheme == "central" else {"rtol": 1e-5, "atol": 1e-6}
    )
    found = numerical_diff(f, x, scheme=scheme)
    assert found.shape == x.shape
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, slope(x), **tolerance)
    one = numerical_diff(f, 0.4, scheme=scheme)
    assert type(one) is float
    np.testing.assert_allclose(one, slope(0.4), **tolerance)


@every_gentle
@pytest.mark.parametrize("size", [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 3])
def test_the_default_step_is_right_for_small_x(name, size):
    f, slope = GENTLE[name]
    x = size * np.array([1.0, -0.9, 0.5, 0.77])
    found = numerical_gradient(lambda x: f(x).sum(), x)
    wanted = slope(x)
    rounding = 2.0**-52 * abs(f(x).sum()) / default_step(x).min()
    assert np.abs(found - wanted).max() < 1e-6 * np.abs(wanted).max() + 2 * rounding


SCALED = {  # (f, gradient) of positive numbers of any size
    "x**2": (lambda x: (x**2).sum(), lambda x: 2 * x),
    "x**3": (lambda x: (x**3).sum(), lambda x: 3 * x**2),
    "1/x": (lambda x: (1 / x).sum(), lambda x: -1 / x**2),
    "sqrt": (lambda x: np.sqrt(x).sum(), lambda x: 0.5 / np.sqrt(x)),
    "log": (lambda x: np.log(x).sum(), lambda x: 1 / x),
    "x log x": (lambda x: (x * np.log(x)).sum(), lambda x: np.log(x) + 1),
    "norm": (lambda x: math.hypot(*x), lambda x: x / math.hypot(*x)),
    "product": (lambda x: float(np.prod(x)), lambda x: np.prod(x) / x),
    "log sum": (lambda x: math.log(x.sum()), lambda x: np.full(x.shape, 1 / x.sum())),
    "geometric mean": (lambda x: np.prod(x) ** 0.25, lambda x: np.prod(x) ** 0.25 / (4 * x)),
    "share": (lambda x: x[0] / x.sum(), lambda x: (np.eye(4)[0] - x[0] / x.sum()) / x.sum()),
    "form": (lambda x: x @ np.diag([1, 2, 3, 4.0]) @ x, lambda x: 2 * np.array([1, 2, 3, 4]) * x),
    "sin of log": (lambda x: np.sin(np.log(x)).sum(), lambda x: np.cos(np.log(x)) / x),
}


@pytest.mark.parametrize("name", SCALED)
@pytest.mark.parametrize("size", 10.0 ** np.arange(7))
def test_the_default_step_is_right_for_large_x(name, size):
    f, gradient = SCALED[name]
    x = size * np.array([1.0, 1.9, 1.5, 2.77])
    before = x.tobytes()
    wanted = gradient(x)
    assert np.abs(numerical_gradient(f, x) - wanted).max() < 1e-6 * np.abs(wanted).max()
    assert x.tobytes() == before


@pytest.mark.parametrize("name", ["x**2", "x**3", "product", "form", "share"])
@pytest.mark.parametrize("size", [1e-6, 1e-3])
def test_the_default_step_is_right_for_polynomials_of_small_x(name, size):
    f, gradient = SCALED[name]
    x = 0.3 + size * np.array([1.0, 1.9, 1.5, 2.77])  # close to each other, not to zero
    wanted = gradient(x)
    assert np.abs(numerical_gradient(f, x) - wanted).max() < 1e-6 * np.abs(wanted).max()


@modest
@given(
    x=hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=3),
        elements=st.floats(-8, 8, width=16),
    ),
    scheme=schemes,
)
def test_gradients_keep_shape_and_dtype_and_are_as_good_as_the_dtype(x, scheme):
    before = x.tobytes()
    found = numerical_gradient(
        lambda x: float(np.sin(x.astype(np.float64)).sum()), x, scheme=scheme
    )
    assert found.shape == x.shape
    assert found.dtype == x.dtype
    eps = float(np.finfo(x.dtype).eps)
    h = default_step(x, scheme)
    truncation = h**2 / 6 if scheme == "central" else h / 2
    rounding = (2.0**-52 * max(x.size, 2)) / h  # f is a float64 of a size up to x.size
    wanted = np.cos(x.astype(np.float64))
    slack = 1.5 * truncation + 2 * rounding + 2 * eps  # h itself is rounded too
    assert (np.abs(found.astype(np.float64) - wanted) <= slack).all()
    assert x.tobytes() == before


@modest
@given(
    x=hnp.arrays(
        st.sampled_from([np.int8, np.int64, np.uint16, np.bool_]),
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=3),
    ).filter(lambda x: np.abs(x.astype(float)).max() < 1e9 and x.any()),
    scheme=schemes,
)
def test_integers_and_booleans_are_worked_on_in_float64(x, scheme):
    before = x.tobytes()
    found = numerical_gradient(lambda x: float(x.sum()) * 2, x, scheme=scheme)
    assert found.dtype == np.float64
    assert x.tobytes() == before
    reach = np.abs(x.astype(np.float64)).sum() / default_step(x, scheme)
    assert (np.abs(found - 2) <= 2.0**-50 * (reach + 1)).all()


@modest
@given(st.data())
def test_linear_functions_are_exact_to_rounding(data):
    size = data.draw(st.integers(1, 5))
    floats = st.floats(-1e3, 1e3)
    x, c = (data.draw(hnp.arrays(np.float64, size, elements=floats)) for _ in range(2))
    scheme = data.draw(schemes)
    h = data.draw(st.sampled_from([None, 1e-2, 2.0**-10, 0.5]))
    found = numerical_gradient(lambda x: float(c @ x), x, h, scheme)
    step = default_step(x, scheme) if h is None else h
    # f and the given h are rounded: x + h is off by half an eps of x, f by some eps of its terms
    rounding = (np.abs(c * x).sum() + np.abs(c) * (np.abs(x) + step)) / step
    assert (np.abs(found - c) <= 2.0**-52 * (size + 2) * rounding + 1e-300).all()


def _wide(x):
    return x.astype(np.float64)


VIEWS = {
    "itself": lambda base: base,
    "transposed": lambda base: base.T,
    "strided": lambda base: base[::2, 1::2],
    "backwards": lambda base: base[::-1, ::-1],
    "backwards strided": lambda base: base[::-2, ::-3],
    "a row": lambda base: base[1],
    "a column": lambda base: base[:, 2],
    "one entry": lambda base: base[1, 2, ...],
    "no copy": lambda base: base.reshape(2, 2, 4)[:, :, ::-1].transpose(2, 0, 1),
}
AWKWARD = [-0.0, 5e-324, -1e-310, 2.2250738585072014e-308, 0.1, -3.0, 7.5, 0.0]


@modest
@given(
    view=st.sampled_from(list(VIEWS.values())),
    dtype=st.sampled_from(["f2", ">f2", "f4", ">f4", "f8", ">f8"]),
    fortran=st.booleans(),
    scheme=schemes,
    data=st.data(),
)
def test_views_are_nudged_in_place_and_left_with_the_very_same_bits(
    view, dtype, fortran, scheme, data
):
    numbers = data.draw(st.lists(st.sampled_from(AWKWARD), min_size=16, max_size=16))
    with np.errstate(all="ignore"):
        base = np.array(numbers, np.float64).reshape(4, 4).astype(dtype)
    if fortran:
        base = np.asfortranarray(base)
    x = view(base)
    before = base.tobytes("A")
    captured = numerical_gradient(lambda _: float(_wide(base).sum()), x, scheme=scheme)
    assert base.tobytes("A") == before
    given_ = numerical_gradient(lambda x: float(_wide(x).sum()), x, scheme=scheme)
    assert base.tobytes("A") == before
    assert captured.shape == given_.shape == x.shape
    assert captured.dtype == given_.dtype == x.dtype
    np.testing.assert_allclose(_wide(captured), 1, rtol=1e-3)
    np.testing.assert_allclose(_wide(given_), 1, rtol=1e-3)


@modest
@given(
    parts=st.dictionaries(
        st.sampled_from(["W1", "b1", "W2", "b2"]),
        hnp.arrays(
            st.sampled_from([np.float32, np.float64]),
            hnp.array_shapes(min_dims=0, max_dims=2, max_side=3),
            elements=st.floats(-4, 4, width=16),
        ),
        min_size=1,
    ),
    scheme=schemes,
)
def test_a_mapping_has_a_gradient_for_every_array(parts, scheme):
    before = {name: p.tobytes() for name, p in parts.items()}
    arrays = dict(parts)

    def f(p):
        return sum(
            float((k * np.asarray(v, np.float64) ** 2).sum()) for k, v in enumerate(p.values())
        )

    for x in (parts, MappingProxyType(parts)):
        found = numerical_gradient(f, x, scheme=scheme)
        captured = numerical_gradient(lambda _: f(parts), x, scheme=scheme)
        assert list(found) == list(parts)
        for k, (name, p) in enumerate(parts.items()):
            assert p is arrays[name]
            assert p.tobytes() == before[name]
            assert found[name].dtype == p.dtype
            assert found[name].shape == p.shape
            np.testing.assert_array_equal(found[name], captured[name])
            tolerance = 1e-6 if p.dtype == np.float64 and scheme == "central" else 1e-2
            np.testing.assert_allclose(found[name], 2 * k * p, rtol=tolerance, atol=tolerance)


@modest
@given(
    x=hnp.arrays(
        np.float64, st.tuples(st.integers(1, 4), st.integers(1, 3)), elements=st.floats(-9, 9)
    ),
    scheme=schemes,
    h=st.sampled_from([None, 1e-4]),
)
def test_a_batch_has_one_gradient_a_row(x, scheme, h):
    def f(point):
        assert point.shape == x.shape[1:]
        return float(np.sin(point).sum() + point[0] * point[-1])

    before = x.tobytes()
    found = numerical_gradient(f, x, h, scheme, batch=True)
    assert x.tobytes() == before
    alone = np.array([numerical_gradient(f, row.copy(), h, scheme) for row in x])
    np.testing.assert_array_equal(found, alone)
    assert numerical_gradient(f, x.tolist(), h, scheme, batch=True).tolist() == found.tolist()


def test_points_of_a_batch_may_have_any_shape():
    x = np.arange(12.0).reshape(2, 3, 2)
    found = numerical_gradient(squares, x, batch=True)
    np.testing.assert_allclose(found, 2 * x, rtol=1e-8, atol=1e-8)
    narrow = x.astype(np.float32)
    assert numerical_gradient(squares, narrow, batch=True).dtype == np.float32


def test_closures_see_the_nudge_in_a_batch():
    x = np.arange(6.0).reshape(3, 2)
    found = numerical_gradient(lambda _: squares(x), x, batch=True)
    np.testing.assert_allclose(found, 2 * x, rtol=1e-7, atol=1e-7)


@modest
@given(
    x=hnp.arrays(np.float64, 3, elements=st.floats(-5, 5)),
    v=hnp.arrays(np.float64, 3, elements=st.floats(-1, 1)).filter(lambda v: np.abs(v).max() > 1e-3),
    length=st.sampled_from([1e-300, 1e-9, 1.0, 1e9, 1e300]),
    scheme=schemes,
)
def test_directional_derivatives_know_no_length(x, v, length, scheme):
    f = lambda x: float(np.sin(x).sum() + x[0] * x[1])  # noqa: E731
    gradient = np.cos(x) + np.array([x[1], x[0], 0])
    before = x.tobytes()
    found = directional_derivative(f, x, v * length, scheme=scheme)
    assert type(found) is float
    assert x.tobytes() == before
    tolerance = 1e-7 if scheme == "central" else 1e-5
    assert found == pytest.approx(gradient @ v / np.linalg.norm(v), abs=tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f8", int])
@every_scheme
def test_directional_derivatives_of_all_dtypes_and_shapes(dtype, scheme):
    x = np.array([[1, 2], [3, 4]], dtype)
    found = directional_derivative(squares, x, [[1, 0], [0, -1]], scheme=scheme)
    assert found == pytest.approx((2 - 8) / math.sqrt(2), rel=1e-2 if dtype == np.float32 else 1e-5)
    assert directional_derivative(squares, np.array(3.0), 2) == pytest.approx(6)
    assert directional_derivative(squares, np.array(3.0), -2) == pytest.approx(-6)


@pytest.mark.parametrize("size", 10.0 ** np.arange(7))
@pytest.mark.parametrize("name", ["log", "norm", "x**3", "form"])
def test_the_default_step_along_a_direction_follows_the_size_of_x(name, size):
    f, gradient = SCALED[name]
    x, v = size * np.array([1.0, 1.9, 1.5, 2.77]), np.array([0.5, 0.1, -0.7, 0.5])
    wanted = gradient(x) @ v
    slack = 1e-6 * np.abs(gradient(x) * v).sum()
    assert directional_derivative(f, x, v) == pytest.approx(wanted, rel=0, abs=slack)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_default_step_along_a_direction_is_never_too_small(scheme):
    for x in ([1000, 1], [60000, 0], [0, 60000], [6e-8, 1]):
        x = np.array(x, np.float16)
        for v in ([0.07, 1], [1, 1], [0, 1], [1, -0.01]):
            found = directional_derivative(lambda x: float(x[0]) - float(x[1]), x, v, scheme=scheme)
            assert found == pytest.approx((v[0] - v[1]) / math.hypot(*v), abs=0.02)


def test_a_directional_derivative_in_float16_where_the_sum_of_sizes_is_beyond_it():
    x = np.full(100, 10_000, np.float16)
    found = directional_derivative(lambda x: float(x.astype(float).sum()), x, np.ones(100))
    assert found == pytest.approx(10, rel=1e-3)


@modest
@given(data=st.data(), scheme=schemes, h=st.sampled_from([None, 1e-4]))
def test_a_partial_derivative_is_an_entry_of_the_gradient(data, scheme, h):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3))
    x = data.draw(hnp.arrays(np.float64, shape, elements=st.floats(-9, 9)))
    f = lambda x: float(np.sin(x).sum() + np.prod(x))  # noqa: E731
    gradient = numerical_gradient(f, x, h, scheme)
    before = x.tobytes()
    for place in np.ndindex(shape):
        assert partial_derivative(f, x, place, h, scheme) == gradient[place]
        back = tuple(i - n for i, n in zip(place, shape, strict=True))
        assert partial_derivative(f, x, back, h, scheme) == gradient[place]
        if len(shape) == 1:
            assert partial_derivative(f, x, np.int64(place[0]), h, scheme) == gradient[place]
    assert x.tobytes() == before


# The order of the truncation error


@pytest.mark.parametrize(("scheme", "factor"), [("forward", 2), ("backward", 2), ("central", 4)])
@modest
@given(x=st.floats(-1, 1))
def test_halving_the_step_divides_the_error(scheme, factor, x):
    def error(h):
        return abs(numerical_diff(np.exp, x, h, scheme) - math.exp(x))

    for h in (2.0**-4, 2.0**-5, 2.0**-6):
        assert error(h) / error(h / 2) == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize(("scheme", "sign"), [("forward", 1), ("backward", -1)])
def test_which_side_a_scheme_looks_at(scheme, sign):
    assert numerical_diff(abs, 0.0, scheme=scheme) == sign
    assert numerical_diff(np.exp, 0.0, 0.1, scheme) == pytest.approx(1 + sign * 0.05, abs=0.002)
    assert numerical_gradient(lambda x: abs(x[0]), np.zeros(1), scheme=scheme) == sign
    assert partial_derivative(lambda x: abs(x[0]), np.zeros(1), 0, scheme=scheme) == sign
    assert directional_derivative(lambda x: abs(x[0]), np.zeros(1), [5], scheme=scheme) == sign
    assert (
        numerical_gradient(lambda x: abs(x[0]), np.zeros((1, 1)), scheme=scheme, batch=True) == sign
    )


# How often f is asked


@every_scheme
@pytest.mark.parametrize(
    "x", [np.ones(1), np.ones((3, 4)), np.array(2.0), {"a": np.ones(3), "b": 1}]
)
def test_evaluations_of_a_gradient(x, scheme):
    f = count(
        lambda x: squares(x) if not isinstance(x, dict) else squares(x["a"]) + squares(x["b"])
    )
    numerical_gradient(f, x, scheme=scheme)
    entries = 4 if isinstance(x, dict) else x.size
    assert f.calls == (2 if scheme == "central" else 1) * entries + 2


@every_scheme
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (2, 5)])
def test_evaluations_of_a_batch(shape, scheme):
    f = count(squares)
    numerical_gradient(f, np.ones(shape), scheme=scheme, batch=True)
    entries, rows = shape[0] * shape[1], shape[0]
    assert f.calls == (2 * entries if scheme == "central" else entries + rows) + 2
    assert f.calls <= 2 * entries + 2


@every_scheme
def test_evaluations_of_one_slope(scheme):
    along = {"partial": lambda f: partial_derivative(f, np.ones(9), 3, scheme=scheme)}
    along["directional"] = lambda f: directional_derivative(
        f, np.ones(9), np.ones(9), scheme=scheme
    )
    for slope in along.values():
        f = count(squares)
        slope(f)
        assert f.calls <= 4
    for x in (1.0, np.ones((2, 3))):
        f = count(lambda x: x**2)
        numerical_diff(f, x, scheme=scheme)
        assert f.calls <= 4


def test_progress_is_told_of_every_entry():
    told = []
    numerical_gradient(squares, np.ones((2, 3)), progress=told.append)
    numerical_gradient(squares, np.ones((2, 3)), batch=True, progress=told.append)
    assert told == [1] * 12


# Whatever f returns, whatever it takes


@pytest.mark.parametrize(
    "number",
    [
        float,
        np.float64,
        np.float32,
        np.longdouble,
        lambda y: Fraction(float(y)),
        np.array,
        lambda y: np.array([y]),
        lambda y: [[y]],
    ],
)
def test_every_kind_of_number_will_do(number):
    tolerance = 0.2 if number is np.float32 else 1e-7
    f = lambda x: number(3 * x[0] + x[1])  # noqa: E731
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numerical_gradient(f, x), [3, 1], atol=tolerance)
    assert numerical_diff(lambda x: number(3 * x), 2.0) == pytest.approx(3, abs=tolerance)
    assert tangent_line(lambda x: number(3 * x), 2.0)(4) == pytest.approx(12, abs=4 * tolerance)


@every_scheme
def test_f_may_answer_in_whole_numbers(scheme):
    steps = numerical_gradient(lambda x: int(x[0] * 10), np.array([1.05]), h=0.1, scheme=scheme)
    np.testing.assert_allclose(steps, [10])


@every_scheme
def test_f_may_answer_in_a_buffer_it_uses_again(scheme):
    buffer, numbers, one = np.empty(()), np.empty(2), np.empty(1)
    gradient = numerical_gradient(
        lambda x: np.sum(x**2, out=buffer), np.array([3.0, 4.0]), scheme=scheme
    )
    np.testing.assert_allclose(gradient, [6, 8], rtol=1e-6)
    gradient = numerical_gradient(
        lambda x: np.sum(x**2, axis=0, keepdims=True, out=one), np.array([3.0, 4.0]), scheme=scheme
    )
    np.testing.assert_allclose(gradient, [6, 8], rtol=1e-6)
    slopes = numerical_diff(
        lambda x: np.square(x, out=numbers), np.array([3.0, 4.0]), scheme=scheme
    )
    np.testing.assert_allclose(slopes, [6, 8], rtol=1e-6)


@every_scheme
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x, np.array([3.0])),
        (lambda x: x, np.array(3.0)),
        (lambda x: x, 3.0),
        (lambda x: x[1:2], np.array([7.0, 3.0])),
        (lambda x: x[1, ...], np.array([7.0, 3.0])),
    ],
)
def test_f_may_answer_with_a_view_of_x(f, x, scheme):
    gradient = np.ravel(numerical_gradient(f, x, scheme=scheme))
    assert gradient[-1] == pytest.approx(1)
    assert not gradient[:-1].any()
    if np.ndim(x):
        assert partial_derivative(f, x, -1, scheme=scheme) == pytest.approx(1)
        assert directional_derivative(f, x, x, scheme=scheme) == pytest.approx(
            3 / np.linalg.norm(x)
        )


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (math.sin, np.cos),
        (lambda x: x**2 if x > 0 else 0.0, lambda x: 2 * x * (x > 0)),
        (lambda _: 3, np.zeros_like),
        (lambda x: max(x, 0), lambda x: (x > 0) * 1.0),
        (math.exp, np.exp),
        (lambda x: sum(x**k for k in range(3)), lambda x: 1 + 2 * x),
    ],
)
@every_scheme
def test_an_f_of_numbers_alone_is_asked_one_by_one(f, slope, scheme):
    for x in (np.array([0.5, -1.0, 2.0]), np.array([[0.5]]), np.array([1, 2]), np.array(2.0)):
        found = numerical_diff(f, x, scheme=scheme)
        assert np.shape(found) == x.shape
        np.testing.assert_allclose(found, slope(x.astype(float)), rtol=1e-6, atol=1e-6)


def test_x_of_one_variable_may_be_any_real_number_and_is_left_alone():
    for x in (2, 2.0, np.int8(2), np.float32(2), Fraction(2), True + 1, np.array(2)):
        assert numerical_diff(lambda x: x**3, x) == pytest.approx(12, rel=1e-3)
    x = np.array([1.0, -0.0])
    before = x.tobytes()
    numerical_diff(np.sin, x)
    assert x.tobytes() == before


@every_scheme
def test_differences_of_differences(scheme):
    slope = lambda x: numerical_diff(np.sin, x, 1e-3, scheme)  # noqa: E731
    for x in (0.7, np.array([0.7, 1.4])):
        np.testing.assert_allclose(
            numerical_diff(slope, x, 1e-3, scheme),
            -np.sin(x),
            atol=1e-5 if scheme == "central" else 3e-3,
        )
    assert numerical_diff(lambda x: numerical_diff(math.exp, x), 1.0) == pytest.approx(
        math.e, rel=1e-4
    )


def test_a_hessian_by_gradients_of_gradients():
    x = np.array([1.0, 2.0])
    f = lambda x: x[0] ** 2 * x[1]  # noqa: E731
    rows = [
        numerical_gradient(lambda x, i=i: numerical_gradient(f, x, 1e-3)[i], x, 1e-3)
        for i in range(2)
    ]
    np.testing.assert_allclose(rows, [[4, 2], [2, 0]], atol=1e-5)
    assert x.tolist() == [1, 2]


# The tangent


def test_a_tangent_line_touches():
    line = tangent_line(lesson, 5, h=1e-4)
    assert line.slope == 0.1999999999990898
    assert line.x == 5
    assert line.value == lesson(5)
    assert line(5) == line.value
    assert line(6) == pytest.approx(lesson(5) + 0.2)
    t = np.arange(0, 20, 0.1)
    np.testing.assert_allclose(line(t), 0.2 * t - 0.25, atol=1e-9)
    np.testing.assert_allclose(line([0, 5]), [-0.25, 0.75], atol=1e-9)
    assert type(line.x) is type(line.value) is type(line.slope) is float


def test_a_tangent_line_takes_whole_numbers_for_real_ones():
    for x in (2, np.int64(2), np.array(2), Fraction(2)):
        line = tangent_line(lambda x: x**-1, x)
        assert (line.x, line.value) == (2, 0.5)
        assert line.slope == pytest.approx(-0.25)


def test_a_tangent_line_at_one_number_only():
    for x in ([1.0], np.ones((2, 2))):
        with pytest.raises(ShapeError, match=r"at one number x, got an array of shape \("):
            tangent_line(np.sin, x)
    with pytest.raises(InputError, match="parts of different shapes"):
        tangent_line(np.sin, [[1], [2, 3]])
    with pytest.raises(NotFiniteError, match=r"f returned inf at x = 0\.0"):
        tangent_line(lambda x: math.inf if x == 0 else 0.0, 0)


# Descent


def test_the_path_begins_at_x0_which_is_left_alone():
    x0 = np.array([[1.0, -0.0]])
    before = x0.tobytes()
    path = gradient_descent(squares, x0, lr=0.25, steps=3)
    assert path.shape == (4, 1, 2)
    assert path[0].tobytes() == before == x0.tobytes()
    np.testing.assert_allclose(path[:, 0, 0], 0.5 ** np.arange(4), rtol=1e-8)
    assert gradient_descent(squares, x0, steps=0).tobytes() == before
    assert gradient_descent(squares, 3.0, steps=np.int64(2)).shape == (3,)
    assert gradient_descent(squares, np.ones(2), lr=Fraction(1, 4), steps=1).dtype == np.float64
    assert gradient_descent(squares, np.ones(2, np.float32), steps=2).dtype == np.float32
    assert gradient_descent(squares, [1, 2], steps=2).dtype == np.float64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"lr": 0}, "lr must be a finite number > 0, got 0"),
        ({"lr": np.float64(-0.1)}, "lr must be a finite number > 0, got -0.1"),
        ({"lr": math.nan}, "lr must be a finite number > 0, got nan"),
        ({"steps": -1}, "steps must be a whole number >= 0, got -1"),
        ({"steps": 1.5}, "steps must be a whole number >= 0, got 1.5"),
    ],
)
def test_descent_checks_its_arguments(arguments, said):
    with pytest.raises(ArgumentError) as caught:
        gradient_descent(squares, np.ones(2), **arguments)
    assert str(caught.value) == said


def test_a_walk_that_leaves_all_bounds():
    with pytest.raises(NotFiniteError, match=r"^x left all bounds in step 1; is lr = 1e\+300 too"):
        gradient_descent(lambda x: 1e20 * float(x.sum()), np.ones(2), lr=1e300, steps=3)
    blown = lambda x: float((x**2).sum()) if abs(x[0]) < 100 else math.inf  # noqa: E731
    with pytest.raises(
        NotFiniteError, match=r"f returned inf at x itself, in step \d; is lr = 3 too"
    ):
        gradient_descent(blown, np.ones(1), lr=3, steps=50)
    with pytest.raises(StepTooSmallError, match=r"in step \d+; is lr = 3 too large\?$"):
        gradient_descent(squares, np.ones(1), lr=3, steps=50, h=1e-4)


def test_what_is_wrong_in_the_first_step_is_no_fault_of_lr():
    with pytest.raises(NotFiniteError, match=r"f returned nan at x itself$"):
        gradient_descent(lambda _: math.nan, np.ones(2))
    with pytest.raises(StepTooSmallError, match=r"step that works there is \S+$"):
        gradient_descent(squares, np.ones(2), h=1e-30)
    with pytest.raises(InputError, match=r"x0\[1\] is nan"):
        gradient_descent(squares, [1, math.nan])


# Restored, whatever happens


class Mine(Exception):
    """What an f of the tests raises."""


OPERATIONS = {
    "gradient": lambda f, x, scheme: numerical_gradient(f, x, scheme=scheme),
    "dict": lambda f, x, scheme: numerical_gradient(f, {"W": x, "b": np.ones(2)}, scheme=scheme),
    "batch": lambda f, x, scheme: numerical_gradient(f, x, scheme=scheme, batch=True),
    "partial": lambda f, x, scheme: partial_derivative(f, x, (1, 0), scheme=scheme),
    "directional": lambda f, x, scheme: directional_derivative(
        f, x, np.ones(x.shape), scheme=scheme
    ),
}


@settings(modest, max_examples=150)
@given(
    operation=st.sampled_from(list(OPERATIONS.values())),
    view=st.sampled_from(
        ["itself", "transposed", "strided", "backwards", "backwards strided", "no copy"]
    ),
    dtype=st.sampled_from(["f2", "f4", "f8", ">f8"]),
    scheme=schemes,
    error=st.sampled_from([Mine, KeyboardInterrupt, SystemExit, MemoryError]),
    at=st.integers(0, 40),
    write=st.booleans(),
)
def test_the_very_same_bits_come_back_when_f_raises_at_any_evaluation(
    operation, view, dtype, scheme, error, at, write
):
    with np.errstate(all="ignore"):
        base = np.array(AWKWARD * 2).reshape(4, 4).astype(dtype)
    x = VIEWS[view](base)
    if x.ndim == 3:
        operation = OPERATIONS["gradient"]
    before = base.tobytes()

    def f(_):
        f.calls += 1
        if f.calls > at:
            if write:
                x[...] = 7
            raise error
        return 1.0

    f.calls = 0
    try:
        operation(f, x, scheme)
        assert f.calls <= at
    except error:
        assert f.calls == at + 1
    assert base.tobytes() == before


def test_an_interruption_at_the_evaluation_below_x():
    x = np.array([0.1, 0.2])
    before = x.tobytes()
    seen = []

    def f(x):
        seen.append(x.copy())
        if x[1] < 0.2:
            raise KeyboardInterrupt
        return float(x.sum())

    with pytest.raises(KeyboardInterrupt):
        numerical_gradient(f, x)
    assert seen[-1][0] == 0.1
    assert seen[-1][1] < 0.2
    assert x.tobytes() == before


def test_one_entry_at_a_time():
    x = np.array([0.1, 0.2, 0.3])
    start = x.copy()
    seen = []
    numerical_gradient(lambda x: seen.append(x.copy()) or 0.0, x)
    moved = [(point != start).nonzero()[0].tolist() for point in seen]
    assert moved == [[], [], [0], [0], [1], [1], [2], [2]]


# Careless functions


CARELESS = {
    "at once": lambda x, calls: x.__setitem__(0, 5),
    "later": lambda x, calls: x.__setitem__(0, 5) if calls == 4 else None,
    "at the last": lambda x, calls: x.__setitem__(0, 5) if calls == 8 else None,
    "another entry": lambda x, calls: x.__setitem__(2, 5) if x[0] != 1 else None,
    "an earlier entry": lambda x, calls: x.__setitem__(0, 5) if x[2] != 3 else None,
    "sorting": lambda x, calls: x[::-1].sort(),
    "nan": lambda x, calls: x.__setitem__(1, math.nan) if calls == 5 else None,
}


@pytest.mark.parametrize("name", CARELESS)
@every_scheme
def test_an_f_that_writes_into_its_input(name, scheme):
    x = np.array([1.0, 2.0, 3.0])
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        answer = float((x**2).sum())
        CARELESS[name](x, calls)
        return answer

    if name == "at the last" and scheme != "central":
        calls += 3  # the one-sided schemes ask three times less
    with pytest.raises(
        ImpureFunctionError, match=r"^f writes into its input: x\[\d\] changed; let"
    ):
        numerical_gradient(f, x, scheme=scheme)
    assert x.tolist() == [1, 2, 3]


def test_an_f_that_writes_into_the_point_of_a_batch():
    x = np.ones((3, 2))

    def f(point):
        if np.shares_memory(point, x[2]):
            point[0] = 5
        return 1.0

    for scheme in SCHEMES:
        with pytest.raises(ImpureFunctionError, match=r"x\[2, 0\] changed"):
            numerical_gradient(f, x, scheme=scheme, batch=True)
        assert (x == 1).all()


def test_an_f_that_writes_into_the_input_of_other_operations():
    def f(x):
        x += 1
        return 1.0

    x = np.ones(3)
    for operate in (
        lambda: partial_derivative(f, x, 0),
        lambda: directional_derivative(f, x, x),
        lambda: gradient_descent(f, x),
        lambda: numerical_gradient(f, [1, 2]),
    ):
        with pytest.raises(ImpureFunctionError, match="f writes into its input"):
            operate()
        assert x.tolist() == [1, 1, 1]


@pytest.mark.parametrize("call", range(1, 7))
def test_an_f_that_puts_another_array_into_the_mapping(call):
    W = np.array([1.0, 2.0])
    params = {"W": W}
    calls = []

    def f(params):
        calls.append(1)
        if len(calls) == call:
            params["W"] = params["W"] * 1
        return float(params["W"].sum())

    with pytest.raises(ImpureFunctionError, match="f takes W out of its input, or puts another"):
        numerical_gradient(f, params)
    assert params["W"] is W
    assert W.tolist() == [1, 2]


def test_an_f_that_answers_the_same_input_with_different_numbers():
    rng = np.random.default_rng(0)
    x = np.ones(3)
    noisy = lambda x: float(np.sum(x)) + rng.normal()  # noqa: E731
    for operate in (
        lambda: numerical_gradient(noisy, x),
        lambda: numerical_gradient(lambda p: noisy(p["W"]), {"W": x}),
        lambda: numerical_gradient(noisy, np.ones((2, 2)), batch=True),
        lambda: numerical_diff(noisy, 1.0),
        lambda: numerical_diff(lambda x: x + rng.normal(size=3), x),
        lambda: partial_derivative(noisy, x, 0),
        lambda: directional_derivative(noisy, x, x),
        lambda: gradient_descent(noisy, x),
        lambda: tangent_line(noisy, 1.0),
    ):
        with pytest.raises(ImpureFunctionError, match="f answers the same x with"):
            operate()


def test_an_f_of_a_whole_batch_is_told_of_batch():
    rows = lambda x: (x**2).sum(axis=-1)  # noqa: E731
    with pytest.raises(NotOneNumberError, match=r"got an array of shape \(4,\) .*batch=True"):
        numerical_gradient(rows, np.ones((4, 2)))
    np.testing.assert_allclose(numerical_gradient(rows, np.ones((4, 2)), batch=True), 2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, NotOneNumberError),
        ("1", NotOneNumberError),
        (np.ones(2), NotOneNumberError),
        (1j, NotOneNumberError),
        (True, NotOneNumberError),
        ({}, NotOneNumberError),
        (math.nan, NotFiniteError),
        (math.inf, NotFiniteError),
        (-(10**400), NotFiniteError),
    ],
)
def test_which_entry_was_nudged_when_f_answered_wrong(answer, kind):
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = lambda x: 1.0 if np.ravel(x)[-1] in (2, 4) else answer  # noqa: E731
    with pytest.raises(kind, match=r" with x\[1, 1\] moved to 4\.0000\d+") as caught:
        numerical_gradient(f, x)
    assert "np." not in str(caught.value)
    with pytest.raises(kind, match=r" with x\[1, 1\] moved to 3\.9999\d+"):
        numerical_gradient(f, x, scheme="backward")
    with pytest.raises(kind, match=r" with W\[1, 1\] moved to 4\.0000\d+"):
        numerical_gradient(lambda p: f(p["W"]), {"b": np.ones(2), "W": x})
    with pytest.raises(kind, match=r" with x\[0, 1\] moved to 2\.0000\d+"):
        numerical_gradient(f, x, batch=True)
    with pytest.raises(kind, match=r" with x\[1, 1\] moved to 4\.0000\d+"):
        partial_derivative(f, x, (-1, 1))
    with pytest.raises(kind, match=r" with x moved to \[\[1.* 4\.0000\d+\]\]") as caught:
        directional_derivative(f, x, x)
    assert "\n" not in str(caught.value)
    with pytest.raises(kind, match=r" at x = 2\.0000\d+"):
        numerical_diff(f, 2.0)
    with pytest.raises(kind, match=r" at x itself"):
        numerical_gradient(lambda _: answer, x)
    assert x.tolist() == [[1, 2], [3, 4]]


def test_which_point_of_a_batch_f_answered_wrong_where_nothing_was_moved():
    f = lambda point: math.nan if point[0] == 3 else 1.0  # noqa: E731
    with pytest.raises(NotFiniteError, match=r"f returned nan at x\[1\]$"):
        numerical_gradient(f, np.array([[1.0, 2.0], [3.0, 4.0]]), scheme="forward", batch=True)


def test_slopes_too_steep_for_the_dtype():
    steep = lambda x: 1e6 * float(np.sum(x, dtype=np.float64))  # noqa: E731
    with pytest.raises(
        NotFiniteError, match=r"the slope at W\[0\] is .*, beyond the range of float16"
    ):
        numerical_gradient(steep_of := lambda p: steep(p["W"]), {"W": np.ones(2, np.float16)})
    assert numerical_gradient(steep_of, {"W": np.ones(2)})["W"] == pytest.approx(1e6)
    with pytest.raises(NotFiniteError, match=r"the slope at x\[0, 0\] is .* float16"):
        numerical_gradient(steep, np.ones((2, 2), np.float16), batch=True)
    cliff = lambda x: np.float64(1e308) * np.sign(np.sum(x))  # noqa: E731
    for operate in (
        lambda: numerical_diff(cliff, 0.0),
        lambda: numerical_diff(lambda x: 1e308 * np.sign(x), np.zeros(3)),
        lambda: numerical_gradient(cliff, np.zeros(1)),
        lambda: numerical_gradient(lambda x: cliff(x) / 1e3, np.zeros(1)),
        lambda: partial_derivative(cliff, np.zeros(1), 0),
        lambda: directional_derivative(cliff, np.zeros(2), np.ones(2)),
    ):
        with pytest.raises(NotFiniteError, match=r"the slope at x.* is inf, beyond the range of"):
            operate()


# Inputs and steps that cannot be worked with


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.ones(2) * 1j, "x is complex"),
        ([], "x is empty"),
        (np.ones((0, 3)), "x is empty"),
        ({}, "x is an empty mapping"),
        ([1.0, math.nan], "x[1] is nan"),
        (np.array([1.0, 2.0, -math.inf]), "x[2] is -inf"),
        ({"W": np.ones(2), "b": np.array([[1.0, math.inf]])}, "b[0, 1] is inf"),
        ("abc", "x must be real numbers, got str 'abc'"),
        (["1", "2"], "x must be real numbers"),
        (None, "x must be real numbers, got NoneType None"),
        ([[1.0], [1.0, 2.0]], "x is a list of parts of different shapes"),
        ({"W": (a := np.ones(3)), "b": a}, "W and b share memory"),
    ],
    ids=repr,
)
def test_inputs_that_are_refused(x, said):
    f = count(lambda _: 0.0)
    with pytest.raises(InputError) as caught:
        numerical_gradient(f, x)
    assert said in str(caught.value)
    if not isinstance(x, dict):
        with pytest.raises(InputError, match=re.escape(said)):
            numerical_diff(f, x)
        with pytest.raises(InputError, match=re.escape(said)):
            partial_derivative(f, x, 0)
        with pytest.raises(InputError, match=re.escape(said)):
            directional_derivative(f, x, [1.0, 0.0])
        with pytest.raises(InputError, match=re.escape(said.replace("x", "x0", 1))):
            gradient_descent(f, x)
    assert f.calls == 0


def test_mappings_are_for_gradients_alone():
    for operate in (
        lambda x: numerical_diff(squares, x),
        lambda x: partial_derivative(squares, x, 0),
        lambda x: directional_derivative(squares, x, 1),
        lambda x: numerical_gradient(squares, x, batch=True),
        lambda x: gradient_descent(squares, x),
        lambda x: tangent_line(squares, x),
    ):
        with pytest.raises(InputError, match="x must be one array here, not a mapping"):
            operate({"W": np.ones((2, 2))})


def test_a_batch_has_two_axes():
    for x in (np.ones(3), np.array(1.0), [1, 2]):
        with pytest.raises(ShapeError, match=r"x as \(points, dimensions\), got shape"):
            numerical_gradient(squares, x, batch=True)


@pytest.mark.parametrize("index", [2, -3, 1.0, "0", None, (0, 0), (), [0], slice(1), np.int64(2)])
def test_an_index_that_is_not_one_entry(index):
    with pytest.raises(
        InputError, match=r"^index .* is not one entry of x, which has shape \(2,\)"
    ):
        partial_derivative(squares, np.ones(2), index)
    with pytest.raises(InputError, match=r"which has shape \(2, 2\)") as caught:
        partial_derivative(squares, np.ones((2, 2)), (0, 2) if isinstance(index, tuple) else index)
    assert "np." not in str(caught.value)


@pytest.mark.parametrize(
    ("v", "kind", "said"),
    [
        ([0, 0], InputError, "v is zero everywhere: it points in no direction"),
        ([-0.0, 0.0], InputError, "v is zero everywhere"),
        ([1, math.nan], InputError, "v[1] is nan"),
        ([math.inf, 1], InputError, "v[0] is inf"),
        ([1j, 1], InputError, "v is complex"),
        ([1, 2, 3], ShapeError, "v has shape (3,), x has (2,)"),
        ([[1, 2]], ShapeError, "v has shape (1, 2), x has (2,)"),
        (1.0, ShapeError, "v has shape (), x has (2,)"),
        ("ab", InputError, "v must be real numbers, got str 'ab'"),
    ],
)
def test_directions_that_are_refused(v, kind, said):
    with pytest.raises(kind) as caught:
        directional_derivative(squares, np.ones(2), v)
    assert said in str(caught.value)


def everywhere(f, x, h=None, scheme="central"):
    """All that takes a step and a scheme."""
    one = np.ravel(x)[0]
    return [
        lambda: numerical_diff(np.sin, x, h, scheme),
        lambda: numerical_diff(np.sin, one, h, scheme),
        lambda: numerical_gradient(f, x, h, scheme),
        lambda: numerical_gradient(f, x[None], h, scheme, batch=True),
        lambda: numerical_gradient(lambda p: f(p["x"]), {"x": x}, h, scheme),
        lambda: partial_derivative(f, x, 0, h, scheme),
        lambda: directional_derivative(f, x, np.ones(x.shape), h, scheme),
    ]


def test_a_wrong_scheme():
    for operate in everywhere(squares, np.ones(2), scheme="centered"):
        with pytest.raises(
            UnknownNameError, match="unknown scheme 'centered'; did you mean 'central'"
        ):
            operate()


@pytest.mark.parametrize("h", [-1e-4, math.nan, math.inf, 10**400, "1e-4", True, np.float64(-1)])
def test_a_wrong_step(h):
    x = np.ones(2)
    more = [lambda: tangent_line(np.sin, 1.0, h), lambda: gradient_descent(squares, x, h=h)]
    for operate in everywhere(squares, x, h) + more:
        with pytest.raises(StepError, match="h must be a positive finite number") as caught:
            operate()
        assert "np." not in str(caught.value)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("h", [0, np.float16(1e-50), 1e-50])
@every_scheme
def test_a_step_that_is_zero_or_vanishes(dtype, h, scheme):
    x = np.array([2.0, 3.0], dtype)
    for operate in everywhere(squares, x, h, scheme):
        with pytest.raises(StepTooSmallError) as caught:
            operate()
        said = str(caught.value)
        assert np.dtype(dtype).name in said
        assert re.search(rf"\bh = {re.escape(str(h))}\b|\bh = {float(h)!r}", said)
        assert re.search(r"\bx(\[[0, ]+\])? = (2\.0|\[2\. 3\.\])", said)
        works = float(re.search(r"step that works there is (\S+)$", said)[1])
        assert works > 0
        assert "np." not in said
    for operate in everywhere(squares, x[:1], works, scheme):
        operate()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_step_out_of_range(dtype):
    largest = np.finfo(dtype).max
    for operate in everywhere(lambda _: 0.0, np.array([largest, 1], dtype), float(largest)):
        with pytest.raises(StepError, match=f"leaves the range of {np.dtype(dtype).name}"):
            operate()


# The warning


@pytest.mark.parametrize("x", [[3, 4], np.array([3, 4]), (3.0, 4.0), MappingProxyType({"x": 3})])
def test_a_copy_that_f_never_looks_at_is_warned_of(x):
    with pytest.warns(
        UnusedInputWarning, match="every difference is exactly zero; x was not"
    ) as seen:
        numerical_gradient(lambda _: 1.0, x)
    assert len(seen) == 1
    assert seen[0].filename == __file__


def test_so_it_is_everywhere():
    captured = np.array([3, 4])
    f = lambda _: squares(captured)  # noqa: E731
    frozen = np.ones(2)
    frozen.flags.writeable = False
    for operate in (
        lambda: partial_derivative(f, captured, 0),
        lambda: directional_derivative(f, captured, captured),
        lambda: numerical_gradient(f, captured[None], batch=True),
        lambda: numerical_gradient(lambda _: squares(frozen), frozen),
        lambda: numerical_gradient(f, {"a": np.ones(2), "b": captured}),
    ):
        with pytest.warns(UnusedInputWarning, match="a float64 copy of it was nudged") as seen:
            operate()
        assert seen[0].filename == __file__


def test_where_the_array_itself_is_nudged_zeros_are_no_news():
    assert not numerical_gradient(lambda _: 1.0, np.ones(2)).any()
    assert not numerical_gradient(lambda _: 1.0, {"W": np.ones(2, np.float32)})["W"].any()
    assert partial_derivative(lambda _: 1.0, np.ones(2), 0) == 0
    assert numerical_gradient(lambda x: float(x[0]), [3, 4]).tolist() == [pytest.approx(1), 0]


# Nothing but f warns


@modest
@given(
    x=hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        3,
        elements=st.floats(-30000, 30000, width=16),
    ),
    scheme=schemes,
)
def test_no_numpy_warning_leaks_even_where_numpy_would_raise(x, scheme):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        numerical_gradient(lambda _: 0.0, x, scheme=scheme)
        numerical_diff(lambda _: 0.0, x, scheme=scheme)
        partial_derivative(lambda _: 0.0, x, 0, scheme=scheme)
        numerical_gradient(lambda _: 0.0, x[None], scheme=scheme, batch=True)
        for h in (1e-30, 1e30):
            with pytest.raises(StepError):
                numerical_gradient(lambda _: 0.0, x.astype(np.float16), h, scheme)


class TestWhereTheSlopeIsTrulyZero:
    """A list is copied; an f that reads the copy is not told that it may not."""

    def test_no_warning(self):
        assert partial_derivative(lambda x: x[0] ** 2 * x[1], [2, 0], 0) == 0
        assert directional_derivative(lambda x: x[0] * x[1], [1.0, 2.0], [-1, 2]) == 0
        assert (numerical_gradient(lambda x: 3.0 * (x[0] > 1.2), [1, 2]) == 0).all()

    def test_an_f_that_minds_where_it_is_asked_reads_its_argument(self):
        def picky(x):
            if abs(x - [1, 2]).max() > 0.1:
                raise RuntimeError("not there")
            return 5.0

        assert (numerical_gradient(picky, [1, 2]) == 0).all()

    def test_an_f_that_reads_something_else_is_told(self):
        W, seen = np.ones(2, int), []

        def deaf(x):
            seen.append(x.copy())
            return float(W.sum())

        with pytest.warns(UnusedInputWarning):
            numerical_gradient(deaf, W)
        assert len(seen) == 2 * 2 + 2 + 1
        assert abs(seen[-1] - W).min() > 0.3
        assert (W == 1).all()

    def test_each_copy_is_asked_for_alone(self):
        """x is put back before the next array is asked about."""
        with pytest.warns(UnusedInputWarning, match="b was not"):
            numerical_gradient(lambda p: float(p["a"][0]) ** 2, {"a": [0], "b": [1]})

    def test_it_is_asked_where_its_numbers_are_unalike(self):
        assert (numerical_gradient(lambda x: (x[0] - x[1]) ** 2, [0, 0]) == 0).all()
