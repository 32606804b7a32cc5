"""Pictures of times: the bars and lines are the times, and the words about them are true."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from nn.errors import InputError, ShapeError, UnknownNameError
from nn.plotting.labels import apart
from nn.plotting.seconds import readable
from nn.plotting.style import GREY
from nn.plotting.times import compared, plot_growth, plot_times

from . import plots
from .plots import plt, texts

ax, close_figures = plots.ax, plots.close_figures


class TestTimes:
    times = {"node": 0.0019, "loop": 35.2, "weight": 0.0821}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("seconds", "said"),
        [
            (4.2e-8, "42 ns"), (1.9e-6, "1.9 µs"), (9.996e-4, "1 ms"), (0.0733, "73 ms"),
            (0.347, "350 ms"), (1.0, "1 s"), (35.2, "35 s"), (99.0, "99 s"), (150.0, "2.5 min"),
            (5400.0, "1.5 h"), (85700.0, "24 h"), (86400.0, "24 h"), (2e5, "2.3 days"),
        ],
    )  # fmt: skip
    def test_readable(self, seconds, said):
        assert readable(seconds) == said

    def test_bars_are_the_times_the_longest_on_top(self, ax):
        plot_times(self.times, ax)
        assert [bar.get_width() for bar in ax.patches] == [0.0019, 0.0821, 35.2]
        names = [label.get_text() for label in ax.get_yticklabels()]
        assert names == ["node", "weight", "loop"]
        assert ax.get_xscale() == "log"
        assert texts(ax) == [
            "1.9 ms, 19\N{NO-BREAK SPACE}000 times faster", "82 ms, 430 times faster", "35 s",
        ]  # fmt: skip

    def test_reference(self, ax):
        plot_times(self.times, ax, reference="weight")
        assert texts(ax) == ["1.9 ms, 43 times faster", "82 ms", "35 s, 430 times slower"]
        node, weight, loop = (bar.get_facecolor() for bar in ax.patches)
        assert node == loop != weight
        assert to_hex(weight).upper() == GREY

    @pytest.mark.parametrize(
        ("ratio", "said"),
        [(1.04, "about the same"), (1.3, "1.3 times faster"), (0.5, "2 times slower")],
    )
    def test_compared(self, ratio, said):
        assert compared(ratio) == f", {said}"

    def test_the_more_bars_the_taller(self):
        few, many = (plot_times({str(k): 1 + k for k in range(n)}).figure for n in (2, 10))
        assert many.get_figheight() > 2 * few.get_figheight()

    def test_times_that_differ_little_have_ticks_too(self, ax):
        plot_times({"a": 0.9, "b": 1.5}, ax)
        labels = [label.get_text() for label in ax.get_xticklabels()]
        assert {"500 ms", "1 s", "2 s"} & set(labels)
        assert len(labels) > 1

    @pytest.mark.parametrize("reference", ["loop", "node"])
    def test_words_are_within_the_axes_and_ticks_have_units(self, ax, reference):
        plot_times(self.times, ax, reference=reference)
        ax.figure.canvas.draw()
        for text in ax.texts:
            assert text.get_window_extent().x1 <= ax.bbox.x1
        labels = [label.get_text() for label in ax.get_xticklabels()]
        assert len(labels) >= 3
        seconds = ax.get_xticks()
        units = {"µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0}
        for label, at in zip(labels, seconds, strict=True):
            number, unit = label.split()
            assert float(number) * units[unit] == pytest.approx(at)

    def test_faults_are_named(self):
        cases = [
            ({}, {}, InputError, "no times"),
            ({"loop": 0.0}, {}, InputError, "'loop' must be positive"),
            ({"loop": np.nan}, {}, InputError, "'loop' must be positive"),
            ({"loop": "fast"}, {}, InputError, "'loop' must be real numbers"),
            ({"loop": [1.0, 2.0]}, {}, ShapeError, "'loop' must be one number"),
            ({"loop": 1.0}, {"reference": "lop"}, UnknownNameError, "did you mean 'loop'"),
        ]
        for seconds, more, error, message in cases:
            with pytest.raises(error, match=message):
                plot_times(seconds, **more)
        assert plt.get_fignums() == []


class TestGrowth:
    sizes = np.array([100, 1000, 10000])

    def test_lines_are_the_times_and_names_tell_the_power(self, ax):
        seconds = {"loop": 3e-8 * self.sizes**2.0, "node": 2e-6 * self.sizes**0.5}
        plot_growth(self.sizes, seconds, ax)
        for drawn, values in zip(ax.lines, seconds.values(), strict=True):
            np.testing.assert_array_equal(drawn.get_xdata(), self.sizes)
            np.testing.assert_array_equal(drawn.get_ydata(), values)
        assert texts(ax) == ["loop ~ $P^{2.0}$", "node ~ $P^{0.5}$"]
        assert [text.xy for text in ax.texts] == [
            (10000, seconds["loop"][2]), (10000, seconds["node"][2]),
        ]  # fmt: skip
        assert ax.get_xlabel() == "number of weights P"
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")

    def test_what_was_not_measured_is_left_out(self, ax):
        plot_growth(self.sizes, {"loop": [1, 100, np.nan], "once": [1, np.nan, np.nan]}, ax)
        assert ax.lines[0].get_xdata().tolist() == [100, 1000]
        assert texts(ax) == ["loop ~ $P^{2.0}$", "once"]

    def test_sizes_in_any_order(self, ax):
        plot_growth([1000, 100], {"loop": [50, 5]}, ax, size_name="width")
        assert ax.lines[0].get_xdata().tolist() == [100, 1000]
        assert ax.get_xlabel() == "width P"

    def test_names_of_sizes_do_not_overlap(self, ax):
        plot_growth([100, 110, 120, 200_000], {"loop": [1, 2, 3, 4]}, ax)
        ax.figure.canvas.draw()
        boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert len(boxes) == 2
        assert boxes[0].x1 < boxes[1].x0
        assert [label.get_text() for label in ax.get_xticklabels()][1] == "200\N{NO-BREAK SPACE}000"

    def test_a_dollar_is_no_mathematics(self, ax):
        plot_growth([1, 10], {"1 $ a step": [1, 10]}, ax)
        assert texts(ax) == [r"1 \$ a step ~ $P^{1.0}$"]
        ax.figure.canvas.draw()

    @pytest.mark.parametrize("figsize", [(7, 5), (4, 3)])
    def test_names_do_not_overlap(self, figsize):
        ax = Figure(figsize=figsize, layout="constrained").add_subplot()
        seconds = {f"method {k}": (1 + 0.01 * k) * self.sizes for k in range(6)}
        plot_growth(self.sizes, seconds, ax)
        ax.figure.canvas.draw()
        boxes = [Text.get_window_extent(text) for text in ax.texts]  # without its line
        for k, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[k + 1 :])
            assert ax.bbox.x1 < one.x0 < one.x1 <= ax.figure.bbox.x1

    def test_apart_moves_as_little_as_possible(self):
        places = np.array([50.0, 0.0, 1.0, 49.0])
        np.testing.assert_allclose(apart(places, 4.0), [51.5, -1.5, 2.5, 47.5])
        np.testing.assert_allclose(apart(places, 0.5), places)

    def test_faults_are_named(self):
        cases = [
            ([1, 2], {}, InputError, "no times"),
            ([1, 0], {"loop": [1, 2]}, InputError, "sizes must be positive"),
            ([1, 2], {"loop": [1, 2, 3]}, ShapeError, "2 sizes, and 3 times of 'loop'"),
            ([1, 2], {"loop": [1, -2]}, InputError, "'loop' must be positive"),
        ]
        for sizes, seconds, error, message in cases:
            with pytest.raises(error, match=message):
                plot_growth(sizes, seconds)
        assert plt.get_fignums() == []
