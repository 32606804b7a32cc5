"""Right, wrong or undecided: the rule for one entry, number by number."""

import pytest

from nn.careful.verdict import Slope
from nn.checking.verdicts import rule

INF, NAN = float("inf"), float("nan")


def slope(value=1.0, error=1e-9, state="converged", left=NAN, right=NAN):
    return Slope(value, error, 0.0, 1e-3, left, right, state)


def ruled(analytic, of, rounding=0.0, gross=0.0, largest=0.0):
    found = rule(analytic, of, rounding, gross, largest)
    return found.verdict, found.why


@pytest.mark.parametrize(("state", "times"), [("converged", 4.0), ("noisy", 10.0)])
def test_the_bound_is_the_slopes_own(state, times):
    of = slope(state=state)
    for sign in (1, -1):
        assert ruled(1 + sign * 0.99e-9 * times, of) == ("right", "")
        assert ruled(1 + sign * 1.01e-9 * times, of) == ("wrong", "")
    assert ruled(1 + 1.01e-9 * times, of, rounding=1e-9) == ("right", "")
    assert ruled(NAN, of) == ("wrong", "")


def test_a_bound_as_wide_as_the_slope_tells_nothing():
    assert ruled(1.0, slope(error=0.04 / 4)) == ("right", "")
    assert ruled(1.0, slope(error=0.06 / 4)) == ("undecided", "precision")
    assert ruled(1.0, slope(error=0.06 / 10, state="noisy")) == ("undecided", "noise")


def test_a_small_slope_is_judged_beside_the_largest_of_its_array():
    assert ruled(0.0, slope(0.0, 0.04 / 4), largest=1.0) == ("right", "")
    assert ruled(0.0, slope(0.0, 0.04 / 4)) == ("undecided", "precision")


def test_a_slope_of_terms_that_cancel_may_be_nothing():
    assert ruled(0.0, slope(0.0, 0.9e-6 / 4), gross=1.0) == ("right", "")
    assert ruled(0.0, slope(0.0, 1.1e-6 / 4), gross=1.0) == ("undecided", "precision")


def test_what_no_difference_can_tell():
    assert ruled(1.0, slope(NAN, INF, "not finite")) == ("undecided", "not finite")
    assert ruled(1.0, slope(INF, INF, "edge of domain")) == ("undecided", "edge of domain")
    assert ruled(1.0, slope(1.0, 1e-9, "edge of domain")) == ("right", "")
    assert ruled(2.0, slope(1.0, 1e-9, "edge of domain")) == ("wrong", "")
    for error in (INF, NAN):
        assert ruled(5.0, slope(0.0, error, "noisy")) == ("undecided", "precision")


def test_at_a_kink_both_slopes_and_those_between_are_right():
    at = slope(0.5, 0.5 + 1e-3, "kink", 0.0, 1.0)
    for right in (-3.9e-3, 0.0, 0.5, 1.0, 1 + 3.9e-3):
        assert ruled(right, at) == ("right", "kink")
    for wrong in (-4.1e-3, 1 + 4.1e-3, NAN):
        assert ruled(wrong, at) == ("wrong", "kink")


def test_beside_a_kink_there_is_one_slope():
    beside = slope(1.0, 1e-9, "kink", 0.0, 1.0)
    assert ruled(1.0, beside) == ("right", "kink")
    assert ruled(0.5, beside) == ("wrong", "kink")
    assert ruled(0.0, beside) == ("wrong", "kink")


def test_where_a_side_is_upright():
    cusp = slope(NAN, INF, "kink", -INF, INF)
    assert ruled(3.0, cusp) == ("undecided", "kink")
    half = slope(NAN, INF, "kink", 2.0, INF)
    assert ruled(3.0, half) == ("undecided", "kink")
    for wrong in (1.0, INF, NAN):
        assert ruled(wrong, half) == ("wrong", "kink")
    assert ruled(1.0, slope(NAN, INF, "kink", NAN, INF)) == ("undecided", "kink")
