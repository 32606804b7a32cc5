"""What `nn.differentiate` promises of slopes, bounds, kinks and prices, at known points."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nn
from benchmarks.derivatives.kinks import kinks
from benchmarks.derivatives.ours import CAREFUL, ours
from benchmarks.derivatives.score import run, summary
from benchmarks.points import KINKS, SHARP, SMOOTH

modest = settings(deadline=None, derandomize=True, max_examples=30)
STATES = {"converged", "kink", "noisy", "edge of domain", "not finite", "step limited"}
careful = next(method for method in ours() if method.name == CAREFUL)

sizes = st.one_of(st.just(0.0), st.floats(1e-3, 1e3), st.floats(-1e3, -1e-3))
# Errors that are as smooth as f itself, so that no difference tells them from its slope.
UNSEEN = {
    "kepler's equation to 1e-6": "an iteration that stops early is smooth",
    "an integral to 1e-6": "a quadrature has a slope of its own",
    "exp(-x) by steps to 1e-4": "Euler's method has a slope of its own",
    "tanh net in float32": "of a few roundings, none is typical",
    "gelu(30 x) at -0.1": "1 + erf is rounded, the same at every step",
}


def count(f):
    """Count the calls of f."""

    def counted(*args):
        counted.calls += 1
        return f(*args)

    counted.calls = 0
    return counted


@pytest.fixture(scope="module")
def smooth():
    return run(careful, SMOOTH)


@pytest.fixture(scope="module")
def sharp():
    return run(careful, SHARP)


@pytest.fixture(scope="module")
def told():
    return kinks(careful, KINKS, SHARP)


class TestPointsThatAreKnown:
    def test_slopes(self, smooth, sharp):
        assert sum(case.error <= 1e-8 for case in smooth) >= 175
        assert sum(case.error <= 1e-6 for case in smooth) >= 189
        assert sum(case.error <= 1e-10 for case in smooth) >= 160
        assert sum(case.error <= 1e-6 for case in sharp) == len(sharp)

    def test_no_error_above_a_thousandth_goes_without_a_word(self, smooth, sharp):
        silent = [c.problem for c in [*smooth, *sharp] if c.error > 1e-3 and not c.doubted]
        assert silent == []

    def test_nothing_is_raised_or_warned_of(self, smooth, sharp):
        assert [c.problem for c in [*smooth, *sharp] if c.said] == []

    def test_bounds_hold(self, smooth, sharp):
        short = {case.problem for case in [*smooth, *sharp] if case.short}
        assert short <= UNSEEN.keys()

    def test_bounds_are_no_larger_than_need_be(self, smooth, sharp):
        assert 2 < summary(smooth)["claim"] < 12
        assert 2 < summary(sharp)["claim"] < 25

    def test_price(self, smooth, sharp):
        for cases in (smooth, sharp):
            assert summary(cases)["evaluations"] < 20
            assert summary(cases)["most_evaluations"] <= 40

    def test_states(self, smooth):
        assert {state for case in smooth for state in case.states} <= STATES

    def test_kinks_are_told(self, told):
        assert told["found"] >= told["at"] - 1
        assert told["silent"] == 0
        assert told["false"] == 0

    def test_beside_a_kink_it_is_told_or_the_slope_is_right(self, told):
        assert told["fair"] >= told["beside"] - 1

    def test_what_is_sharp_but_smooth_is_no_kink(self, told):
        assert told["mistaken"] == []


@pytest.mark.parametrize("point", [p for p in KINKS if not p.away], ids=lambda point: point.name)
def test_slopes_of_both_sides(point):
    found = nn.differentiate(point.f, point.start())
    left, right = np.atleast_1d(point.left), np.atleast_1d(point.right)
    for i in np.flatnonzero(point.broken):
        assert np.ravel(found.state)[i] == "kink"
        value, error = np.ravel(found.value)[i], np.ravel(found.error)[i]
        finite = bool(np.isfinite([left[i], right[i]]).all())
        jump = abs(right[i] - left[i]) if finite else 0.0
        for got, exact in ((found.left, left[i]), (found.right, right[i])):
            assert np.ravel(got)[i] == pytest.approx(exact, rel=1e-6, abs=1e-6 * jump)
        if finite:
            assert value == pytest.approx((left[i] + right[i]) / 2, abs=0.26 * jump)
            assert error >= 0.49 * jump
        else:
            assert error == np.inf


class TestFields:
    @pytest.fixture
    def found(self):
        return nn.differentiate(math.sin, 1.0)

    def test_error_is_the_sum_of_its_parts(self, found):
        assert found.error == found.truncation + found.rounding
        assert abs(found.value - math.cos(1)) <= found.error < 1e-11

    def test_all(self, found):
        assert found.state == "converged"
        assert found.nature == "steady"
        assert 0 < found.step < 1
        assert found.left == pytest.approx(math.cos(1), abs=1e-8)
        assert found.right == pytest.approx(math.cos(1), abs=1e-8)
        assert 0 < found.noise < 1e-14
        for name in ("value", "error", "truncation", "rounding", "step", "left", "right", "noise"):
            assert type(getattr(found, name)) is float, name
        assert type(found.state) is str

    def test_evaluations_are_those_that_were_made(self):
        f = count(lambda x: float(np.sin(x).sum()))
        found = nn.differentiate(f, np.array([1.0, 2.0, 1e4]))
        assert found.evaluations == f.calls <= 120

    def test_printed(self):
        assert str(nn.differentiate(abs, 0.0)).startswith("0 ± 1.0e+00, kink, -1 below and 1 above")
        lines = str(nn.differentiate(lambda x: (x**2).sum(), np.ones(12))).splitlines()
        assert lines[0].startswith("12 slopes: 12 converged; ")
        assert lines[-1].startswith("  and 4 more")

    def test_progress_counts_every_entry(self):
        counted = []
        nn.differentiate(lambda x: (x**3).sum(), np.arange(7.0), progress=counted.append)
        assert sum(counted) == 7


class TestOneCoordinateAtATime:
    def test_twelve_orders_of_magnitude_in_one_dict(self):
        x = {"tiny": np.array([1e-6]), "one": np.array([1.0]), "huge": np.array([1e6])}
        found = nn.differentiate(
            lambda p: (
                math.sin(p["tiny"][0] * 1e6) + math.exp(p["one"][0]) + (p["huge"][0] / 1e6) ** 3
            ),
            x,
        )
        for name, exact in (("tiny", 1e6 * math.cos(1)), ("one", math.e), ("huge", 3e-6)):
            assert found.value[name][0] == pytest.approx(exact, rel=1e-11)
            assert found.state[name][0] == "converged"

    def test_a_kink_in_one_entry_is_none_in_another(self):
        found = nn.differentiate(lambda x: abs(x[0]) + math.sin(x[1]), np.array([0.0, 1e4]))
        assert found.state.tolist() == ["kink", "converged"]
        assert found.value[1] == pytest.approx(math.cos(1e4), rel=1e-9)

    @pytest.mark.parametrize(
        ("f", "x", "exact"),
        [
            (math.sin, 1e6, math.cos(1e6)),
            (lambda x: math.exp(-(((x - 1) / 1e-4) ** 2)), 1.00005, -1e4 * math.exp(-0.25)),
            (lambda x: 1 / (x - 1), 1.001, -1 / (1.001 - 1) ** 2),
            (math.log, 1e-9, 1e9),
            (lambda x: 1e8 + x**2, 3.0, 6.0),
            (lambda x: math.tanh(x / 1e5), 1.0, 1e-5 / math.cosh(1e-5) ** 2),
        ],
        ids=["oscillation", "narrow", "pole", "edge", "constant", "stretched"],
    )
    def test_finds_its_scale(self, f, x, exact):
        found = nn.differentiate(f, x)
        assert found.state == "converged"
        assert found.value == pytest.approx(exact, rel=1e-7)
        assert abs(found.value - exact) <= 10 * found.error + 2 * np.spacing(abs(exact))

    @pytest.mark.parametrize("activation", ["ReLU", "Tanh", "GELU", "Sigmoid"])
    @pytest.mark.parametrize("std", [0.1, 2.0])
    def test_a_network_by_its_params(self, activation, std):
        rng = np.random.default_rng(0)
        layer = getattr(nn, activation)()
        net = nn.TwoLayerNet(3, 4, 3, weight_init_std=std, activation=layer, rng=0)
        x, t = rng.normal(size=(10, 3)), rng.integers(0, 3, 10)
        exact = net.numerical_gradient(x, t, h=1e-5)
        found = nn.differentiate(lambda _: net.loss(x, t), dict(net.params))
        assert list(found.value) == list(net.params)
        for name, gradient in exact.items():
            sure = found.state[name] == "converged"
            assert sure.mean() > 0.7
            np.testing.assert_allclose(
                found.value[name][sure], gradient[sure], rtol=1e-5, atol=1e-8, err_msg=name
            )
        assert found.evaluations <= 40 * net.size


class TestPropertiesOfSlopes:
    @modest
    @given(
        st.lists(st.floats(-9, 9, allow_subnormal=False), min_size=1, max_size=6),
        sizes,
    )
    @example([1.0, 0.0, 3.0], 0.0)
    def test_polynomials(self, coefficients, x):
        exact = float(np.polyval(np.polyder(coefficients), x)) if len(coefficients) > 1 else 0.0
        rounded = 1e-15 * float(np.polyval(np.abs(coefficients), abs(x))) * len(coefficients)
        found = nn.differentiate(lambda v: float(np.polyval(coefficients, v)), x)
        assert abs(found.value - exact) <= 10 * found.error + rounded
        assert found.error <= 1e-9 * float(np.polyval(np.abs(coefficients), abs(x) + 1))
        assert found.evaluations <= 40

    @modest
    @given(st.integers(-40, 40), st.sampled_from([math.sin, math.tanh, math.exp, abs]))
    def test_stretching_f_by_a_power_of_two_stretches_all(self, k, f):
        plain, scaled = (nn.differentiate(lambda x, s=s: s * f(x), 0.7) for s in (1.0, 2.0**k))
        for name in ("value", "error", "left", "right"):
            assert getattr(scaled, name) == math.ldexp(getattr(plain, name), k), name
        assert (scaled.step, scaled.state) == (plain.step, plain.state)

    @modest
    @given(st.integers(-30, 30), st.floats(0.5, 8))
    def test_stretching_x_by_a_power_of_two_shrinks_the_slope(self, k, x):
        """Where x is not so small that its size says nothing."""
        s = 2.0 ** abs(k)
        plain, scaled = (
            nn.differentiate(math.sin, x),
            nn.differentiate(lambda v: math.sin(v / s), s * x),
        )
        assert scaled.value * s == plain.value
        assert scaled.error * s == plain.error
        assert scaled.step == s * plain.step

    @modest
    @given(sizes)
    def test_a_mirror_turns_the_slope_around(self, x):
        plain, mirrored = (
            nn.differentiate(math.sin, x),
            nn.differentiate(lambda v: math.sin(-v), -x),
        )
        assert (mirrored.value, mirrored.error) == (-plain.value, plain.error)
        assert (mirrored.left, mirrored.right) == (-plain.right, -plain.left)

    @modest
    @given(st.floats(-1e4, 1e4), st.floats(-5, 5))
    def test_shifts(self, shift, slope):
        found = nn.differentiate(lambda x: math.sin(x - shift) + slope * (x - shift), shift + 0.5)
        exact = math.cos((shift + 0.5) - shift) + slope
        assert abs(found.value - exact) <= 10 * found.error + 1e-15
        assert found.error < 1e-5
