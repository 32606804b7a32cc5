"""The picture of a gradient check shows every entry, names the wrong ones, hides nothing."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import same_color
from matplotlib.figure import Figure

import nn
from nn.checking.behaviour import Violation
from nn.checking.report import Cause, Checked, Report
from nn.errors import InputError
from nn.plotting import plot_gradcheck, save_axes
from nn.plotting.signed import Signed
from nn.plotting.style import BLUE, GREY, ORANGE
from nn.plotting.writing import rounded_up

from . import plots
from .plots import plt

ax, close_figures = plots.ax, plots.close_figures


def array(numeric, analytic=None, verdicts="right", name="W", bound=1e-12, **fields):
    """An array whose entries were all looked at."""
    numeric = np.asarray(numeric, float)
    analytic = numeric if analytic is None else np.asarray(analytic, float)
    every = {
        "places": np.arange(numeric.size),
        "left": numeric.ravel(),
        "right": numeric.ravel(),
        "whys": np.full(numeric.size, "", object),
        **fields,
    }
    return Checked(
        name, numeric.shape, analytic=analytic.ravel(), numeric=numeric.ravel(),
        bound=np.full(numeric.size, bound),
        verdicts=np.array(np.broadcast_to(np.asarray(verdicts, object), numeric.size)), **every,
    )  # fmt: skip


def report(*table, verdict="right", **fields):
    return Report("Scale(5)", verdict, list(table), **fields)


def flipped():
    """One entry, W[1, 2], with its sign flipped."""
    numeric = np.linspace(1, 2, 12).reshape(3, 4)
    analytic, verdicts = numeric.copy(), np.full(12, "right", object)
    analytic[1, 2] *= -1
    verdicts[6] = "wrong"
    part = array(numeric, analytic, verdicts)
    causes = {"W": Cause("sign", "the gradient has the wrong sign")}
    return report(array([0.5, -0.5], name="x"), part, verdict="wrong", causes=causes)


def dots(ax, color):
    found = [
        a.get_offsets()
        for a in ax.collections
        if isinstance(a, PathCollection) and same_color(a.get_facecolor()[0, :3], color)
    ]
    return np.concatenate(found).tolist() if found else []


def bars(ax):
    found = [a.get_segments() for a in ax.collections if isinstance(a, LineCollection)]
    return [np.asarray(s).tolist() for segments in found for s in segments]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


class TestDots:
    def test_one_an_entry_in_the_colour_of_its_verdict(self, ax):
        assert plot_gradcheck(flipped(), ax) is ax
        assert len(dots(ax, BLUE)) == 13
        assert dots(ax, ORANGE) == [[pytest.approx(1 + 6 / 11), pytest.approx(-1 - 6 / 11)]]
        assert ax.get_title() == "Scale(5): wrong — sign"
        assert {"right (13)", "wrong (1)", "x (2)", "W (12)"} <= set(legend(ax))
        assert ax.get_xlim() == ax.get_ylim()
        assert "numeric" in ax.get_xlabel()
        assert "analytic" in ax.get_ylabel()

    def test_undecided_are_hollow_and_grey(self, ax):
        plot_gradcheck(report(array([1.0, 2.0], [1.0, 2.5], ["right", "undecided"], bound=0.5)), ax)
        (hollow,) = [a for a in ax.collections if isinstance(a, PathCollection)][1:]
        assert same_color(hollow.get_facecolor()[0], "white")
        assert same_color(hollow.get_edgecolor()[0], GREY)
        assert "undecided (1)" in legend(ax)

    def test_too_many_arrays_share_a_marker_and_wrong_ones_do_not(self, ax):
        table = [array([1.0], name=f"W{k}") for k in range(9)]
        table.append(array([1.0], [2.0], "wrong", name="W9"))
        plot_gradcheck(report(*table, verdict="wrong"), ax)
        assert legend(ax)[-6:] == [*(f"W{k} (1)" for k in range(4)), "5 others (5)", "W9 (1)"]

    def test_entries_that_were_not_looked_at_are_told(self, ax):
        part = array([1.0, 2.0])
        part.shape = (1000, 1000)
        plot_gradcheck(report(part), ax)
        assert "W (2 of 1,000,000)" in legend(ax)

    def test_thousands_are_drawn_as_pixels(self, ax):
        plot_gradcheck(report(array(np.linspace(-1, 1, 1500))), ax)
        assert all(a.get_rasterized() for a in ax.collections)


class TestNames:
    def test_of_the_wrong_alone(self, ax):
        plot_gradcheck(flipped(), ax)
        assert texts(ax) == ["W[1, 2]"]

    def test_of_few_without_overlap(self):
        numeric = np.linspace(1, 1.2, 40).reshape(4, 10)
        ax = plot_gradcheck(report(array(numeric, 2 * numeric, "wrong"), verdict="wrong"))
        ax.figure.canvas.draw()
        boxes = [text.get_bbox_patch().get_window_extent() for text in ax.texts]
        assert len(boxes) == 6
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        assert all(ax.bbox.count_contains([box.min, box.max]) == 2 for box in boxes)

    def test_off_by_too_little_to_be_seen(self, ax):
        part = array([1.0, 2.0], [1.0, 2.00003], ["right", "wrong"])
        plot_gradcheck(report(part, verdict="wrong"), ax)
        assert texts(ax) == ["W[1], off by 3e−5"]

    def test_on_axes_of_a_figure_within_a_figure(self):
        ax = Figure().subfigures(1, 2)[0].add_subplot()
        plot_gradcheck(flipped(), ax)
        assert texts(ax) == ["W[1, 2]"]


class TestBars:
    def test_are_as_long_as_the_bound(self, ax):
        plot_gradcheck(report(array([1.0, 2.0], bound=0.25)), ax)
        assert bars(ax) == [[[0.75, 1], [1.25, 1]], [[1.75, 2], [2.25, 2]]]
        assert "allowed error,\n0.3 at most" in legend(ax)

    @pytest.mark.parametrize(
        ("bound", "text"),
        [(2e-11, "2e−11"), (2.001e-11, "3e−11"), (0.96, "1"), (0.0, "0"), (np.inf, "inf")],
    )
    def test_are_told_no_shorter_than_they_are(self, bound, text):
        assert rounded_up(bound) == text

    def test_go_from_slope_to_slope_at_a_kink(self, ax):
        part = array(
            [0.5, 1.0], [0.0, 1.0], left=np.array([0.0, 1.0]), right=np.array([2.0, 1.0]),
            whys=np.array(["kink", ""], object),
        )  # fmt: skip
        plot_gradcheck(report(part), ax)
        assert [[0, 0], [2, 0]] in bars(ax)
        assert "kink, from slope\nbelow to above" in legend(ax)
        assert ax.get_xlim()[1] > 2

    @pytest.mark.parametrize("bound", [np.inf, np.nan])
    def test_that_know_no_bound_do_not_stretch_the_picture(self, ax, bound):
        plot_gradcheck(report(array([1.0], verdicts="undecided", bound=bound)), ax)
        assert ax.get_xlim()[1] < 2
        assert len(bars(ax)) == np.isinf(bound)


class TestScale:
    def test_is_linear_for_gradients_of_one_size(self, ax):
        rng = np.random.default_rng(0)
        plot_gradcheck(report(array(rng.normal(size=2000))), ax)
        assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "linear")

    def test_is_logarithmic_on_both_sides_over_many_decades(self, ax):
        plot_gradcheck(
            report(array(np.r_[-np.geomspace(1e-4, 10, 9), np.geomspace(1e-4, 1, 9)])), ax
        )
        assert (ax.get_xscale(), ax.get_yscale()) == ("symlog", "symlog")
        assert ax.get_xlim() == ax.get_ylim()
        ticks = ax.get_xticks()
        assert len(ticks) <= 9
        assert 0 in ticks
        assert "$-10^{1}$" in [label.get_text() for label in ax.get_xticklabels()]

    def test_shows_a_small_one_that_is_wrong(self, ax):
        part = array([*np.linspace(1, 2, 50), 1e-6], [*np.linspace(1, 2, 50), 0.0],
                     ["right"] * 50 + ["wrong"])  # fmt: skip
        plot_gradcheck(report(part, verdict="wrong"), ax)
        assert ax.get_xscale() == "symlog"

    def test_takes_rounding_for_zero(self, ax):
        plot_gradcheck(report(array([1.0, 2.0, 1e-16, -3e-17], [1.0, 2.0, 0.0, 0.0])), ax)
        assert ax.get_xscale() == "linear"

    @pytest.mark.parametrize("values", [[0.0], [1e300, -1e300], [5e-324, 1e-310], [1e-200, 1e200]])
    def test_holds_any_number(self, ax, values):
        plot_gradcheck(report(array(values, bound=0.0)), ax)
        ax.figure.canvas.draw()
        low, high = ax.get_xlim()
        assert low <= min(values) <= max(values) <= high

    def test_and_back(self):
        scale = Signed(-10, 10, 1e-3)
        values = np.array([-7.0, -1e-3, -2e-4, 0.0, 5e-4, 0.2, 9.0])
        np.testing.assert_allclose(scale.back(scale.along(values)), values)


class TestNotFinite:
    def test_stand_at_the_edges_under_their_names(self, ax):
        part = array([1.0, 2.0, 3.0], [np.nan, 2.0, -np.inf], ["wrong", "right", "wrong"], name="b")
        plot_gradcheck(report(part, verdict="wrong"), ax)
        (x, y), (u, v) = dots(ax, ORANGE)
        low, high = ax.get_ylim()
        assert (x, u) == (1, 3)
        assert 3 < y < high
        assert low < v < 0
        assert {"nan", "−inf", "b[0]", "b[2]"} == set(texts(ax))

    def test_numeric_ones_too(self, ax):
        plot_gradcheck(report(array([np.nan, 1.0], [0.5, 1.0], ["undecided", "right"])), ax)
        assert texts(ax) == ["nan"]

    def test_and_nothing_else(self, ax):
        plot_gradcheck(report(array([np.nan], [np.nan], "undecided", bound=np.nan)), ax)
        ax.figure.canvas.draw()
        assert texts(ax) == ["nan", "nan"]


class TestNothingToCompare:
    def test_unstable_is_written(self, ax):
        faults = [Violation("random forward", "forward is random"), Violation("b", "b " * 60)]
        plot_gradcheck(report(verdict="unstable", violations=faults), ax)
        assert ax.get_title() == "Scale(5): unstable — random forward, b"
        assert texts(ax)[0].startswith("forward is random\n\nb b b")
        assert max(map(len, texts(ax)[0].splitlines())) < 75
        assert len(ax.get_xticks()) == 0

    def test_empty_arrays(self, ax):
        plot_gradcheck(report(array([])), ax)
        assert texts(ax) == ["nothing was compared"]


class TestHabits:
    @pytest.mark.parametrize("shown", [flipped(), report(verdict="unstable")])
    def test_leaves_rc_params_and_figures_alone(self, ax, shown):
        before = mpl.rcParams.copy()
        plot_gradcheck(shown, ax)
        assert mpl.rcParams == before
        assert plt.get_fignums() == []
        assert plot_gradcheck(shown).figure is plt.figure(1)
        assert mpl.rcParams == before

    def test_is_legible(self, ax):
        plot_gradcheck(flipped(), ax)
        ax.figure.canvas.draw()
        every = [*ax.get_xticklabels(), *ax.get_yticklabels(), *ax.texts, ax.xaxis.label, ax.title]
        assert min(text.get_fontsize() for text in every) >= 11

    def test_takes_any_report_of_this_shape(self, ax):
        found = SimpleNamespace(title="f", verdict="right", table=[], cause=None, violations=[])
        assert texts(plot_gradcheck(found, ax)) == ["nothing was compared"]
        assert nn.plot_gradcheck is plot_gradcheck


class TestSaving:
    @pytest.mark.parametrize("name", ["a.png", "a.PDF", "a.svg"])
    def test_by_the_ending(self, tmp_path, name):
        flipped().plot(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 2000

    def test_figure_within_a_figure(self, tmp_path):
        ax = Figure().subfigures(1, 2)[0].add_subplot()
        save_axes(ax, str(tmp_path / "a.png"))
        assert (tmp_path / "a.png").exists()

    def test_faults_are_named(self, ax, tmp_path):
        with pytest.raises(InputError, match=r"'a\.txt' ends in '\.txt'.*png"):
            save_axes(ax, tmp_path / "a.txt")
        with pytest.raises(InputError, match=r"'a' has no ending.*png"):
            save_axes(ax, tmp_path / "a")
        with pytest.raises(InputError, match=r"no folder .*missing"):
            save_axes(ax, tmp_path / "missing" / "a.png")
        ax.remove()
        with pytest.raises(InputError, match="on no figure"):
            save_axes(ax, tmp_path / "a.png")
        assert list(tmp_path.iterdir()) == []
