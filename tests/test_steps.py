"""How far to nudge: default steps, the points they lead to, and steps that lead nowhere."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.errors import StepError, StepTooSmallError, UnknownNameError
from nn.steps import (
    brief,
    check_scheme,
    check_step,
    default_step,
    entry,
    first_index,
    nudge,
    nudge_along,
)

modest = settings(deadline=None, derandomize=True, max_examples=80)
SCHEMES = ("forward", "backward", "central")
FLOATS = (np.float16, np.float32, np.float64)
every_scheme = pytest.mark.parametrize("scheme", SCHEMES)
every_float = pytest.mark.parametrize("dtype", FLOATS)


def smallest(error):
    """The step that a message says would work."""
    return float(re.search(r"step that works there is (\S+)$", str(error))[1])


# The default step


@every_float
def test_the_default_step_follows_dtype_scheme_and_size(dtype):
    x = np.array([0, -0.05, 1, -200], dtype)
    eps = float(np.finfo(dtype).eps)
    length = np.array([0.1, 0.1, 1, 200])
    np.testing.assert_allclose(default_step(x), eps ** (1 / 3) * length / 2, rtol=1e-15)
    for scheme in ("forward", "backward"):
        np.testing.assert_allclose(default_step(x, scheme), eps**0.5 * length, rtol=1e-15)
    assert default_step(x).dtype == np.float64
    assert default_step(x.reshape(2, 2)).shape == (2, 2)


def test_the_default_step_of_other_numbers_is_that_of_float64():
    at_three = default_step(np.array(3.0))
    assert default_step(3) == default_step(np.int8(3)) == at_three
    assert default_step(np.array(3, ">f8")) == default_step(np.longdouble(3)) == at_three
    np.testing.assert_array_equal(default_step([3, -3]), [at_three, at_three])


def test_the_default_step_wants_a_known_scheme():
    with pytest.raises(UnknownNameError, match="did you mean 'central'"):
        default_step(np.ones(1), "centrall")


@every_scheme
@every_float
def test_the_default_step_never_vanishes(dtype, scheme):
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max / dtype(2)
    x = np.array([0, -0.0, tiny, 1e-3, 1, 1 - 2**-10, 1 + 2**-10, 1000, -huge, huge], dtype)
    points = nudge(x, None, scheme)
    assert (points.distance > 0).all()
    assert points.plus.dtype == points.minus.dtype == dtype


# Checks of the arguments


def test_check_scheme():
    for scheme in SCHEMES:
        check_scheme(scheme)
    for wrong, said in [
        ("centrl", "unknown scheme 'centrl'; did you mean 'central'?"),
        ("Forward", "unknown scheme 'Forward'; did you mean 'forward'?"),
        ("both", "unknown scheme 'both'; known: backward, central, forward"),
        (None, "unknown scheme None; known: backward, central, forward"),
        ([], "unknown scheme []; known: backward, central, forward"),
    ]:
        with pytest.raises(UnknownNameError) as caught:
            check_scheme(wrong)
        assert str(caught.value) == said


@pytest.mark.parametrize("h", [None, 1e-4, 1, 5e-324, Fraction(1, 3), np.float32(0.1), 0, 0.0])
def test_steps_that_pass(h):
    check_step(h)


@pytest.mark.parametrize(
    "h",
    [-1e-4, -1, math.nan, math.inf, -math.inf, np.float64(math.nan), 10**400, True, "1e-4", 1j, []],
)
def test_steps_that_do_not(h):
    with pytest.raises(StepError, match="h must be a positive finite number, or None") as caught:
        check_step(h)
    assert "np." not in str(caught.value)


# nudge


@pytest.mark.parametrize(
    ("scheme", "up", "down"), [("forward", 1, 0), ("backward", 0, 1), ("central", 1, 1)]
)
def test_which_way_a_scheme_moves(scheme, up, down):
    x = np.array([[1.0, -2.0], [0.5, 0.0]])
    before = x.tobytes()
    plus, minus, distance = nudge(x, 1e-4, scheme)
    np.testing.assert_array_equal(plus, x + up * 1e-4)
    np.testing.assert_array_equal(minus, x - down * 1e-4)
    np.testing.assert_array_equal(distance, np.full((2, 2), (up + down) * 1e-4))
    assert x.tobytes() == before


def test_a_given_step_is_taken_at_its_word_in_float64_of_either_byte_order():
    for dtype in ("<f8", ">f8"):
        x = np.array([5.0], dtype)
        assert nudge(x, 1e-4).distance == 2 * 1e-4
        assert (x + 1e-4) - (x - 1e-4) != 2 * 1e-4  # so the word and the points do differ


@every_scheme
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_in_narrow_dtypes_the_distance_is_that_of_the_rounded_points(dtype, scheme):
    x = np.array([1, 3, 100], dtype)
    h = float(np.spacing(dtype(100))) * 1.4
    plus, minus, distance = nudge(x, h, scheme)
    assert plus.dtype == minus.dtype == dtype
    np.testing.assert_array_equal(distance, plus.astype(np.float64) - minus.astype(np.float64))
    assert distance.dtype == np.float64
    assert distance[2] != (1 + (scheme == "central")) * h


def test_a_step_may_be_finer_than_float64_in_a_wider_dtype():
    if np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps:
        pytest.skip("no wider dtype here")
    assert nudge(np.ones(1, np.longdouble), 1e-18).distance == pytest.approx(2e-18, rel=0.1, abs=0)


@modest
@given(
    dtype=st.sampled_from(FLOATS),
    scheme=st.sampled_from(SCHEMES),
    x=st.floats(-1e4, 1e4),
    fraction=st.floats(1e-3, 0.2),
)
def test_a_step_that_vanishes_is_refused_and_a_working_one_named(dtype, scheme, x, fraction):
    x = np.array([dtype(x)])
    h = float(np.spacing(np.abs(x[0]))) * fraction
    with pytest.raises(StepTooSmallError) as caught:
        nudge(x, h, scheme, "W")
    said = str(caught.value)
    assert np.dtype(dtype).name in said
    assert f"h = {h} " in said
    assert f"W[0] = {x[0]};" in said
    assert "np." not in said
    works = smallest(caught.value)
    points = nudge(x, works, scheme)
    if scheme != "backward":
        assert points.plus > x
    if scheme != "forward":
        assert points.minus < x
    with pytest.raises(StepTooSmallError):
        nudge(x, works / 4, scheme)


@every_scheme
@every_float
def test_a_step_that_is_zero_in_the_dtype(dtype, scheme):
    for h in (0, 0.0, -0.0, np.float16(1e-50), 1e-400):
        with pytest.raises(StepTooSmallError) as caught:
            nudge(np.array([0, 2.5], dtype), h, scheme)
        assert "is zero in " + np.dtype(dtype).name + " at x[0] = 0.0" in str(caught.value)
        nudge(np.array([0], dtype), smallest(caught.value), scheme)


def test_the_step_of_the_lesson_is_zero_in_float16():
    with pytest.raises(StepTooSmallError, match=r"h = 1e-50 is zero in float16 at x = 5\.0;"):
        nudge(np.array(5, np.float16), 1e-50)


def test_only_the_entry_that_is_too_large_is_named():
    x = np.array([[1.0, 1e13], [1e14, 2.0]])
    with pytest.raises(StepTooSmallError, match=r"vanishes, .* at x\[0, 1\] = 10000000000000\.0;"):
        nudge(x, 1e-4)


def test_a_dtype_has_the_same_name_in_either_byte_order():
    with pytest.raises(StepTooSmallError, match="in float64 at"):
        nudge(np.ones(1, ">f8"), 1e-30)
    with pytest.raises(StepError, match="leaves the range of float32 "):
        nudge(np.ones(1, ">f4"), 1e39)


def test_a_step_that_works_on_one_side_only_is_refused_for_the_other():
    half = np.finfo(np.float64).eps / 2
    x = np.array(1.0)  # its next number is twice as far up as down
    assert nudge(x, half, "backward").minus == 1 - half
    for scheme in ("forward", "central"):
        with pytest.raises(StepTooSmallError):
            nudge(x, half, scheme)


@every_scheme
@every_float
def test_a_step_out_of_range(dtype, scheme):
    largest = np.finfo(dtype).max
    sign = -1 if scheme == "backward" else 1
    x = np.array([1, sign * largest], dtype)
    with pytest.raises(StepError) as caught:
        nudge(x, float(largest) / 4, scheme)
    assert not isinstance(caught.value, StepTooSmallError)
    assert f"x[1] = {x[1]} moved by h = {float(largest) / 4} leaves the range" in str(caught.value)
    assert f"{np.dtype(dtype).name} (largest number {largest})" in str(caught.value)


def test_steps_beyond_the_dtype_and_distances_beyond_float64_are_out_of_range():
    for scheme in SCHEMES:
        with pytest.raises(StepError, match=r"moved by h = 1000000\.0 leaves the range of float16"):
            nudge(np.ones(2, np.float16), 1e6, scheme)
    with pytest.raises(StepError, match="leaves the range of float64"):
        nudge(np.zeros(2), 1e308)


def test_next_to_the_largest_number_the_step_is_named_all_the_same():
    with pytest.raises(StepTooSmallError) as caught:
        nudge(np.array([np.finfo(np.float16).max]), 1, "backward")
    assert smallest(caught.value) == 32
    nudge(np.array([np.finfo(np.float16).max]), 32, "backward")


# nudge_along


@every_scheme
def test_all_of_x_moves_along_a_unit_vector(scheme):
    x, unit = np.array([1.0, -2.0, 4.0]), np.array([0.6, 0.0, -0.8])
    plus, minus, distance = nudge_along(x, unit, 1e-3, scheme)
    up, down = scheme != "backward", scheme != "forward"
    np.testing.assert_array_equal(plus, x + up * 1e-3 * unit)
    np.testing.assert_array_equal(minus, x - down * 1e-3 * unit)
    assert distance == pytest.approx((up + down) * 1e-3, rel=1e-9)


@every_scheme
@every_float
@pytest.mark.parametrize("h", [0.0, 1e-200, 1e-20])
@pytest.mark.parametrize("size", [1, 2, 20_000])
def test_a_step_along_a_direction_that_vanishes(dtype, scheme, h, size):
    x = np.linspace(1, 2, size).astype(dtype)
    unit = np.full(size, size**-0.5)
    with pytest.raises(StepTooSmallError) as caught:
        nudge_along(x, unit, h, scheme)
    said = str(caught.value)
    assert f"h = {h} is too small for {np.dtype(dtype).name} at x = [1." in said
    assert "\n" not in said
    plus, minus, distance = nudge_along(x, unit, smallest(caught.value), scheme)
    assert distance > 0
    assert plus.dtype == minus.dtype == dtype


def test_a_step_that_rounding_turns_aside():
    x = np.array([1e8, 1.0])
    with pytest.raises(StepTooSmallError, match=r"rounding turns x \+ h v aside by \d+% of h"):
        nudge_along(x, np.array([0.6, 0.8]), 1e-8)
    nudge_along(x, np.array([0.0, 1.0]), 1e-8)  # along the small entry alone it is fine
    with pytest.raises(StepTooSmallError) as caught:
        nudge_along(x, np.array([0.0, 1.0]), 1e-20)
    assert smallest(caught.value) < 1e-12  # and named by it alone


def test_tiny_steps_from_zero_are_exact():
    *_, distance = nudge_along(np.zeros(2), np.array([0.6, 0.8]), 1e-200)
    assert distance == pytest.approx(2e-200, rel=1e-12)


@pytest.mark.parametrize(
    ("dtype", "h"), [(np.float16, 1e5), (np.float32, 1e39), (np.float64, 1e308)]
)
def test_a_step_along_a_direction_out_of_range(dtype, h):
    with pytest.raises(StepError, match=f"leaves the range of {np.dtype(dtype).name}") as caught:
        nudge_along(np.ones(2, dtype), np.array([0.6, 0.8]), h)
    assert not isinstance(caught.value, StepTooSmallError)


# Words


def test_words():
    assert entry("x", ()) == "x"
    assert entry("W", (2, 0)) == "W[2, 0]"
    assert first_index(np.array([[False, False], [True, True]])) == (1, 0)
    assert all(type(i) is int for i in first_index(np.array([[False, True]])))
    assert brief(np.arange(100.0)) == "[ 0. 1. ... 98. 99.]"
    assert "\n" not in brief(np.zeros((50, 50)))


def test_the_left_side_is_a_scheme_and_no_negative_step():
    with pytest.raises(StepError, match=r"got -0.1; the left side is scheme='backward'$"):
        check_step(-0.1)
    with pytest.raises(StepError, match=r"got nan$"):
        check_step(float("nan"))
