"""`nn.differentiate` where f is not quite a function, or numbers are at the ends of their range."""

import ast
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn

from .conftest import ROOT

modest = settings(deadline=None, derandomize=True, max_examples=40)


def noisy_sine(noise, seed=0):
    """Return sin with noise that depends on x alone: the same x gets the same answer."""

    def f(x):
        bits = int(np.float64(x).view(np.uint64))
        return math.sin(x) + noise * np.random.default_rng([seed, bits]).uniform(-1, 1)

    return f


class TestNoise:
    @pytest.mark.parametrize("noise", [1e-12, 1e-9, 1e-6, 1e-3])
    def test_is_measured(self, noise):
        found = [nn.differentiate(noisy_sine(noise, seed), 1.0) for seed in range(20)]
        assert {d.nature for d in found} == {"steady"}
        assert noise / 8 < np.median([d.noise for d in found]) < 8 * noise
        off = np.array([abs(d.value - math.cos(1)) for d in found])
        assert (off <= [10 * d.error for d in found]).all()
        assert np.median(off) < 300 * noise
        assert max(d.evaluations for d in found) <= 40

    def test_far_above_rounding_is_said(self):
        states = [nn.differentiate(noisy_sine(1e-6, seed), 1.0).state for seed in range(20)]
        assert states.count("noisy") >= 18

    def test_rounded_answers(self):
        found = nn.differentiate(lambda x: round(math.sin(x), 6), 1.0)
        assert found.state == "noisy"
        assert abs(found.value - math.cos(1)) <= 10 * found.error < 0.05


class TestNature:
    def test_random(self):
        rng = np.random.default_rng(0)
        found = nn.differentiate(lambda x: x**2 + 1e-3 * rng.normal(), 3.0)
        assert found.nature == "random"
        assert found.state == "noisy"
        assert 1e-4 < found.noise < 1e-1
        assert abs(found.value - 6) <= 10 * found.error < 1
        assert found.evaluations <= 40
        assert "f is random" in str(found)

    def test_a_mask_that_is_drawn_anew(self):
        rng = np.random.default_rng(1)
        x = np.sqrt(np.arange(1.0, 9.0))  # no two masks give the same sum
        found = nn.differentiate(lambda v: float((v * (rng.random(8) < 0.5)).sum()), x)
        assert found.nature == "random"
        assert set(found.state) == {"noisy"}

    def test_a_counter(self):
        calls = 0

        def f(x):
            nonlocal calls
            calls += 1
            return x**2 + calls

        found = nn.differentiate(f, 1.0)
        assert found.nature == "remembers"
        assert found.state == "noisy"
        assert "f remembers earlier calls" in str(found)

    def test_a_running_mean(self):
        mean = 0.0

        def f(x):
            nonlocal mean
            mean = 0.9 * mean + 0.1 * x
            return (x - mean) ** 2

        assert nn.differentiate(f, 1.0).nature == "remembers"

    def test_memory_that_shows_late(self):
        """The first answers at x are alike; the last is not."""
        calls = 0

        def f(x):
            nonlocal calls
            calls += 1
            return x + (calls > 5)

        found = nn.differentiate(f, 1.0)
        assert found.nature == "remembers"
        assert found.state == "noisy"
        assert found.noise >= 1

    def test_the_same_seed_each_time_is_steady(self):
        def f(x):
            mask = np.random.default_rng(0).random(3) < 0.5
            return float((x * mask).sum())

        found = nn.differentiate(f, np.array([1.0, 2.0, 3.0]))
        assert found.nature == "steady"
        assert set(found.state) == {"converged"}


class TestPrecisions:
    @pytest.mark.parametrize("x", [np.float32(1.5), np.array([1.5, 2.0, -0.3], np.float32)])
    def test_x_in_float32(self, x):
        found = nn.differentiate(lambda v: float((np.asarray(v, np.float64) ** 3).sum()), x)
        exact = 3 * np.asarray(x, np.float64) ** 2
        assert found.value == pytest.approx(exact, rel=1e-9)
        assert np.all(np.abs(found.value - exact) <= 10 * np.asarray(found.error) + 1e-15)

    def test_steps_are_exact_in_float32(self):
        x = np.array([1.1, 1e-3], np.float32)
        asked = []

        def f(v):
            assert v.dtype == np.float32
            asked.append(v.copy())
            return float(v[0]) + float(v[1])

        assert nn.differentiate(f, x).value == pytest.approx([1, 1], rel=1e-12)
        assert x.tolist() == np.array([1.1, 1e-3], np.float32).tolist()

    @pytest.mark.parametrize("kind", [np.float32, np.float16])
    def test_f_that_returns_less(self, kind):
        found = nn.differentiate(lambda x: kind(math.sin(x)), 1.0)
        off = abs(found.value - math.cos(1))
        assert off <= 10 * found.error
        assert off < 40 * np.finfo(kind).eps
        assert found.error < 100 * np.finfo(kind).eps

    def test_f_that_works_in_float32_within(self):
        found = nn.differentiate(lambda x: float(np.sin(np.float32(x)) * np.float32(3)), 1.0)
        off = abs(found.value - 3 * math.cos(1))
        assert off <= 10 * found.error
        assert off < 1e-4

    def test_long_double(self):
        x = np.array([1.5, 2.0], np.longdouble)
        found = nn.differentiate(lambda v: (v**2).sum(), x)
        assert found.value == pytest.approx([3, 4], rel=1e-12)
        if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
            with pytest.raises(nn.InputError, match=r"x\[0\] is beyond the range of float64"):
                nn.differentiate(lambda v: v.sum(), x * np.longdouble(10) ** 400)

    def test_x_in_float16(self):
        x = np.array([1.5, 2.0], np.float16)
        found = nn.differentiate(lambda v: float((v.astype(np.float64) ** 2).sum()), x)
        assert found.value == pytest.approx([3, 4], rel=1e-3)


class TestSizes:
    @pytest.mark.parametrize("x", [0.0, -0.0, 1.0, -7.5, 1e-30, -1e-100, 1e6, 1e150, -1e300])
    def test_a_line(self, x):
        found = nn.differentiate(lambda v: 3 * v / 4 + 0.0, x)
        assert found.value == pytest.approx(0.75, rel=1e-12)
        assert found.state == "converged"

    @pytest.mark.parametrize("x", [1e-140, 1e-8, 1e-3, 5.0, 1e6, 1e100, 1e300])
    def test_a_logarithm(self, x):
        found = nn.differentiate(math.log, x)
        assert found.value == pytest.approx(1 / x, rel=1e-9)
        assert abs(found.value - 1 / x) <= 10 * found.error

    @pytest.mark.parametrize("f", [math.sin, math.tanh, math.expm1, math.asinh])
    def test_zero(self, f):
        found = nn.differentiate(f, 0.0)
        assert abs(found.value - 1) <= 10 * found.error < 1e-9

    @pytest.mark.parametrize("f", [lambda x: x**2, math.cos, lambda x: x**4 + 5])
    def test_a_slope_of_zero(self, f):
        found = nn.differentiate(f, 0.0)
        assert found.state == "converged"
        assert abs(found.value) <= 10 * found.error + 1e-300 < 1e-8

    @pytest.mark.parametrize("x", [0.0, 1.0, -1e5, 1e-30])
    @pytest.mark.parametrize("level", [0.0, 5.0, -1e200, 7])
    def test_a_constant(self, x, level):
        found = nn.differentiate(lambda v: level, x)
        assert (found.value, found.left, found.right) == (0, 0, 0)
        assert found.state == "converged"
        assert found.evaluations <= 40

    @modest
    @given(st.integers(-300, 300), st.integers(-200, 200))
    def test_a_bowl_at_all_scales(self, k, level):
        """Of width 2**k around its x, and of height 2**level."""
        width, height = 2.0**k, 2.0**level
        found = nn.differentiate(lambda x: height * ((x / width - 1) ** 2), 3 * width)
        assert found.value == pytest.approx(4 * height / width, rel=1e-9)
        assert found.state == "converged"

    @pytest.mark.parametrize("x", [1.7e308, -float(np.finfo(float).max)])
    def test_next_to_the_largest_number(self, x):
        assert nn.differentiate(lambda v: v / 2, x).value == pytest.approx(0.5)

    def test_numbers_whose_square_vanishes(self):
        found = nn.differentiate(lambda v: 1 + math.sin(v), 1e-200)
        assert abs(found.value - 1) <= 10 * found.error

    @pytest.mark.parametrize("x", [1e-310, 5e-324])
    def test_numbers_with_few_digits_left(self, x):
        found = nn.differentiate(lambda v: 1 + math.sin(v), x)
        assert abs(found.value - 1) <= 10 * found.error or found.state == "step limited"


def test_it_knows_no_one_but_what_lies_below():
    """Of `nn`, only the rooms that need no network."""
    allowed = {"errors", "steps", "probing", "careful"}
    for path in (ROOT / "nn/careful").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("nn") for alias in node.names), path
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nn"):
                assert node.module.split(".")[1] in allowed, path
