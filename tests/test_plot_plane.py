"""Pictures of functions of several variables show f and its slopes, and fail in a sentence."""

import math

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver

import nn
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
from nn.plotting.arrows import clear, longest, settled
from nn.plotting.descent import plot_descent
from nn.plotting.directions import plot_directions
from nn.plotting.field import plot_gradient_field
from nn.plotting.heights import evaluate
from nn.plotting.levels import choose_levels
from nn.plotting.partials import plot_partials
from nn.plotting.plane import Plane
from nn.plotting.style import BLUE, ORANGE
from nn.plotting.surface import plot_contours, plot_surface
from nn.plotting.walks import as_walks

from . import plots
from .plots import legend, plt

ax, space, close_figures = plots.ax, plots.space, plots.close_figures
SQUARE = ((-3, 3), (-3, 3))


def bowl(x):
    return np.sum(x**2)  # of a batch of points this would be one number too


def trough(x):
    return x[0] ** 2 / 20 + x[1] ** 2


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def logarithm(x):
    return math.log(x[0]) + x[1] ** 2  # raises where x₀ <= 0


def line_of(ax, start):
    return next(line for line in ax.lines if line.get_label().startswith(start))


def arrows(ax):
    return next(artist for artist in ax.collections if isinstance(artist, Quiver))


def maps(ax):
    return [artist for artist in ax.collections if isinstance(artist, ContourSet)]


PATH = nn.gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=20)


class TestPlane:
    def test_every_point_is_asked_alone(self):
        plane = Plane.of(bowl, (-1, 1), (0, 4), 3)
        assert plane.heights.tolist() == [[1, 0, 1], [5, 4, 5], [17, 16, 17]]

    def test_holes_are_nan(self):
        points = np.array([[-1.0, 0.0], [0.0, 1.0], [1.0, 2.0]])
        for f in (
            lambda x: np.log(x[0]) + x[1],
            lambda x: math.log(x[0]) + x[1],
            lambda x: x[1] if x[0] > 0 else math.inf,
            lambda x: x[1] if x[0] > 0 else 1e305,
        ):
            np.testing.assert_array_equal(evaluate(f, points), [np.nan, np.nan, 2])

    def test_f_cannot_change_the_points(self):
        points = np.ones((2, 2))

        def f(x):
            x += 1
            return x[0]

        assert evaluate(f, points).tolist() == [2, 2]
        assert points.tolist() == [[1, 1], [1, 1]]

    def test_faults_of_f_are_told(self):
        with pytest.raises(NotOneNumberError, match=r"array of shape \(2,\)"):
            evaluate(lambda x: x, np.ones((1, 2)))
        with pytest.raises(InputError, match=r"no finite value anywhere.*math domain error"):
            evaluate(logarithm, -np.ones((4, 2)), somewhere=True)
        with pytest.raises(IndexError):
            evaluate(lambda x: x[2], np.ones((1, 2)))
        with pytest.raises(InputError, match=r"one array of 2 numbers, f\(x\), and fails"):
            evaluate(lambda x, y: x, np.ones((1, 2)))
        with pytest.raises(TypeError, match="NoneType"):  # no wonder of arrays: it did take one
            evaluate(lambda x: x[0] if x[0] < 1 else x[0] + None, np.array([[0.0, 0], [1, 0]]))
        faults = iter([ValueError("the first"), ValueError("the second")])

        def fails(x):
            raise next(faults)

        with pytest.raises(InputError, match=r"anywhere.*the first"):
            evaluate(fails, np.ones((2, 2)), somewhere=True)

    def test_levels_of_a_bowl_are_even(self):
        levels = Plane.of(bowl, *SQUARE, 61).levels()
        assert 5 <= len(levels) <= 11
        np.testing.assert_allclose(np.diff(levels), levels[1] - levels[0])

    def test_levels_of_a_valley_are_far_apart_high_up(self):
        plane = Plane.of(rosenbrock, (-2, 2), (-1, 3), 121)
        levels = plane.levels()
        assert {1, 10, 100, 1000} <= set(levels.round(9))
        for count in (10, 4):
            turned = Plane(plane.x0, plane.x1, -plane.heights).levels(count)
            np.testing.assert_allclose(turned, -plane.levels(count)[::-1])
        raised = Plane(plane.x0, plane.x1, plane.heights + 5000).levels()
        np.testing.assert_allclose(raised - 5000, levels, atol=0.1 + plane.extremes[0])

    def test_levels_over_few_decades_are_the_denser(self):
        levels = Plane.of(lambda x: bowl(x) ** 2, *SQUARE, 61).levels()
        np.testing.assert_allclose(levels, [0.5, 1, 2, 5, 10, 20, 50, 100, 200])

    def test_levels_of_spikes_share_the_plane(self):
        heights = np.r_[-1e6, np.linspace(-1, 1, 999), 1e6]
        between = np.histogram(heights, choose_levels(heights, 9))[0]
        assert between.min() > 90

    def test_levels_above_an_odd_lowest_point_read_well(self):
        plane = Plane.of(lambda x: 0.2183 + bowl(x) ** 3 / 500, *SQUARE, 61)
        levels = plane.levels()
        assert {0.23, 0.3, 1, 10} <= set(levels)
        assert (np.diff(levels) > 0).all()

    @pytest.mark.parametrize("c", [0.0, 3.0, 1e20, -1e-20])
    def test_constants_have_none(self, c, ax, space):
        assert len(Plane.of(lambda x: c * (1 + 1e-16 * x[0]), *SQUARE, 9).levels()) == 0
        plot_contours(lambda x: c, *SQUARE, ax, resolution=9)
        plot_surface(lambda x: c, *SQUARE, space, resolution=9)
        for axes in (ax, space):
            axes.figure.canvas.draw()


class TestSurface:
    @pytest.mark.parametrize(("point", "colors"), [(None, "viridis"), ((1, 2), "pale_viridis")])
    def test_relief_and_the_map_on_the_floor_are_f(self, space, monkeypatch, point, colors):
        drawn = {}

        def watch(name):
            draw = getattr(space, name)

            def watched(x0, x1, heights, **how):
                drawn[name] = how
                np.testing.assert_allclose(heights, x0**2 / 20 + x1**2)
                assert (np.ptp(x0), np.ptp(x1)) == (20, 10)
                return draw(x0, x1, heights, **how)

            monkeypatch.setattr(space, name, watched)

        watch("plot_surface")
        watch("contour")
        plot_surface(trough, (-10, 10), (-5, 5), space, point=point, resolution=61)
        relief, below = drawn["plot_surface"], drawn["contour"]
        assert (relief["rcount"], relief["ccount"]) == (61, 61)  # no point is skipped
        assert mpl.colormaps.get_cmap(relief["cmap"]).name == colors  # pale below cuts
        assert relief["norm"] is below["norm"]  # a colour is the same height in both
        assert below["offset"] == pytest.approx(space.get_zlim()[0], abs=1)
        assert below["offset"] < -5

    def test_surface_ranges_and_labels(self, space):
        plot_surface(trough, (-10, 10), (-5, 5), space, resolution=21)
        assert (space.get_xlabel(), space.get_ylabel(), space.get_zlabel()) == ("x₀", "x₁", "f(x)")
        np.testing.assert_allclose(space.get_xlim(), (-10, 10), rtol=0.05)
        low, high = space.get_zlim()
        assert low < -5  # room for the map
        assert high >= 30
        assert min(space.get_zticks()) >= 0  # where there is no f there is no number
        assert space.get_legend() is None

    def test_point_and_the_cuts_through_it(self, space):
        plot_surface(trough, (-10, 10), (-5, 5), space, point=(-7, 2), resolution=5)
        first, second, dot = (np.array(line.get_data_3d()) for line in space.lines)
        along = np.linspace(-10, 10, 5)
        np.testing.assert_allclose(first, [along, np.full(5, 2), along**2 / 20 + 4])
        along = np.linspace(-5, 5, 5)
        np.testing.assert_allclose(second, [np.full(5, -7), along, 49 / 20 + along**2])
        np.testing.assert_allclose(dot[:, 0], [-7, 2, trough([-7, 2])])
        assert legend(space) == ["x₁ = 2 held still", "x₀ = −7 held still"]
        assert [line.get_color() for line in space.lines] == [BLUE, ORANGE, "black"]
        assert not space.computed_zorder  # or the surface would hide a part of the cuts

    def test_holes_and_points_in_them(self, space):
        plot_surface(logarithm, (-1, 2), (-1, 1), space, point=(-0.5, 0.5), resolution=9)
        space.figure.canvas.draw()
        assert np.isnan(space.lines[-1].get_data_3d()[2]).all()

    def test_flat_axes_are_refused(self, ax):
        with pytest.raises(InputError, match=r"3-D axes.*projection='3d'"):
            plot_surface(bowl, *SQUARE, ax, resolution=5)


class TestContours:
    def test_lines_are_at_the_levels_and_colours_between(self, ax):
        plot_contours(bowl, *SQUARE, ax, levels=[4, 1, 9, 1000], resolution=61)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x₀", "x₁")
        filled, lines = maps(ax)
        assert lines.levels.tolist() == [1, 4, 9]
        assert filled.levels.tolist() == [0, 1, 4, 9, 18]
        for level, path in zip(lines.levels, lines.get_paths(), strict=True):
            on = (path.vertices**2).sum(1)
            np.testing.assert_allclose(on, level, atol=0.01)
        lightness = filled.get_facecolor()[:, :3].mean(1)
        assert lightness.min() > 0.35  # dark things drawn over it can be seen
        (bar,) = (other for other in ax.figure.axes if other is not ax)
        assert bar.get_title(loc="left") == "f(x)"

    def test_scale_of_colours_names_some_of_the_levels_in_full(self, ax):
        plot_contours(bowl, *SQUARE, ax, levels=[0.125, 2.5, 5.125], resolution=21)
        ax.figure.draw_without_rendering()
        labels = [label.get_text() for label in ax.figure.axes[1].get_yticklabels()]
        assert labels == ["0.125", "2.5", "5.125"]
        many = plot_contours(bowl, *SQUARE, Figure().add_subplot(), levels=range(1, 17))
        assert many.figure.axes[1].get_yticks().tolist() == [1, 4, 7, 10, 13, 16]

    def test_scale_of_colours_is_as_high_as_the_map(self):
        figure = Figure((8, 4))
        ax = plot_contours(trough, (-10, 10), (-5, 5), figure.add_subplot(), resolution=9)
        figure.canvas.draw()
        here, bar = ax.get_window_extent(), figure.axes[1].get_window_extent()
        assert (bar.y0, bar.y1) == pytest.approx((here.y0, here.y1), abs=1)
        assert here.x1 < bar.x0 < bar.x1 < here.x1 + 60

    def test_units_are_equal_where_ranges_allow(self, ax):
        assert plot_contours(bowl, *SQUARE, ax, resolution=5).get_aspect() == 1
        assert plot_contours(bowl, (0, 1), (0, 3), ax, resolution=5).get_aspect() == 1
        assert plot_contours(bowl, (0, 1), (0, 99), ax, resolution=5).get_aspect() == "auto"

    def test_point_with_its_cuts(self, ax):
        plot_contours(bowl, *SQUARE, ax, point=[1, 2], resolution=5)
        level, upright, dot = ax.lines
        assert list(level.get_ydata()) == [2, 2]
        assert list(upright.get_xdata()) == [1, 1]
        assert (level.get_color(), upright.get_color()) == (BLUE, ORANGE)  # as in relief
        assert (dot.get_xdata(), dot.get_ydata()) == ([1], [2])

    def test_holes_are_hatched(self, ax):
        plot_contours(logarithm, (-1, 1), (-1, 1), ax, resolution=21)
        assert ax.patch.get_hatch()
        ax.figure.canvas.draw()
        whole = plot_contours(bowl, *SQUARE, Figure().add_subplot(), resolution=5)
        assert not whole.patch.get_hatch()

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"x0": (1, 1)}, InputError, r"x0 must be \(low, high\) with low < high, got \(1, 1\)"),
            ({"x1": (0, 1, 2)}, InputError, r"x1 must be \(low, high\)"),
            ({"x1": (0, np.inf)}, InputError, r"x1\[1\] is inf"),
            ({"x0": ("a", "b")}, InputError, "x0 must hold real numbers"),
            ({"point": (1, 2, 3)}, ShapeError, r"point must be one point of shape \(2,\)"),
            ({"levels": 0}, ArgumentError, "levels must be a whole number >= 1, got 0"),
            ({"levels": [np.nan]}, InputError, r"levels\[0\] is nan"),
            ({"resolution": 1}, ArgumentError, "resolution"),
            ({"f": lambda x: x}, NotOneNumberError, "one number"),
        ],
    )
    def test_faults_are_named_before_a_figure_is_made(self, options, error, message):
        given = {"f": bowl, "x0": (-1, 1), "x1": (-1, 1), **options}
        with pytest.raises(error, match=message):
            plot_contours(**given)
        assert plt.get_fignums() == []


class TestPartials:
    def test_cuts_tangents_and_slopes(self):
        axes = plot_partials(bowl, (3, -4), span=2)
        assert [ax.get_title() for ax in axes] == ["∂f/∂x₀ = 6", "∂f/∂x₁ = −8"]
        assert [ax.get_xlabel() for ax in axes] == ["x₀  (x₁ = −4)", "x₁  (x₀ = 3)"]
        for ax, at, other, slope in zip(axes, (3, -4), (16, 9), (6, -8), strict=True):
            curve, tangent, dot = ax.lines
            along = curve.get_xdata()
            assert along[[0, -1]].tolist() == [at - 2, at + 2]
            np.testing.assert_allclose(curve.get_ydata(), along**2 + other)
            np.testing.assert_allclose(tangent.get_ydata(), 25 + slope * (along - at), rtol=1e-8)
            assert (dot.get_xdata(), dot.get_ydata()) == ([at], [25])
        assert axes[0].get_ylim() == axes[1].get_ylim()
        assert [ax.get_ylabel() for ax in axes] == ["f(x)", ""]
        assert [ax.lines[0].get_color() for ax in axes] == [BLUE, ORANGE]

    def test_the_span_is_never_nought(self, ax):
        plot_partials(bowl, [0.0], ax)
        assert ax.get_xlim() == (-1.2, 1.2)
        plot_partials(bowl, [-5.0], ax)
        assert ax.get_xlim() == (-11, 1)

    @pytest.mark.parametrize(("n", "label"), [(1, "x₀"), (3, "x₀  (x₁ = 1, x₂ = 1)"), (4, "x₀")])
    def test_who_is_held_still_is_said_while_it_is_short(self, n, label):
        axes = plot_partials(bowl, np.ones(n), Figure(figsize=(12, 3)).subplots(1, n))
        assert axes[0].get_xlabel() == label

    def test_zero_is_written_as_zero(self):
        axes = plot_partials(lambda x: math.sin(x[0]) + 0.1 * x[1], (math.pi / 2, 1))
        assert [ax.get_title() for ax in axes] == ["∂f/∂x₀ = 0", "∂f/∂x₁ = 0.1"]

    def test_many_variables_and_axes_of_ones_own(self):
        figure = Figure()
        given = figure.subplots(2, 3)
        axes = plot_partials(lambda x: x @ np.arange(6), np.ones(6), given)
        assert axes == list(given.flat)
        assert axes[5].get_title() == "∂f/∂x₅ = 5"
        assert {ax.get_ylabel() for ax in axes} == {"f(x)"}
        axes = plot_partials(bowl, np.ones(5))
        assert len(axes) == 5
        assert axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 3)
        assert plt.get_fignums() == [1]

    def test_holes_and_poles(self, ax):
        plot_partials(lambda x: np.log(x[0]), [0.3], ax)
        height = ax.lines[0].get_ydata()
        assert np.isnan(height[0])
        assert ax.get_ylim()[0] > -8  # not all the way down with it

    def test_h_is_used(self, ax):
        plot_partials(lambda x: x[0] ** 3, [1.0], ax, h=0.5)
        assert ax.get_title() == "∂f/∂x₀ = 3.25"

    def test_faults_are_named(self, ax):
        with pytest.raises(ShapeError, match=r"7 variables.*room for 6"):
            plot_partials(bowl, np.ones(7))
        with pytest.raises(ShapeError, match="2 variables, a panel each, need as many axes; got 1"):
            plot_partials(bowl, np.ones(2), ax)
        with pytest.raises(ShapeError, match=r"x must be one point of shape \(n,\)"):
            plot_partials(bowl, np.ones((2, 2)))
        with pytest.raises(ArgumentError, match="span"):
            plot_partials(bowl, [1.0], span=0)
        with pytest.raises(NotFiniteError, match="at x"):
            plot_partials(lambda x: math.nan, [1.0])
        with pytest.raises(NotOneNumberError):
            plot_partials(lambda x: x, np.ones(2))
        assert plt.get_fignums() == []


class TestDirections:
    def test_curve_is_the_gradient_times_the_direction(self, ax):
        plot_directions(bowl, (3, 4), ax, angles=37)
        curve = ax.lines[1]
        angle = np.radians(curve.get_xdata())
        assert len(angle) == 37
        np.testing.assert_allclose(
            curve.get_ydata(), 6 * np.cos(angle) + 8 * np.sin(angle), atol=1e-7
        )

    def test_marks(self, ax):
        plot_directions(bowl, (3, 4), ax)
        angle = math.degrees(math.atan2(4, 3))
        for start, at, slope in (
            ("along the gradient", [angle], [10]),
            ("against", [angle + 180], [-10]),
            ("along the contour", [angle + 90, angle + 270], [0, 0]),
            ("along the axes", [0, 90], [6, 8]),
        ):
            mark = line_of(ax, start)
            np.testing.assert_allclose(mark.get_xdata(), at)
            np.testing.assert_allclose(mark.get_ydata(), slope, atol=1e-7)
        assert legend(ax) == [
            "along the gradient, 53°: 10, its length",
            "against the gradient, 233°: −10",
            "along the contour, 143° and 323°: 0",
            "along the axes: ∂f/∂x₀ = 6, ∂f/∂x₁ = 8",
        ]

    def test_angles_are_from_0_to_360(self, ax):
        plot_directions(bowl, (3, -4), ax)
        assert legend(ax)[:3] == [
            "along the gradient, 307°: 10, its length",
            "against the gradient, 127°: −10",
            "along the contour, 37° and 217°: 0",
        ]
        other = plot_directions(bowl, (-3, 4), Figure().add_subplot())
        assert legend(other)[2] == "along the contour, 37° and 217°: 0"

    def test_h_is_also_that_of_the_gradient(self, ax):
        plot_directions(lambda x: x[0] ** 3 + x[1], (1, 0), ax, h=0.5)  # (3.25, 1), not (3, 1)
        assert legend(ax)[0].startswith("along the gradient, 17°: ")

    def test_legend_leaves_the_label_alone(self):
        ax = plot_directions(bowl, (3, 4), Figure(layout="constrained").add_subplot())
        ax.figure.draw_without_rendering()
        label = ax.xaxis.label.get_window_extent()
        assert ax.get_legend().get_window_extent().y1 < label.y0

    def test_slopes_at_marks_are_found_by_differences(self, ax):
        plot_directions(lambda x: x[0] ** 3, (1, 0), ax, h=0.5)
        assert line_of(ax, "along the gradient").get_ydata() == pytest.approx([3.25])
        assert legend(ax)[-1].endswith("∂f/∂x₀ = 3.25, ∂f/∂x₁ = 0")

    @pytest.mark.parametrize(
        ("f", "x"),
        [
            (lambda x: (x[0] - 0.1) ** 2 + (x[1] - 0.7) ** 2 + 3, (0.1, 0.7)),
            (lambda x: 3.0, (1, 2)),
            (lambda x: x[0] * x[1], (0, 0)),
        ],
        ids=["minimum", "constant", "saddle"],
    )
    def test_no_gradient_is_said_and_rounding_not_magnified(self, ax, f, x):
        plot_directions(f, x, ax)
        assert ax.get_title().startswith("the gradient is 0")
        assert ax.get_legend() is None
        low, high = ax.get_ylim()
        assert np.abs(ax.lines[1].get_ydata()).max() < 1e-6 * (high - low)

    def test_small_gradients_are_not_zero(self, ax):
        plot_directions(lambda x: 1e-9 * x[0], (1, 2), ax)
        assert ax.get_title() == ""

    def test_faults_are_named(self):
        with pytest.raises(ShapeError, match=r"x must be one point of shape \(2,\), got \(3,\)"):
            plot_directions(bowl, (1, 2, 3))
        with pytest.raises(ArgumentError, match="angles"):
            plot_directions(bowl, (1, 2), angles=4)
        with pytest.raises(NotFiniteError):
            plot_directions(lambda x: np.nan, (1, 2))
        with pytest.raises(StepError):
            plot_directions(bowl, (1, 2), h=-1)
        assert plt.get_fignums() == []


class TestField:
    def test_arrows_are_minus_the_gradient(self, ax):
        plot_gradient_field(trough, (-4, 4), (-3, 3), ax, n=8)
        drawn = arrows(ax)
        assert drawn.N == 48  # square cells
        assert (drawn.pivot, drawn.angles, drawn.scale) == ("middle", "xy", 1)
        x0, x1 = drawn.XY.T
        np.testing.assert_allclose(np.unique(x0), np.arange(-3.5, 4))
        np.testing.assert_allclose(np.unique(x1), np.arange(-2.5, 3))
        size = -drawn.V[0] / (2 * x1[0])
        np.testing.assert_allclose(drawn.U, -size * x0 / 10)
        np.testing.assert_allclose(drawn.V, -size * 2 * x1)
        assert size > 0
        assert 0.3 < np.hypot(drawn.U, drawn.V).max() < 1
        assert (np.abs(x0) + np.abs(drawn.U) / 2 <= 4).all()  # the frame cuts off no head
        assert (np.abs(x1) + np.abs(drawn.V) / 2 <= 3).all()

    def test_arrows_stand_out_on_a_ground_that_is_light_where_it_is_high(self, ax):
        plot_gradient_field(trough, (-4, 4), (-3, 3), ax, n=4)
        assert mpl.colors.to_hex(arrows(ax).get_facecolor()[0]).upper() == BLUE
        lightness = maps(ax)[0].get_facecolor()[:, :3].mean(1)
        assert (np.diff(lightness) > 0).all()
        assert lightness[0] > 0.7

    def test_a_strip_has_two_rows(self, ax):
        plot_gradient_field(trough, (-3, 3), (-1, 1), ax, n=2)
        assert arrows(ax).N == 4

    def test_equal_arrows_tell_the_slope_by_colour(self, ax):
        plot_gradient_field(rosenbrock, (-2, 2), (-1, 3), ax, n=6, lengths="equal")
        drawn = arrows(ax)
        lengths = np.hypot(drawn.U, drawn.V)
        np.testing.assert_allclose(lengths, lengths[0])
        grads = nn.numerical_gradient(rosenbrock, drawn.XY.copy(), batch=True)
        steep = np.hypot(*grads.T)
        np.testing.assert_allclose(drawn.get_array(), steep)
        np.testing.assert_allclose(drawn.U / lengths, -grads[:, 0] / steep)
        assert isinstance(drawn.norm, mpl.colors.LogNorm)
        light, dark = drawn.cmap([0.0, 1.0])[:, :3].mean(1)
        assert dark < 0.25 < 0.5 < light < 0.7  # steep is dark, and nothing is lost on the ground
        assert ax.figure.axes[1].get_title(loc="left") == "slope"

    def test_slopes_that_differ_little_have_an_even_scale(self, ax):
        plot_gradient_field(bowl, (0.2, 4.2), (0.2, 4.2), ax, n=4, lengths="equal")
        norm = arrows(ax).norm
        assert type(norm) is mpl.colors.Normalize
        assert (norm.vmin, norm.vmax) == pytest.approx((0, 7.4 * math.sqrt(2)))

    @pytest.mark.parametrize("f", [bowl, rosenbrock, lambda x: x[0] * x[1], lambda x: abs(x[0])])
    @pytest.mark.parametrize("lengths", ["gradient", "equal"])
    def test_arrows_keep_apart(self, ax, f, lengths):
        plot_gradient_field(f, (-2, 2), (-2, 2), ax, n=8, lengths=lengths)
        drawn = arrows(ax)
        part = np.linspace(-0.5, 0.5, 15)[:, None, None]
        lines = drawn.XY + part * np.stack([drawn.U, drawn.V], axis=1)
        gaps = np.linalg.norm(lines[:, None, :, None] - lines[None, :, None, :], axis=-1)
        nearest = gaps.min(axis=(0, 1)) + 9 * np.eye(drawn.N)
        assert nearest.min() > 0.1 * 0.5  # of a cell

    def test_lengths_use_the_room_there_is(self):
        same = np.zeros((4, 4, 2))
        same[..., 0] = 1
        assert 0.75 < longest(same) < 0.95
        slanting = np.full((4, 4, 2), np.sqrt(0.5))
        assert longest(slanting) > longest(same)  # the next in line is farther off
        lone = np.full((3, 3, 2), np.nan)
        lone[1, 1] = (1, 0)
        assert 0.9 < longest(lone) < 1  # within its cell

    def test_apart_looks_at_the_right_neighbours(self):
        dots = np.zeros((2, 3, 1, 2))
        dots[..., 0, :] = np.arange(12).reshape(2, 3, 2) * 10
        dots[1, 0] = dots[0, 1]
        assert not clear(dots, 1, -1)
        assert all(clear(dots, *step) for step in ((0, 1), (1, 0), (1, 1), (0, 2)))

    def test_rounding_is_no_arrow(self, ax):
        assert settled(np.array([[1.0, 1e-12], [np.nan, 3.0]])).tolist() == [[1, 0], [0, 3]]
        plot_gradient_field(lambda x: bowl(x - 0.1), (-2.9, 3.1), (-2.9, 3.1), ax, n=5)
        assert arrows(ax).N == 24

    def test_no_arrow_where_f_has_no_gradient(self, ax):
        plot_gradient_field(logarithm, (-2, 2), (-2, 2), ax, n=4)
        assert arrows(ax).N == 8
        assert (arrows(ax).XY[:, 0] > 0).all()
        flat = plot_gradient_field(lambda x: 1.0, *SQUARE, Figure().add_subplot(), n=3)
        assert not any(isinstance(artist, Quiver) for artist in flat.collections)

    def test_minimum_is_a_star(self, ax):
        plot_gradient_field(bowl, *SQUARE, ax, n=3, minimum=(0.5, 1))
        assert line_of(ax, "minimum").get_xydata().tolist() == [[0.5, 1]]

    def test_faults_are_named(self):
        with pytest.raises(UnknownNameError, match="did you mean 'gradient'"):
            plot_gradient_field(bowl, *SQUARE, lengths="gradients")
        with pytest.raises(ArgumentError, match="n must be"):
            plot_gradient_field(bowl, *SQUARE, n=1)
        with pytest.raises(StepError):
            plot_gradient_field(bowl, *SQUARE, h=0)
        with pytest.raises(ShapeError, match="minimum"):
            plot_gradient_field(bowl, *SQUARE, minimum=1)
        rng = np.random.default_rng(0)
        with pytest.raises(ImpureFunctionError):
            plot_gradient_field(lambda x: rng.random(), *SQUARE)
        assert plt.get_fignums() == []


def descend(f, x, lr, steps=20):
    return nn.gradient_descent(f, x, lr=lr, steps=steps)


class TestDescent:
    def test_path_start_end_and_height(self, ax):
        plot_descent(bowl, PATH, ax=ax, minimum=(0, 0), resolution=21)
        np.testing.assert_array_equal(line_of(ax, "20 steps").get_xydata(), PATH)
        assert legend(ax) == ["20 steps: f = 0.00332", "start", "minimum"]
        star = line_of(ax, "minimum")
        assert star.get_markerfacecolor() == "none"  # an end shows within it
        assert star.get_zorder() > max(line.get_zorder() for line in ax.lines if line is not star)
        rest = [line.get_xydata().tolist() for line in ax.lines[1:]]
        assert [PATH[-1].tolist()] in rest  # the end
        assert [[-3.0, 4.0]] in rest
        assert PATH.tolist() in rest  # a dot a step
        low, high = np.array([ax.get_xlim(), ax.get_ylim()]).T
        assert (low < np.minimum(PATH.min(0), 0)).all()
        assert (high > np.maximum(PATH.max(0), 0)).all()

    def test_optimizers_by_name(self, ax):
        paths = {}
        for name, optimizer in (("SGD", nn.SGD(lr=0.95)), ("Adam", nn.Adam(lr=0.3))):
            params = {"x": np.array([-7.0, 2.0])}
            path = [params["x"].copy()]
            for _ in range(30):
                optimizer.update(params, {"x": nn.numerical_gradient(trough, params["x"])})
                path.append(params["x"].copy())
            paths[name] = path
        plot_descent(trough, paths, (-10, 10), (-5, 5), ax, resolution=21)
        for name, path in paths.items():
            line = line_of(ax, name)
            np.testing.assert_array_equal(line.get_xydata(), path)
            assert line.get_label() == f"{name}: f = {trough(path[-1]):.3g}"
        assert line_of(ax, "SGD").get_color() != line_of(ax, "Adam").get_color()
        assert (ax.get_xlim(), ax.get_ylim()) == ((-10, 10), (-5, 5))

    def test_seven_paths_have_seven_colours(self, ax):
        plot_descent(bowl, {f"path {k}": PATH + k for k in range(7)}, ax=ax, resolution=9)
        assert len({line_of(ax, f"path {k}").get_color() for k in range(7)}) == 7

    def test_runaway_does_not_squash_the_others(self, ax):
        good, bad = descend(trough, [-7.0, 2.0], 0.9), descend(trough, [-7.0, 2.0], 1.2)
        plot_descent(trough, {"good": good, "bad": bad}, ax=ax, resolution=21)
        assert np.ptp(ax.get_ylim()) < 4 * np.ptp(good[:, 1])
        assert np.abs(bad).max() > 1000
        assert legend(ax)[0] == f"good: f = {trough(good[-1]):.3g}"
        assert legend(ax)[1].startswith("bad: leaves the picture, f = ")
        ends = [line.get_marker() for line in ax.get_legend().get_lines()[:2]]
        assert ends == ["o", ""]  # what leaves has no end to be told from others
        drawn = line_of(ax, "bad").get_xydata()
        kept = len(drawn) - 1
        np.testing.assert_array_equal(drawn[:kept], bad[:kept])
        assert np.abs(drawn[-1, 1]) == pytest.approx(np.abs(ax.get_ylim()).max(), rel=0.3)
        assert min(np.abs(drawn[-1, 1] - end) for end in ax.get_ylim()) < 1e-9  # on the edge
        (head,) = ax.texts  # an arrowhead, without words
        assert (head.get_text(), tuple(head.xy)) == ("", tuple(drawn[-1]))
        assert tuple(head.xyann) == tuple(drawn[-2])
        dots = [line.get_xydata() for line in ax.lines if line.get_markersize() == 5]
        np.testing.assert_array_equal(dots[-1], drawn[:-1])  # at the edge there is no step

    @pytest.mark.parametrize(
        ("steps", "stride", "dots"),
        [(1, 1.0, True), (40, 1.0, True), (41, 1.0, False), (40, 0.001, False)],
    )
    def test_steps_have_dots_where_they_can_be_told_apart(self, ax, steps, stride, dots):
        path = np.stack([np.arange(steps + 1) % 2 * stride + 1, np.ones(steps + 1)], axis=1)
        plot_descent(bowl, {"a": path}, (-2, 2), (-2, 2), ax=ax, resolution=9)
        marked = [line.get_xydata().tolist() for line in ax.lines if line.get_markersize() == 5]
        assert marked == [path.tolist()] * dots

    def test_one_step_and_no_strip(self, ax):
        plot_descent(bowl, [[1, 0], [0.5, 0]], ax=ax, resolution=9)
        assert legend(ax)[0] == "1 step: f = 0.25"
        assert np.ptp(ax.get_ylim()) >= 0.4 * np.ptp(ax.get_xlim())

    @pytest.mark.parametrize(
        ("path", "away"),
        [
            ([[2, 0], [0, 2], [-2, 0]], False),  # as high as before
            ([[3.0, 0], [2.9, 0], [2.6, 0], [2.1, 0], [1.4, 0]], False),  # faster and faster
            ([[3.0, 0], [3.0, 0.1], [3.1, 0.0]], True),
        ],
    )
    def test_who_runs_away(self, path, away):
        (walk,) = as_walks(bowl, path)
        assert walk.runs_away is away

    @pytest.mark.parametrize("lr", [1.05, 1.3, 10, 1e6])
    def test_lone_runaway_shows_how_it_begins(self, ax, lr):
        path = descend(bowl, [-3.0, 4.0], lr, steps=15)
        plot_descent(bowl, path, ax=ax, resolution=21)
        low, high = np.array([ax.get_xlim(), ax.get_ylim()]).T
        inside = ((path >= low) & (path <= high)).all(axis=1)
        assert inside[:2].all()
        assert not inside[-1]
        assert (high - low).max() < 10 * np.abs(path[1] - path[0]).max()

    def test_running_down_a_saddle_is_running_away(self, ax):
        path = descend(lambda x: x[0] * x[1], [2.0, 1.99], 0.1, steps=100)
        plot_descent(lambda x: x[0] * x[1], path, ax=ax, resolution=21)
        assert max(np.abs([ax.get_xlim(), ax.get_ylim()]).flat) < 10
        assert "leaves the picture" in legend(ax)[0]

    def test_what_is_not_finite_has_left(self, ax):
        path = [[1.0, 1.0], [0.5, 2.0], [np.inf, np.nan], [0.0, 0.0]]
        plot_descent(bowl, path, ax=ax, resolution=21)
        assert legend(ax)[0] == "3 steps: leaves the picture"
        assert line_of(ax, "3 steps").get_xydata().tolist() == path[:2]
        ax.figure.canvas.draw()

    def test_path_that_ends_where_f_is_not_defined(self, ax):
        plot_descent(logarithm, [[1, 1], [0.5, 0.5], [-0.5, 0.2]], (-1, 2), (-1, 2), ax)
        assert legend(ax)[0] == "2 steps: f has no value"

    @pytest.mark.parametrize("path", [[[1, 2]], [[1, 2]] * 5], ids=["no step", "never moved"])
    def test_paths_that_go_nowhere(self, ax, path):
        plot_descent(bowl, path, ax=ax, resolution=9)
        ax.figure.canvas.draw()
        assert ax.get_xlim()[0] < 1 < ax.get_xlim()[1]
        assert legend(ax)[0].endswith("f = 5")

    def test_path_outside_of_the_ranges(self, ax):
        plot_descent(bowl, {"far": PATH + 50}, (0, 1), (0, 1), ax, resolution=9)
        ax.figure.canvas.draw()
        assert legend(ax)[0].startswith("far: leaves the picture")
        assert len(line_of(ax, "far").get_xydata()) == 0

    @pytest.mark.parametrize(
        ("paths", "error", "message"),
        [
            ({}, InputError, "empty mapping"),
            (np.ones((3, 3)), ShapeError, r"paths must have shape \(steps \+ 1, 2\), got \(3, 3\)"),
            ({"a": PATH, "b": [1, 2]}, ShapeError, r"paths\['b'\] must have shape"),
            ([PATH, PATH], ShapeError, "several paths go into a mapping"),
            ([["a", "b"]], InputError, "real numbers"),
            ([[np.nan, 1], [1, 2]], InputError, "begins at .*not finite"),
        ],
    )
    def test_faults_are_named(self, paths, error, message):
        with pytest.raises(error, match=message):
            plot_descent(bowl, paths)
        assert plt.get_fignums() == []
