"""Entries looked at alone: what rounding may do, kinks in outputs, answers of few digits."""

from functools import partial
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from nn.careful.verdict import Slope
from nn.checking.asking import Entries
from nn.checking.behaviour import Behaviour
from nn.checking.digits import of_dtype, of_numbers
from nn.checking.entrywise import _rounding
from nn.checking.functions import Function
from nn.checking.objects import Object

X = np.random.default_rng(0).normal(size=(8, 5))
EPS = 1e-16
near = partial(pytest.approx, rel=1e-9, abs=0)


def allowed(given, values, gross=0.0, step=1.0, reach=0.0, usual=0.0, seen=None, samples=1):
    n = len(values)
    entries = SimpleNamespace(
        name="x", samples=samples, array=np.zeros(n), dout=np.ones(1), clean=np.array([usual]),
        slope=np.full(n, gross), reach=np.full(n, reach), length=np.full(n, 0.5),
        found=SimpleNamespace(rounding={} if seen is None else {"x": np.array(seen)}),
    )  # fmt: skip
    slopes = [Slope(v, 0.0, 0.0, step, np.nan, np.nan, "converged") for v in values]
    return _rounding(entries, np.array(given), slopes, np.arange(n), EPS)


class TestRounding:
    def test_of_the_terms_that_show(self):
        assert allowed([1.0], [1.0], gross=3.0) == near(64 * EPS * 3)

    def test_what_is_nothing_beside_the_largest_slope(self):
        bounds = allowed([1.0, 1e-17, 1.0], [1.0, 3e-17, 1e-17])
        assert bounds == near([0, 4 * EPS, 0])

    def test_the_largest_slope_is_that_of_the_same_sample(self):
        assert allowed([1.0, 1e-17], [1.0, 0.0], samples=2) == near([0, 0])

    def test_what_is_nothing_beside_the_largest_answer(self):
        assert allowed([0.0], [1e-16], usual=2.0) == near(4 * EPS * 2 / 0.5)

    def test_what_forward_may_round_inside(self):
        assert allowed([1.0], [1.0], step=0.25, reach=3.0, usual=5.0) == near(2 * EPS * 3 / 0.25)
        # No more than the answers there are.
        assert allowed([1.0], [1.0], step=0.25, reach=3.0, usual=2.0) == near(2 * EPS * 2 / 0.25)

    def test_what_backward_was_seen_to_round(self):
        bounds = allowed([1.0] * 3, [1.0] * 3, seen=[1e-15, 4e-15, 2e-15])
        assert bounds == near([16 * 3e-15, 16 * 6e-15, 16 * 4e-15])


def entries_of(f, x):
    subject = Function(f, x, lambda x: x)
    z = subject.forward()
    return Entries(subject, Behaviour(z, np.ones_like(z), of_dtype(z)), "x")


class TestAsking:
    def test_what_an_answer_is_made_of_shows_past_zero(self):
        """1 + tanh x is 0 at -20, where the 1 and the -1 cancel."""
        entries = entries_of(lambda x: 1 + np.tanh(x), np.array([-20.0]))
        entries.measure(np.array([0]))
        assert entries.reach[0] > 1.9

    def test_what_moves_only_far_away_is_seen(self):
        entries = entries_of(lambda x: 3 + np.maximum(x - 30, 0), np.array([1.0]))
        entries.measure(np.array([0]))
        assert entries.here[0] == 3

    def test_float32_inside_shows_in_answers(self):
        z = np.random.default_rng(0).normal(size=20).astype(np.float32)
        assert of_numbers(z.astype(np.float64)) == np.finfo(np.float32).eps
        assert of_numbers(z.astype(np.float64) + 1e-12) == np.finfo(np.float64).eps
        assert of_numbers(z[:11].astype(np.float64)) == np.finfo(np.float64).eps
        assert of_numbers(z.astype(np.float16)) == np.finfo(np.float16).eps

    def test_a_sample_that_leaves_the_domain_does_not_spoil_the_others(self):
        class Log(nn.Layer):
            def forward(self, x):
                if (x <= 0).any():
                    raise ValueError("x must be positive")
                return np.log(x)

            def backward(self, dout):
                return dout

        subject = Object(Log(), np.abs(X) + 1, None, None, None)
        z = subject.forward()
        entries = Entries(subject, Behaviour(z, np.ones_like(z), of_dtype(z), alone=True), "x")
        assert entries.samples == 8
        places = np.array([0, 5])  # of two samples, asked at once
        moved = entries.at(places, np.array([-1.0, 2.0]))
        assert np.isnan(moved[0])
        assert moved[1] == near(np.log(2.0) - z[1, 0])


class TestKinks:
    def test_jumps_of_two_outputs_that_cancel_leave_a_choice(self):
        def f(x):
            bent = [max(x[0], 0.0), max(x[0], 0.0), -max(-x[0], 0.0), max(-x[0], 0.0)]
            return np.array([*bent, np.sin(5 * x[0] + 1)])

        smooth = 5 * np.cos(1)
        for at_zero in product((0, 1), (0, 1), (0, 1), (0, -1)):  # the ends of what may be are two
            slopes = np.array([*at_zero, smooth]).reshape(5, 1)
            report = nn.gradcheck(f, np.zeros(1), grad=lambda x, s=slopes: s)
            assert report.verdict == "right", str(report)
        slopes = np.array([[4.0], [0], [0], [0], [smooth]])
        assert nn.gradcheck(f, np.zeros(1), grad=lambda x: slopes).verdict == "wrong"

    def test_every_kink_says_which_output_bends(self):
        x = X.copy()
        x[2, 1:4] = 0
        report = nn.gradcheck(lambda x: np.maximum(x, 0), x, grad=lambda x: (x > 0) * 1.0)
        (part,) = report.table
        assert sorted(part.bends) == [11, 12, 13]
        assert [b.output for k in (11, 12, 13) for b in part.bends[k]] == [(2, 1), (2, 2), (2, 3)]

    def test_the_largest_jump_comes_first(self):
        def f(x):
            return np.maximum(x, 0) * np.array([1.0, 100.0, 10.0])

        report = nn.gradcheck(f, np.zeros(1), grad=lambda x: np.zeros((3, 1)))
        assert [b.output for b in report.table[0].bends[0]] == [(1,), (2,), (0,)]

    def test_the_rounding_of_a_large_answer_is_no_kink(self):
        report = nn.gradcheck(lambda x: 1e10 + x, X, grad=lambda x: np.full(x.shape, 2.0))
        assert report.verdict == "wrong"
        assert not report.table[0].bends

    def test_a_sharp_curve_is_no_kink(self):
        report = nn.gradcheck(lambda x: np.sqrt(x * x + 1e-9), X * 1e-3, grad=lambda x: 0 * x + 3)
        assert report.verdict == "wrong"
        assert not report.table[0].bends

    def test_a_curve_is_no_kink(self):
        report = nn.gradcheck(lambda x: np.sin(30 * x), X, grad=lambda x: 31 * np.cos(30 * x))
        assert report.verdict == "wrong"
        assert not report.table[0].bends


class Staircase(nn.Layer):
    """sin, with as many digits as numbers near 100 have."""

    def forward(self, x):
        self.x = x
        return (np.sin(x) + x.dtype.type(100)) - x.dtype.type(100)

    def backward(self, dout):
        return dout * np.cos(self.x)


def test_a_tread_of_float32_is_no_kink():
    assert nn.gradcheck(Staircase(), X.astype(np.float32)).verdict in ("right", "undecided")


def test_samples_are_told_of_inputs_alone():
    class Scale(nn.Layer):
        def __init__(self):
            self.params = {"W": np.ones((1, 5))}

        def forward(self, x):
            self.x = x
            return x * self.params["W"]

        def backward(self, dout):
            self.grads = {"W": (dout * self.x).sum(0, keepdims=True)}
            return dout * self.params["W"]

    x, w = nn.gradcheck(Scale(), X).table
    assert x.entry(7).sample == 1
    assert w.entry(3).sample is None


def test_what_backward_itself_rounds_is_no_error():
    """500 dout comes and goes, and takes digits along."""

    class Roundabout(nn.Layer):
        def __init__(self, times):
            self.times = times

        def forward(self, x):
            return x * 0.75

        def backward(self, dout):
            return (dout * 0.75 + self.times * dout) - self.times * dout

    assert nn.gradcheck(Roundabout(500.3), X).verdict == "right"
    assert nn.gradcheck(Roundabout(5e9), X).verdict == "wrong"
