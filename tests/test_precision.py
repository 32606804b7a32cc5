"""float32, large arrays of kinks, round numbers: where a difference has few digits."""

import numpy as np
import pytest

import nn
from nn.checking.digits import of_dtype, of_numbers
from nn.checking.report import Report

RNG = np.random.default_rng


class Net(nn.Layer):
    """Relus between linear layers, in whatever dtype it is given."""

    def __init__(self, layers=3, width=10, seed=0, dtype=np.float32, cast=False):
        rng = RNG(seed)
        self.cast, self.layers = cast, layers
        self.params = {
            f"W{i}": (rng.normal(size=(width, width)) * np.sqrt(2 / width)).astype(dtype)
            for i in range(layers)
        }

    def forward(self, x):
        self.h = [x.astype(np.float32) if self.cast else x]
        for i in range(self.layers):
            W = self.params[f"W{i}"]
            z = self.h[-1] @ (W.astype(np.float32) if self.cast else W)
            self.h.append(np.maximum(z, 0))
        return self.h[-1]

    def backward(self, dout):
        for i in reversed(range(self.layers)):
            dout = dout * (self.h[i + 1] > 0)
            self.grads[f"W{i}"] = self.h[i].T @ dout
            dout = dout @ self.params[f"W{i}"].T
        return dout


class Off(Net):
    """One weight's gradient is off by a thousandth, where it is not 0."""

    def backward(self, dout):
        dx = super().backward(dout)
        place = np.unravel_index(np.abs(self.grads["W1"]).argmax(), self.grads["W1"].shape)
        self.grads["W1"][place] *= 1.001
        return dx


@pytest.mark.parametrize("seed", range(4))
def test_relu_nets_in_float32_are_looked_at_in_float64(seed):
    x = RNG(100 + seed).normal(size=(5, 10)).astype(np.float32)
    net = Net(seed=seed)
    kept = dict(net.params)
    assert nn.gradcheck(net, x).verdict == "right"
    assert all(net.params[name] is p and p.dtype == np.float32 for name, p in kept.items())
    report = nn.gradcheck(Off(seed=seed), x)
    assert report.verdict == "wrong"
    assert report.worst.name == "W1"
    assert report.worst.ratio == pytest.approx(1.001, abs=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_code_that_casts_to_float32_itself_is_not_blamed(dtype):
    verdicts = []
    for seed in range(4):
        x = RNG(seed).normal(size=(5, 8)).astype(dtype)
        verdicts.append(nn.gradcheck(Net(2, 8, seed, dtype, cast=True), x).verdict)
    assert "wrong" not in verdicts
    assert verdicts.count("right") >= 3


def test_round_numbers_are_no_sign_of_float32():
    rng = RNG(0)

    class Round(nn.Layer):
        def __init__(self, off):
            self.params, self.off = {"W": rng.integers(-4, 5, size=(5, 4)) / 4}, off

        def forward(self, x):
            self.x = x
            return x @ self.params["W"]

        def backward(self, dout):
            self.grads = {"W": self.x.T @ dout * (1 + self.off)}
            return dout @ self.params["W"].T

    x = rng.integers(-8, 9, size=(6, 5)) / 8
    assert of_numbers(x) > 1e-8  # they all could be
    assert of_dtype(x) < 1e-15
    assert nn.gradcheck(Round(0.0), x).verdict == "right"
    assert nn.gradcheck(Round(1e-8), x).verdict == "wrong"


@pytest.mark.parametrize(("shape", "samples", "seed"), [((2, 16), 8, 11), ((3, 8), 5, 4)])
def test_a_kink_within_the_steps_of_float32_makes_undecided(shape, samples, seed):
    x = RNG(seed).normal(size=(samples, shape[1]))
    assert nn.gradcheck(Net(*shape, seed, np.float64, cast=True), x).verdict == "undecided"


class Maxout(nn.Layer):
    """x is cast and the parameters are not, so that the answer comes in float64 all the same."""

    def __init__(self):
        self.params = {"W": RNG(5).normal(size=(4, 3, 3)).astype(np.float32)}

    def forward(self, x):
        self.x = x.astype(np.float32)
        z = np.einsum("ni,iok->nok", self.x, self.params["W"])
        self.best = z.argmax(axis=2)
        return z.max(axis=2)

    def backward(self, dout):
        chosen = np.eye(3)[self.best] * dout[..., None]
        self.grads = {"W": np.einsum("ni,nok->iok", self.x, chosen)}
        return np.einsum("nok,iok->ni", chosen, self.params["W"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_cast_of_x_alone_is_seen(dtype):
    for seed in range(5):
        x = RNG(5000 + seed).normal(size=(5, 4)).astype(dtype)
        report = nn.gradcheck(Maxout(), x)
        assert report.verdict == "right", str(report)


class Relu(nn.Layer):
    def __init__(self, flipped=None):
        self.flipped = flipped

    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, dout):
        dx = dout * self.on
        if self.flipped is not None:
            dx[self.flipped] *= -1
        return dx


class TestLarge:
    x = RNG(3).normal(size=(120, 200))

    def test_many_relus_in_large_batches_are_right(self):
        report = nn.gradcheck(Relu(), self.x)
        assert report.verdict == "right"
        assert report.table[0].directions > 0
        assert "a gradient too small for that" in report.table[0].chance

    def test_one_among_them_is_found(self):
        place = tuple(np.argwhere(self.x > 0.1)[777])
        report = nn.gradcheck(Relu(place), self.x)
        assert report.verdict == "wrong"
        assert report.worst.index == place

    def test_two_equal_errors_are_found_though_they_may_cancel(self):
        class Linear(nn.Layer):
            def __init__(self):
                self.params = {"W": RNG(1).normal(size=(80, 80))}

            def forward(self, x):
                self.x = x
                return x @ self.params["W"]

            def backward(self, dout):
                g = self.x.T @ dout
                g[3, 4] += 1
                g[10, 11] += 1
                self.grads = {"W": g}
                return dout @ self.params["W"].T

        for seed in range(2):
            report = nn.gradcheck(Linear(), RNG(0).normal(size=(8, 80)), seed=seed)
            assert report.verdict == "wrong"
            assert report.worst.index in ((3, 4), (10, 11))

    def test_directions_that_tell_nothing_leave_it_undecided(self):
        def f(x):  # noise of 1e-2 in each number, the same at each call
            return x + 1e-2 * (1e7 * np.sin(1e6 * x) % 1)

        report = nn.gradcheck(f, RNG(0).normal(size=60), grad=lambda x, dout: dout, entries=10)
        assert report.verdict == "undecided"
        assert "bend too often to tell" in str(report) or "do not agree" in str(report)


def test_a_report_is_true_where_all_is_right():
    assert nn.gradcheck(np.sin, RNG(0).normal(size=5), grad=np.cos)
    wrong = nn.gradcheck(np.sin, RNG(0).normal(size=5), grad=np.sin)
    assert not wrong
    assert repr(wrong) == "<Report of sin: wrong>"
    assert not Report("nothing", "undecided")
    assert wrong.dout.shape == (5,)
