"""Every array beside its differences: what is looked at, and how; large arrays."""

import numpy as np
import pytest

import nn

from .test_checking import Big

X = np.random.default_rng(0).normal(size=(8, 5))


class Affine(nn.Layer):
    def __init__(self, **given):
        self.params = {"W": np.random.default_rng(1).normal(size=(5, 3)), **given}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"]

    def backward(self, dout):
        self.grads = {"W": self.x.T @ dout}
        return dout @ self.params["W"].T


def test_what_moves_nothing_needs_no_gradient():
    report = nn.gradcheck(Affine(unused=np.ones(3)), X)
    assert [part.name for part in report.table] == ["x", "W", "unused"]
    assert report.verdict == "right", str(report)


def test_whole_numbers_without_a_gradient_are_left_out():
    class Divide:
        def forward(self, x, lengths):
            self.lengths = lengths
            return x / lengths.reshape(-1, 1)

        def backward(self, dout):
            return dout / self.lengths.reshape(-1, 1)

    report = nn.gradcheck(Divide(), (X, np.arange(1, 9)))
    assert report.verdict == "right", str(report)
    assert [part.name for part in report.table] == ["x"]
    assert "lengths holds whole numbers and has no gradient" in str(report)


def test_a_gradient_cut_to_whole_numbers_is_wrong_also_where_inputs_combine():
    class Cut(Affine):
        def backward(self, dout):
            kept = np.zeros_like(self.x)
            kept[...] = super().backward(dout)
            return kept

    assert nn.gradcheck(Cut(), np.arange(1, 41).reshape(8, 5)).verdict == "wrong"


def test_wrong_outweighs_undecided():
    def f(x):
        return np.sqrt(x[0]) + x[1] ** 2

    x = np.array([0.0, 1.0])
    undecided = nn.gradcheck(f, x, grad=lambda x: np.array([0.0, 2 * x[1]]))
    assert undecided.verdict == "undecided"
    assert nn.gradcheck(f, x, grad=lambda x: np.array([0.0, 3 * x[1]])).verdict == "wrong"


def test_units_that_switch_together_are_no_fault():
    """Each of two relus at 0 takes a slope of its own, and their sum has another."""

    def f(x):
        return np.array([max(x[0] + x[1], 0.0) - max(x[0] - x[1], 0.0)])

    def grad(x):
        first, second = float(x[0] + x[1] >= 0), float(x[0] - x[1] > 0)
        return np.array([[first - second, first + second]])

    report = nn.gradcheck(f, np.zeros(2), grad=grad)
    assert report.verdict in ("right", "undecided"), str(report)
    assert nn.gradcheck(f, np.zeros(2), grad=lambda x: grad(x) + 0.1).verdict == "wrong"


def test_costly_entries_are_looked_at_along_directions(monkeypatch):
    assert nn.gradcheck(Affine(), X).table[1].directions == 0
    monkeypatch.setattr("nn.checking.comparing._NUMBERS", 100)
    report = nn.gradcheck(Affine(), X)
    assert report.table[1].directions > 0
    assert report.verdict == "right"


def test_mixing_that_cannot_be_asked_about_is_not_ruled_out():
    """It takes no other batch, and no numbers that are larger."""

    class Centre(nn.Layer):
        def forward(self, x):
            if len(x) != 8 or np.abs(x).max() > np.abs(X).max() * 1.2:
                raise ValueError("no such batch")
            return x - x.mean(0)

        def backward(self, dout):
            return dout - dout.mean(0)

    x = X.copy()
    x[3:5] = np.abs(X).max()  # in either half there is one that would be too large
    assert nn.gradcheck(Centre(), x).verdict == "right"


def test_a_gradient_has_the_digits_of_its_parameter():
    class Scale(nn.Layer):
        def __init__(self):
            w = np.random.default_rng(0).normal(size=20)
            self.params = {"w": w.astype(np.float32)}

        def forward(self, x):
            self.x = x
            return x * self.params["w"]

        def backward(self, dout):
            self.grads = {"w": (dout * self.x).sum(0).astype(np.float32)}
            return dout * self.params["w"]

    x = np.random.default_rng(1).normal(size=(8, 20))
    assert nn.gradcheck(Scale(), x).verdict == "right"


def test_a_mask_of_minus_infinity_is_not_nudged():
    class Masked(nn.Layer):
        def __init__(self):
            self.params = {"m": np.array([-np.inf, 0, 1, 2, -np.inf])}

        def forward(self, x):
            return x + np.exp(self.params["m"])

        def backward(self, dout):
            self.grads = {"m": np.exp(self.params["m"]) * dout.sum(0)}
            return dout

    report = nn.gradcheck(Masked(), X)
    assert report.verdict == "right", str(report)
    assert report.table[1].places.tolist() == [1, 2, 3]


@pytest.fixture(scope="module")
def right():
    """What is said of the 10 000 weights of a large layer that is right."""
    return nn.gradcheck(Big(100), TestLarge.x).table[1]


class TestLarge:
    x = np.random.default_rng(2).normal(size=(4, 100))

    def test_a_small_gradient_is_not_lost_among_large_ones(self):
        x = self.x.copy()
        x[:, :50] *= 1e-12
        assert nn.gradcheck(Big(100), x).verdict == "right"
        report = nn.gradcheck(Big(100, wrong=(17, 23)), x)
        assert report.worst.index == (17, 23), str(report)

    def test_two_errors_that_may_cancel(self):
        report = nn.gradcheck(Big(100, wrong=([3, 60], [7, 80])), self.x)
        assert report.verdict == "wrong"

    def test_each_entry_is_listed_once_and_in_order(self, right):
        wrong = [Big(100, wrong=where) for where in ((17, 23), (slice(None), 3))]
        for part in (right, *(nn.gradcheck(layer, self.x).table[1] for layer in wrong)):
            assert (np.diff(part.places) > 0).all()
            assert len(part.places) == len(part.verdicts) == len(part.numeric)

    def test_directions_go_by_sixes_and_a_wrong_array_claims_no_chance(self, right):
        assert right.directions % 6 == 0  # six for each group
        part = nn.gradcheck(Big(100, wrong=..., factor=2.0), self.x).table[1]
        assert part.chance == ""

    def test_an_error_far_below_any_usual_tolerance(self):
        report = nn.gradcheck(Big(100, wrong=(17, 23), factor=1 + 1e-8), 10 * self.x)
        assert report.verdict == "wrong"
        assert report.worst.index == (17, 23)

    @pytest.mark.parametrize("seed", range(4))
    def test_a_kink_on_the_way_hides_no_error(self, seed):
        x = X.copy()
        x[2, 3], x[5, 1] = 0, 1

        def grad(x, dout):
            dx = (x > 0) * dout
            dx[5, 1] += 9
            return dx

        def right(x, dout):
            return (x > 0) * dout

        def relu(x):
            return np.maximum(x, 0)

        assert nn.gradcheck(relu, x, grad=right, entries=10, seed=seed).verdict == "right"
        report = nn.gradcheck(relu, x, grad=grad, entries=10, seed=seed)
        assert report.verdict == "wrong"
        assert report.worst.index == (5, 1)

    def test_where_no_direction_tells_nothing_is_right(self):
        class Log(nn.Layer):
            def forward(self, x):
                with np.errstate(all="ignore"):
                    self.x = x
                    return np.sqrt(x)

            def backward(self, dout):
                return dout * 0.0

        report = nn.gradcheck(Log(), np.zeros((4, 20)), entries=10)
        assert report.verdict == "undecided"

    def test_the_array_is_given_back(self):
        layer = Big(100)
        before = layer.params["W"].copy()
        nn.gradcheck(layer, self.x)
        assert (layer.params["W"] == before).all()
