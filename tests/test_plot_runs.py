"""Runs side by side and schedules ahead of time: the lines are the numbers."""

import numpy as np
import pytest

import nn
from nn.errors import ArgumentError, InputError
from nn.history import History
from nn.plotting.compare import plot_runs
from nn.plotting.curves import smooth
from nn.plotting.saving import save_axes
from nn.plotting.schedule import plot_schedule

from . import plots
from .plots import legend, plt

ax, close_figures = plots.ax, plots.close_figures


def made(last=0.5, parts=("validation",), steps=60, metric="accuracy", first=2.0):
    history = History(metric)
    loss = np.geomspace(first, last, steps)
    for step, value in enumerate(loss.tolist(), 1):
        at = {"step": step, "epoch": (step - 1) // 20 + 1}
        history.add({"kind": "step", **at, "loss": value, metric: 1 - value / 3})
        if step % 20 == 0 and parts:
            found = {f"{part}_loss": value + 0.1 for part in parts}
            found |= {f"{part}_{metric}": 0.9 - value / 3 for part in parts}
            history.add({"kind": "evaluation", **at, **found})
    return history


def mains(ax):
    return [line for line in ax.lines if line.get_gid() == "main"]


class TestRuns:
    def test_lines_are_the_records(self, ax):
        runs = {"one": made(), "two": made(0.3, ("validation", "test"))}
        assert plot_runs(runs, ax) is ax
        for line, history in zip(mains(ax), runs.values(), strict=True):
            assert line.get_xdata().tolist() == [20, 40, 60]
            recorded = [record["validation_loss"] for record in history.evaluations]
            assert line.get_ydata().tolist() == recorded
            (pale,) = [
                other for other in ax.lines
                if other is not line and other.get_color() == line.get_color()
            ]  # fmt: skip
            raw = np.array([record["loss"] for record in history.steps])
            assert np.array_equal(pale.get_ydata(), smooth(raw, 3))
            assert pale.get_alpha() < 0.5
        assert legend(ax) == ["one: 0.600", "two: 0.400"]
        assert ax.get_legend().get_title().get_text() == "last validation loss; pale: training"

    def test_what_a_run_is_judged_by_is_said_where_runs_differ(self, ax):
        runs = {"a": made(), "b": made(0.3, ("test",)), "c": made(0.2, ())}
        runs["d"] = History()
        plot_runs(runs, ax)
        assert legend(ax) == [
            "a: validation 0.600", "b: test 0.400", "c: training 0.204", "d: nothing recorded",
        ]  # fmt: skip
        raw = np.array([record["loss"] for record in runs["c"].steps])
        assert np.array_equal(mains(ax)[2].get_ydata(), smooth(raw, 3))
        assert len(ax.lines) == 4 + 2  # b and a have a pale one, c is its own

    def test_colours_and_markers_differ(self, ax):
        plot_runs({str(k): made() for k in range(9)}, ax)
        looks = {(line.get_color(), line.get_linestyle()) for line in mains(ax)}
        assert len(looks) == 9
        assert len({line.get_marker() for line in mains(ax)}) == 9

    def test_metric(self, ax):
        plot_runs({"one": made()}, ax, key="accuracy")
        assert legend(ax) == ["one: 73.3%"]
        assert ax.get_ylim()[1] <= 1.02
        ax.figure.draw_without_rendering()
        assert ax.get_yticklabels()[0].get_text().endswith("%")

    def test_bad_start_of_r2_does_not_squeeze_the_rest(self, ax):
        history = made(metric="r2")
        history.evaluations[0]["validation_r2"] = -5000.0
        plot_runs({"one": history}, ax, key="r2")
        assert -1.2 < ax.get_ylim()[0] <= -1.0
        assert ax.get_ylabel() == "R²"

    @pytest.mark.parametrize(("last", "scale"), [(0.5, "linear"), (0.001, "log")])
    def test_scale(self, ax, last, scale):
        assert plot_runs({"one": made(last, ())}, ax).get_yscale() == scale

    def test_any_name_is_a_name(self, tmp_path):
        names = ["_first", "$x_", "a" * 30 + "b" * 40]
        ax = plot_runs({name: made() for name in names})
        save_axes(ax, tmp_path / "runs.png")  # warnings are errors
        assert legend(ax)[:2] == ["_first: 0.600", "$x_: 0.600"]
        assert legend(ax)[2].startswith("aaa")
        assert "b…" not in legend(ax)[2]
        assert len(legend(ax)[2]) < 60

    def test_not_finite_values_are_left_out(self, ax):
        history = made()
        history.evaluations[2]["validation_loss"] = float("nan")
        plot_runs({"one": history}, ax)
        assert mains(ax)[0].get_xdata().tolist() == [20, 40]

    def test_faults_are_named(self):
        cases = [
            ([made()], "loss", ArgumentError, "a mapping of name -> history"),
            ({}, "loss", InputError, "no run to draw"),
            ({"one": History()}, "loss", InputError, "none of the runs has recorded 'loss'"),
            ({"one": made()}, "acuracy", InputError, "did you mean 'accuracy'"),
        ]
        for histories, key, error, message in cases:
            with pytest.raises(error, match=message):
                plot_runs(histories, key=key)
        assert plt.get_fignums() == []


def rates(ax):
    return ax.lines[0].get_xdata().tolist(), ax.lines[0].get_ydata().tolist()


class TestSchedule:
    def test_line_is_the_schedule_by_steps_as_recorded(self, ax):
        schedule = nn.LinearWarmup(0.3, 5, nn.CosineSchedule(0.3, 30))
        assert plot_schedule(schedule, 30, ax) is ax
        assert rates(ax) == (list(range(1, 31)), [schedule(step) for step in range(30)])
        assert ax.get_title(loc="left") == "first 0.06, highest 0.287, last 0.000822"
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "learning rate")

    def test_it_is_the_rate_training_uses(self, ax):
        schedule, x = nn.StepSchedule(0.1, 2), np.arange(4.0)[:, None]
        loss = nn.MSELoss()
        net = nn.Sequential([nn.Linear(1, 1, rng=0)], loss)
        trainer = nn.Trainer(net, loss, nn.SGD(lr=0.1), schedule=schedule)
        trainer.fit(x, x, epochs=3, batch_size=2, progress=False)
        plot_schedule(schedule, 6, ax)
        recorded = trainer.history.steps
        assert rates(ax) == tuple([record[key] for record in recorded] for key in ("step", "lr"))

    @pytest.mark.parametrize(
        ("schedule", "scale"),
        [
            (nn.ConstantSchedule(0.1), "linear"),
            (nn.CosineSchedule(0.1, 200), "linear"),
            (nn.LinearWarmup(0.1, 20), "linear"),
            (nn.StepSchedule(0.1, 60), "log"),
            (lambda step: 0.9**step, "log"),
            (lambda step: 0.0, "linear"),
        ],
    )
    def test_scale(self, ax, schedule, scale):
        plot_schedule(schedule, 200, ax)
        ax.figure.draw_without_rendering()
        assert ax.get_yscale() == scale
        if scale == "linear":
            assert ax.get_ylim()[0] == 0

    def test_epochs_are_marked_where_they_end(self, ax):
        plot_schedule(nn.ConstantSchedule(0.1), 60, ax, epochs=3)
        assert [line.get_xdata()[0] for line in ax.lines[1:]] == [20, 40, 60]
        (top,) = ax.child_axes
        assert [label.get_text() for label in top.get_xticklabels()] == ["1", "2", "3"]
        ax.figure.draw_without_rendering()
        assert top.get_xlabel() == "end of epoch"
        at = top.transData.transform([(2, 0)])[0, 0]
        assert at == pytest.approx(ax.transData.transform([(40, 0.1)])[0, 0])

    def test_many_epochs_are_marked_sparsely(self, ax):
        plot_schedule(nn.ConstantSchedule(0.1), 1000, ax, epochs=200)
        assert 3 <= len(ax.lines) - 1 <= 9

    def test_a_long_run_is_not_asked_about_every_step(self, ax):
        asked = []
        plot_schedule(lambda step: asked.append(step) or 0.1, 10_000_000, ax)
        assert len(asked) <= 50_000
        assert (asked[0], asked[-1]) == (0, 9_999_999)
        assert ax.get_title(loc="left") == "always 0.1"

    def test_faults_are_named(self):
        flat = nn.ConstantSchedule(0.1)
        cases = [
            ((0.1, 3), {}, ArgumentError, "schedule must be a Schedule"),
            ((flat, 0), {}, ArgumentError, "steps must be"),
            ((flat, 3), {"epochs": 1.5}, ArgumentError, "epochs must be"),
            ((lambda step: 1 - step, 3), {}, InputError, "gives -1 for step 2"),
            ((lambda step: "fast", 3), {}, InputError, "gives 'fast' for step 0"),
            ((lambda step: 1 / (2 - step), 5), {}, InputError, "fails at step 2: ZeroDivision"),
        ]
        for given, more, error, message in cases:
            with pytest.raises(error, match=message):
                plot_schedule(*given, **more)
        assert plt.get_fignums() == []
