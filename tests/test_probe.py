"""`numerical_gradient(h="probe")`: one step for each array, found along a line."""

import math

import numpy as np
import pytest

import nn
from benchmarks.points import SMOOTH
from benchmarks.points.problem import flat


def counted(f):
    def asked(x):
        asked.calls += 1
        return f(x)

    asked.calls = 0
    return asked


def right(problem, h):
    f = counted(problem.f)
    with np.errstate(all="ignore"):
        try:
            found = flat(nn.numerical_gradient(f, problem.start(), h))
        except (nn.NudgeError, ValueError):
            return False
    arrays = len(problem.x) if isinstance(problem.x, dict) else 1
    unread = not found.any()  # then once more, to see whether f reads its argument at all
    assert f.calls <= 2 * len(found) + 2 + unread + (24 * arrays if h else 0)
    exact = problem.exact_vector
    return np.abs(found - exact).max() <= 1e-6 * (np.abs(exact).max() or 1)


@pytest.mark.filterwarnings("ignore:every difference is exactly zero")
def test_it_is_right_where_the_rule_is_not():
    """Of 209: 107 by the rule, 166 with a probe."""
    rule, probe = ({p.name for p in SMOOTH if right(p, h)} for h in (None, "probe"))
    assert len(probe) >= 160 > len(rule)
    assert len(rule - probe) <= 1


@pytest.mark.parametrize("x", [1e6, -3e7, 2e-4])
@pytest.mark.parametrize("length", [1.0, 1e-3, 1e9])
def test_steps_fit_the_length_of_f(x, length):
    """Near the best that rounding of x leaves."""
    found = nn.numerical_gradient(lambda v: math.sin(v / length) * length, x, h="probe")
    left = 1e-16 * max(1, abs(x) / length) / 1e-6
    assert found == pytest.approx(math.cos(x / length), abs=max(1e-7, 1e3 * left))


def test_a_small_function_on_a_huge_constant_takes_long_steps():
    def f(v):
        return 1e8 + math.sin(v)

    plain, probed = (abs(nn.numerical_gradient(f, 1.0, h) - math.cos(1)) for h in (None, "probe"))
    assert probed < 1e-4 < plain


def test_a_function_that_can_be_followed_far_is():
    """A line and a bowl on a constant: only rounding limits the step."""
    line = nn.numerical_gradient(lambda v: 1e10 + v / 1e3, 1e3, h="probe")
    assert line == pytest.approx(1e-3, rel=1e-6)
    bowl = nn.numerical_gradient(lambda v: 1e10 + (v / 1e3) ** 2, 1e3, h="probe")
    assert bowl == pytest.approx(2e-3, rel=1e-6)


def test_each_array_has_steps_of_its_own():
    x = {"fast": np.array([0.3, 0.4]), "slow": np.array([0.3])}

    def f(p):
        return np.sin(1e6 * p["fast"]).sum() / 1e6 + 1e6 * np.sin(p["slow"] / 1e6).sum()

    found = nn.numerical_gradient(f, x, h="probe")
    assert found["fast"] == pytest.approx(np.cos(1e6 * x["fast"]), abs=1e-6)
    assert found["slow"] == pytest.approx(np.cos(x["slow"] / 1e6), abs=1e-6)


def test_x_is_put_back_also_when_f_raises():
    x = np.array([1.0, 2.0])
    kept, calls = x.copy(), []

    def f(v):
        calls.append(1)
        if len(calls) == 9:
            raise KeyError("away")
        return (v**2).sum()

    with pytest.raises(KeyError):
        nn.numerical_gradient(f, x, h="probe")
    assert x.tobytes() == kept.tobytes()


@pytest.mark.parametrize("more", [{"scheme": "forward"}, {"batch": True}])
def test_what_it_is_not_for(more):
    with pytest.raises(nn.StepError, match="central differences of one point"):
        nn.numerical_gradient(lambda v: v.sum(), np.ones((2, 2)), h="probe", **more)


def test_a_word_that_is_no_step():
    with pytest.raises(nn.StepError, match="or \"probe\"; got 'prob'"):
        nn.numerical_gradient(lambda v: v.sum(), np.ones(2), h="prob")
