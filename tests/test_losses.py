"""Losses against closed forms, and targets that cannot be meant."""

import math

import numpy as np
import pytest

import nn
from nn import ArgumentError, InputError, ShapeError

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(5, 3)) * 3
CLASSES = np.array([2, 0, 1, 1, 0])
YES = np.array([1, 0, 1, 1, 0])


def textbook_cross_entropy(z, p):
    """-sum p log softmax(z), sample by sample."""
    found = []
    for row, q in zip(z, p, strict=True):
        total = sum(math.exp(v) for v in row)
        found.append(-sum(w * math.log(math.exp(v) / total) for v, w in zip(row, q, strict=True)))
    return found


class TestCrossEntropy:
    loss = nn.CrossEntropyLoss()

    @pytest.mark.parametrize(
        "t",
        [
            CLASSES,
            CLASSES.tolist(),
            CLASSES[:, None],
            CLASSES.astype(np.uint8),
            CLASSES.astype(float),
            np.eye(3)[CLASSES],
            np.eye(3, dtype=bool)[CLASSES],
            np.eye(3, dtype=np.uint8)[CLASSES].tolist(),
            np.eye(3)[CLASSES] * (1 - 1e-15),  # probabilities, not quite one-hot
        ],
    )
    def test_all_forms_of_targets_agree(self, t):
        expected = textbook_cross_entropy(LOGITS, np.eye(3)[CLASSES])
        checked = self.loss.targets(t, LOGITS)
        np.testing.assert_allclose(self.loss.per_sample(LOGITS, checked), expected, rtol=1e-13)
        assert self.loss(LOGITS, t) == pytest.approx(np.mean(expected), rel=1e-13)

    def test_one_hot_is_looked_up_not_multiplied(self):
        assert self.loss.targets(np.eye(3)[CLASSES], LOGITS).tolist() == CLASSES.tolist()

    def test_probabilities(self):
        p = RNG.dirichlet([1, 1, 1], 5)
        found = self.loss.per_sample(LOGITS, self.loss.targets(p, LOGITS))
        np.testing.assert_allclose(found, textbook_cross_entropy(LOGITS, p), rtol=1e-13)

    def test_probabilities_that_sum_to_one_only_in_float32(self):
        p = np.array([[0.1, 0.2, 0.7]], np.float32) * np.float32(1 + 3e-6)
        z = np.array([[1.0, 2.0, 3.0]])
        near = self.loss(z, p)
        assert near == pytest.approx(textbook_cross_entropy(z, p.astype(float))[0], rel=1e-12)
        assert self.loss(z + 1000, p) == pytest.approx(near, rel=1e-12)

    def test_stable_at_a_thousand(self):
        z = np.array([[1000.0, -1000.0, 0.0]] * 3)
        checked = self.loss.targets([0, 1, 2], z)
        assert self.loss.per_sample(z, checked).tolist() == [0, 2000, 1000]
        assert self.loss.per_sample(z, np.full((3, 3), 1 / 3)) == pytest.approx([1000] * 3)
        assert self.loss([[1000, 999]], [0]) == pytest.approx(math.log1p(math.exp(-1)), rel=1e-15)

    def test_prediction_and_score(self):
        p = self.loss.predict(LOGITS)
        np.testing.assert_allclose(p.sum(axis=1), 1)
        np.testing.assert_allclose(-np.log(p[0, 2]), self.loss(LOGITS[:1], [2]))
        best = LOGITS.argmax(axis=1)
        assert self.loss.metric == "accuracy"
        assert self.loss.score(p, best) == 1.0
        assert self.loss.score(p, np.eye(3)[best]) == 1.0
        assert self.loss.score(p, (best + 1) % 3) == 0.0
        with pytest.raises(InputError, match="target 1 is 3"):
            self.loss.score(p, [0, 3, 0, 0, 0])

    @pytest.mark.parametrize(
        ("t", "message"),
        [
            ([0, 1, 3, 0, 0], "target 2 is 3: class indices are whole numbers from 0 to 2"),
            ([0, -1, 0, 0, 9], "target 1 is -1: class indices are whole numbers from 0 to 2"),
            ([0, 0, 0, 0, 0.5], "target 4 is 0.5: class indices are whole numbers from 0 to 2"),
            ([1e300, 0, 0, 0, 0], "target 0 is 1e+300: class indices are"),
            (np.array([0, 2**64 - 1, 0, 0, 0], np.uint64), "target 1 is 18446744073709551615: "),
            ([0, math.nan, 0, 0, 0], "target 1 is not finite"),
            ([[1, 0, 0]] * 4 + [[1, 1, 0]], "target 4 is [1 1 0]: targets of shape (N, classes)"),
            ([[1, 0, 0]] + [[0, 0, 0]] * 4, "target 1 is [0 0 0]: targets of shape (N, classes)"),
            ([[2, -1, 0]] * 5, "target 0 is [ 2 -1  0]: targets of shape (N, classes)"),
            ([[0, math.inf, 0]] * 5, "target 0 is not finite"),
            (["a"] * 5, "targets must be real numbers, got dtype <U1"),
            ([1j] * 5, "targets must be real numbers, got dtype complex128"),
        ],
    )
    def test_targets_that_are_none(self, t, message):
        with pytest.raises(InputError) as caught:
            self.loss(LOGITS, t)
        assert message in str(caught.value)

    @pytest.mark.parametrize("shape", [(4,), (6,), (), (5, 2), (3, 5), (1, 5), (5, 3, 1)])
    def test_targets_of_another_shape(self, shape):
        with pytest.raises(ShapeError) as caught:
            self.loss(LOGITS, np.zeros(shape))
        assert str(caught.value) == (
            "CrossEntropyLoss needs targets of shape (5,) or (5, 3) for outputs of shape (5, 3),"
            f" got {shape}"
        )

    @pytest.mark.parametrize(
        ("shape", "hint"), [((5, 1), "BCEWithLogitsLoss"), ((5, 3, 2), "a Flatten and a Linear")]
    )
    def test_outputs_that_are_no_scores(self, shape, hint):
        with pytest.raises(ShapeError, match=hint) as caught:
            self.loss(np.zeros(shape), np.zeros(5, int))
        assert f"got {shape}" in str(caught.value)


class TestBCE:
    loss = nn.BCEWithLogitsLoss()
    z = LOGITS[:, 0]

    def expected(self, t):
        p = [1 / (1 + math.exp(-v)) for v in self.z]
        return [
            -u * math.log(q) - (1 - u) * math.log(1 - q)
            for q, u in zip(p, map(float, t), strict=True)
        ]

    @pytest.mark.parametrize("t", [YES, YES.astype(bool), [0.2, 0.9, 0.5, 1, 0]])
    def test_formula(self, t):
        found = self.loss.per_sample(self.z, self.loss.targets(t, self.z))
        np.testing.assert_allclose(found, self.expected(t), rtol=1e-12)

    def test_columns_and_rows(self):
        expected = np.mean(self.expected(YES))
        for z in (self.z, self.z[:, None]):
            for t in (YES, YES[:, None]):
                assert self.loss(z, t) == pytest.approx(expected, rel=1e-12)

    def test_mean_of_a_samples_outputs(self):
        t = RNG.integers(0, 2, (5, 3))
        found = self.loss.per_sample(LOGITS, self.loss.targets(t, LOGITS))
        each = np.log1p(np.exp(-LOGITS * (2 * t - 1)))
        np.testing.assert_allclose(found, each.mean(axis=1), rtol=1e-12)

    def test_stable_at_a_thousand(self):
        z = np.array([1000.0, 1000.0, -1000.0, -1000.0])
        assert self.loss.per_sample(z, np.array([1.0, 0, 1, 0])).tolist() == [0, 1000, 1000, 0]

    def test_the_tail_of_a_sure_answer(self):
        assert self.loss([[40.0]], [1]) == pytest.approx(math.exp(-40), rel=1e-14)
        assert self.loss([[-40.0]], [0]) == pytest.approx(math.exp(-40), rel=1e-14)

    def test_prediction_and_score(self):
        p = self.loss.predict(self.z)
        np.testing.assert_allclose(p, 1 / (1 + np.exp(-self.z)))
        assert self.loss.metric == "accuracy"
        assert self.loss.score(p, self.z > 0) == 1.0
        assert self.loss.score(p[:, None], self.z > 0) == 1.0
        assert self.loss.score(p, self.z < 0) == 0.0

    @pytest.mark.parametrize(("place", "value"), [(3, -0.5), (1, 2.0)])
    def test_targets_out_of_range(self, place, value):
        t = YES.astype(float)
        t[place] = value
        message = f"target {place} is {value}: BCEWithLogitsLoss needs targets from 0 to 1"
        for z in (self.z, self.z[:, None]):
            with pytest.raises(InputError) as caught:
                self.loss(z, t)
            assert str(caught.value) == message


class TestRegression:
    z = np.array([[1.0, -2.0], [0.5, 4.0], [0.0, 0.0]])
    t = np.array([[0.0, 1.0], [0.5, 1.5], [-0.25, 0.0]])

    @pytest.mark.parametrize(
        ("loss", "expected"),
        [
            (nn.MSELoss(), [5.0, 3.125, 0.03125]),
            (nn.L1Loss(), [2.0, 1.25, 0.125]),
            (nn.HuberLoss(), [1.5, 1.0, 0.015625]),
            (nn.HuberLoss(2.5), [(0.5 + 2.5 * 1.75) / 2, 1.5625, 0.015625]),
            (nn.HuberLoss(0.125), [0.125 * (0.9375 + 2.9375) / 2, 0.125 * 2.4375 / 2, 0.01171875]),
        ],
        ids=repr,
    )
    def test_formula(self, loss, expected):
        assert loss.per_sample(self.z, self.t).tolist() == expected
        assert loss(self.z, self.t) == pytest.approx(np.mean(expected), rel=1e-15)

    @pytest.mark.parametrize("loss", [nn.MSELoss(), nn.L1Loss(), nn.HuberLoss()], ids=repr)
    def test_prediction_and_score(self, loss):
        assert loss.predict(self.z) is self.z
        assert loss.metric == "r2"
        assert loss.score(self.t, self.t) == 1.0
        assert loss.score(np.array([[2.0], [2.0]]), [1.0, 3.0]) == 0.0


REAL = [nn.BCEWithLogitsLoss(), nn.MSELoss(), nn.L1Loss(), nn.HuberLoss()]
ALL = [nn.CrossEntropyLoss(), *REAL]


@pytest.mark.parametrize("loss", REAL, ids=repr)
def test_a_row_against_a_column_is_not_broadcast(loss):
    z, t = RNG.normal(size=7), RNG.random(7)
    each = [
        loss.per_sample(outputs, loss.targets(targets, outputs))
        for outputs in (z, z[:, None])
        for targets in (t, t[:, None], t[:, None, None])
    ]
    assert all(found.shape == (7,) for found in each)
    assert all((found == each[0]).all() for found in each)


@pytest.mark.parametrize("loss", REAL, ids=repr)
@pytest.mark.parametrize(
    ("z", "t"),
    [
        ((5, 3), (5,)),
        ((5,), (5, 3)),
        ((5, 3), (3, 5)),
        ((5, 3), (15,)),
        ((5, 1), (1, 5)),
        ((1, 5), (5,)),
        ((5, 1), ()),
        ((2, 3, 4), (2, 4, 3)),
        ((2, 3, 4), (2, 12)),
    ],
    ids=str,
)
def test_targets_of_another_shape(loss, z, t):
    with pytest.raises(ShapeError) as caught:
        loss(np.zeros(z), np.zeros(t))
    assert str(caught.value) == f"{type(loss).__name__} needs targets of shape {z}, got {t}"


@pytest.mark.parametrize("loss", REAL, ids=repr)
def test_targets_that_are_not_numbers(loss):
    with pytest.raises(InputError, match="target 2 is not finite"):
        loss(np.zeros(3), [0, 1, math.nan])
    with pytest.raises(InputError, match="target 1 is not finite"):
        loss(np.zeros((2, 2)), [[0, 1], [math.inf, 0]])
    with pytest.raises(InputError, match="must be real numbers, got dtype <U1"):
        loss(np.zeros(1), ["1"])


@pytest.mark.parametrize("loss", ALL, ids=repr)
@pytest.mark.parametrize("shape", [(0, 3), (0,), (3, 0), ()], ids=str)
def test_no_samples_have_no_mean(loss, shape):
    with pytest.raises(ShapeError) as caught:
        loss(np.zeros(shape), np.zeros(shape))
    assert str(caught.value) == (
        f"{type(loss).__name__} needs the outputs of a batch, (N, ...), got shape {shape}"
    )


@pytest.mark.parametrize("loss", ALL, ids=repr)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.float32])
def test_small_types_do_not_wrap_around(loss, dtype):
    z, t = np.array([[1, 2], [100, 0]]), np.array([[0, 1], [0, 1]])
    expected = loss(z.astype(float), t)
    assert loss(z.astype(dtype), t.astype(dtype)) == expected
    assert loss(z.tolist(), t.tolist()) == expected


@pytest.mark.parametrize("loss", ALL, ids=repr)
def test_batch_of_one(loss):
    z, t = np.array([[0.5, -0.5]]), np.array([[1.0, 0.0]])
    assert loss(z, t) == loss.per_sample(z, loss.targets(t, z))[0]


def test_a_loss_of_ones_own_must_answer_one_number_a_sample():
    class Square(nn.Loss):
        def per_sample(self, z, t):
            return (z - t) ** 2

    assert Square()([1.0, 3.0], [0, 1]) == 2.5
    with pytest.raises(ShapeError, match=r"Square\.per_sample must .* the 2 samples, .* \(2, 1\)"):
        Square()([[1.0], [3.0]], [0, 1])


def test_bad_delta():
    for delta in (0, -1, math.inf, "1"):
        with pytest.raises(ArgumentError, match="delta must be a finite number > 0, got"):
            nn.HuberLoss(delta)


@pytest.mark.parametrize(
    "loss", [nn.MSELoss(), nn.L1Loss(), nn.HuberLoss(), nn.BCEWithLogitsLoss()], ids=repr
)
def test_per_sample_of_a_column_and_a_row_does_not_broadcast(loss):
    z, t = np.array([[3.0], [-1.0], [0.5]]), np.array([1.0, 0.0, 1.0])
    assert loss.per_sample(z, t).tolist() == loss.per_sample(z, t[:, None]).tolist()


def test_one_sample_is_told_how_to_be_a_batch():
    with pytest.raises(ShapeError, match=r"got \(3,\); one sample is a batch of one, z\[None\]"):
        nn.CrossEntropyLoss()(np.zeros(3), 1)
    with pytest.raises(ShapeError, match=r"got \(2,\); one sample is a batch of one, x\[None\]"):
        nn.Linear(2, 3, rng=0)(np.zeros(2))
