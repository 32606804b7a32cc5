"""Pictures of convolutions show the numbers given, in comparable scales, and say which."""

import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from nn.errors import ArgumentError, InputError, ShapeError
from nn.plotting import plot_activations, plot_kernels, plot_kernels_by_epoch
from nn.plotting.kernels_by_epoch import choose_epochs, figure_size
from nn.plotting.tiles import Sheet, canvas, sparse

from . import plots
from .plots import plt, texts

close_figures = plots.close_figures
RNG = np.random.default_rng(0)
KERNELS = RNG.normal(size=(8, 1, 5, 5))
IMAGE = RNG.random((12, 12))
LAYERS = [("Conv2d", RNG.normal(size=(4, 8, 8))), ("ReLU", RNG.random((4, 8, 8))),
          ("AvgPool2d", RNG.random((4, 4, 4)))]  # fmt: skip
EPOCHS = np.arange(9)
PATH, MAPS = RNG.normal(size=(9, 4, 2, 3, 3)), RNG.random((9, 4, 10, 10))


def tiles(ax, rows, shape):
    """The tiles (N, h, w) drawn on axes, nan where there is none; the gaps must be masked."""
    (height, width), drawn = shape, ax.collections[0].get_array()
    table = np.ma.filled(np.ma.atleast_2d(drawn), np.nan)
    assert np.isnan(table[height :: height + 1]).all()
    assert np.isnan(table[:, width :: width + 1]).all()
    edged = np.pad(table, ((0, 1), (0, 1)), constant_values=np.nan)
    columns = edged.shape[1] // (width + 1)
    edged = edged.reshape(rows, height + 1, columns, width + 1).swapaxes(1, 2)
    return edged[:, :, :-1, :-1].reshape(-1, height, width)


def limits(ax):
    norm = ax.collections[0].norm
    return norm.vmin, norm.vmax


def bar(ax):
    (beside,) = ax.child_axes
    return beside


def column_names(ax):
    return [label.get_text() for label in ax.get_xticklabels()]


def row_names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


DRAWINGS = {
    "kernels": lambda figure=None: [plot_kernels(KERNELS, figure)],
    "matrix": lambda figure=None: [plot_kernels(PATH[0], figure)],
    "activations": lambda figure=None: plot_activations(IMAGE, LAYERS, figure),
    "by epoch": lambda figure=None: plot_kernels_by_epoch(EPOCHS, PATH, MAPS, IMAGE, figure),
}


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
class TestEveryDrawing:
    def test_draws_on_the_figure_given(self, draw):
        figure = Figure(figsize=(9, 6), layout="constrained")
        left, right = figure.subfigures(1, 2)
        for place in (left, right):
            assert all(ax.figure is place for ax in draw(place))
        assert figure.get_size_inches().tolist() == [9, 6]
        assert plt.get_fignums() == []

    def test_makes_one_figure_that_is_legible(self, draw):
        before = mpl.rcParams.copy()
        axes = draw()
        assert mpl.rcParams == before
        assert plt.get_fignums() == [1]
        figure = plt.figure(1)
        assert {ax.figure for ax in axes} == {figure}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure.draw_without_rendering()
        written = [text for text in figure.findobj(mpl.text.Text) if text.get_text()]
        assert min(text.get_fontsize() for text in written) >= 11
        assert all(bar(ax).get_visible() for ax in axes if ax.collections)

    def test_nothing_written_covers_anything_written(self, draw):
        figure = draw()[0].figure
        figure.canvas.draw()
        written = [text for text in figure.findobj(mpl.text.Text) if text.get_text()]
        boxes = list({text.get_window_extent().bounds: text.get_window_extent()
                      for text in written}.values())  # fmt: skip
        for k, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[k + 1 :])


class TestKernels:
    def test_tiles_are_the_kernels(self):
        ax = plot_kernels(KERNELS)
        np.testing.assert_array_equal(tiles(ax, 2, (5, 5)), KERNELS[:, 0])
        assert texts(ax) == [str(k) for k in range(8)]
        assert ax.get_title() == "8 kernels, 5 × 5"
        assert bar(ax).get_ylabel() == "weight"

    def test_one_scale_about_zero_which_is_white(self):
        ax = plot_kernels(KERNELS)
        most = np.abs(KERNELS).max()
        assert limits(ax) == (-most, most)
        cold, white, warm = ax.collections[0].cmap([0.0, 0.5, 1.0])[:, :3]
        np.testing.assert_allclose(white, 1, atol=0.02)
        assert cold[2] > 2 * cold[0]
        assert warm[0] > 2 * warm[2]

    def test_both_signs_are_as_dark(self):
        colors = plot_kernels(KERNELS).collections[0].cmap(np.linspace(0, 1, 101))[:, :3]
        luminance = colors**2.2 @ [0.2126, 0.7152, 0.0722]
        assert (np.diff(luminance[:51]) > 0).all()
        np.testing.assert_allclose(luminance, luminance[::-1], atol=0.12)

    def test_places_that_are_left_are_empty(self):
        ax = plot_kernels(KERNELS[:5])
        drawn = tiles(ax, 2, (5, 5))
        np.testing.assert_array_equal(drawn[:5], KERNELS[:5, 0])
        assert np.isnan(drawn[5:]).all()
        assert len(ax.collections[1].get_paths()) == 5  # frames

    def test_several_input_channels_make_a_matrix(self):
        ax = plot_kernels(PATH[0])
        np.testing.assert_array_equal(tiles(ax, 4, (3, 3)), PATH[0].reshape(8, 3, 3))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("from channel", "to channel")
        assert (column_names(ax), row_names(ax)) == (["0", "1"], ["0", "1", "2", "3"])
        assert ax.get_title() == "4 × 2 kernels, 3 × 3"
        # the kernel to 2 from 1: where these ticks cross
        np.testing.assert_array_equal(tiles(ax, 4, (3, 3))[2 * 2 + 1], PATH[0, 2, 1])
        x, y = ax.get_xticks()[1], ax.get_yticks()[2]
        corners = ax.collections[0].get_coordinates()
        assert corners[8, 4, 0] < x < corners[8, 7, 0]
        assert corners[8, 4, 1] < y < corners[11, 4, 1]

    def test_many_are_one_mesh_with_some_numbers(self):
        ax = plot_kernels(np.ones((64, 32, 3, 3)))
        assert ax.collections[0].get_array().shape == (64 * 4 - 1, 32 * 4 - 1)
        assert row_names(ax)[:3] == ["0", "5", "10"]
        assert column_names(ax)[-1] == "30"
        assert ax.figure.get_size_inches().max() < 10

    def test_more_are_said_to_be_more(self):
        ax = plot_kernels(np.ones((65, 3, 1, 1)))
        assert ax.get_title() == "the first 64 × 3 of 65 × 3 kernels, 1 × 1"
        ax = plot_kernels(KERNELS, count=3)
        np.testing.assert_array_equal(tiles(ax, 1, (5, 5)), KERNELS[:3, 0])
        assert limits(ax)[1] == np.abs(KERNELS[:3]).max()
        assert ax.get_title() == "the first 3 of 8 kernels, 5 × 5"

    def test_kernels_need_not_be_square_nor_anything_but_zero(self):
        ax = plot_kernels(np.zeros((1, 1, 1, 7)))
        np.testing.assert_array_equal(tiles(ax, 1, (1, 7)), np.zeros((1, 1, 7)))
        assert limits(ax) == (-1, 1)
        assert ax.get_title() == "1 kernel, 1 × 7"
        assert ax.get_aspect() == 1

    def test_faults_are_named(self):
        cases = [
            (KERNELS[:, 0], {}, ShapeError, r"kernels must have shape \(O, C.*got \(8, 5, 5\)"),
            (np.ones((0, 1, 3, 3)), {}, InputError, "kernels is empty"),
            (KERNELS * 1j, {}, InputError, "kernels must hold real numbers"),
            (np.full((1, 1, 1, 2), np.nan), {}, InputError, r"kernels\[0, 0, 0, 0\] is nan"),
            (KERNELS, {"count": 0}, ArgumentError, "count must be a whole number >= 1, got 0"),
        ]
        for kernels, more, error, message in cases:
            with pytest.raises(error, match=message):
                plot_kernels(kernels, **more)
        assert plt.get_fignums() == []


class TestActivations:
    def test_image_and_a_row_for_each_layer(self):
        image, *rows = plot_activations(IMAGE, LAYERS, image_title="a 7")
        np.testing.assert_array_equal(image.images[0].get_array(), IMAGE)
        assert image.get_title() == "a 7"
        labels = [ax.get_ylabel() for ax in rows]
        assert labels == ["Conv2d\n8 × 8", "ReLU\n8 × 8", "AvgPool2d\n4 × 4"]
        for ax, (_, maps) in zip(rows, LAYERS, strict=True):
            np.testing.assert_array_equal(tiles(ax, 1, maps.shape[1:]), maps)
        assert [column_names(ax) for ax in rows] == [["0", "1", "2", "3"], [], []]
        assert rows[0].get_xlabel() == "channel"
        assert bar(rows[0]).get_title(loc="left") == "activation"

    def test_each_layer_has_its_scale_about_zero_or_from_zero(self):
        _, *rows = plot_activations(IMAGE, LAYERS)
        most = [np.abs(maps).max() for _, maps in LAYERS]
        assert [limits(ax) for ax in rows] == [(-most[0], most[0]), (0, most[1]), (0, most[2])]
        signed, positive = (ax.collections[0].cmap for ax in rows[:2])
        np.testing.assert_allclose(signed([0.5, 0.75, 1.0]), positive([0.0, 0.5, 1.0]), atol=0.02)

    def test_channels_stand_below_one_another(self):
        layers = [("a", np.ones((3, 9, 9))), ("b", np.ones((5, 4, 4))), ("c", np.ones((2, 1, 1)))]
        _, *rows = plot_activations(IMAGE, layers)
        rows[0].figure.draw_without_rendering()
        edges = []
        for ax, width in zip(rows, (9, 4, 1), strict=True):
            corners = ax.collections[0].get_coordinates()[0, :: width + 1]
            edges.append(ax.transData.transform(corners)[:2, 0])
        np.testing.assert_allclose(edges, [edges[0]] * 3, atol=0.5)
        assert len(column_names(rows[0])) == 5

    def test_no_more_channels_than_can_be_seen(self):
        maps = RNG.normal(size=(12, 3, 3))
        _, ax = plot_activations(IMAGE, [("a long name of a layer", maps)])
        np.testing.assert_array_equal(tiles(ax, 1, (3, 3)), maps[:10])
        assert ax.get_ylabel() == "a long name of a layer\n10 of 12 channels\n3 × 3"
        _, ax = plot_activations(IMAGE, [("an even longer name of a layer", maps)], count=12)
        assert ax.get_ylabel() == "an even longer name o…\n3 × 3"

    def test_images_of_one_and_of_three_planes(self):
        image, _ = plot_activations(IMAGE[None], LAYERS[:1])
        np.testing.assert_array_equal(image.images[0].get_array(), IMAGE)
        image, _ = plot_activations(np.stack([IMAGE, IMAGE * 0, IMAGE + 1]) * 255, LAYERS[:1])
        drawn = image.images[0].get_array()
        assert drawn.shape == (12, 12, 3)
        assert (drawn.min(), drawn.max()) == (0, 1)

    def test_nothing_but_zeros_is_white(self):
        _, ax = plot_activations(IMAGE, [("ReLU", np.zeros((2, 3, 3)))])
        assert limits(ax) == (0, 1)

    def test_faults_are_named(self):
        pair = ("Conv2d", np.ones((1, 4, 3, 3)))
        dead = ("ReLU", np.full((1, 2, 2), np.inf))
        cases = [
            (np.ones((2, 4, 4)), LAYERS, ShapeError, r"image must have.*got \(2, 4, 4\)"),
            (np.ones(4), LAYERS, ShapeError, r"image must have.*\(3, H, W\), got \(4,\)"),
            ([], LAYERS, InputError, "image is empty"),
            (IMAGE, [], InputError, "activations is empty: there is no layer"),
            (IMAGE, dict(LAYERS), ArgumentError, "activations must be pairs"),
            (IMAGE, [LAYERS[0][1]], ArgumentError, r"activations\[0\] must be a pair \(name"),
            (IMAGE, [pair], ShapeError, r"activation of Conv2d must.*got \(1, 4, 3, 3\)"),
            (IMAGE, [dead], InputError, r"activation of ReLU\[0, 0, 0\] is inf"),
        ]
        for image, layers, error, message in cases:
            with pytest.raises(error, match=message):
                plot_activations(image, layers)
        with pytest.raises(ArgumentError, match="count"):
            plot_activations(IMAGE, LAYERS, count=1.5)
        assert plt.get_fignums() == []


class TestKernelsByEpoch:
    def test_rows_are_epochs_of_kernels_and_activations(self):
        image, left, right = plot_kernels_by_epoch(EPOCHS, PATH, MAPS, IMAGE, image_title="a 2")
        some = [0, 1, 2, 3, 5, 8]
        assert row_names(left) == [str(k) for k in some]
        np.testing.assert_array_equal(tiles(left, 6, (3, 3)), PATH[some, :, 0].reshape(-1, 3, 3))
        np.testing.assert_array_equal(tiles(right, 6, (10, 10)), MAPS[some].reshape(-1, 10, 10))
        np.testing.assert_array_equal(image.images[0].get_array(), IMAGE)
        assert image.get_title() == "a 2"
        assert column_names(left) == column_names(right) == ["0", "1", "2", "3"]
        assert (left.get_ylabel(), left.get_xlabel()) == ("epoch", "channel")

    def test_says_what_is_shown(self):
        path, maps = PATH.repeat(3, axis=1), MAPS.repeat(3, axis=1)
        _, left, right = plot_kernels_by_epoch(EPOCHS + 1, path, maps, IMAGE)
        figure = left.figure
        assert figure.get_suptitle() == "How 8 of 12 kernels learn, from epoch 1 to 9"
        assert left.get_title() == "kernels, 3 × 3, from input channel 0 of 2"
        assert right.get_title() == "what they make of the image, 10 × 10"
        assert bar(left).get_xlabel() == "weight"
        assert bar(right).get_xlabel() == "activation"
        _, left, right = plot_kernels_by_epoch(EPOCHS, PATH[:, :, :1], MAPS, IMAGE, count=3)
        assert left.figure.get_suptitle() == "How 3 of 4 kernels learn, from epoch 0 to 8"
        assert left.get_title() == "kernels, 3 × 3"
        assert right.get_title() == "what they make of\nthe image, 10 × 10"
        np.testing.assert_array_equal(tiles(right, 6, (10, 10))[3], MAPS[1, 0])
        _, left, _ = plot_kernels_by_epoch([7.5], PATH[:1, :1], MAPS[:1, :1], IMAGE)
        assert left.figure.get_suptitle() == "1 kernel at epoch 7.5"

    def test_one_scale_over_the_epochs_that_are_shown(self):
        path, maps = PATH.copy(), MAPS.copy()
        path[8, 1, 0, 0, 0], path[:, :, 1] = -9, 100  # the second input channel is not shown
        maps[8, 2, 0, 0] = 7
        _, left, right = plot_kernels_by_epoch(EPOCHS, path, maps, IMAGE)
        assert limits(left) == (-9, 9)
        assert limits(right) == (0, 7)
        maps[0, 0, 0, 0] = -8
        _, _, right = plot_kernels_by_epoch(EPOCHS, path, maps, IMAGE)
        assert limits(right) == (-8, 8)

    @pytest.mark.parametrize(
        ("epochs", "rows", "chosen"),
        [
            ([3], 6, [3]),
            (range(6), 6, range(6)),
            (range(7), 6, [0, 1, 2, 3, 4, 6]),
            (range(31), 6, [0, 1, 2, 5, 13, 30]),
            (range(1, 101), 6, [1, 2, 4, 11, 32, 100]),
            (range(0, 401, 10), 4, [0, 10, 60, 400]),
            ([0, 1, 2, 4, 8, 16, 32, 64], 6, [0, 1, 2, 8, 16, 64]),
            ([0, 97, 98, 99, 100], 4, [0, 97, 98, 100]),
            (range(50), 2, [0, 49]),
        ],
    )
    def test_early_epochs_are_closer_together(self, epochs, rows, chosen):
        epochs = np.array(epochs, float)
        assert epochs[choose_epochs(epochs, rows)].tolist() == list(chosen)

    def test_chosen_epochs_always_ascend_from_the_first_to_the_last(self):
        for _ in range(200):
            epochs = np.cumsum(RNG.pareto(0.7, RNG.integers(1, 40)) + 1e-3)
            rows = int(RNG.integers(2, 9))
            chosen = choose_epochs(epochs, rows)
            assert len(chosen) == min(rows, len(epochs))
            assert (np.diff(chosen) > 0).all()
            assert (chosen[0], chosen[-1]) == (0, len(epochs) - 1)

    def test_rows_stand_beside_each_other_whatever_their_shapes(self):
        _, left, right = plot_kernels_by_epoch(EPOCHS, PATH, MAPS[:, :, :5], IMAGE)
        left.figure.draw_without_rendering()
        tops = []
        for ax, height in ((left, 3), (right, 5)):
            corners = ax.collections[0].get_coordinates()[:: height + 1, 0]
            tops.append(ax.transData.transform(corners)[:6, 1])
        np.testing.assert_allclose(tops[0], tops[1], atol=0.5)

    def test_size_of_a_figure_is_that_of_a_slide(self):
        figure = plot_kernels_by_epoch(EPOCHS, PATH, MAPS, IMAGE)[0].figure
        assert tuple(figure.get_size_inches()) == figure_size(PATH.shape, MAPS.shape)
        width, height = figure_size((9, 16, 1, 5, 5), (9, 16, 24, 24))
        assert 10 < width < 14
        assert 1.6 < width / height < 2.4

    def test_faults_are_named(self):
        short, nan = EPOCHS[:5], MAPS.copy()
        nan[2, 0, 1, 1] = np.nan
        cases = [
            ((EPOCHS, PATH[0], MAPS), ShapeError, r"kernels must.*\(E, O, C.*got \(4, 2, 3, 3\)"),
            ((EPOCHS, PATH, MAPS[:, :3]), ShapeError, r"\(E, 4, H, W\).*got \(9, 3, 10, 10\)"),
            ((EPOCHS, PATH, MAPS[0]), ShapeError, r"activations must have.*got \(4, 10, 10\)"),
            ((short, PATH, MAPS), ShapeError, "epochs has 5, kernels has 9, activations has 9"),
            ((EPOCHS[::-1], PATH, MAPS), InputError, r"ascend; epochs\[1\] is 7 after 8"),
            ((EPOCHS[None], PATH, MAPS), ShapeError, r"epochs must have shape \(N,\)"),
            ((EPOCHS, PATH, nan), InputError, r"activations\[2, 0, 1, 1\] is nan"),
        ]
        for arrays, error, message in cases:
            with pytest.raises(error, match=message):
                plot_kernels_by_epoch(*arrays, IMAGE)
        with pytest.raises(ShapeError, match="image must have shape"):
            plot_kernels_by_epoch(EPOCHS, PATH, MAPS, IMAGE[0])
        for more in ({"count": 0}, {"rows": 1}, {"rows": True}):
            with pytest.raises(ArgumentError, match="must be a whole number"):
                plot_kernels_by_epoch(EPOCHS, PATH, MAPS, IMAGE, **more)
        assert plt.get_fignums() == []


class TestTiles:
    def test_canvas_has_a_line_between_any_two(self):
        table = canvas(np.arange(8.0).reshape(4, 1, 2), 2)
        want = [[0, 1, np.nan, 2, 3], [np.nan] * 5, [4, 5, np.nan, 6, 7]]
        np.testing.assert_array_equal(table, want)

    def test_sheet_knows_its_size(self):
        sheet = Sheet(2, 3, (2, 4), gap=0.5)
        np.testing.assert_allclose(sheet.size, (3.24, 1.5))
        np.testing.assert_allclose(sheet.lefts, [0, 1.12, 2.24])
        np.testing.assert_allclose(sheet.tops, [0, 1])

    def test_labels_are_thinned(self):
        assert [sparse(inches, 0.3) for inches in (1, 0.2, 0.1, 0.01)] == [1, 2, 5, 50]
