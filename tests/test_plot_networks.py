"""Pictures of the loss over weights, and of a path, are true and leave the network as it was."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.text import Text

import nn
from nn.errors import (
    ArgumentError,
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    ShapeError,
    StepError,
    UnknownNameError,
)
from nn.plotting.film import animate_decision_boundary as animate
from nn.plotting.loss_line import plot_loss_line
from nn.plotting.loss_surface import plot_loss_surface
from nn.plotting.regions import around, dot_size
from nn.plotting.style import class_color

from . import plots
from .plots import only, plt, texts

ax, net, close_figures = plots.ax, plots.net, plots.close_figures
X = np.random.default_rng(0).normal(size=(20, 2))
T = (X[:, 0] > 0.2 * X[:, 1]).astype(int)


def walk(net, snapshots=6):
    """A path of gradient descent; the network ends where it ended."""
    path = [net.params.copy()]
    for _ in range(snapshots - 1):
        for name, slope in net.numerical_gradient(X, T).items():
            net.params[name] -= 0.5 * slope
        path.append(net.params.copy())
    return path


def animate_decision_boundary(*given, **options):
    film = animate(*given, **options)
    film._draw_was_started = True  # else matplotlib warns that nobody looked
    return film


def flat(snapshot):
    return np.concatenate([np.ravel(p) for p in snapshot.values()])


class Fragile(nn.Elementwise):
    """Raises after so many batches."""

    def __init__(self):
        self.left = 10**9

    def forward(self, x):
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("enough")
        return np.tanh(x)


RESTORING = {
    "line": lambda net, path: plot_loss_line(net, X, T, "b1", 1),
    "plane": lambda net, path: plot_loss_surface(net, X, T, path, resolution=5),
    "two weights": lambda net, path: plot_loss_surface(
        net, X, T, weights=(("W2", (0, 0)), ("b1", 2)), resolution=5
    ),
    "film": lambda net, path: animate_decision_boundary(net, path, X, T)._draw_frame(0),
}


@pytest.mark.parametrize("draw", RESTORING.values(), ids=RESTORING)
class TestParametersComeBack:
    def check(self, draw, after):
        layer = Fragile()
        net = nn.TwoLayerNet(2, 3, 2, weight_init_std=0.5, activation=layer, rng=0)
        path = walk(net)
        net.params["b1"][0] = -0.0
        arrays, bits = dict(net.params), {n: p.tobytes() for n, p in net.params.items()}
        layer.left = after
        if after < 1000:
            with pytest.raises(RuntimeError, match="enough"):
                draw(net, path)
        else:
            draw(net, path)
        for name, p in net.params.items():
            assert p is arrays[name]
            assert p.tobytes() == bits[name]

    def test_bit_for_bit(self, draw):
        self.check(draw, 10**9)

    def test_also_when_the_network_raises(self, draw):
        self.check(draw, 3)


class TestLossLine:
    def test_curve_is_the_loss_at_every_weight(self, net, ax):
        plot_loss_line(net, X, T, "W1", (0, 2), ax, span=(-2.0, 3.0))
        weights, losses = ax.lines[0].get_data()
        assert weights[[0, -1]].tolist() == [-2.0, 3.0]
        for k in (0, 57, 200):
            net.params["W1"][0, 2] = weights[k]
            assert losses[k] == pytest.approx(net.loss(X, T), rel=1e-13)
        assert ax.get_xlabel() == "W1[0, 2]"
        assert ax.get_ylabel() == "loss of 20 samples"

    def test_dot_and_tangent_are_here_with_the_slope_of_the_gradient(self, net, ax):
        slope = net.numerical_gradient(X, T, method="loop")["W2"][1, 0]
        here, loss = net.params["W2"][1, 0], net.loss(X, T)
        plot_loss_line(net, X, T, "W2", (1, 0), ax)
        tangent, dot = ax.lines[1:3]
        assert [dot.get_xdata().tolist(), dot.get_ydata().tolist()] == [[here], [loss]]
        x, y = tangent.get_data()
        np.testing.assert_allclose(y, loss + slope * (x - here), rtol=1e-12)
        assert x[0] < here < x[-1]
        said = f"{slope:.3g}".replace("-", "−")
        assert ax.get_title() == f"∂L/∂W2[1, 0] = {said}"

    @pytest.mark.parametrize("sign", [1, -1])
    def test_arrow_points_downhill(self, ax, sign):
        net = nn.Sequential([nn.Linear(1, 1, rng=0)], loss=nn.MSELoss())
        net.params["0.W"][:], net.params["0.b"][:] = 0.5, 0.0
        x = np.ones((3, 1))
        plot_loss_line(net, x, 0.5 * x + sign, "0.b", 0, ax, span=(-3, 3))
        (arrow,) = ax.texts
        assert arrow.get_text().strip() == "step this way"
        assert np.sign(arrow.xy[0] - net.params["0.b"][0]) == sign
        assert ax.get_title().startswith("∂L/∂(0.b[0]) = ")

    def test_a_weight_that_does_nothing_is_flat(self, ax):
        net = nn.TwoLayerNet(2, 3, 2, 0.5, nn.ReLU(), rng=0)
        net.params["b1"][:] = -1e9
        plot_loss_line(net, X, T, "W1", (1, 1), ax)
        assert texts(ax)[0].strip() == "flat here"
        assert np.ptp(ax.lines[0].get_ydata()) == 0
        assert np.ptp(ax.get_ylim()) > 0.01  # and not blown up

    @pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
    def test_default_span_shows_the_bend(self, ax, size):
        net = nn.Sequential([nn.Linear(1, 1, rng=0)], loss=nn.MSELoss())
        net.params["0.W"][:], net.params["0.b"][:] = 0.0, 0.0
        x = np.ones((3, 1))
        plot_loss_line(net, x, x * size, "0.b", 0, ax)
        weights, losses = ax.lines[0].get_data()
        if size >= 1:  # the lowest point is in the picture, and not at its edge
            assert weights[losses.argmin()] == pytest.approx(size, rel=0.02)
            assert 20 < losses.argmin() < 180
        assert losses.max() > 1.05 * losses.min()

    @pytest.mark.parametrize("here", [50.0, -50.0])
    def test_default_span_is_about_the_weight(self, ax, here):
        net = nn.Sequential([nn.Linear(1, 1, rng=0)], loss=nn.MSELoss())
        net.params["0.W"][:], net.params["0.b"][:] = 0.0, here
        plot_loss_line(net, np.ones((1, 1)), np.full((1, 1), here + 1), "0.b", 0, ax)
        weights, losses = ax.lines[0].get_data()
        assert weights[100] == here
        assert weights[losses.argmin()] == pytest.approx(here + 1, abs=0.05)
        assert 20 < losses.argmin() < 180
        assert ax.get_ylabel() == "loss of 1 sample"

    @pytest.mark.parametrize("sign", [1, -1])
    @pytest.mark.parametrize("span", [(0.0, 6.0), (-3.0, 3.0), (-6.0, 0.0)])
    def test_words_about_the_way_are_in_the_picture(self, ax, sign, span):
        net = nn.Sequential([nn.Linear(1, 1, rng=0)], loss=nn.MSELoss())
        net.params["0.W"][:], net.params["0.b"][:] = 0.0, 0.0  # at an end of the span, or amid
        x = np.ones((3, 1))
        plot_loss_line(net, x, sign * x, "0.b", 0, ax, span=span)
        ax.figure.draw_without_rendering()
        (arrow,) = ax.texts
        words = Text.get_window_extent(arrow)  # without the arrow
        assert ax.bbox.x0 <= words.x0 < words.x1 <= ax.bbox.x1
        tip, _ = ax.transData.transform((arrow.xy[0], 0))
        assert not words.x0 < tip < words.x1

    def test_gap_where_the_loss_is_not_finite(self, ax):
        class Log(nn.Elementwise):
            def forward(self, x):
                return np.log(x)

        net = nn.Sequential([nn.Linear(1, 1, rng=0), Log()], loss=nn.MSELoss())
        net.params["0.W"][:], net.params["0.b"][:] = 1.0, 1.0
        plot_loss_line(net, np.ones((2, 1)), np.zeros(2), "0.b", 0, ax, span=(-3, 2))
        weights, losses = ax.lines[0].get_data()
        assert np.isnan(losses[weights < -1]).all()
        assert np.isfinite(losses[weights > -0.99]).all()
        net.params["0.b"][:] = -2.0
        with pytest.raises(NotFiniteError):
            plot_loss_line(net, np.ones((2, 1)), np.zeros(2), "0.b", 0, ax)

    def test_network_of_ones_own(self, ax):
        class Own:
            params = {"w": np.array([1.0, 2.0])}  # noqa: RUF012

            def loss(self, x, t):
                return float(((self.params["w"] * x - t) ** 2).sum())

        plot_loss_line(Own(), [1.0, 1.0], [0.0, 0.0], "w", 1, ax)
        assert ax.get_title() == "∂L/∂w[1] = 4"

    def test_parameters_that_cannot_be_moved(self, net):
        class Frozen:
            params = {"w": np.broadcast_to(1.0, (2,))}  # noqa: RUF012

            def loss(self, x, t):
                return 0.0

        with pytest.raises(InputError, match="w must be a writable floating-point array"):
            plot_loss_line(Frozen(), X, T, "w", 0)
        here = float(net.params["b1"][0])
        plot_loss_line(net, X, T, "b1", 0, span=(here, here + 1))  # at its end it is inside

    @pytest.mark.parametrize(
        ("name", "index", "more", "error", "message"),
        [
            ("W3", (0, 0), {}, UnknownNameError, "no parameter 'W3'; known: W1, W2, b1, b2"),
            ("W1", (2, 0), {}, InputError, r"W1 has shape \(2, 3\): there is no W1\[2, 0\]"),
            ("W1", 0, {}, InputError, r"no W1\[0\]"),
            ("b1", 0.5, {}, InputError, r"no b1\[0.5\]"),
            ("b1", 0, {"span": (3, 1)}, InputError, "low < high"),
            ("b1", 0, {"span": (3, 4)}, InputError, "outside of the span, 3 to 4"),
            ("b1", 0, {"span": 3}, InputError, "low, high"),
            ("b1", 0, {"h": 0.0}, StepError, "h"),
        ],
    )
    def test_faults_are_named(self, net, name, index, more, error, message):
        with pytest.raises(error, match=message):
            plot_loss_line(net, X, T, name, index, **more)
        assert plt.get_fignums() == []

    def test_no_network_and_no_steady_loss(self):
        with pytest.raises(ArgumentError, match="network"):
            plot_loss_line(nn.TwoLayerNet, X, T, "W1", (0, 0))

        class Fickle(nn.Elementwise):
            rng = np.random.default_rng(0)

            def forward(self, x):
                return x + self.rng.normal()

        net = nn.Sequential([nn.Linear(2, 1, rng=0), Fickle()], loss=nn.MSELoss())
        with pytest.raises(ImpureFunctionError):
            plot_loss_line(net, X, T, "0.b", 0)


def filled(ax):
    """The coloured bands of a map."""
    (found,) = [c for c in ax.collections if isinstance(c, ContourSet) and c.filled]
    return found


def band(ax, point):
    """The lowest and highest loss that the colour at a point stands for."""
    contours = filled(ax)
    inside = [k for k, p in enumerate(contours.get_paths()) if len(p) and p.contains_point(point)]
    return contours.levels[inside[-1]], contours.levels[inside[-1] + 1]


class TestLossSurface:
    def test_plane_holds_the_last_snapshot_and_most_of_the_path(self, net, ax):
        path = walk(net, 8)
        plot_loss_surface(net, X, T, path, ax, resolution=11)
        moves = np.array([flat(s) for s in path]) - flat(path[-1])
        spread = moves - moves.mean(0)
        sizes = np.sort(np.linalg.eigvalsh(spread @ spread.T))[::-1]
        share = sizes / sizes.sum()
        assert ax.get_xlabel() == f"1st direction of the path\n{share[0]:.0%} of its variance"
        assert ax.get_ylabel() == f"2nd direction of the path\n{share[1]:.0%} of its variance"
        track = np.column_stack(only(ax, "path").get_data())
        np.testing.assert_allclose(track[-1], 0, atol=1e-15)
        variance = ((track - track.mean(0)) ** 2).sum(0)
        np.testing.assert_allclose(variance, sizes[:2], rtol=1e-6, atol=1e-12)
        assert track[0, 0] < 0  # it goes to the right
        for label, at in (("start", 0), ("end", -1)):
            assert np.ravel(only(ax, label).get_data()).tolist() == track[at].tolist()
        (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        assert low < track[:, 0].min() < track[:, 0].max() < high
        assert bottom < track[:, 1].min() < track[:, 1].max() < top

    def test_a_path_comes_from_the_left_and_from_above(self, net):
        path = walk(net, 6)
        back = [{n: 2 * path[-1][n] - p for n, p in snapshot.items()} for snapshot in path]
        for way in (path, back):  # one is the other, mirrored
            drawn = plot_loss_surface(net, X, T, way, Figure().add_subplot(), resolution=3)
            track = only(drawn, "path").get_xydata()
            assert track[0, 0] < 0 < track[np.abs(track[:, 1]).argmax(), 1]

    def test_colours_are_the_loss_on_the_plane(self, net, ax):
        path = walk(net, 3)  # three points are in one plane, so their own losses are on it
        plot_loss_surface(net, X, T, path, ax, resolution=61)
        track = np.column_stack(only(ax, "path").get_data())
        for snapshot, point in zip(path, track, strict=True):
            net.params.update(snapshot)
            low, high = band(ax, point)
            assert low - 1e-3 <= net.loss(X, T) <= high + 1e-3
        assert filled(ax).levels[-1] > filled(ax).levels[0] + 0.01

    def test_two_weights(self, net, ax):
        net.params["W1"][0, 1], net.params["b2"][1] = 0.4, -0.3
        plot_loss_surface(net, X, T, ax=ax, weights=(("W1", (0, 1)), ("b2", 1)), resolution=41)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("W1[0, 1]", "b2[1]")
        assert np.ravel(only(ax, "now").get_data()).tolist() == [0.4, -0.3]
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        assert ((left + right) / 2, (bottom + top) / 2) == pytest.approx((0.4, -0.3))
        for a, b in ((0.2, 0.7), (0.8, 0.2), (0.5, 0.5)):
            point = left + a * (right - left), bottom + b * (top - bottom)
            net.params["W1"][0, 1], net.params["b2"][1] = point
            low, high = band(ax, point)
            assert low - 2e-3 <= net.loss(X, T) <= high + 2e-3

    def test_path_over_two_weights(self, net, ax):
        path = walk(net, 9)
        plot_loss_surface(net, X, T, path, ax, weights=(("W2", (0, 1)), ("b1", -1)), resolution=5)
        track = np.column_stack(only(ax, "path").get_data())
        wanted = [[s["W2"][0, 1], s["b1"][2]] for s in path]
        np.testing.assert_allclose(track, wanted, atol=1e-14)
        (dots,) = (line for line in ax.lines if line.get_marker() == ".")  # one a snapshot
        np.testing.assert_array_equal(dots.get_xydata(), track)
        assert [only(ax, end).get_color() for end in ("start", "end")] == ["white", "black"]

    def test_the_network_is_seen_beside_a_path_that_leads_elsewhere(self, net, ax):
        path = walk(net)
        net.params["W2"][0, 1] = 3.0
        plot_loss_surface(net, X, T, path, ax, weights=(("W2", (0, 1)), ("b1", 0)), resolution=5)
        assert ax.get_xlim()[1] > 3

    def test_parameters_of_a_snapshot_in_any_order(self, net, ax):
        path = walk(net, 3)
        turned = [dict(reversed(snapshot.items())) for snapshot in path]
        other = plot_loss_surface(net, X, T, turned, Figure().add_subplot(), resolution=5)
        plot_loss_surface(net, X, T, path, ax, resolution=5)
        np.testing.assert_array_equal(
            only(other, "path").get_xydata(), only(ax, "path").get_xydata()
        )

    def test_gap_where_the_loss_is_not_finite(self, ax):
        class Exponential(nn.Elementwise):
            def forward(self, x):
                return np.exp(x)

        net = nn.Sequential([nn.Linear(1, 1, rng=0), Exponential()], loss=nn.MSELoss())
        net.params["0.W"][:] = 0.0
        path = [{"0.W": [[0.0]], "0.b": [b]} for b in (400.0, 0.0)]
        plot_loss_surface(net, [[1.0]], [[0.0]], path, ax, resolution=9)
        assert ax.patch.get_hatch()
        assert np.isfinite(filled(ax).levels).all()

    def test_a_loss_that_is_finite_nowhere(self, net, monkeypatch):
        path = walk(net, 2)
        monkeypatch.setattr(net, "loss", lambda x, t: np.inf)
        with pytest.raises(InputError, match="the loss is finite nowhere on this plane"):
            plot_loss_surface(net, X, T, path, resolution=5)
        assert plt.get_fignums() == []

    def test_relief_has_the_loss_of_each_snapshot_as_height(self, net):
        relief = Figure().add_subplot(projection="3d")
        path = walk(net)
        assert plot_loss_surface(net, X, T, path, relief, resolution=9) is relief
        heights = only(relief, "path").get_data_3d()[2]
        losses = []
        for snapshot in path:
            net.params.update(snapshot)
            losses.append(net.loss(X, T))
        raised = heights - losses
        np.testing.assert_allclose(raised, raised[0], rtol=1e-9)
        assert 0 < raised[0] < 0.05 * np.ptp(relief.get_zlim())
        assert relief.get_zlabel() == "loss"
        relief.figure.canvas.draw()

    def test_straight_path_gets_a_direction_by_chance(self, net, ax):
        path = walk(net, 2)
        plot_loss_surface(net, X, T, path, ax, resolution=5)
        assert "100%" in ax.get_xlabel()
        assert "by chance" in ax.get_ylabel()
        np.testing.assert_allclose(only(ax, "path").get_ydata(), 0, atol=1e-14)
        length = np.linalg.norm(flat(path[0]) - flat(path[1]))
        np.testing.assert_allclose(only(ax, "path").get_xdata(), [-length, 0], atol=1e-14)
        assert ax.get_xlim() == pytest.approx((-1.25 * length, 0.25 * length))
        assert np.ptp(ax.get_ylim()) == pytest.approx(0.65 * np.ptp(ax.get_xlim()))  # no strip
        other = plot_loss_surface(net, X, T, path, Figure().add_subplot(), resolution=5)
        np.testing.assert_array_equal(filled(other).levels, filled(ax).levels)  # the same chance
        for one, same in zip(filled(ax).get_paths(), filled(other).get_paths(), strict=True):
            np.testing.assert_array_equal(one.vertices, same.vertices)

    def test_live_parameters_in_a_path_are_read_before_anything_moves(self, net, ax):
        start = net.params.copy()
        net.params["b1"][:] = 1.0
        plot_loss_surface(net, X, T, [start, net.params], ax, resolution=5)
        length = np.linalg.norm(flat(start) - flat(net.params))
        assert only(ax, "path").get_xdata()[0] == pytest.approx(-length)

    def test_faults_are_named(self, net, ax):
        path = walk(net, 3)
        here = net.params.copy()
        cases = [
            ({}, InputError, "needs a path of snapshots, or two weights"),
            ({"path": here}, ArgumentError, "path must be a list of snapshots"),
            ({"path": []}, InputError, "path is empty"),
            ({"path": [here, 3]}, ArgumentError, r"path\[1\] must be a snapshot"),
            ({"path": [here, {"W1": here["W1"]}]}, InputError, r"path\[1\] holds W1; the network"),
            ({"path": [here | {"b3": [1]}]}, InputError, r"path\[0\] holds .*, b3; the network"),
            ({"path": [here | {"b1": np.ones(2)}]}, ShapeError, r"b1 of path\[0\] has shape \(2,"),
            ({"path": [here | {"b1": [1, np.nan, 2]}]}, InputError, r"b1 of path\[0\]\[1\] is nan"),
            ({"path": [net.params, net.params]}, InputError, "goes nowhere"),
            ({"weights": ("W1", (0, 0))}, ArgumentError, "weights must be a pair"),
            ({"weights": (("b1", 0), ("b1", -3))}, InputError, r"one and the same, b1\[0\]"),
            ({"weights": (("b1", 0), ("b3", 0))}, UnknownNameError, "no parameter 'b3'"),
            ({"path": path, "resolution": 1}, ArgumentError, "resolution"),
            ({"path": path, "margin": 0.0}, ArgumentError, "margin"),
        ]
        for given, error, message in cases:
            with pytest.raises(error, match=message):
                plot_loss_surface(net, X, T, **given)
        assert plt.get_fignums() == []


class TestFilm:
    def frames(self, film):
        """Title, and the points of the boundary, of every frame."""
        (ax,) = film._fig.axes
        found = []
        for k in film.new_frame_seq():
            film._draw_frame(k)
            lines = [c for c in ax.collections if isinstance(c, ContourSet) and not c.filled]
            paths = [path.vertices for c in lines for path in c.get_paths()]
            found.append((ax.get_title(), np.concatenate(paths) if paths else np.empty((0, 2))))
        return found

    def test_a_frame_a_snapshot_and_the_last_one_stays(self, net):
        path = walk(net, 4)
        film = animate_decision_boundary(net, path, X, T, interval=500)
        frames = self.frames(film)
        assert len(frames) == 3 + 4
        assert len({title for title, _ in frames[3:]}) == 1
        for k, snapshot in enumerate(path):
            net.params.update(snapshot)
            title, boundary = frames[k]
            assert title == f"epoch {k} of 3, accuracy {net.accuracy(X, T):.1%}"
            p = net.predict(boundary)
            np.testing.assert_allclose(p[:, 0], p[:, 1], atol=0.01)
        assert not np.array_equal(frames[0][1], frames[3][1])

    def test_old_frames_leave_nothing_behind(self, net):
        film = animate_decision_boundary(net, walk(net, 3), X, T, resolution=10)
        (ax,) = film._fig.axes
        film._draw_frame(2)
        count = len(ax.collections)
        film._draw_frame(1)
        film._draw_frame(2)
        assert len(ax.collections) == count
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x₀", "x₁")

    def test_points_and_names(self, net):
        film = animate_decision_boundary(
            net, walk(net, 2), X, T, titles=["before", "after"], resolution=10,
            class_names=["left", "right"], feature_names=("a (m)", "b (m)"),
        )  # fmt: skip
        (ax,) = film._fig.axes
        dots = [c for c in ax.collections if not isinstance(c, ContourSet)]
        for c, drawn in enumerate(dots):
            np.testing.assert_array_equal(drawn.get_offsets(), X[c == T])
        assert len(dots) == 2
        (legend,) = film._fig.legends
        names = [text.get_text() for text in legend.get_texts()]
        assert names == ["left", "right", "deeper: more certain"]
        assert legend.get_window_extent().height < 30  # they stand side by side
        bands = [c for c in ax.collections if isinstance(c, ContourSet) and c.filled]
        assert len(bands) == 2
        lines = [c for c in ax.collections if isinstance(c, ContourSet) and not c.filled]
        assert len(lines) == 1  # the border of one class is that of the other
        for c, drawn in enumerate(bands):
            weakest = drawn.get_facecolor()[0, :3]
            np.testing.assert_allclose(1 - (1 - weakest) / 0.18, to_rgb(class_color(c)), atol=1e-9)
            assert drawn.levels[:3].tolist() == [0, 0.5, 0.9]  # leads over the other class
            assert (np.diff(drawn.get_facecolor()[:, :3].mean(1)) < 0).all()  # sure is strong
        assert ax.get_xlabel() == "a (m)"
        assert [title for title, _ in self.frames(film)][:2] == ["before", "after"]

    def test_epochs_may_count_from_one(self, net):
        film = animate_decision_boundary(net, walk(net, 2), X, T, first_epoch=1, resolution=5)
        assert self.frames(film)[1][0].startswith("epoch 2 of 2, accuracy")

    def test_room_around_points_and_their_size(self):
        x1, x2, grid = around(np.array([[3.0, 0.0], [3.0, 100.0]]), 3)
        assert (x1.tolist(), x2.tolist()) == ([2, 3, 4], [-8, 50, 108])
        assert grid.tolist()[:2] == [[2, -8], [3, -8]]
        assert [dot_size(np.ones((n, 2))) for n in (10, 400, 1000)] == [42, 20, 14]

    def test_a_class_that_the_network_does_not_know_has_a_name_too(self, net):
        film = animate_decision_boundary(net, walk(net, 2), X, np.arange(20) % 3, resolution=5)
        names = [text.get_text() for text in film._fig.legends[0].get_texts()]
        assert names == ["0", "1", "2", "deeper: more certain"]

    def test_three_classes_and_rc_params(self):
        net = nn.Sequential([nn.Linear(2, 3, rng=0)])
        before = mpl.rcParams.copy()
        film = animate_decision_boundary(net, [net.params.copy()], X, np.arange(20) % 3)
        assert self.frames(film)[0][0].startswith("epoch 0 of 0")
        assert mpl.rcParams == before

    def test_training_goes_on_while_it_runs(self, net):
        film = animate_decision_boundary(net, walk(net, 2), X, T, resolution=10)
        first = self.frames(film)
        net.params["W1"][:] = 0.0
        np.testing.assert_array_equal(self.frames(film)[0][1], first[0][1])

    def test_saved_as_a_small_gif(self, net, tmp_path):
        image = pytest.importorskip("PIL.Image")
        film = animate_decision_boundary(net, walk(net, 3), X, T, interval=500)
        film.save(tmp_path / "film.gif", writer="pillow", dpi=72)
        assert (tmp_path / "film.gif").stat().st_size < 60_000
        with image.open(tmp_path / "film.gif") as gif:
            assert gif.size == (480, 400)
            assert gif.n_frames == 3  # the last one, shown long
            gif.seek(2)
            assert gif.info["duration"] == 2000

    def test_faults_are_named(self, net):
        path = walk(net, 2)
        cases = [
            ({"x": np.ones((4, 3)), "t": [0, 1, 0, 1]}, ShapeError, "two features"),
            ({"t": T[:3]}, ShapeError, "x has 20, t has 3"),
            ({"titles": ["one"]}, InputError, "1 titles for 2 snapshots"),
            ({"resolution": 1}, ArgumentError, "resolution"),
            ({"interval": 0}, ArgumentError, "interval"),
            ({"path": []}, InputError, "path is empty"),
            ({"class_names": ["a"]}, InputError, "1 names, but there are 2 classes"),
        ]
        for given, error, message in cases:
            arguments = {"path": path, "x": X, "t": T} | given
            with pytest.raises(error, match=message):
                animate_decision_boundary(net, **arguments)
        regression = nn.Sequential([nn.Linear(2, 2, rng=0)], loss=nn.MSELoss())
        with pytest.raises(InputError, match="probabilities"):
            animate_decision_boundary(regression, [regression.params.copy()], X, T)
        assert plt.get_fignums() == []
