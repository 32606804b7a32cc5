"""The V of a difference: slopes, best steps and edges of `step_sweep`, and its picture."""

import math

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

mpl.use("agg")
import matplotlib.pyplot as plt

from nn.careful.sweep import step_sweep
from nn.errors import (
    ArgumentError,
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    ShapeError,
    StepError,
    UnknownNameError,
)
from nn.plotting import plot_step_sweep

PAIRS = [
    (scheme, dtype)
    for scheme in ("forward", "backward", "central")
    for dtype in ("float64", "float32", "float16")
]


@pytest.fixture(scope="module")
def sine():
    return step_sweep(np.sin, 1.0, exact=np.cos, schemes=("forward", "backward", "central"))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def bowl(x):
    return x[0] ** 2 + x[1] ** 3


class TestTheV:
    @pytest.mark.parametrize(("scheme", "dtype"), PAIRS)
    def test_slopes(self, sine, scheme, dtype):
        curve = sine[scheme, dtype]
        assert curve.truncation_slope == pytest.approx(curve.p, abs=0.15 if "16" in dtype else 0.02)
        if dtype != "float16":  # a decade at most lies between vanishing and bending
            assert curve.rounding_slope == pytest.approx(-1, abs=0.15)

    @pytest.mark.parametrize(("scheme", "dtype"), PAIRS)
    def test_theory_finds_the_best_step(self, sine, scheme, dtype):
        curve = sine[scheme, dtype]
        assert 1 / 6 < curve.measured.h / curve.predicted.h < 1.5
        assert 1 / 6 < curve.measured.error / curve.predicted.error <= 1

    @pytest.mark.parametrize(("scheme", "dtype"), PAIRS)
    @pytest.mark.parametrize(("f", "slope"), [(np.sin, np.cos), (np.exp, np.exp)])
    def test_theory_bounds_every_point(self, f, slope, scheme, dtype):
        exact = {"f": lambda x: f(np.float64(x)), "x": 0.7, "exact": slope}  # to the last digit
        curve = step_sweep(**exact, schemes=scheme, dtypes=dtype)[scheme, dtype]
        near = (curve.h > 4 * curve.u * curve.reach) & (curve.h < 0.1)
        worst = curve.truncation(curve.h) * 1.2 + curve.rounding(curve.h)
        # x and h are rounded themselves, and so is the quotient
        worst += curve.u * (abs(f(0.7)) + 4 * abs(curve.slope))
        assert (curve.error[near] <= worst[near]).all()

    def test_textbook_formulas(self, sine):
        u, f, slope, third = 2.0**-53, math.sin(1), math.cos(1), math.cos(1)
        forward, central = sine["forward", "float64"], sine["central", "float64"]
        assert forward.roundoff == pytest.approx(u * (2 * f + slope))
        assert central.roundoff == pytest.approx(u * (f + slope))
        assert forward.c == pytest.approx(f / 2)
        assert central.c == pytest.approx(third / 6)
        assert forward.predicted.h == pytest.approx(math.sqrt(2 * forward.roundoff / f))
        assert central.predicted.h == pytest.approx((3 * central.roundoff / third) ** (1 / 3))
        for curve in (forward, central):
            h, error = curve.predicted
            around = h * np.array([0.8, 1.25])
            assert (curve.truncation(around) + curve.rounding(around) > error).all()

    def test_estimates_are_those_of_the_lesson(self, sine):
        h = 1e-4
        assert sine["central", "float64"].at(h) == abs(
            (np.sin(1 + h) - np.sin(1 - h)) / (2 * h) - math.cos(1)
        )
        x, h32 = np.float32(1), np.float32(h)
        known = (np.sin(x + h32) - np.sin(x)) / h32
        curve = sine["forward", "float32"]
        assert known.dtype == np.float32
        assert curve.estimate[curve.h == 1e-4] == float(known)

    def test_the_grid(self, sine):
        h = sine.curves[0].h
        assert h[0] == 1e-17
        assert h[-1] == 1.0
        assert (np.diff(h) > 0).all()
        assert all(float(f"1e{n}") in h for n in range(-17, 1))
        assert step_sweep(np.sqrt, 2000.0, dtypes="float64").curves[0].h[-1] == 1e4


class TestPrecision:
    def test_a_step_that_vanishes(self, sine):
        curve = sine["central", "float16"]
        zero = np.float16(curve.h) == 0
        lost = (curve.h < 2e-4) & ~zero
        assert zero.any()
        assert lost.any()
        assert np.isnan(curve.estimate[zero]).all()  # 0 / 0
        assert (curve.estimate[lost] == 0).all()  # x + h is x
        assert curve.error[lost] == pytest.approx(math.cos(1))

    @pytest.mark.parametrize("scheme", ["forward", "central"])
    def test_f_is_given_numbers_of_the_dtype(self, scheme):
        seen = set()

        def f(x):
            seen.add((type(x), np.ndim(x)))
            return x * x

        step_sweep(f, 3, schemes=scheme, dtypes="float16", exact=6)
        assert seen == {(np.float64, 0), (np.float16, 0)}  # truth, and what is measured

    def test_arrays_are_of_the_dtype(self):
        seen = set()

        def f(x):
            seen.add((x.dtype.name, x.shape))
            return bowl(x)

        step_sweep(f, [3.0, 4.0], index=1, dtypes=["float32", np.float16])
        assert seen == {(name, (2,)) for name in ("float64", "float32", "float16")}

    def test_answers_in_a_wider_dtype_are_rounded(self):
        own, wide = (step_sweep(f, 1.0, exact=math.e) for f in (np.exp, math.exp))
        assert not own.notes
        assert wide.notes == ("f answers in a wider dtype than float32 and float16; rounded to it",)
        for a, b in zip(own.curves, wide.curves, strict=True):
            assert 0.25 < a.measured.h / b.measured.h < 4

    def test_x_beyond_a_dtype(self):
        sweep = step_sweep(np.sqrt, 1e6)
        curve = sweep["central", "float16"]
        assert np.isnan(curve.error).all()
        assert curve.measured is None
        assert "float16: no curve, f has no finite value at x there" in sweep.notes
        plot_step_sweep(sweep)

    def test_an_overflow_is_left_out(self):
        curve = step_sweep(lambda x: x**4, 15.0, dtypes="float16", schemes="forward").curves[0]
        assert np.isfinite(curve.error[curve.h == 0.1])
        assert np.isnan(curve.error[curve.h == 10.0])


class TestTruth:
    @pytest.mark.parametrize(
        ("f", "x", "slope"),
        [
            (np.sin, 1.0, math.cos(1)),
            (np.exp, 3.0, math.exp(3)),
            (math.log, 1e-10, 1e10),
            (lambda x: 1 / x, 0.01, -1e4),
            (np.tanh, 0.0, 1.0),
            (lambda x: np.sin(1e6 * x), 1.0, 1e6 * math.cos(1e6)),
            (lambda x: np.exp(-((x * 1e6) ** 2)), 1e-6, -2e6 / math.e),  # flat but at x
            (abs, 0.3, 1.0),
            (lambda x: np.polyval([1, -8, 28, -56, 70, -56, 28, -8, 1], x), 1.1, 8e-7),
        ],
        ids=["sin", "exp", "log", "1/x", "tanh", "fast", "bump", "abs", "cancelling"],
    )
    def test_estimated_within_what_it_promises(self, f, x, slope):
        sweep = step_sweep(f, x, dtypes="float64")
        assert not sweep.known
        assert abs(sweep.slope - slope) <= sweep.floor + 1e-15 * abs(slope)

    def test_unknown_agrees_with_known(self, sine):
        guessed = step_sweep(np.sin, 1.0)
        assert guessed.floor < 1e-12
        for curve in guessed.curves:
            known = sine[curve.scheme, curve.dtype]
            np.testing.assert_array_equal(curve.estimate, known.estimate)
            assert curve.measured.h == pytest.approx(known.measured.h)
            assert (curve.error[~np.isnan(curve.error)] >= guessed.floor).all()
            far = known.error > 10 * guessed.floor
            np.testing.assert_allclose(curve.error[far], known.error[far], rtol=0.2)

    @pytest.mark.parametrize("exact", [6.0, 6, np.float32(6), lambda x: 2 * x, np.array(6.0)])
    def test_forms_of_exact(self, exact):
        sweep = step_sweep(lambda x: x**2, 3.0, exact)
        assert sweep.known
        assert sweep.slope == 6.0

    def test_a_wrong_exact_is_noticed(self):
        sweep = step_sweep(np.sin, 1.0, exact=np.sin)
        assert "exact is 0.841470985, but f itself says 0.540302306: which one?" in sweep.notes


class TestEdges:
    def test_no_truncation(self):
        sweep = step_sweep(lambda x: x**2, 3.0, lambda x: 2 * x)
        central, forward = sweep["central", "float64"], sweep["forward", "float64"]
        assert central.c == 0
        assert central.predicted is None
        assert math.isnan(central.truncation_slope)
        assert central.measured.h > 0.1
        assert central.rounding_slope == pytest.approx(-1, abs=0.1)
        assert forward.c == pytest.approx(1)
        (note,) = sweep.notes
        assert note.startswith("central: the derivative f''' that bends the chord cannot be told")

    def test_no_rounding_at_the_origin(self):
        sweep = step_sweep(np.sin, 0.0, 1.0)
        curve = sweep["central", "float64"]
        assert curve.roundoff == 0
        assert curve.predicted is None
        assert math.isnan(curve.rounding_slope)
        assert curve.truncation_slope == pytest.approx(2, abs=0.02)
        assert curve.error[curve.h == 1e-10] < 1e-15
        assert "f(x) and x f'(x) are 0: no rounding error in theory" in sweep.notes

    def test_a_root_still_loses_what_x_loses(self):
        curve = step_sweep(lambda x: x**2 - 2, math.sqrt(2), dtypes="float64")["forward", "float64"]
        assert curve.predicted.h == pytest.approx(2.1e-8, rel=0.01)  # 4 u
        assert 0.1 < curve.measured.h / curve.predicted.h < 1.5

    @pytest.mark.parametrize("f", [np.log, math.log, np.sqrt, math.sqrt])
    def test_points_outside_the_domain_are_left_out(self, f):
        curve = step_sweep(f, 0.01, dtypes="float64")["central", "float64"]
        assert np.isnan(curve.error[curve.h > 0.02]).all()
        assert np.isfinite(curve.error[curve.h < 0.009]).all()
        assert curve.truncation_slope == pytest.approx(2, abs=0.05)

    def test_a_minimum(self):
        sweep = step_sweep(np.cos, 0.0, exact=0.0)
        assert (sweep["central", "float64"].error == 0).all()
        axes = plot_step_sweep(sweep)
        assert any(line.get_label() == "float64, error 0" for line in axes[1].lines)

    def test_digits_that_f_loses_are_noted(self):
        rough = [1, -8, 28, -56, 70, -56, 28, -8, 1]
        sweep = step_sweep(lambda x: np.polyval(rough, x), 1.5, dtypes="float64")
        assert any(note.startswith("f loses digits of its own") for note in sweep.notes)

    def test_one_entry_of_an_array(self):
        x = np.array([3.0, 4.0])
        sweep = step_sweep(bowl, x, exact=lambda x: [2 * x[0], 3 * x[1] ** 2], index=-1)
        assert sweep.slope == 48
        assert sweep.where == "bowl at x[1] = 4"
        assert sweep["central", "float64"].c == pytest.approx(1)
        assert x.tolist() == [3, 4]

    def test_along_a_direction(self):
        sweep = step_sweep(bowl, [3.0, 4.0], direction=[2.0, 2.0])
        assert sweep.slope == pytest.approx((6 + 48) / math.sqrt(2))
        curve = sweep["central", "float64"]
        assert curve.truncation_slope == pytest.approx(2, abs=0.02)
        assert 0.1 < curve.measured.h / curve.predicted.h < 1.5

    def test_own_steps_are_sorted(self):
        sweep = step_sweep(np.sin, 1.0, h=[1e-2, 1e-6, 1e-4, 1e-4])
        assert sweep.curves[0].h.tolist() == [1e-6, 1e-4, 1e-2]
        assert step_sweep(np.sin, 1.0, h=1e-3).curves[0].h.tolist() == [1e-3]
        assert math.isnan(sweep.curves[0].at(1e-3))

    def test_table(self, sine):
        lines = str(sine).splitlines()
        assert lines[0] == ("sin at x = 1: f'(x) = 0.5403023058681398, given; errors are absolute")
        assert len(lines) == 3 + len(PAIRS)
        assert max(map(len, lines)) <= 100
        assert lines[3].split()[-1] == "4.2e-05"
        assert "estimated from f, to" in step_sweep(np.sin, 1.0).table()


def nan_at_home(x):
    return np.nan * x


COUNTER = iter(range(10**6))


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (NotFiniteError, "f returned nan", {"f": nan_at_home}),
        (NotFiniteError, "evaluated, log at x = -1: ValueError", {"f": math.log, "x": -1}),
        (NotOneNumberError, "f must return one number", {"f": lambda x: [x, x]}),
        (ImpureFunctionError, "answers the same x", {"f": lambda x: next(COUNTER)}),
        (InputError, "empty", {"x": []}),
        (InputError, "give the index of the entry", {"x": [1.0, 2.0]}),
        (InputError, "index 2 is not one entry", {"x": [1.0, 2.0], "index": 2}),
        (InputError, "two ways", {"x": [1.0, 2.0], "index": 0, "direction": [1, 0]}),
        (InputError, "points nowhere", {"x": [1.0, 2.0], "direction": [0, 0]}),
        (ShapeError, "direction has shape", {"x": [1.0, 2.0], "direction": [1]}),
        (StepError, "h must be positive, got 0", {"h": [0.0, 1.0]}),
        (StepError, "h must be a positive finite number", {"h": [-1.0]}),
        (StepError, "nothing to sweep", {"h": []}),
        (UnknownNameError, "did you mean 'central'", {"schemes": "centrall"}),
        (UnknownNameError, "unknown dtype 'int8'", {"dtypes": [np.int8]}),
        (InputError, "dtypes are empty", {"dtypes": []}),
        (ArgumentError, "exact must be a finite number", {"exact": math.nan}),
        (ArgumentError, r"exact\(x\) must be a finite number", {"exact": lambda x: "one"}),
    ],
)  # fmt: skip
def test_faults_are_told_in_a_sentence(error, message, arguments):
    with pytest.raises(error, match=message) as caught:
        step_sweep(**{"f": np.sin, "x": 1.0, **arguments})
    assert "\n" not in str(caught.value)


def test_an_unknown_curve(sine):
    with pytest.raises(UnknownNameError, match="did you mean 'central float64'"):
        sine["central", "float8"]


class TestPicture:
    def labels(self, ax):
        return [line.get_label() for line in ax.lines]

    def texts(self, ax):
        return [text.get_text() for text in ax.texts]

    def test_elements(self):
        sweep = step_sweep(np.sin, 1.0, np.cos)
        axes = plot_step_sweep(sweep)
        assert len(axes) == 2
        assert plt.get_fignums() == [1]
        for ax, curves in zip(axes, sweep.schemes.values(), strict=True):
            shown = {line.get_label(): line for line in ax.lines}
            for curve in curves:
                np.testing.assert_array_equal(shown[curve.dtype].get_ydata(), curve.error)
                assert shown[f"{curve.dtype}, rounding"].get_linestyle() == "--"
                for name in ("predicted", "measured"):
                    mark = shown[f"{curve.dtype}, {name}"]
                    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == getattr(curve, name)
                    assert (mark.get_markerfacecolor() == "white") == (name == "predicted")
                assert curve.dtype in self.texts(ax)
            assert "truncation" in shown
            assert set(shown["the book's h"].get_xdata()) == {1e-4}
            assert "rounding error ~ 1/h" in self.texts(ax)
            assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
            assert ax.get_xlabel()
            assert ax.get_ylabel()
        assert "truncation error ~ h" in self.texts(axes[0])
        assert "truncation error ~ h²" in self.texts(axes[1])
        assert axes[1].get_title().startswith("central: 11 of 16 digits at best, in float64\n")

    def test_a_slope_of_one_is_45_degrees(self):
        (ax,) = plot_step_sweep(step_sweep(np.sin, 1.0, schemes="forward"))
        ax.figure.canvas.draw()
        a, b = ax.transData.transform([(1e-8, 1e-8), (1e-4, 1e-4)])
        assert (b - a)[0] == pytest.approx((b - a)[1])

    def test_what_theory_lacks_is_not_drawn(self):
        axes = plot_step_sweep(step_sweep(lambda x: x**2, 3.0))
        assert "truncation" in self.labels(axes[0])
        assert "truncation" not in self.labels(axes[1])
        assert not any("truncation" in text for text in self.texts(axes[1]))
        (ax,) = plot_step_sweep(step_sweep(np.sin, 0.0, schemes="central"))
        assert not any("rounding" in text for text in [*self.labels(ax), *self.texts(ax)])

    def test_the_truth_that_was_estimated_has_a_floor(self):
        known, guessed = step_sweep(np.sin, 1.0, np.cos), step_sweep(lambda x: x**2, 3.0)
        for sweep, shown in ((known, False), (guessed, True)):
            for ax in plot_step_sweep(sweep):
                assert any("not known better" in text for text in self.texts(ax)) == shown
                assert any(patch.get_hatch() for patch in ax.patches) == shown

    def test_axes_of_ones_own(self):
        before = mpl.rcParams.copy()
        figure = Figure()
        left, right = figure.subplots(1, 2)
        sweep = step_sweep(np.exp, 1.0)
        assert plot_step_sweep(sweep, [left, right]) == [left, right]
        figure.canvas.draw()
        assert plt.get_fignums() == []
        assert mpl.rcParams == before
        with pytest.raises(InputError, match="need as many axes; got 1"):
            plot_step_sweep(sweep, left)

    def test_a_row_a_sweep(self):
        sweeps = [step_sweep(f, 1.0, dtypes="float64") for f in (np.sin, np.exp)]
        axes = plot_step_sweep(sweeps)
        assert len(axes) == 4
        assert "sin at x = 1" in axes[0].get_title()
        assert "exp at x = 1" in axes[2].get_title()
        with pytest.raises(InputError, match="no sweep"):
            plot_step_sweep([])

    @pytest.mark.parametrize("h", [[1e-4], [1e-5, 1e-3], np.logspace(-3, 3, 20)])
    def test_few_steps(self, h):
        axes = plot_step_sweep(step_sweep(np.sin, 1.0, h=h, schemes="central"))
        axes[0].figure.canvas.draw()
