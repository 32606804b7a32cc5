"""Pictures of weights show their numbers, in one scale of colours and in cells of one size."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from nn.errors import ArgumentError, InputError, ShapeError
from nn.plotting.weights import plot_weights, sheet_size

from . import plots
from .plots import plt, texts

ax, net, close_figures = plots.ax, plots.net, plots.close_figures


class TestWeights:
    def test_cells_and_numbers_are_those_of_the_arrays(self, net):
        net.params["b1"][:] = [0.00012345, -2.0, 7e5]
        axes = plot_weights(net.params)
        assert [ax.get_title(loc="left") for ax in axes] == [
            "W1 (2, 3)", "b1 (3,)", "W2 (3, 2)", "b2 (2,)",
        ]  # fmt: skip
        for ax, p in zip(axes, net.params.values(), strict=True):
            np.testing.assert_array_equal(ax.images[0].get_array(), np.atleast_2d(p))
            assert len(ax.texts) == p.size
        assert texts(axes[1]) == ["1.23e−4", "−2", "7e5"]
        where = {text.get_position(): text.get_text() for text in axes[0].texts}
        assert where[2, 1] == f"{net.params['W1'][1, 2]:.3g}".replace("-", "−")
        axes[0].figure.canvas.draw()
        labels = [label.get_text() for label in axes[0].get_xticklabels()]
        assert labels == ["0", "1", "2"]

    def test_one_scale_about_zero(self, net):
        axes = plot_weights(net.params)
        most = max(np.abs(p).max() for p in net.params.values())
        for ax in axes:
            assert ax.images[0].norm.vmin == -most
            assert ax.images[0].norm.vmax == most
        blue, white, orange = axes[0].images[0].cmap([0.0, 0.5, 1.0])[:, :3]
        np.testing.assert_allclose(white, 1, atol=0.02)
        assert blue[2] > 0.6 > blue[0]
        assert orange[0] > 0.9 > 0.2 > orange[2]

    def test_cells_are_of_one_size_and_a_bias_stands_below_its_matrix(self, net):
        axes = plot_weights(net.params)
        cells = [ax.bbox.width / ax.images[0].get_array().shape[1] for ax in axes]
        np.testing.assert_allclose(cells, cells[0])
        heights = [ax.bbox.height / ax.images[0].get_array().shape[0] for ax in axes]
        np.testing.assert_allclose(heights, heights[0])
        assert axes[1].bbox.x0 == pytest.approx(axes[0].bbox.x0)
        assert axes[1].bbox.y1 < axes[0].bbox.y0
        assert axes[2].bbox.x0 > axes[0].bbox.x1

    def test_numbers_do_not_touch(self, net):
        net.params["b1"][:] = [-0.00325, -8.26e-4, -0.00481]
        axes = plot_weights(net.params)
        axes[0].figure.canvas.draw()
        boxes = [text.get_window_extent() for text in axes[1].texts]
        assert all(a.x1 + 3 < b.x0 for a, b in pairwise(boxes))

    def test_numbers_are_read_on_their_colours(self, ax):
        plot_weights([[-1.0, -0.5, 0.0, 1.0]], ax)
        assert [text.get_color() for text in ax.texts] == ["white", "0.1", "0.1", "0.1"]

    def test_cells_on_given_axes_are_square_unless_a_strip(self):
        for shape, aspect in (((2, 3), 1), ((12, 1), 1), ((1, 13), "auto")):
            ax = Figure().add_subplot()
            plot_weights(np.ones(shape), ax)
            assert ax.get_aspect() == aspect

    def test_many_numbers_are_colours_alone(self):
        (ax,) = plot_weights({"W": np.random.default_rng(0).normal(size=(64, 32))})
        assert texts(ax) == []
        assert ax.images[0].get_array().shape == (64, 32)

    def test_given_axes(self, net):
        axes = Figure(figsize=(9, 7)).subplots(2, 2)
        assert plot_weights(net.params, axes) == list(axes.flat)
        assert plt.get_fignums() == []
        with pytest.raises(ShapeError, match="4 arrays need as many axes; got 2"):
            plot_weights(net.params, axes[0])
        with pytest.raises(ShapeError, match="need as many axes; got 1"):
            plot_weights(net.params, axes[0, 0])

    def test_sheet_has_an_image_for_each_unit(self):
        table = np.random.default_rng(0).normal(size=(6, 5))
        ax = plot_weights({"W1": table}, image_shape=(2, 3))
        assert len(ax.images) == 5
        for unit, image in enumerate(ax.images):
            np.testing.assert_array_equal(image.get_array(), table[:, unit].reshape(2, 3))
            assert image.norm.vmax == -image.norm.vmin == np.abs(table).max()
        assert texts(ax) == ["0", "1", "2", "3", "4"]
        boxes = [image.get_window_extent() for image in ax.images]
        for k, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[k + 1 :])
            assert ax.bbox.x0 <= one.x0 < one.x1 <= ax.bbox.x1
            assert ax.bbox.y0 <= one.y0 < one.y1 <= ax.bbox.y1

    def test_sheet_is_wider_than_high(self):
        assert [sheet_size(n) for n in (1, 3, 5, 32, 100)] == [
            (1, 1), (3, 1), (4, 2), (8, 4), (15, 7),
        ]  # fmt: skip

    @pytest.mark.parametrize(("units", "named"), [(100, 100), (101, 0)])
    def test_no_more_numbers_than_can_be_read(self, units, named):
        ax = Figure(figsize=(20, 12)).add_subplot()
        plot_weights(np.ones((64, units)), ax, image_shape=(8, 8))
        assert len(ax.texts) == named

    def test_zeros_are_white(self, ax):
        plot_weights(np.zeros((2, 2)), ax)
        assert texts(ax) == ["0"] * 4
        assert ax.get_title(loc="left") == "(2, 2)"
        np.testing.assert_allclose(ax.images[0].to_rgba(0.0)[:3], 1, atol=0.02)

    def test_faults_are_named(self, net):
        cases = [
            ({}, {}, InputError, "no arrays"),
            ({"K": np.ones((2, 3, 4))}, {}, ShapeError, r"K must have 1 or 2 dimensions, got \(2,"),
            ({"a": [1, np.inf]}, {}, InputError, r"a\[1\] is inf"),
            ({"a": []}, {}, InputError, "a is empty"),
            (net.params, {"image_shape": (1, 2)}, InputError, "one array, on one Axes"),
            (np.ones((5, 2)), {"image_shape": (2, 3)}, ShapeError, r"\(6, units\).*got \(5, 2\)"),
            (np.ones((6, 2)), {"image_shape": 6}, ArgumentError, "image_shape"),
            (np.ones((6, 2)), {"image_shape": (2, 3.0)}, ArgumentError, "image_shape"),
        ]
        for arrays, more, error, message in cases:
            with pytest.raises(error, match=message):
                plot_weights(arrays, **more)
        assert plt.get_fignums() == []
