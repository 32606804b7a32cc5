"""The pictures show what was recorded, touch nothing they were not given, and say what is wrong."""

import subprocess
import sys
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure

mpl.use("agg")
import matplotlib.pyplot as plt

import nn
import nn.plotting as plotting
from nn.errors import ArgumentError, InputError, ShapeError
from nn.plotting.curves import smooth, steps_per_epoch
from nn.plotting.pictures import shift_and_scale


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return Figure().add_subplot()


def make_history(steps=60, per_epoch=20, metric="accuracy", validation=True, first=2.0, last=0.5):
    loss = np.geomspace(first, last, steps)
    history = SimpleNamespace(steps=[], evaluations=[], metric=metric)
    for step in range(1, steps + 1):
        at = {"step": step, "epoch": (step - 1) // per_epoch + 1}
        score = 1 - loss[step - 1] / 3
        history.steps.append(
            {"kind": "step", **at, "loss": loss[step - 1], metric: score, "lr": 0.3}
        )
        if step % per_epoch == 0:
            record = {"test_loss": loss[step - 1] + 0.1, f"test_{metric}": score - 0.1}
            if validation:
                record["validation_loss"] = loss[step - 1] + 0.2
                record[f"validation_{metric}"] = score - 0.2
            history.evaluations.append({"kind": "evaluation", **at, **record})
    return history


def split_at_zero(x):
    """Probability of class 1 rises with the first feature, one half at 0."""
    return 1 / (1 + np.exp(-4 * x[:, 0]))


def three_ways(x):
    angle = np.arctan2(x[:, 1], x[:, 0])[:, None] - 2 * np.pi * np.arange(3) / 3
    rows = np.exp(3 * np.cos(angle))
    return rows / rows.sum(1, keepdims=True)


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def line_of(ax, start):
    return next(line for label, line in lines(ax).items() if label.startswith(start))


POINTS = np.array([[-1.0, 0.0], [-0.5, 1.0], [0.5, -1.0], [1.0, 0.5]])

DRAWINGS = {
    "loss": lambda ax: plotting.plot_loss(make_history(), ax),
    "metric": lambda ax: plotting.plot_metric(make_history(), ax),
    "boundary": lambda ax: plotting.plot_decision_boundary(
        split_at_zero, POINTS, [0, 0, 1, 1], ax, resolution=20
    ),
    "confusion": lambda ax: plotting.plot_confusion([0, 1, 1], [0, 1, 0], ax),
    "predicted": lambda ax: plotting.plot_predicted([1.0, 2.0, 3.0], [1.1, 2.2, 2.7], ax),
    "fit": lambda ax: plotting.plot_fit(np.sin, [0.0, 1.0, 2.0], [0.1, 0.9, 0.8], ax),
}


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
class TestEveryDrawing:
    def assert_legible(self, ax):
        ax.figure.canvas.draw()
        texts = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
        assert min(text.get_fontsize() for text in texts) >= 11

    def test_draws_on_given_axes_and_opens_no_figure(self, draw, ax):
        assert draw(ax) is ax
        assert plt.get_fignums() == []
        self.assert_legible(ax)

    def test_makes_one_pyplot_figure_without_axes(self, draw):
        drawn = draw(None)
        assert plt.get_fignums() == [1]
        assert drawn.figure is plt.figure(1)
        self.assert_legible(drawn)

    def test_labels_both_axes(self, draw, ax):
        draw(ax)
        assert ax.get_xlabel()
        assert ax.get_ylabel()

    def test_leaves_rc_params_alone(self, draw, ax):
        before = mpl.rcParams.copy()
        draw(ax)
        assert mpl.rcParams == before


class TestCurves:
    def test_lines_are_the_records(self, ax):
        history = make_history()
        plotting.plot_loss(history, ax)
        raw = line_of(ax, "training batch")
        assert raw.get_xdata().tolist() == [record["step"] for record in history.steps]
        assert raw.get_ydata().tolist() == [record["loss"] for record in history.steps]
        for part in ("validation", "test"):
            line = line_of(ax, part)
            recorded = [record[f"{part}_loss"] for record in history.evaluations]
            assert line.get_xdata().tolist() == [20, 40, 60]
            assert line.get_ydata().tolist() == recorded

    def test_metric_lines_are_the_records(self, ax):
        history = make_history(metric="r2")
        plotting.plot_metric(history, ax)
        recorded = [record["test_r2"] for record in history.evaluations]
        assert line_of(ax, "test").get_ydata().tolist() == recorded
        assert ax.get_ylabel() == "R²"

    def test_without_validation_there_is_no_such_line(self, ax):
        plotting.plot_loss(make_history(validation=False), ax)
        assert not any(label.startswith("validation") for label in lines(ax))

    @pytest.mark.parametrize("steps", [0, 1, 2])
    @pytest.mark.parametrize("per_epoch", [1, 10], ids=["evaluations", "no evaluations"])
    @pytest.mark.parametrize("metric", ["accuracy", "r2"])
    def test_tiny_histories(self, steps, per_epoch, metric):
        figure = Figure()
        left, right = figure.subplots(1, 2)
        history = make_history(steps, per_epoch, metric)
        plotting.plot_loss(history, left)
        plotting.plot_metric(history, right)
        figure.canvas.draw()
        assert len(left.lines) == (0 if not steps else 3 if per_epoch == 1 else 1)

    def test_single_step_is_a_visible_marker(self, ax):
        plotting.plot_loss(make_history(1), ax)
        assert ax.lines[0].get_marker() == "o"

    @pytest.mark.parametrize(("last", "scale"), [(1.0, "linear"), (0.001, "log")])
    def test_log_scale_for_wide_range(self, ax, last, scale):
        history = make_history(last=last)
        history.evaluations.clear()
        assert plotting.plot_loss(history, ax).get_yscale() == scale

    def test_loss_of_zero_keeps_the_linear_scale(self, ax):
        history = make_history(3, last=0.01)
        history.steps[1]["loss"] = 0.0
        assert plotting.plot_loss(history, ax).get_yscale() == "linear"

    def test_not_finite_values_are_left_out(self, ax):
        history = make_history(5)
        history.steps[2]["loss"] = float("nan")
        history.steps[4]["loss"] = float("inf")
        plotting.plot_loss(history, ax)
        assert ax.lines[0].get_xdata().tolist() == [1, 2, 4]

    def test_bad_start_of_r2_does_not_squeeze_the_rest(self, ax):
        history = make_history(metric="r2")
        history.steps[0]["r2"] = -5000.0
        plotting.plot_metric(history, ax)
        assert -1.2 < ax.get_ylim()[0] <= -1.0

    def test_accuracy_axis_ends_near_one(self, ax):
        history = make_history(last=0.001)
        plotting.plot_metric(history, ax)
        assert ax.get_ylim()[1] <= 1.02

    def test_smooth(self):
        values = np.array([8.0, 4.0, 3.0, 2.0, 1.0])
        assert smooth(values, 3).tolist() == pytest.approx([8, 5, 3, 2, 1.5])
        assert smooth(values, 1).tolist() == values.tolist()

    def test_steps_per_epoch(self):
        assert steps_per_epoch(make_history(50, 20)) == 20
        assert steps_per_epoch(make_history(5, 20)) is None


class TestDecisionBoundary:
    def boundary(self, ax):
        """Every vertex of the contours drawn, (K, 2)."""
        contours = [artist for artist in ax.collections if isinstance(artist, ContourSet)]
        paths = [path for artist in contours for path in artist.get_paths()]
        return np.concatenate([path.vertices for path in paths]) if paths else np.empty((0, 2))

    def test_lies_where_p_is_one_half(self, ax):
        plotting.plot_decision_boundary(split_at_zero, POINTS, [0, 0, 1, 1], ax)
        vertices = self.boundary(ax)
        assert len(vertices) > 50
        np.testing.assert_allclose(split_at_zero(vertices), 0.5, atol=1e-3)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x₀", "x₁")

    def test_lies_where_two_of_three_tie_for_first(self, ax):
        plotting.plot_decision_boundary(three_ways, POINTS, [0, 1, 2, 0], ax)
        vertices = self.boundary(ax)
        vertices = vertices[np.hypot(*vertices.T) > 0.1]  # near the middle the angle jumps
        top = np.sort(three_ways(vertices), axis=1)
        np.testing.assert_allclose(top[:, 2], top[:, 1], atol=0.02)

    def test_a_class_that_never_wins_has_no_boundary(self, ax):
        plotting.plot_decision_boundary(
            lambda x: np.full((len(x), 2), [0.9, 0.1]), POINTS, [0, 0, 1, 1], ax
        )
        assert len(self.boundary(ax)) == 0

    def test_every_shape_of_two_classes_looks_the_same(self):
        shapes = [
            split_at_zero,
            lambda x: split_at_zero(x)[:, None],
            lambda x: np.stack([1 - split_at_zero(x), split_at_zero(x)], axis=1),
        ]
        images = [
            plotting.plot_decision_boundary(p, POINTS, [0, 0, 1, 1], Figure().add_subplot())
            .images[0]
            .get_array()
            for p in shapes
        ]
        np.testing.assert_array_equal(images[0], images[1])
        np.testing.assert_allclose(images[0], images[2], atol=1e-12)

    def test_certain_is_deeper_than_uncertain(self, ax):
        plotting.plot_decision_boundary(split_at_zero, POINTS, [0, 0, 1, 1], ax)
        lightness = ax.images[0].get_array().sum(2)[100]
        assert lightness[0] < lightness[90]
        assert lightness[-1] < lightness[110]

    def test_wrong_points_are_ringed_and_counted(self, ax):
        plotting.plot_decision_boundary(split_at_zero, POINTS, [1, 0, 1, 1], ax)
        assert "wrong: 1 of 4" in [text.get_text() for text in ax.get_legend().get_texts()]
        assert ax.collections[-1].get_offsets().tolist() == [[-1.0, 0.0]]

    def test_training_points_widen_the_picture(self, ax):
        plotting.plot_decision_boundary(
            split_at_zero, POINTS, [0, 0, 1, 1], ax, x_train=[[9.0, 0.0]], t_train=[1]
        )
        assert ax.get_xlim()[1] > 9

    def test_ten_classes_and_names(self, ax):
        names = [f"class {letter}" for letter in "ABCDEFGHIJKL"]
        plotting.plot_decision_boundary(
            lambda x: np.full((len(x), 12), 1 / 12), np.eye(12, 2), np.arange(12), ax, names
        )
        assert [text.get_text() for text in ax.get_legend().get_texts()][:12] == names

    @pytest.mark.parametrize(
        ("x", "t", "predict", "error", "message"),
        [
            (np.ones((4, 3)), [0, 0, 1, 1], split_at_zero, ShapeError, r"\(N, 2\).*\(4, 3\)"),
            (POINTS, [0, 1], split_at_zero, ShapeError, "x has 4, t has 2"),
            (POINTS, [0, 0, 1, 1.5], split_at_zero, InputError, r"t\[3\] is 1.5"),
            (POINTS, [0, 0, 1, -1], split_at_zero, InputError, r"t\[3\] is -1"),
            (POINTS, [0, 0, 1, 1], lambda x: x, InputError, "softmax"),
            (POINTS, [0, 0, 1, 1], lambda x: x[:3, 0], ShapeError, r"must have shape \(\d+, C\)"),
            (POINTS * np.nan, [0, 0, 1, 1], split_at_zero, InputError, r"x\[0, 0\] is nan"),
            (np.ones((0, 2)), [], split_at_zero, InputError, "empty"),
            ([["a", "b"]], [0], split_at_zero, InputError, "real numbers"),
        ],
    )
    def test_faults_are_named(self, ax, x, t, predict, error, message):
        with pytest.raises(error, match=message):
            plotting.plot_decision_boundary(predict, x, t, ax)

    def test_resolution_is_checked(self, ax):
        with pytest.raises(ArgumentError, match="resolution"):
            plotting.plot_decision_boundary(split_at_zero, POINTS, [0, 0, 1, 1], ax, resolution=1)


class TestConfusion:
    def cells(self, ax):
        return {(t.get_position()[1], t.get_position()[0]): int(t.get_text()) for t in ax.texts}

    def test_counts_equal_a_count_by_hand(self, ax):
        t = [0, 0, 0, 1, 1, 2]
        predicted = [0, 0, 2, 1, 0, 2]
        plotting.plot_confusion(t, predicted, ax)
        by_hand = [[2, 0, 1], [1, 1, 0], [0, 0, 1]]
        assert self.cells(ax) == dict(np.ndenumerate(by_hand))
        np.testing.assert_allclose(ax.images[0].get_array()[0], [2 / 3, 0, 1 / 3])
        assert ax.get_title() == "4 of 6 right (66.7%)"

    def test_one_hot_is_the_same(self, ax):
        plotting.plot_confusion(np.eye(3)[[0, 1, 2]], [[0], [1], [1]], ax)
        assert self.cells(ax)[2, 1] == 1

    def test_names_stand_on_both_axes(self, ax):
        plotting.plot_confusion([0, 1], [0, 1], ax, ["cat", "dog"])
        assert [label.get_text() for label in ax.get_xticklabels()] == ["cat", "dog"]
        assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]

    def test_class_never_seen_draws_an_empty_row(self, ax):
        plotting.plot_confusion([0, 2], [0, 2], ax)
        assert ax.images[0].get_array()[1].tolist() == [0, 0, 0]

    def test_faults_are_named(self, ax):
        with pytest.raises(ShapeError, match="t has 2, predicted has 1"):
            plotting.plot_confusion([0, 1], [0], ax)
        with pytest.raises(InputError, match="2 names, but there are 3 classes"):
            plotting.plot_confusion([0, 2], [0, 0], ax, ["cat", "dog"])
        with pytest.raises(InputError, match="one-hot"):
            plotting.plot_confusion([[0.5, 0.5]], [0], ax)


class TestRegression:
    def test_predicted_draws_the_points_and_scores(self, ax):
        plotting.plot_predicted([1.0, 2.0, 3.0], [[1.0], [2.0], [4.0]], ax, "price (k$)")
        assert ax.collections[0].get_offsets().tolist() == [[1, 1], [2, 2], [3, 4]]
        assert ax.get_title() == "R² 0.500, RMSE 0.577"
        assert ax.get_xlabel() == "true price (k$)"
        assert ax.get_xlim() == ax.get_ylim()
        diagonal = line_of(ax, "predicted = true")
        np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())

    def test_equal_targets_have_no_r2(self, ax):
        plotting.plot_predicted([2.0], [2.0], ax)
        assert ax.get_title() == "RMSE 0"

    def test_fit_draws_points_and_curve(self, ax):
        x, t = np.array([[2.0], [0.0], [1.0]]), np.array([0.9, 0.0, 0.8])
        plotting.plot_fit(np.sin, x, t, ax, input_name="time (s)")
        assert ax.collections[0].get_offsets().tolist() == np.c_[x, t].tolist()
        curve = line_of(ax, "network")
        assert curve.get_xdata()[[0, -1]].tolist() == [0, 2]
        np.testing.assert_array_equal(curve.get_ydata(), np.sin(curve.get_xdata()))
        assert ax.get_xlabel() == "time (s)"

    def test_faults_are_named(self, ax):
        with pytest.raises(ShapeError, match=r"\(N,\) or \(N, 1\), got \(3, 2\)"):
            plotting.plot_predicted(np.ones((3, 2)), np.ones(3), ax)
        with pytest.raises(ShapeError, match="x has 3, t has 2"):
            plotting.plot_fit(np.sin, np.ones(3), np.ones(2), ax)
        with pytest.raises(ShapeError, match="x has 400, predicted has 1"):
            plotting.plot_fit(lambda x: x[:1], np.ones(3), np.ones(3), ax)


class TestMistakes:
    images = np.arange(5 * 4).reshape(5, 2, 2)
    t = (0, 0, 1, 2, 2)
    table = np.array(
        [[0.2, 0.8, 0.0], [0.9, 0.1, 0.0], [0.45, 0.4, 0.15], [0.0, 0.95, 0.05], [0.2, 0.2, 0.6]]
    )  # fmt: skip

    def test_sorted_by_confidence_in_the_wrong_class(self):
        figure = Figure()
        axes = plotting.plot_mistakes(self.images, self.t, self.table, "abc", figure)
        shown = [ax.images[0].get_array().tolist() for ax in axes]
        assert shown == self.images[[3, 0, 2]].tolist()
        assert [ax.get_title() for ax in axes] == [
            "b, 95% sure\ntrue: c", "b, 80% sure\ntrue: a", "a, 45% sure\ntrue: b",
        ]  # fmt: skip
        assert figure.get_suptitle().startswith("3 mistakes in 5 images (60.0%)")
        assert figure.axes == axes
        assert plt.get_fignums() == []
        figure.canvas.draw()

    def test_no_mistakes_show_the_least_certain(self):
        right = self.table.argmax(1)
        figure = Figure()
        axes = plotting.plot_mistakes(self.images, right, self.table, figure=figure, count=2)
        assert figure.get_suptitle().startswith("No mistakes in 5 images")
        shown = [ax.images[0].get_array().tolist() for ax in axes]
        assert shown == self.images[[2, 4]].tolist()

    def test_sheet_has_no_empty_frames(self):
        table = np.tile([0.1, 0.9], (7, 1))
        figure = Figure()
        axes = plotting.plot_mistakes(np.ones((7, 1, 2, 2)), [0] * 7, table, figure=figure)
        assert len(axes) == len(figure.axes) == 7

    def test_new_figure_and_colour_images(self):
        images = np.random.default_rng(0).normal(size=(2, 3, 4, 4))
        axes = plotting.plot_mistakes(images, [0, 0], [0.9, 0.2])
        assert plt.get_fignums() == [1]
        assert axes[0].images[0].get_array().shape == (4, 4, 3)
        axes[0].figure.canvas.draw()

    def test_faults_are_named(self):
        with pytest.raises(ShapeError, match=r"got \(5, 4\)"):
            plotting.plot_mistakes(np.ones((5, 4)), self.t, self.table)
        with pytest.raises(ShapeError, match="images has 4"):
            plotting.plot_mistakes(self.images[:4], self.t, self.table)
        with pytest.raises(ArgumentError, match="count"):
            plotting.plot_mistakes(self.images, self.t, self.table, count=0)
        assert plt.get_fignums() == []


class TestDrawRun:
    def draw(self, folder, **options):
        defaults = {"task": "classification", "title": "a run", "x": POINTS, "t": [0, 0, 1, 1]}
        defaults["predict"] = split_at_zero
        return plotting.draw_run(folder, make_history(), **{**defaults, **options})

    def assert_pictures(self, folder, files, names):
        assert [path.name for path in files] == [f"{name}.png" for name in names]
        assert sorted(folder.iterdir()) == sorted(files)
        for path in files:
            assert path.read_bytes().startswith(b"\x89PNG")
            pixels = plt.imread(path)
            assert min(pixels.shape[:2]) > 300
            assert pixels.std() > 0.02
        assert plt.get_fignums() == []

    def test_classifier_of_two_features_with_images(self, tmp_path):
        folder = tmp_path / "new" / "run"
        before = mpl.rcParams.copy()
        files = self.draw(folder, images=np.arange(16).reshape(4, 2, 2))
        names = ["loss", "confusion", "decision_boundary", "mistakes"]
        self.assert_pictures(folder, files, names)
        assert mpl.rcParams == before

    def test_regression_of_one_feature(self, tmp_path):
        x = np.linspace(-1, 1, 20)[:, None]
        files = self.draw(
            tmp_path, task="regression", predict=lambda x: x**2, x=x, t=x**2 + 0.1,
            x_to_original=lambda x: 100 + 5 * x, t_to_original=lambda t: 3 * t,
        )  # fmt: skip
        self.assert_pictures(tmp_path, files, ["loss", "predicted", "fit"])

    def test_many_features(self, tmp_path):
        files = self.draw(tmp_path, x=np.ones((4, 7)))
        self.assert_pictures(tmp_path, files, ["loss", "confusion"])

    def test_several_targets_have_no_common_picture(self, tmp_path):
        files = self.draw(tmp_path, task="regression", t=POINTS, predict=np.copy)
        self.assert_pictures(tmp_path, files, ["loss"])

    def test_original_units(self, tmp_path, monkeypatch):
        seen = {}

        def spy(predict, x, t, ax, *rest, **options):
            seen.update(x=x, p=predict(x), x_train=options["x_train"])
            assert options["feature_names"] == ("x₀", "x₁")
            return ax

        monkeypatch.setattr("nn.plotting.pictures.plot_decision_boundary", spy)
        self.draw(
            tmp_path, x_to_original=lambda x: x * [2.0, 30.0] + [5.0, 700.0],
            x_train=POINTS[:1], t_train=[0],
        )  # fmt: skip
        np.testing.assert_allclose(seen["x"], POINTS * [2, 30] + [5, 700])
        np.testing.assert_allclose(seen["p"], split_at_zero(POINTS))
        np.testing.assert_allclose(seen["x_train"], [[3.0, 700.0]])

    def test_units_that_are_not_a_shift_and_scale_are_refused(self):
        with pytest.raises(InputError, match="shift and scale"):
            shift_and_scale(POINTS, np.exp)

    def test_same_run_same_bytes(self, tmp_path):
        options = {"task": "regression", "x": np.ones((4, 3))}
        first = [path.read_bytes() for path in self.draw(tmp_path, **options)]
        plt.rcParams["lines.linewidth"] = 20
        try:
            assert [path.read_bytes() for path in self.draw(tmp_path, **options)] == first
        finally:
            plt.rcdefaults()
            mpl.use("agg")

    def test_unknown_task(self, tmp_path):
        with pytest.raises(InputError, match="'clustering'"):
            self.draw(tmp_path, task="clustering")
        assert list(tmp_path.iterdir()) == []

    def test_needs_no_pyplot(self, tmp_path):
        code = (
            "import sys, types, nn.plotting\n"
            "history = types.SimpleNamespace(steps=[], evaluations=[], metric='accuracy')\n"
            f"nn.plotting.draw_run({str(tmp_path)!r}, history, task='classification',\n"
            "    title='t', predict=lambda x: x[:, 0], x=[[0.0], [1.0]], t=[0, 1])\n"
            "assert 'matplotlib.pyplot' not in sys.modules\n"
        )
        subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
        assert (tmp_path / "confusion.png").exists()


def test_everything_named_is_there():
    assert all(hasattr(plotting, name) for name in plotting.__all__)


def test_a_network_is_its_predict():
    net = nn.TwoLayerNet(2, 3, 2, weight_init_std=1.0, rng=0)
    x, t = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    axes = Figure().subplots(1, 2)
    images = [
        np.asarray(nn.plot_decision_boundary(what, x, t, ax).images[0].get_array())
        for what, ax in zip((net, net.predict), axes, strict=True)
    ]
    np.testing.assert_array_equal(*images)
    curve = nn.TwoLayerNet(1, 3, 1, loss=nn.MSELoss(), rng=0)
    assert nn.plot_fit(curve, x[:, 0], t, Figure().subplots()).lines
    with pytest.raises(ArgumentError, match="predict must be a network or its method predict, got"):
        nn.plot_decision_boundary(3, x, t)
