"""Tangents, secants, quotients and orders: the pictures show what f says, and lie nowhere."""

import inspect
import math
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

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
)
from nn.plotting.chords import Secant, limit, shrinking
from nn.plotting.decades import fitted_power
from nn.plotting.graph import Graph
from nn.plotting.orders import plot_orders
from nn.plotting.places import choose_span
from nn.plotting.quotients import plot_quotients, quotients
from nn.plotting.secant_film import in_step
from nn.plotting.secants import animate_secants, plot_secants
from nn.plotting.style import ORANGE
from nn.plotting.tangent import plot_tangent
from nn.plotting.writing import figures, plain

from . import plots
from .plots import legend, only, plt, several, texts

ax, close_figures = plots.ax, plots.close_figures


def parabola(x):
    return x**2 / 4


def lesson(x):
    return 0.01 * x**2 + 0.1 * x


class TestFigures:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.1999999999990898, "0.2"), (-1.5, "−1.5"), (0.0, "0"), (-0.0, "0"),
            (-1e-30, "−10⁻³⁰"), (2e-7, "2 × 10⁻⁷"), (123456.0, "123500"),
            (1.23456e8, "1.235 × 10⁸"), (1e9, "10⁹"),
            (math.inf, "inf"),
        ],
    )  # fmt: skip
    def test_reads_well(self, value, text):
        assert figures(value) == text

    @pytest.mark.parametrize(
        ("value", "text"),
        [(0, "0"), (-0.5, "−0.5"), (2e-9, "2e−9"), (1e6, "1e6"), (1e12, "1e12"), (10, "10")],
    )
    def test_plainly(self, value, text):
        assert plain(value) == text


class TestGraph:
    def test_where_f_has_no_value_there_is_a_gap(self):
        for f in (np.log, math.log):
            graph = Graph.of(f, (-1.0, 2.0), [1.0], [0.0])
            assert np.isnan(graph.y[graph.x <= 0]).all()
            np.testing.assert_allclose(graph.y[graph.x > 0], np.log(graph.x[graph.x > 0]))

    def test_an_array_is_no_answer(self):
        with pytest.raises(NotOneNumberError):
            Graph.of(lambda _: np.ones(3), (0.0, 1.0), [], [])

    def test_the_tip_of_a_kink_is_a_point_of_it(self):
        place = 0.123456
        graph = Graph.of(lambda x: abs(x - place), (-1.0, 1.0), [place], [])
        assert graph.y.min() == 0.0

    def test_a_pole_is_cut_off_and_not_crossed(self):
        graph = Graph.of(lambda x: 1 / x, (-1.0, 1.1), [], [10.0])
        assert graph.top < 30
        assert graph.bottom > -30
        left, right = np.flatnonzero(graph.x < 0)[-1], np.flatnonzero(graph.x > 0)[0]
        assert np.isnan(graph.y[left : right + 1]).any()

    def test_a_narrow_peak_is_no_pole(self):
        graph = Graph.of(lambda x: np.exp(-1000 * x**2), (-1.0, 1.0), [], [])
        assert graph.top == 1.0

    def test_heights_asked_for_are_seen(self):
        graph = Graph.of(np.sin, (0.0, 1.0), [], [-3.0, 5.0])
        assert (graph.bottom, graph.top) == (-3, 5)

    def test_a_slope_that_nobody_sees_rise_is_0(self):
        graph = Graph.of(parabola, (-2.0, 2.0), [], [])
        assert [graph.rise(slope) for slope in (1e-9, -1e-9, -1e-6)] == [0, 0, -1e-6]

    def test_constant_and_huge_functions_have_room(self):
        for f in (lambda _: 7.0, lambda _: 0.0, lambda x: 1e200 * x):
            graph = Graph.of(f, (0.0, 1.0), [], [])
            assert graph.bottom < graph.top < math.inf

    def test_span_has_the_points_in_it(self):
        assert choose_span(None, [5, 10]) == (2.5, 12.5)
        assert choose_span(None, [0.0]) == (-1.0, 1.0)
        assert choose_span(None, [], [-8.0]) == (-16.0, 0.0)
        assert choose_span((0, 1), [0.0, 1.0]) == (0, 1)  # at its ends it is inside


class TestTangent:
    def test_graph_lines_and_dots_are_those_of_the_lesson(self, ax):
        plot_tangent(lesson, [10, 5], ax, span=(0, 20))
        graph = only(ax, "f")
        assert graph.get_xdata()[[0, -1]].tolist() == [0, 20]
        np.testing.assert_allclose(graph.get_ydata(), lesson(graph.get_xdata()))
        first, second = several(ax, "tangent")
        np.testing.assert_allclose(first.get_ydata(), [-0.25, 3.75], atol=1e-9)
        np.testing.assert_allclose(second.get_ydata(), [-1, 5], atol=1e-9)
        assert first.get_xdata().tolist() == second.get_xdata().tolist() == [0, 20]
        np.testing.assert_allclose(only(ax, "touches").get_xydata(), [[5, 0.75], [10, 2]])
        assert texts(ax) == ["slope 0.2 at x = 5", "slope 0.3 at x = 10"]
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "f(x)")
        assert ax.get_xlim() == (0, 20)
        assert ax.get_ylim()[0] < -1
        assert ax.get_ylim()[1] > 6

    def test_names_cover_neither_dots_nor_one_another(self, ax):
        plot_tangent(np.exp, [-1, 0, 1], ax, span=(-2, 2))
        ax.figure.draw_without_rendering()
        boxes = [text.get_bbox_patch().get_window_extent() for text in ax.texts]
        dots = ax.transData.transform(only(ax, "touches").get_xydata())
        for k, box in enumerate(boxes):
            assert not any(box.contains(*dot) for dot in dots)
            assert not any(box.overlaps(other) for other in boxes[:k])

    def test_one_number_and_a_step(self, ax):
        plot_tangent(lambda x: x**3, 1.0, ax, h=0.5)  # a central difference is off by h**2
        assert texts(ax) == ["slope 3.25 at x = 1"]

    def test_corner_has_the_mean_of_both_slopes(self, ax):
        plot_tangent(lambda x: abs(x) + 2 * x, 0, ax)
        assert texts(ax) == ["slope 2 at x = 0"]

    def test_top_of_a_hill_is_flat(self, ax):
        plot_tangent(lambda x: x * (1 - x), 0.5, ax)  # differences say −9e−12
        assert texts(ax) == ["slope 0 at x = 0.5"]

    def test_touches_the_tip_of_a_kink(self, ax):
        plot_tangent(lambda x: abs(x - 0.1234), 0.1234, ax)
        assert only(ax, "f").get_ydata().min() == 0

    def test_near_a_pole_the_dot_is_seen(self, ax):
        plot_tangent(lambda x: 1 / x, 0.1, ax)
        bottom, top = ax.get_ylim()
        assert -30 < bottom < 10 < top < 30
        assert texts(ax) == ["slope −100 at x = 0.1"]

    @pytest.mark.parametrize(
        ("x", "options", "error", "message"),
        [
            ([[1.0]], {}, ShapeError, r"a row of them, got shape \(1, 1\)"),
            ([], {}, InputError, "empty"),
            (math.nan, {}, InputError, "nan"),
            (3.0, {"span": (0, 1)}, InputError, "x = 3.0 is outside of the span, 0 to 1"),
            (3.0, {"span": (4, 1)}, InputError, r"low < high, got \(4, 1\)"),
            (3.0, {"span": 5}, InputError, r"span must be \(low, high\)"),
            (3.0, {"span": (0, math.inf)}, InputError, r"span\[1\] is inf"),
            (3.0, {"h": -1.0}, StepError, "positive"),
        ],
    )
    def test_faults_are_named_before_a_figure_is_made(self, x, options, error, message):
        with pytest.raises(error, match=message):
            plot_tangent(np.sin, x, **options)
        assert plt.get_fignums() == []

    def test_functions_that_will_not_do(self):
        with pytest.raises(NotOneNumberError):
            plot_tangent(lambda _: np.ones(2), 1.0)
        with pytest.raises(NotFiniteError), np.errstate(invalid="ignore"):
            plot_tangent(np.sqrt, -1.0)
        assert plt.get_fignums() == []


class TestSecants:
    @pytest.mark.parametrize(
        ("scheme", "left", "right"), [("forward", 0, 1), ("backward", 1, 0), ("central", 1, 1)]
    )
    def test_they_pass_through_their_points(self, ax, scheme, left, right):
        plot_secants(parabola, 2.0, [1, 4, 2], ax, scheme=scheme, span=(-5, 7))
        dots = [line for line in ax.lines if line.get_marker() == "o"]
        lines = [line for line in ax.lines if line.get_label().startswith("h = ")]
        assert len(dots) == len(lines) == 3
        for h, pair, line in zip([4, 2, 1], dots, lines, strict=True):
            ends = np.array([2 - left * h, 2 + right * h])
            assert pair.get_xdata().tolist() == ends.tolist()
            assert pair.get_ydata().tolist() == parabola(ends).tolist()
            at = np.interp(ends, line.get_xdata(), line.get_ydata())
            np.testing.assert_allclose(at, parabola(ends))

    def test_legend_tells_h_and_slope_and_the_tangent_is_dashed(self, ax):
        plot_secants(parabola, 2.0, [4, 2, 1, 0.5], ax, span=(-1, 7))
        assert legend(ax) == [
            "f", "h = 4, slope 2", "h = 2, slope 1.5", "h = 1, slope 1.25",
            "h = 0.5, slope 1.125", "tangent, slope 1",
        ]  # fmt: skip
        tangent = only(ax, "tangent, slope 1")
        assert tangent.get_linestyle() == "--"
        np.testing.assert_allclose(tangent.get_ydata(), [-2, 6], atol=1e-8)

    @pytest.mark.parametrize("draw", [plot_secants, animate_secants])
    def test_all_points_are_seen(self, draw):
        drawn = draw(parabola, 2.0, [4.0, 1.0])
        left, right = plt.gca().get_xlim()
        assert left < 2 < 6 < right
        drawn._draw_was_started = True  # else matplotlib warns that nobody looked

    def test_points_beyond_the_span_make_the_picture_no_taller(self, ax):
        plot_secants(parabola, 2.0, [100, 1], ax, span=(0, 4))
        assert ax.get_ylim()[1] < 10

    def test_the_same_step_twice_is_one_secant(self, ax):
        plot_secants(parabola, 2.0, [1, 2, 1], ax)
        assert legend(ax)[1:-1] == ["h = 2, slope 1.5", "h = 1, slope 1.25"]

    def test_the_smaller_h_the_stronger(self, ax):
        plot_secants(parabola, 2.0, [4, 2, 1], ax)
        above = [line.get_zorder() for line in ax.lines if line.get_marker() == "o"]
        assert above == sorted(set(above))
        drawn = [line for line in ax.lines if line.get_label().startswith("h = ")]
        lightness = [sum(to_rgb(line.get_color())) for line in drawn]
        assert lightness == sorted(lightness, reverse=True)
        assert len(set(lightness)) == 3

    def test_at_a_kink_there_is_a_limit_and_no_tangent(self, ax):
        plot_secants(abs, 0.0, 0.5, ax)
        assert legend(ax)[1:] == ["h = 0.5, slope 1", "limit at a kink, slope 1"]
        assert limit(abs, np.float64(0), "backward")[0].slope == -1
        assert limit(abs, np.float64(0), "central")[0].slope == 0

    def test_at_an_edge_one_side_will_do(self, ax):
        plot_secants(lambda x: x * np.sqrt(x) + x, 0.0, [1.0, 0.1], ax)
        assert legend(ax)[-1] == "limit at an edge, slope 1"

    def test_ever_steeper_secants_have_no_tangent(self, ax):
        plot_secants(np.sqrt, 0.0, [1.0, 0.01], ax)
        assert legend(ax)[1:] == ["h = 1, slope 1", "h = 0.01, slope 10", "no tangent"]
        assert np.isnan(only(ax, "no tangent").get_ydata()).all()

    @pytest.mark.parametrize(
        ("x", "h", "options", "error", "message"),
        [
            ([1.0, 2.0], 0.1, {}, ShapeError, "one number"),
            (1.0, [], {}, InputError, "h is empty"),
            (1.0, [0.1, 0.0], {}, StepError, "h must be positive, got 0"),
            (1.0, 1e-20, {}, StepTooSmallError, "vanishes"),
            (1.0, 0.1, {"scheme": "centre"}, UnknownNameError, "central"),
            (1.0, 0.1, {"span": (2, 3)}, InputError, "x = 1.0 is outside"),
        ],
    )
    def test_faults_are_named_before_a_figure_is_made(self, x, h, options, error, message):
        with pytest.raises(error, match=message):
            plot_secants(np.sin, x, h, **options)
        with pytest.raises(error, match=message):
            animate_secants(np.sin, x, np.atleast_1d(h), **options)
        assert plt.get_fignums() == []

    def test_random_functions_have_no_tangent_to_draw(self):
        rng = np.random.default_rng(0)
        with pytest.raises(ImpureFunctionError):
            plot_secants(lambda x: x + rng.normal(), 1.0, 0.1)


class TestFilm:
    def frames(self, film):
        film._draw_was_started = True  # else matplotlib warns that nobody looked
        return list(film.new_frame_seq())

    def see(self, film, k):
        film._draw_frame(k)
        return film._fig.axes[0]

    def test_shrinks_to_the_tangent_and_rests(self):
        film = animate_secants(parabola, 2.0, span=(-1, 7), frames=10, interval=100)
        order = self.frames(film)
        assert sorted(set(order)) == list(range(10))
        assert order == sorted(order)
        assert order.count(9) == 20
        assert order.count(5) == 1
        assert order.count(0) == 6  # time to see where it begins
        ax = self.see(film, 0)
        assert only(ax, "ends").get_xdata() == [2, 6]
        legs = only(ax, "run and rise")  # first along, then up
        assert (legs.get_xdata(), legs.get_ydata()) == ([2, 6, 6], [1, 1, 9])
        assert texts(ax) == ["secant: slope 2.000 with h = 4", "tangent: slope 1.000"]
        self.see(film, 9)
        tangent, secant = only(ax, "tangent"), only(ax, "secant")
        tall = np.ptp(ax.get_ylim())
        assert np.abs(np.subtract(tangent.get_ydata(), secant.get_ydata())).max() < tall / 100
        assert "1.000" not in texts(ax)[0]

    def test_given_steps_are_the_frames(self):
        film = animate_secants(np.sin, 1.0, [0.5, 0.25], scheme="central", interval=1000)
        assert self.frames(film) == [0, 1, 1]
        slow = animate_secants(np.sin, 1.0, [0.5, 0.25], interval=300)
        assert self.frames(slow) == [0] * 2 + [1] * 7  # no less than two seconds
        ax = self.see(film, 1)
        assert only(ax, "ends").get_xdata() == [0.75, 1.25]
        assert texts(ax)[0] == f"secant: slope {np.sin(0.25) / 0.25 * np.cos(1):.4f} with h = 0.25"

    def test_nothing_moves_but_the_secant(self):
        film = animate_secants(parabola, 2.0, frames=3)
        self.frames(film)
        places = set()
        for k in range(3):
            ax = self.see(film, k)
            ax.figure.draw_without_rendering()
            places.add((*ax.get_position().bounds, *ax.get_xlim(), *ax.get_ylim()))
        assert len(places) == 1

    def test_the_dot_is_on_the_graph_at_a_kink_too(self):
        film = animate_secants(lambda x: abs(x - 0.1234) + 1, 0.1234, span=(-1, 2), frames=2)
        self.frames(film)
        assert only(self.see(film, 0), "x").get_xydata().tolist() == [[0.1234, 1]]

    def test_no_tangent_is_said(self):
        film = animate_secants(np.sqrt, 0.0, frames=2)
        self.frames(film)
        assert texts(self.see(film, 0))[1] == "no tangent"

    def test_words_make_room_for_the_offset_of_the_axis(self):
        film = animate_secants(lambda x: 1e8 + x, 1.0, frames=2)
        self.frames(film)
        ax = self.see(film, 0)
        offset = ax.yaxis.get_offset_text()
        assert offset.get_text() == "+1e8"
        ax.figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in (offset, *reversed(ax.texts))]
        assert all(low.y1 < high.y0 for low, high in pairwise(boxes))

    def test_numbers_keep_their_decimals(self):
        assert in_step([-1e-9, -1.25]) == ["0.000", "−1.250"]
        assert in_step([12345.6, 1.0]) == ["12346", "1"]
        assert in_step([0.0, 0.0]) == ["0", "0"]
        assert in_step([1e6, 1e-6]) == ["10⁶", "10⁻⁶"]

    def test_steps_backward_begin_where_f_has_values(self):
        x = np.float64(2.0)
        steps = shrinking(parabola, x, "backward", (-6.0, 3.0), 10.0, 3)
        assert steps[0] == 4.5  # half of the span, for there is room on the left
        steps = shrinking(math.log, np.float64(0.5), "backward", (-0.5, 1.5), 5.0, 3)
        assert 0.25 < steps[0] < 0.5

    def test_steps_stay_where_f_has_values(self):
        steps = shrinking(math.log, np.float64(0.5), "central", (-0.5, 1.5), 5.0, 8)
        assert 0.25 < steps[0] < 0.5
        np.testing.assert_allclose(steps[1:] / steps[:-1], (steps[-1] / steps[0]) ** (1 / 7))
        tangent, _ = limit(math.log, np.float64(0.5), "central")
        last = Secant.of(math.log, np.float64(0.5), steps[-1], "central")
        assert abs(last.slope - tangent.slope) * 2 < 5 / 100

    def test_gif_is_small_in_few_colours(self, tmp_path):
        before = mpl.rcParams.copy()
        film = animate_secants(parabola, 2.0, frames=5, interval=500)
        assert mpl.rcParams == before
        path = tmp_path / "film.gif"
        film.save(path, writer="pillow", dpi=72)
        assert path.stat().st_size < 40_000
        with Image.open(path) as gif:
            assert gif.size == (480, 360)
            assert gif.n_frames == 5
            gif.seek(4)
            assert gif.info["duration"] == 2000
            last = np.asarray(gif.convert("RGB")).reshape(-1, 3)
        assert len(np.unique(last, axis=0)) <= 256
        assert (last == 255).all(axis=1).mean() > 0.8
        orange = np.abs(last - 255.0 * np.array(to_rgb(ORANGE))).max(axis=1) < 30
        assert orange.sum() > 50

    def test_faults_are_named(self):
        with pytest.raises(ArgumentError, match="frames"):
            animate_secants(np.sin, 1.0, frames=0)
        with pytest.raises(ArgumentError, match="interval"):
            animate_secants(np.sin, 1.0, interval=0)
        assert plt.get_fignums() == []


class TestQuotients:
    H = np.logspace(-15, 0, 61)

    def test_points_are_the_formulas(self, ax):
        plot_quotients(np.exp, 0.0, ax, h=[0.5, 0.1])
        h = np.array([0.1, 0.5])
        expected = {
            "forward": (np.exp(h) - 1) / h,
            "backward": (1 - np.exp(-h)) / h,
            "central": np.sinh(h) / h,
        }
        for name, values in expected.items():
            assert only(ax, name).get_xdata().tolist() == h.tolist()
            np.testing.assert_allclose(only(ax, name).get_ydata(), values, rtol=1e-14)
        assert ax.get_xscale() == "log"
        assert legend(ax) == ["forward", "backward", "central"]

    def test_truth_is_a_line(self, ax):
        plot_quotients(np.sin, 1.0, ax, exact=np.cos, h=self.H)
        truth = only(ax, "f′(x) = 0.5403")
        assert set(truth.get_ydata()) == {np.cos(1.0)}
        for exact in (5, -5):
            plot_quotients(np.sin, 1.0, ax, exact=exact, h=self.H)
            assert ax.get_ylim()[0] < exact < ax.get_ylim()[1]

    def test_relu_says_one_nought_and_a_half_at_its_kink(self, ax):
        plot_quotients(lambda x: max(x, 0.0), 0.0, ax)
        for name, value in (("forward", 1), ("backward", 0), ("central", 0.5)):
            line = only(ax, name)
            h = line.get_xdata()
            assert (len(h), h[0], h[-1]) == (121, 1e-15, 1)
            np.testing.assert_allclose(line.get_ydata(), value)
        assert ax.get_ylim()[0] < 0
        assert ax.get_ylim()[1] > 1
        assert ax.get_xticks() == pytest.approx(10.0 ** np.arange(-15, 1, 3))
        assert "beyond" not in legend(ax)

    def test_noise_is_asked_anew_and_does_not_squash_the_plateau(self, ax):
        rng = np.random.default_rng(0)
        calls = []

        def noisy(x):
            calls.append(x)
            return np.sin(x) + 1e-6 * rng.normal()

        plot_quotients(noisy, 1.0, ax, exact=np.cos, h=self.H)
        assert len(calls) == 6 * len(self.H)
        bottom, top = ax.get_ylim()
        assert -1 < bottom < 0.1 < 0.8 < top < 2
        wild = [line for line in ax.lines if line.get_marker() in "^v" and len(line.get_xdata())]
        edges = {(line.get_marker(), *set(line.get_ydata())) for line in wild}
        assert edges == {("^", 0.98), ("v", 0.02)}
        assert legend(ax)[-1] == "beyond"
        assert max(line.get_xdata().max() for line in wild) < 1e-4
        shown = sum(
            np.isfinite(only(ax, name).get_ydata()).sum() for name in ("forward", "central")
        )
        hidden = sum(len(line.get_xdata()) for line in wild if to_rgb(line.get_color())[0] != 0)
        assert shown > 0
        assert hidden > 0
        for name in ("forward", "backward", "central"):
            seen = only(ax, name).get_ydata()
            assert np.isfinite(seen[self.H > 1e-4]).all()
            color = only(ax, name).get_color()
            outside = sum(len(line.get_xdata()) for line in wild if line.get_color() == color)
            assert np.isfinite(seen).sum() + outside == len(self.H)

    def test_float32_is_honoured(self, ax):
        kinds = set()

        def f(x):
            kinds.add(type(x))
            return np.sin(x)

        plot_quotients(f, np.float32(1), ax, exact=np.cos, h=self.H)
        assert kinds == {np.float32}
        said = only(ax, "central").get_ydata()
        assert (said[self.H < 1e-8] == 0).all()  # x + h is x
        plateau = (self.H > 1e-3) & (self.H < 1e-1)
        assert np.abs(said[plateau] - np.cos(1)).max() < 2e-3

    def test_float16_knows_no_such_small_h(self):
        said = quotients(np.sin, np.float16(1), np.array([1e-15, 0.25]))
        assert np.isnan(said["central"][0])
        assert abs(said["central"][1] - np.cos(1)) < 0.02

    def test_where_f_has_no_value_there_is_no_point(self, ax):
        plot_quotients(math.sqrt, 0.0, ax, h=[0.25, 1.0])
        assert only(ax, "forward").get_ydata().tolist() == [2, 1]
        assert np.isnan(only(ax, "central").get_ydata()).all()

    @pytest.mark.parametrize("f", [lambda _: 3.0, lambda x: x * x, lambda x: np.exp(100 * x)])
    def test_awkward_functions_have_limits(self, ax, f):
        plot_quotients(f, 0.0, ax, h=self.H)
        bottom, top = ax.get_ylim()
        assert bottom < top < 1000
        middle = np.isclose(self.H, 1e-6)
        assert bottom < only(ax, "central").get_ydata()[middle] < top

    def test_calm_where_x_plus_h_is_x_is_no_plateau(self, ax):
        plot_quotients(lambda x: 1e10 + np.exp(20 * x), 0.0, ax, h=np.logspace(-15, 0, 121))
        bottom, top = ax.get_ylim()
        assert -100 < bottom < 20 < top < 100

    def test_faults_are_named_before_a_figure_is_made(self):
        with pytest.raises(ShapeError, match="one number"):
            plot_quotients(np.sin, [1.0, 2.0])
        with pytest.raises(StepError, match="positive"):
            plot_quotients(np.sin, 1.0, h=[-1.0])
        with pytest.raises(NotOneNumberError):
            plot_quotients(lambda x: np.ones(2) * x, 1.0)
        with pytest.raises(NotFiniteError):
            plot_quotients(np.sin, 1.0, exact=math.nan)
        with pytest.raises(InputError, match="no finite difference quotient at x = 1"):
            plot_quotients(lambda _: math.nan, 1.0)
        assert plt.get_fignums() == []


class TestOrders:
    def test_fit_finds_the_exponent(self):
        h = np.logspace(-3, -1, 5)
        assert fitted_power(h, 7 * h**2) == pytest.approx(2)
        assert fitted_power(h, h) == pytest.approx(1)
        assert fitted_power([1, 10, 100], [1, 100, 10]) == pytest.approx(0.5)  # least squares

    def test_slopes_of_one_and_two_are_measured(self, ax):
        plot_orders(np.sin, 1.0, np.cos, ax)
        assert texts(ax) == ["forward: slope 1.00", "central: slope 2.00"]
        for name, order in (("forward", 1), ("central", 2)):
            dots, line = only(ax, name), only(ax, f"{name}, fitted")
            h, error = dots.get_xdata(), dots.get_ydata()
            assert h[[0, -1]].tolist() == pytest.approx([1e-3, 1e-1])
            up = np.sin(1 + h) - (np.sin(1) if order == 1 else np.sin(1 - h))
            np.testing.assert_allclose(error, np.abs(up / order / h - np.cos(1)), rtol=1e-3)
            rise = np.diff(np.log10(line.get_ydata())) / np.diff(np.log10(line.get_xdata()))
            assert rise.item() == pytest.approx(order, abs=0.01)

    def test_no_more_decades_than_it_takes(self, ax):
        plot_orders(np.sin, 1.0, np.cos, ax)  # errors from 9e-8 to 4e-2
        assert ax.get_xlim() == pytest.approx((1e-4, 1.0))
        assert ax.get_ylim() == pytest.approx((10**-7.5, 0.1))
        assert ax.get_yticks() == pytest.approx(10.0 ** np.arange(-7, 0))

    def test_a_decade_is_as_long_this_way_as_that(self, ax):
        plot_orders(np.sin, 1.0, np.cos, ax)
        ax.figure.draw_without_rendering()
        a, b = ax.transData.transform([(1e-3, 1e-6), (1e-2, 1e-5)])
        assert (b - a)[0] == pytest.approx((b - a)[1])
        angles = [text.get_rotation() for text in ax.texts]
        assert angles == pytest.approx([45, np.degrees(np.arctan(2))], abs=0.5)

    def test_what_has_no_error_but_rounding_is_said_so(self, ax):
        plot_orders(lesson, 5, 0.2, ax)
        assert texts(ax) == ["forward: slope 1.00", "central: no error but rounding"]
        assert len(only(ax, "central").get_xdata()) == 0
        assert ax.get_ylim()[0] > 1e-8

    @pytest.mark.parametrize(
        ("f", "x", "slope", "h"),
        [
            (lambda x: x * x - 1e6, 1000.0, 2000, np.logspace(-3, -1, 9)),  # 0, of large parts
            (np.exp, np.float32(3), np.exp, np.logspace(-3, -1, 5)),
        ],
    )
    def test_rounding_is_that_of_large_parts_and_of_float32(self, ax, f, x, slope, h):
        plot_orders(f, x, slope, ax, h=h)
        assert texts(ax)[1] == "central: no error but rounding"

    def test_names_stand_above_and_below_their_lines(self, ax):
        plot_orders(np.sin, 1.0, np.cos, ax)
        ax.figure.draw_without_rendering()
        for text, name, side in zip(ax.texts, ("forward", "central"), (1, -1), strict=True):
            (x0, y0), (x1, y1) = text.get_window_extent().get_points()
            at = ax.transData.inverted().transform(((x0 + x1) / 2, (y0 + y1) / 2))
            line = np.log(only(ax, f"{name}, fitted").get_xydata())
            assert np.sign(np.log(at[1]) - np.interp(np.log(at[0]), *line.T)) == side

    def test_two_errors_are_no_line(self, ax):
        plot_orders(lambda x: x**4, 0.0, 0.0, ax, h=[1e-3, 0.01, 0.1])
        assert texts(ax)[0] == "forward: slope 3.00"
        with pytest.raises(InputError, match="at least 3 different steps h, got 2"):
            plot_orders(np.sin, 1.0, np.cos, h=[0.01, 0.1, 0.1])

    def test_rounding_is_no_part_of_a_line(self, ax):
        plot_orders(np.sin, 1.0, np.cos, ax, h=np.logspace(-9, -1, 33))
        assert texts(ax)[1] == "central: slope 2.00"
        pale = several(ax, "rounding")[-1]
        assert pale.get_alpha() < 0.5
        assert pale.get_xdata().max() < only(ax, "central").get_xdata().min()

    def test_faults_are_named_before_a_figure_is_made(self):
        with pytest.raises(InputError, match="hardly any error but rounding"):
            plot_orders(lambda x: 3 * x, 1.0, 3.0)
        with pytest.raises(ShapeError, match="one number"):
            plot_orders(np.sin, [1.0], 0.5)
        with pytest.raises(StepError, match="positive"):
            plot_orders(np.sin, 1.0, 0.5, h=[0.1, 0])
        with pytest.raises(NotFiniteError):
            plot_orders(np.sin, 1.0, math.inf)
        assert plt.get_fignums() == []


@pytest.mark.parametrize("draw", [plot_tangent, plot_secants, plot_quotients, plot_orders])
def test_axes_are_the_argument_ax(draw):
    assert inspect.signature(draw).parameters["ax"].default is None
