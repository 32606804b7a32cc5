"""The data: what is in it, how it is split and scaled, and what is said when it cannot be had."""

import ast
import gzip
import re
import subprocess
import sys
import typing
from inspect import signature
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import datasets
from datasets import catalogue, files, mnist
from datasets.dataset import Samples, SamplesWithTest
from datasets.split import GENERATE, SPLIT, scale, split, stream

from .test_mnist import put, small

ROOT = Path(__file__).parent.parent
NAMES = datasets.names()
TOYS = ("blobs", "circles", "moons", "sine", "spiral", "xor")
PARTS = ("train", "validation", "test")
OWN_TEST = {name for name in NAMES if "test" not in signature(datasets.loaders()[name]).parameters}
every_set = pytest.mark.parametrize("name", NAMES)
every_toy = pytest.mark.parametrize("name", TOYS)


@pytest.fixture(autouse=True, scope="module")
def pictures(tmp_path_factory):
    """Small sets in place of those that are too large to ship."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUDGE_DATA", str(folder))
        for seed, name in enumerate(mnist.SOURCES):
            contents, source = small(name, seed=seed)
            put(folder / name, contents)
            patch.setitem(mnist.SOURCES, name, source)
        yield


def raw(name, seed=0, **options):
    """The samples of a set before they are split, drawn as `load` draws them."""
    return catalogue.RAW[name](stream(seed, GENERATE), **options)


def whole_set(name):
    """(x, t) of all samples, those of a fixed test part included."""
    whole = raw(name)
    x, t = whole.x, whole.t
    if name in OWN_TEST:
        x, t = np.concatenate([x, whole.x_test]), np.concatenate([t, whole.t_test])
    return x if whole.divisor is None else x / np.float32(whole.divisor), t


def dtype(name):
    """Of the samples that `load` gives: float32 for large sets of pictures."""
    return np.float64 if raw(name).divisor is None else np.float32


def rounding(name):
    """Tolerances of a value that was rounded to that type."""
    exact = dtype(name) is np.float64
    return {"rtol": 1e-9, "atol": 1e-12} if exact else {"rtol": 1e-6, "atol": 1e-6}


def arrays(data):
    return {f"{k}_{part}": getattr(data, f"{k}_{part}") for part in PARTS for k in "xt"}


def rows(x, t):
    """Samples with their targets, in an order of their own: to compare sets of samples."""
    return sorted(map(tuple, np.column_stack([x, np.reshape(t, (len(x), -1))])))


def equal(one, other):
    pairs = zip(arrays(one).values(), arrays(other).values(), strict=True)
    return all(a.tobytes() == b.tobytes() and a.shape == b.shape for a, b in pairs)


def refuses(message, name, **options):
    """`load` fails with exactly this message."""
    with pytest.raises(datasets.DatasetError) as caught:
        datasets.load(name, **options)
    assert str(caught.value) == message
    return caught.value


# --- every set ----------------------------------------------------------------------------


def test_names():
    assert list(NAMES) == sorted(NAMES)
    assert {*TOYS, *mnist.SOURCES, "iris", "diabetes", "digits"} <= set(NAMES)
    assert all(name == catalogue.RAW[name].__name__.replace("_", "-") for name in NAMES)


@every_set
@pytest.mark.parametrize("standardize", [False, True])
def test_shapes_and_types(name, standardize):
    data = datasets.load(name, validation=0.25, standardize=standardize)
    assert data.name == name
    for part in PARTS:
        x, t = getattr(data, f"x_{part}"), getattr(data, f"t_{part}")
        assert x.dtype == dtype(name)
        assert x.flags.c_contiguous and t.flags.c_contiguous
        assert x.shape == (len(x), data.features)
        assert len(x) > 0
        if data.task == "classification":
            assert t.dtype == np.int64
            assert t.shape == (len(x),)
            assert 0 <= t.min() <= t.max() < data.outputs
        else:
            assert t.dtype == np.float64
            assert t.shape == (len(x), 1)
    assert data.outputs == (len(data.class_names) if data.task == "classification" else 1)
    assert (data.task == "classification") == bool(data.class_names)
    assert len(data.feature_names) == data.features == len(set(data.feature_names))
    assert len(data.class_names) == len(set(data.class_names))
    assert data.x_mean.shape == data.x_std.shape == (data.features,)
    assert type(data.t_mean) is type(data.t_std) is float
    assert data.target_name
    if data.image_shape is not None:
        assert np.prod(data.image_shape) == data.features


@every_set
def test_every_sample_is_in_exactly_one_part(name):
    data = datasets.load(name, validation=0.25)
    x = np.concatenate([data.x_train, data.x_validation, data.x_test])
    t = np.concatenate([data.t_train, data.t_validation, data.t_test])
    assert rows(x, t) == rows(*whole_set(name))


@every_set
def test_the_split_is_shuffled(name):
    data, (whole, _) = datasets.load(name, validation=0.2), whole_set(name)
    for x in (data.x_validation, data.x_train, *([] if name in OWN_TEST else [data.x_test])):
        n = len(x)
        for start in range(0, len(whole) - n + 1, max(1, n // 4)):
            assert not np.array_equal(np.sort(x, 0), np.sort(whole[start : start + n], 0))
    if data.task == "classification":
        assert set(data.t_train) == set(range(data.outputs))
        assert np.any(np.diff(data.t_train) < 0)  # not sorted by class


@every_set
def test_no_validation_part_unless_asked_for(name):
    data = datasets.load(name)
    assert data.x_validation.shape == (0, data.features)
    assert data.t_validation.shape == (0, *data.t_train.shape[1:])
    assert data.t_validation.dtype == data.t_train.dtype


@every_set
def test_same_seed_same_bits_other_seed_other_split(name):
    one = datasets.load(name, seed=7, validation=0.1)
    assert equal(one, datasets.load(name, seed=7, validation=0.1))
    assert not equal(one, datasets.load(name, seed=8, validation=0.1))


@every_set
def test_a_seed_sequence_is_left_as_it_was(name):
    seed = np.random.SeedSequence(5).spawn(3)[2]
    one, two = datasets.load(name, seed=seed), datasets.load(name, seed=seed)
    assert equal(one, two)
    assert seed.n_children_spawned == 0
    seed.spawn(4)
    assert equal(one, datasets.load(name, seed=seed))
    assert not equal(one, datasets.load(name, seed=np.random.SeedSequence(5)))
    assert equal(datasets.load(name, seed=np.random.SeedSequence(5)), datasets.load(name, seed=5))


@every_set
def test_global_random_state_is_untouched(name):
    before = np.random.get_state()  # noqa: NPY002
    datasets.load(name, validation=0.1, standardize=True)
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@every_set
def test_the_split_does_not_depend_on_standardizing(name):
    plain = datasets.load(name, validation=0.2)
    scaled = datasets.load(name, validation=0.2, standardize=True)
    for part in PARTS:
        x, t = getattr(scaled, f"x_{part}"), getattr(scaled, f"t_{part}")
        x_plain = getattr(plain, f"x_{part}")
        np.testing.assert_allclose(scaled.original_x(x), x_plain, **rounding(name))
        np.testing.assert_allclose(scaled.original_t(t), getattr(plain, f"t_{part}"), atol=1e-12)
        again = scaled.standardized_x(x_plain)  # x is given as it stands in the file
        assert again.tobytes() == x.tobytes()
        assert again.dtype == x.dtype
    assert np.array_equal(plain.original_x(plain.x_test), plain.x_test)
    assert np.array_equal(plain.standardized_x(plain.x_test), plain.x_test)
    assert np.array_equal(plain.original_t(plain.t_test), plain.t_test)


@every_set
def test_standardizing_is_fitted_on_the_training_part_alone(name):
    plain = datasets.load(name, validation=0.3)
    scaled = datasets.load(name, validation=0.3, standardize=True)
    mean = plain.x_train.sum(0, dtype=np.float64) / len(plain.x_train)
    std = np.sqrt(((plain.x_train - mean) ** 2).sum(0) / len(plain.x_train))
    std[plain.x_train.min(0) == plain.x_train.max(0)] = 1.0
    np.testing.assert_allclose(scaled.x_mean, mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scaled.x_std, std, rtol=1e-12)
    for part in PARTS:
        by_hand = (getattr(plain, f"x_{part}") - mean) / std
        np.testing.assert_allclose(getattr(scaled, f"x_{part}"), by_hand, **rounding(name))
    assert np.array_equal(plain.x_mean, np.zeros(plain.features))
    assert np.array_equal(plain.x_std, np.ones(plain.features))
    assert (plain.t_mean, plain.t_std) == (0.0, 1.0)


@every_set
def test_targets_are_standardized_for_regression_only(name):
    plain = datasets.load(name, validation=0.3)
    scaled = datasets.load(name, validation=0.3, standardize=True)
    if plain.task == "classification":
        assert (scaled.t_mean, scaled.t_std) == (0.0, 1.0)
        assert all(
            np.array_equal(getattr(plain, f"t_{p}"), getattr(scaled, f"t_{p}")) for p in PARTS
        )
    else:
        assert scaled.t_mean == pytest.approx(plain.t_train.mean(), rel=1e-12)
        assert scaled.t_std == pytest.approx(plain.t_train.std(), rel=1e-12)
        for p in PARTS:
            by_hand = (getattr(plain, f"t_{p}") - plain.t_train.mean()) / plain.t_train.std()
            np.testing.assert_allclose(getattr(scaled, f"t_{p}"), by_hand, rtol=1e-9, atol=1e-12)


@every_set
def test_writing_into_one_dataset_does_not_change_the_next(name):
    data = datasets.load(name)
    before = data.x_train.copy()
    data.x_train[...] = np.nan
    assert np.array_equal(datasets.load(name).x_train, before)


# --- loaders ------------------------------------------------------------------------------


@every_set
def test_a_loader_shows_its_options(name):
    loader = datasets.loaders()[name]
    parameters = signature(loader).parameters
    own = list(signature(catalogue.RAW[name]).parameters)[1:]
    test = [] if name in OWN_TEST else ["test"]
    assert list(parameters) == [*own, *test, "validation", "standardize", "seed"]
    for parameter in parameters.values():
        assert parameter.kind is parameter.KEYWORD_ONLY
        types = typing.get_args(parameter.annotation) or (parameter.annotation,)
        assert {*types} <= {int, float, bool, str, type(None)}
        assert type(parameter.default) in types
    hints = {option: parameter.annotation for option, parameter in parameters.items()}
    assert typing.get_type_hints(loader) == {**hints, "return": datasets.Dataset}
    assert signature(loader).return_annotation is datasets.Dataset
    assert loader.__name__ == name
    first = loader.__doc__.splitlines()[0]
    assert first.endswith(".")
    assert len(first) > 30


@every_set
def test_the_defaults_a_loader_shows_are_the_ones_it_uses(name):
    loader = datasets.loaders()[name]
    shown = {k: p.default for k, p in signature(loader).parameters.items()}
    assert equal(loader(), loader(**shown))
    assert equal(loader(), datasets.load(name))
    assert equal(loader(validation=0.4, seed=3), datasets.load(name, validation=0.4, seed=3))


@every_set
def test_a_loader_refuses_what_its_signature_does_not_show(name):
    with pytest.raises(datasets.UnknownNameError, match=rf"dataset '{name}': unknown option 'sed'"):
        datasets.loaders()[name](sed=1)
    with pytest.raises(datasets.UnknownNameError, match=r"'rng'"):
        datasets.load(name, rng=np.random.default_rng(0))


def test_common_options_are_those_of_load():
    shown = signature(datasets.loaders()["iris"]).parameters
    for option, parameter in signature(datasets.load).parameters.items():
        if option in shown:
            assert parameter.default == shown[option].default
    assert not OWN_TEST & {*TOYS, "iris", "diabetes", "digits"}
    assert {o: p.default for o, p in shown.items()} == {
        "test": 0.2,
        "validation": 0.0,
        "standardize": False,
        "seed": 0,
    }


# --- split and scale ----------------------------------------------------------------------

shares = st.floats(0, 0.99)


@given(count=st.integers(1, 500), test=shares, validation=shares, seed=st.integers(0, 99))
def test_split_sizes(count, test, validation, seed):
    n_test = round(count * test)
    n_validation = round((count - n_test) * validation)
    sizes = (count - n_test - n_validation, n_validation, n_test)
    rng = np.random.default_rng(seed)
    asked = (True, validation > 0, test > 0)
    if any(want and not size for want, size in zip(asked, sizes, strict=True)):
        with pytest.raises(datasets.DatasetError, match=r"part empty"):
            split(count, test, validation, rng)
    else:
        parts = split(count, test, validation, rng)
        assert tuple(map(len, parts)) == sizes
        assert sorted(np.concatenate(parts)) == list(range(count))


def test_split_and_generation_have_streams_of_their_own():
    draws = [stream(0, key).integers(2**62) for key in (GENERATE, SPLIT)]
    children = np.random.SeedSequence(0).spawn(2)
    draws += [np.random.default_rng(s).integers(2**62) for s in (0, *children)]
    assert len(set(draws)) == 5
    # Other noise, same split: x differs, but the classes fall alike.
    one, two = (datasets.load("moons", noise=noise) for noise in (0.1, 0.2))
    assert np.array_equal(one.t_test, two.t_test)
    assert not np.array_equal(one.x_test, two.x_test)


def test_a_stream_is_a_child_of_its_seed():
    seed = np.random.SeedSequence([1, 2], spawn_key=(3,), pool_size=8)
    child = np.random.SeedSequence([1, 2], spawn_key=(3, SPLIT), pool_size=8)
    assert stream(seed, SPLIT).integers(2**62) == np.random.default_rng(child).integers(2**62)


def test_scale_leaves_constant_features_undivided():
    train = np.array([[0.1, 0.0, 1.0]] * 7)  # the mean of seven 0.1 is not 0.1
    train[0, 2] = 8.0
    mean, std = scale(train)
    np.testing.assert_allclose(mean, [0.1, 0.0, 2.0])
    np.testing.assert_allclose(std, [1.0, 1.0, np.sqrt(6.0)])


def test_scale_survives_a_spread_too_small_to_square():
    data = datasets.load("sine", start=0.0, stop=1e-200, noise=0.0, standardize=True)
    assert (data.x_std, data.t_std) == ([1.0], 1.0)


# --- a set with its own test part ---------------------------------------------------------


@pytest.fixture
def fixed(monkeypatch):
    def ready(rng, /, shift: float = 0.0) -> SamplesWithTest:
        """Stand in for a set whose authors fixed the test part."""
        return SamplesWithTest(
            x=np.arange(20, dtype=np.uint8).reshape(10, 2) + shift,
            t=np.arange(10, dtype=np.uint8) % 2,
            x_test=np.array([[100, 101], [102, 103], [104, 105]], dtype=np.uint8),
            t_test=np.array([1, 0, 0], dtype=np.uint8),
            target_name="class",
            feature_names=("a", "b"),
            class_names=("even", "odd"),
        )

    monkeypatch.setitem(catalogue.RAW, "ready", ready)


@pytest.mark.usefixtures("fixed")
def test_a_fixed_test_part_is_kept_as_it_is():
    assert "ready" in datasets.names()
    data = datasets.load("ready", validation=0.2)
    assert np.array_equal(data.x_test, [[100, 101], [102, 103], [104, 105]])
    assert np.array_equal(data.t_test, [1, 0, 0])
    assert (len(data.x_train), len(data.x_validation)) == (8, 2)
    assert data.x_test.dtype == np.float64
    assert data.t_test.dtype == np.int64
    whole = np.arange(20.0).reshape(10, 2)
    x = np.concatenate([data.x_train, data.x_validation])
    assert rows(x, x[:, 0] // 2 % 2) == rows(whole, np.arange(10) % 2)
    scaled = datasets.load("ready", validation=0.2, standardize=True)
    by_hand = (data.x_test - data.x_train.mean(0)) / data.x_train.std(0)
    np.testing.assert_allclose(scaled.x_test, by_hand)


def test_what_a_raw_loader_keeps_is_never_handed_out(monkeypatch):
    kept = SamplesWithTest(
        x=np.ones((4, 1)),
        t=np.ones((4, 1)),
        x_test=np.ones((2, 1)),
        t_test=np.ones((2, 1)),
        target_name="one",
        feature_names=("x",),
    )

    def keeper(rng, /) -> SamplesWithTest:
        return kept

    monkeypatch.setitem(catalogue.RAW, "keeper", keeper)
    for array in arrays(datasets.load("keeper")).values():
        array[...] = 0.0
    assert all(a.all() for a in (kept.x, kept.t, kept.x_test, kept.t_test))


@pytest.mark.usefixtures("fixed")
def test_a_fixed_test_part_leaves_no_choice():
    loader = datasets.loaders()["ready"]
    assert list(signature(loader).parameters) == [
        "shift",
        "validation",
        "standardize",
        "seed",
    ]
    with pytest.raises(datasets.UnknownNameError, match=r"unknown option 'test'"):
        loader(test=0.2)
    refuses(
        "dataset 'ready': it brings its own test part, so there is no option 'test'",
        "ready",
        test=0.3,
    )


# --- the real sets ------------------------------------------------------------------------


def test_iris():
    whole, data = raw("iris"), datasets.load("iris")
    assert whole.x.shape == (150, 4)
    assert np.array_equal(np.bincount(whole.t.astype(int)), [50, 50, 50])
    assert np.array_equal(whole.x[0], [5.1, 3.5, 1.4, 0.2])
    assert np.array_equal(whole.x[-1], [5.9, 3.0, 5.1, 1.8])
    assert np.array_equal(whole.x[[34, 37]], [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]])  # Fisher
    assert (whole.t[0], whole.t[50], whole.t[100]) == (0, 1, 2)
    assert np.array_equal(whole.x.min(0), [4.3, 2.0, 1.0, 0.1])
    assert np.array_equal(whole.x.max(0), [7.9, 4.4, 6.9, 2.5])
    assert data.class_names == ("setosa", "versicolor", "virginica")
    assert data.feature_names[2] == "petal length (cm)"
    assert data.target_name == "species"
    assert data.summary() == "iris: 4 features, 3 classes; samples: 120 to train, 30 to test"


def test_diabetes():
    whole, data = raw("diabetes"), datasets.load("diabetes", validation=0.1)
    assert whole.x.shape == (442, 10)
    assert whole.t.shape == (442, 1)
    assert np.array_equal(whole.x[0], [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87])
    assert whole.t[0, 0] == 151
    assert (whole.t.min(), whole.t.max()) == (25, 346)
    assert (whole.x[:, 0].min(), whole.x[:, 0].max()) == (19, 79)
    assert set(whole.x[:, 1]) == {1, 2}
    assert whole.t.mean() == pytest.approx(152.13348416)
    assert data.feature_names[0] == "age (years)"
    assert data.target_name == "disease progression after one year"
    assert data.summary() == (
        "diabetes: 10 features, target: disease progression after one year;"
        " samples: 319 to train, 35 to validate, 88 to test"
    )


def test_digits():
    whole, data = raw("digits"), datasets.load("digits", validation=0.1, standardize=True)
    assert whole.x.shape == (1797, 64)
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.array_equal(np.bincount(whole.t.astype(int)), counts)
    assert np.array_equal(np.unique(whole.x), np.arange(17))
    assert whole.x.sum() == 561718
    assert np.array_equal(whole.x[0, :16], [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
    assert whole.t[0] == 0
    assert data.image_shape == (8, 8)
    assert data.class_names == tuple("0123456789")
    assert data.feature_names[:9:8] == ("pixel_0_0", "pixel_1_0")
    assert data.summary() == (
        "digits: 64 features, 10 classes; samples: 1 294 to train, 144 to validate, 359 to test"
    )
    assert repr(data) == f"<Dataset {data.summary()}>"
    blank = data.feature_names.index("pixel_0_0")
    assert data.x_std[blank] == 1.0
    assert not data.x_train[:, blank].any()


def test_picture():
    data = datasets.load("digits", standardize=True)
    plain = datasets.load("digits")
    image = data.picture(data.x_test[3])
    assert image.shape == (8, 8)
    np.testing.assert_allclose(image, plain.x_test[3].reshape(8, 8), atol=1e-12)
    assert image[0, 7] == plain.x_test[3, 7]  # row by row from the top left
    with pytest.raises(datasets.DatasetError) as caught:
        data.picture(data.x_test[:2])
    assert str(caught.value) == (
        "dataset 'digits': a picture needs one sample of shape (64,), got (2, 64)"
    )
    iris = datasets.load("iris")
    with pytest.raises(datasets.DatasetError) as caught:
        iris.picture(iris.x_test[0])
    assert str(caught.value) == "dataset 'iris': its samples are not pictures"
    with pytest.raises(datasets.DatasetError) as caught:
        iris.original_x(np.zeros((2, 3)))
    assert str(caught.value) == "dataset 'iris': x must have shape (..., 4), got (2, 3)"
    with pytest.raises(datasets.DatasetError) as caught:
        iris.standardized_x(np.zeros((2, 3)))
    assert str(caught.value) == "dataset 'iris': x must have shape (..., 4), got (2, 3)"


# --- the toys -----------------------------------------------------------------------------


@every_toy
@pytest.mark.parametrize("samples", [11, 60])
def test_toys_make_as_many_samples_as_asked_for_in_equal_classes(name, samples):
    whole = raw(name, samples=samples)
    assert len(whole.x) == len(whole.t) == samples
    if whole.class_names:
        counts = np.bincount(whole.t, minlength=len(whole.class_names))
        slack = 2 if name == "xor" else 1  # xor deals to four corners
        assert counts.max() - counts.min() <= slack
        assert (counts.max() == counts.min()) == (samples == 60)


@every_toy
def test_toys_are_drawn_anew_for_another_seed(name):
    one, two = (datasets.load(name, seed=seed) for seed in (0, 1))
    both = [rows(np.r_[d.x_train, d.x_test], np.r_[d.t_train, d.t_test]) for d in (one, two)]
    assert both[0] != both[1]
    assert both[0] == rows(*whole_set(name))


@every_toy
def test_noise_is_a_standard_deviation(name):
    smooth, rough = (raw(name, samples=20_000, noise=noise) for noise in (0.0, 0.3))
    if name == "sine":
        assert np.array_equal(smooth.x, rough.x)
        error = rough.t - smooth.t
    elif name == "spiral":
        assert np.allclose(np.hypot(*rough.x.T), np.hypot(*smooth.x.T))  # the angle alone
        angles = [np.arctan2(*whole.x.T)[100:] for whole in (smooth, rough)]
        error = (angles[1] - angles[0] + np.pi) % (2 * np.pi) - np.pi
    else:
        error = rough.x - smooth.x
    if error.shape[1:] == (2,):  # the coordinates' noises are independent
        assert np.corrcoef(error.T)[0, 1] == pytest.approx(0.0, abs=0.03)
    assert error.mean() == pytest.approx(0.0, abs=0.01)
    assert error.std() == pytest.approx(0.3, rel=0.02)


def test_xor_without_noise_is_the_classic():
    whole = raw("xor", samples=4, noise=0.0)
    assert rows(whole.x, whole.t) == [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]


def test_moons_lie_on_two_half_circles():
    whole = raw("moons", samples=31, noise=0.0)
    upper, lower = whole.x[whole.t == 0], whole.x[whole.t == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1.0)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    np.testing.assert_allclose(upper[[0, -1]], [[1, 0], [-1, 0]], atol=1e-12)
    np.testing.assert_allclose(lower[[0, -1]], [[0, 0.5], [2, 0.5]], atol=1e-12)


def test_circles_have_two_radii():
    whole = raw("circles", samples=40, noise=0.0, factor=0.3)
    np.testing.assert_allclose(np.hypot(*whole.x.T), np.where(whole.t == 0, 1.0, 0.3))
    for j in (0, 1):  # evenly all around: no point twice, centre of mass in the middle
        circle = whole.x[whole.t == j]
        assert len(np.unique(circle.round(9), axis=0)) == 20
        np.testing.assert_allclose(circle.mean(0), 0.0, atol=1e-12)


def test_spiral_arms_are_turned_copies_of_each_other():
    whole = raw("spiral", samples=404, noise=0.0, classes=4, turns=1.25)
    arms = [whole.x[whole.t == j] for j in range(4)]
    for arm in arms:
        np.testing.assert_allclose(np.hypot(*arm.T), np.linspace(0, 1, 101), atol=1e-12)
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])  # (x1, x2) -> (x2, -x1), as rows
    for one, two in pairwise(arms):
        np.testing.assert_allclose(two, one @ quarter, atol=1e-12)
    np.testing.assert_allclose(arms[0][-1], [1.0, 0.0], atol=1e-12)  # 1.25 turns from (0, 1)
    assert datasets.load("spiral", classes=5).outputs == 5
    assert raw("spiral", classes=4).class_names == ("arm 0", "arm 1", "arm 2", "arm 3")


def test_blobs_are_centred_evenly_on_the_unit_circle():
    whole = raw("blobs", samples=8, noise=0.0, classes=4)
    centres = [[1, 0], [0, 1], [-1, 0], [0, -1]]
    np.testing.assert_allclose(whole.x, centres * 2, atol=1e-12)
    assert np.array_equal(whole.t, [0, 1, 2, 3, 0, 1, 2, 3])
    assert len(raw("blobs", classes=5).class_names) == 5


def test_sine():
    whole = raw("sine", samples=5, noise=0.0, start=0.0, stop=2 * np.pi)
    np.testing.assert_allclose(whole.x[:, 0], np.linspace(0, 2 * np.pi, 5))
    np.testing.assert_allclose(whole.t, [[0], [1], [0], [-1], [0]], atol=1e-12)
    assert datasets.load("sine").summary() == (
        "sine: 1 feature, target: sin(x); samples: 160 to train, 40 to test"
    )


# --- what is refused ----------------------------------------------------------------------


def test_unknown_names():
    error = refuses("unknown dataset 'mons'; did you mean 'moons'?", "mons")
    assert isinstance(error, datasets.UnknownNameError)
    assert isinstance(error, ValueError)
    refuses("unknown dataset 'Digits'; did you mean 'digits'?", "Digits")
    refuses(f"unknown dataset 'zzz'; known: {', '.join(NAMES)}", "zzz")
    refuses(f"unknown dataset 3; known: {', '.join(NAMES)}", 3)
    refuses(f"unknown dataset []; known: {', '.join(NAMES)}", [])
    refuses("dataset 'moons': unknown option 'nois'; did you mean 'noise'?", "moons", nois=1)
    refuses("dataset 'iris': unknown option 'Sead'; did you mean 'seed'?", "iris", Sead=1)
    refuses(
        "dataset 'iris': unknown option 'noise'; known: seed, standardize, test, validation",
        "iris",
        noise=0.1,
    )


NUMBERS = [True, "1", None, float("nan"), float("inf"), pytest.param(10**400, id="huge")]


@pytest.mark.parametrize("name", sorted({*NAMES} - OWN_TEST))
@pytest.mark.parametrize("value", [*NUMBERS, 0, 1, 0.0, 1.0, -0.1, 1.5])
def test_test_share_out_of_bounds(name, value):
    expected = "test must be a finite number > 0 and < 1"
    refuses(f"dataset {name!r}: {expected}, got {value!r}", name, test=value)


@every_set
@pytest.mark.parametrize("value", [*NUMBERS, 1, 1.0, -0.1])
def test_validation_share_out_of_bounds(name, value):
    expected = "validation must be a finite number >= 0 and < 1"
    refuses(f"dataset {name!r}: {expected}, got {value!r}", name, validation=value)


@pytest.mark.parametrize("value", [-1, 1.0, True, "0", None])
def test_seeds_that_are_none(value):
    expected = f"dataset 'xor': seed must be a whole number >= 0, got {value!r}"
    refuses(expected, "xor", seed=value)


@pytest.mark.parametrize("value", [1, 0.0, "true", None])
def test_standardize_is_a_flag(value):
    expected = f"dataset 'xor': standardize must be true or false, got {value!r}"
    refuses(expected, "xor", standardize=value)


def test_large_and_numpy_numbers_are_numbers():
    datasets.load("xor", seed=10**400)
    one = datasets.load("moons", samples=np.int64(50), noise=np.float32(0.5), seed=np.uint8(3))
    assert equal(one, datasets.load("moons", samples=50, noise=0.5, seed=3))
    assert equal(datasets.load("moons", noise=0), datasets.load("moons", noise=0.0))


LEAST = {"blobs": 3, "circles": 2, "moons": 2, "sine": 2, "spiral": 3, "xor": 4}


@every_toy
def test_samples_out_of_bounds(name):
    for value in (LEAST[name] - 1, 10_000_001, -5, 50.0, True, "50", None):
        expected = f"samples must be a whole number from {LEAST[name]} to 10000000"
        refuses(f"dataset {name!r}: {expected}, got {value!r}", name, samples=value)
    assert len(raw(name, samples=LEAST[name]).x) == LEAST[name]


@every_toy
@pytest.mark.parametrize("value", [*NUMBERS, -1, -1e-9])
def test_noise_out_of_bounds(name, value):
    expected = f"dataset {name!r}: noise must be a finite number >= 0, got {value!r}"
    refuses(expected, name, noise=value)


@every_toy
def test_noise_too_large_for_the_numbers(name):
    if name != "spiral":  # there it is an angle
        with pytest.raises(datasets.DatasetError, match=rf"dataset '{name}': ._\w+ is not finite"):
            datasets.load(name, noise=1.7e308, standardize=True)


@pytest.mark.parametrize("name", ["blobs", "spiral"])
@pytest.mark.parametrize("value", [1, 101, 3.0, True, "3"])
def test_classes_out_of_bounds(name, value):
    expected = "classes must be a whole number from 2 to 100"
    refuses(f"dataset {name!r}: {expected}, got {value!r}", name, classes=value)


@pytest.mark.parametrize("name", ["blobs", "spiral"])
def test_every_class_needs_a_sample(name):
    expected = "samples must be a whole number from 7 to 10000000, got 6"
    refuses(f"dataset {name!r}: {expected}", name, classes=7, samples=6)


@pytest.mark.parametrize("value", [*NUMBERS, 0, 1, -0.5])
def test_factor_out_of_bounds(value):
    expected = "factor must be a finite number > 0 and < 1"
    refuses(f"dataset 'circles': {expected}, got {value!r}", "circles", factor=value)


@pytest.mark.parametrize(
    ("name", "option"), [("spiral", "turns"), ("sine", "start"), ("sine", "stop")]
)
@pytest.mark.parametrize("value", NUMBERS)
def test_any_finite_number(name, option, value):
    expected = f"dataset {name!r}: {option} must be a finite number, got {value!r}"
    refuses(expected, name, **{option: value})


def test_an_interval_needs_a_length():
    expected = "dataset 'sine': stop must be greater than start = 1, got {}"
    refuses(expected.format(1), "sine", start=1, stop=1)
    refuses(expected.format(0.5), "sine", start=1, stop=0.5)


def test_parts_that_would_be_empty():
    message = "dataset 'xor': test = {:g} and validation = {:g} leave the {} part empty: {}"
    for test, validation, part, sizes in (
        (0.1, 0.0, "test", "4 samples become 4 + 0 + 0"),
        (0.9, 0.0, "training", "4 samples become 0 + 0 + 4"),
        (0.25, 0.1, "validation", "4 samples become 3 + 0 + 1"),
        (0.25, 0.9, "training", "4 samples become 0 + 3 + 1"),
    ):
        expected = message.format(test, validation, part, sizes)
        refuses(expected, "xor", samples=4, test=test, validation=validation)


# --- damaged files ------------------------------------------------------------------------

FILES = {"iris": (150, 5), "diabetes": (442, 11), "digits": (1797, 65)}
every_file = pytest.mark.parametrize("name", FILES)


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """A function that puts a changed copy of a data file where `load` looks for it."""
    source = files.DATA
    monkeypatch.setattr(files, "DATA", tmp_path)

    def edit(name, change):
        lines = gzip.decompress((source / f"{name}.csv.gz").read_bytes()).decode().splitlines()
        changed = change(lines)
        packed = (
            changed if isinstance(changed, bytes) else gzip.compress("\n".join(changed).encode(), 1)
        )
        (tmp_path / f"{name}.csv.gz").write_bytes(packed)

    return edit


def fails(name, reason, folder):
    count, columns = FILES[name]
    start = re.escape(
        f"dataset '{name}': data file {folder / name}.csv.gz: "
        f"expected {count} rows of {columns} columns ("
    )
    with pytest.raises(datasets.DatasetError, match=rf"^{start}.*\), but .*{reason}"):
        datasets.load(name)


@every_file
def test_an_untouched_copy_is_read(name, edit):
    before = raw(name) if (files.DATA / f"{name}.csv.gz").exists() else None
    assert before is None  # the copy is looked for in the empty folder
    edit(name, lambda lines: lines)
    datasets.load(name)


@every_file
def test_a_missing_file(name, edit, tmp_path):
    fails(name, "there is no such file$", tmp_path)


DAMAGE = {
    "empty": (lambda lines: [], "its header is ''"),
    "zero bytes": (lambda lines: b"", "its header is ''"),
    "not gzip": (lambda lines: "\n".join(lines).encode(), "Not a gzipped file"),
    "cut off": (lambda lines: gzip.compress("\n".join(lines).encode())[:400], "ended before"),
    "garbled": (lambda lines: gzip.compress(b"x" * 99)[:10] + b"\xff" * 50, "decompress"),
    "not text": (lambda lines: gzip.compress(b"\xff\xfe\xfd"), "decode"),
    "no header": (lambda lines: lines[1:], "its header is"),
    "renamed column": (lambda lines: ["q" + lines[0], *lines[1:]], "its header is 'q"),
    "row missing": (lambda lines: lines[:-1], r"it has \d+ rows$"),
    "row twice": (lambda lines: [*lines, lines[-1]], r"it has \d+ rows$"),
    "cell missing": (lambda lines: [*lines[:9], lines[9].split(",", 1)[1], *lines[10:]], "column"),
    "cells missing": (lambda lines: [lines[0], *(s.split(",", 1)[1] for s in lines[1:])], "column"),
    "cells added": (
        lambda lines: [lines[0], *(f"1,{s}" for s in lines[1:])],
        "(it has|could not convert)",
    ),
    "comment": (lambda lines: [*lines[:5], lines[5] + "# 1", *lines[6:]], "(convert|unknown)"),
    "word": (lambda lines: [*lines[:5], "x" + lines[5], *lines[6:]], "could not convert"),
    "nan": (lambda lines: [*lines[:5], "nan" + lines[5].lstrip("0123456789."), *lines[6:]], "fin"),
}


@every_file
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file(name, damage, edit, tmp_path):
    change, reason = DAMAGE[damage]
    edit(name, change)
    fails(name, reason, tmp_path)


def test_an_unknown_species(edit, tmp_path):
    edit("iris", lambda lines: [line.replace("virginica", "virginia") for line in lines])
    fails("iris", "it holds unknown words", tmp_path)


@pytest.mark.parametrize("cell", [0, -1])
def test_digits_out_of_range(edit, cell):
    def change(lines):
        cells = lines[3].split(",")
        cells[cell] = "17"
        return [*lines[:3], ",".join(cells), *lines[4:]]

    edit("digits", change)
    with pytest.raises(datasets.DatasetError, match=r"digits\.csv\.gz: expected .* 0 to 16"):
        datasets.load("digits")


# --- the house ----------------------------------------------------------------------------


def test_datasets_imports_nothing_but_numpy_a_bar_and_the_standard_library():
    allowed = {"datasets", "numpy", "tqdm", *sys.stdlib_module_names}
    modules = sorted((ROOT / "datasets").glob("**/*.py"))
    assert len(modules) >= 8
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            found = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                found = [node.module]
            assert {name.split(".")[0] for name in found} <= allowed, module


def test_importing_reads_no_data_and_no_other_package():
    code = (
        "import gzip, sys\n"
        "def no(*args, **options): raise AssertionError('read at import')\n"
        "gzip.open = no\n"
        "import datasets\n"
        "datasets.loaders()\n"
        "print(sorted({'nn', 'matplotlib', 'msgspec', 'tqdm'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_every_shipped_file_is_credited():
    credit = (files.DATA / "README.md").read_text("utf-8")
    shipped = sorted(path.name for path in files.DATA.glob("*.gz"))
    assert shipped == sorted(f"{name}.csv.gz" for name in FILES)
    assert all(f"`{name}`" in credit for name in shipped)
    assert credit.count("CC BY 4.0") == 2


def test_what_a_raw_loader_answers_is_checked_by_its_annotation():
    for name in NAMES:
        annotation = signature(catalogue.RAW[name], eval_str=True).return_annotation
        assert issubclass(annotation, Samples)
        assert type(raw(name)) is annotation
