"""Metrics by hand-computed numbers, and what they refuse to measure."""

import numpy as np
import pytest

import nn
from nn import InputError, ShapeError

SCORES = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.9, 0.0, 0.1]])


@pytest.mark.parametrize(
    "target",
    [
        [1, 0, 2, 2],
        np.array([[1], [0], [2], [2]]),
        np.array([1.0, 0.0, 2.0, 2.0]),
        np.array([1, 0, 2, 2], np.uint8),
        np.eye(3)[[1, 0, 2, 2]],
        [[0.2, 0.6, 0.2], [0.6, 0.2, 0.2], [0, 0, 1], [0.3, 0.3, 0.4]],
    ],
)
def test_accuracy(target):
    assert nn.accuracy(SCORES, target) == 0.75
    assert nn.accuracy(SCORES.tolist(), target) == 0.75


def test_accuracy_of_a_batch_of_one():
    assert nn.accuracy([[0.2, 0.8]], [1]) == 1.0
    assert nn.accuracy([[0.2, 0.8]], [0]) == 0.0


def test_as_many_samples_as_classes_is_no_riddle():
    assert nn.accuracy(np.eye(3), [0, 1, 1]) == pytest.approx(2 / 3)
    assert nn.accuracy(np.eye(3), np.eye(3)[[0, 1, 1]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("prediction", "target"),
    [
        (SCORES, [1, 0, 2]),
        (SCORES, 1),
        (SCORES, np.zeros((4, 2))),
        (SCORES[0], [1, 0, 2]),
        (np.zeros((0, 3)), []),
        (np.zeros((2, 2, 2)), np.zeros((2, 2, 2))),
    ],
)
def test_accuracy_of_what_does_not_fit(prediction, target):
    with pytest.raises(ShapeError) as caught:
        nn.accuracy(prediction, target)
    assert f"{np.shape(prediction)}" in str(caught.value)
    assert f"{np.shape(target)}" in str(caught.value)


@pytest.mark.parametrize("target", [[0, 1], [[0], [1]], [1, 1]])
def test_one_column_of_scores_has_no_largest(target):
    with pytest.raises(ShapeError, match="binary_accuracy"):
        nn.accuracy([[0.2], [0.9]], target)


def test_binary_accuracy():
    p = np.array([0.5, 0.49, 0.9, 0.1])
    assert nn.binary_accuracy(p, [1, 0, 0, 0]) == 0.75
    assert nn.binary_accuracy(p, [True, False, True, False]) == 1.0
    assert nn.binary_accuracy(p[:, None], [0, 1, 0, 1]) == 0.0
    assert nn.binary_accuracy(p.reshape(2, 2), [[1, 0], [0, 0]]) == 0.75


def test_errors_in_the_unit_of_the_target():
    y, t = [1.0, 2.0, 4.0], [1.0, 4.0, 0.0]
    assert nn.mean_absolute_error(y, t) == 2.0
    assert nn.root_mean_squared_error(y, t) == pytest.approx((20 / 3) ** 0.5)
    assert nn.r2(y, t) == pytest.approx(1 - 20 / (26 / 3))


def test_r2():
    t = np.array([1.0, 2.0, 3.0, 6.0])
    assert nn.r2(t, t) == 1.0
    assert nn.r2(np.full(4, 3.0), t) == 0.0
    assert nn.r2(t + 3, t) == pytest.approx(1 - 36 / 14)
    two = np.array([[0.0, 100.0], [2.0, 104.0]])  # each output about its own mean
    assert nn.r2([[0.0, 100.0], [2.0, 102.0]], two) == pytest.approx(1 - 4 / 10)


@pytest.mark.parametrize("constant", [0.0, 0.1, 7.3])
def test_r2_of_targets_that_are_all_the_same(constant):
    with pytest.raises(InputError, match="variance is zero"):
        nn.r2(np.arange(3.0), np.full(3, constant))
    with pytest.raises(InputError, match="variance is zero"):
        nn.r2([1.0], [constant])


MEASURES = [nn.binary_accuracy, nn.mean_absolute_error, nn.root_mean_squared_error, nn.r2]


@pytest.mark.parametrize("measure", MEASURES)
def test_a_column_against_a_row_is_not_broadcast(measure):
    rng = np.random.default_rng(0)
    y, t = rng.random(5), rng.integers(0, 2, 5).astype(float)
    t[:2] = 0, 1
    both = [measure(y[:, None], t), measure(y, t[:, None]), measure(y, t)]
    assert both[0] == both[1] == both[2]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("prediction", "target"),
    [
        (np.zeros(3), np.zeros(4)),
        (np.zeros((2, 3)), np.zeros(2)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros((2, 3, 4)), np.zeros((2, 4, 3))),
        (np.zeros((1, 3)), np.zeros(3)),
        (np.zeros(3), 0.0),
        (np.float64(0), np.float64(0)),
        (np.zeros(0), np.zeros(0)),
    ],
)
def test_shapes_that_do_not_fit(measure, prediction, target):
    with pytest.raises(ShapeError) as caught:
        measure(prediction, target)
    assert f"{np.shape(target)} do not fit" in str(caught.value)
    assert f"{np.shape(prediction)}" in str(caught.value)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.float16, bool])
def test_small_types_do_not_wrap_around(dtype):
    y, t = np.array([0, 1, 1, 0], dtype), np.array([1, 0, 1, 0], dtype)
    assert nn.mean_absolute_error(y, t) == 0.5
    assert nn.root_mean_squared_error(y, t) == pytest.approx(0.5**0.5)
    assert nn.r2(y, t) == -1.0
    far = np.array([100, 0]).astype(np.int8), np.array([-100, 0]).astype(np.int8)
    assert nn.mean_absolute_error(*far) == 100
    assert nn.root_mean_squared_error(*far) == pytest.approx(200 / 2**0.5)
