"""Causes, one by one: named where they fit, and not where something else is the matter."""

import numpy as np
import pytest

import nn

X = np.random.default_rng(0).normal(size=(6, 4))
IMAGES = np.random.default_rng(1).normal(size=(3, 2, 5, 5))


class Affine(nn.Layer):
    """Right, but for what `spoil` makes of dx and of the gradients."""

    def __init__(self, spoil=None, inputs=4, outputs=3):
        rng = np.random.default_rng(2)
        self.params = {"W": rng.normal(size=(inputs, outputs)), "b": rng.normal(size=outputs)}
        self.spoil = spoil

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.dout = dout
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(0)}
        dx = dout @ self.params["W"].T
        return dx if self.spoil is None else self.spoil(self, dx)


def spoilt(change):
    """Make a layer whose gradients `change` works on."""

    def spoil(layer, dx):
        return change(layer.grads, dx, layer)

    return spoil


def zero_one(grads, dx, layer):
    grads["W"][1, 2] = 0
    return dx


def zero_row(grads, dx, layer):
    grads["W"][1] = 0
    return dx


def single(grads, dx, layer):
    grads["W"] = grads["W"].astype(np.float32).astype(np.float64)
    return dx


def around(grads, dx, layer):
    return dx + 0.0


def decay(grads, dx, layer):
    grads["W"] = grads["W"] + 0.1 * layer.params["W"]
    return dx


def almost(grads, dx, layer):
    grads["W"] *= 1 + 1e-7 * np.arange(12).reshape(4, 3)
    return dx


@pytest.mark.parametrize(
    ("change", "tag", "said"),
    [
        (zero_one, "never written", "is zero in W[1, 2], and should not be"),
        (zero_row, "never written", "is zero in W[1, :], and should not be"),
        (single, "precision lost", "the digits of float32 alone"),
        (decay, "extra term", "in proportion to itself: is it weight decay?"),
    ],
)
def test_causes_of_a_parameter(change, tag, said):
    report = nn.gradcheck(Affine(spoilt(change)), X)
    assert report.cause.tag == tag
    assert said in report.cause.sentence


def test_a_factor_near_one_is_no_cause():
    report = nn.gradcheck(Affine(spoilt(almost)), X)
    assert report.verdict == "wrong"
    assert report.cause is None or report.cause.tag != "constant factor"
    line = next(line for line in str(report).splitlines() if "W[3, 2]" in line)
    analytic, numeric = line.split("analytic ")[1].split(", numeric ")
    assert analytic != numeric.split(" ±")[0]  # so many digits that they differ


def test_a_sum_over_the_wrong_axis_that_fits():
    def wrong(grads, dx, layer):
        grads["b"] = layer.dout.sum(axis=1)
        return dx

    report = nn.gradcheck(Affine(spoilt(wrong), outputs=6), X)
    assert report.cause.tag == "not summed over the batch"
    assert "added up over axis 1" in report.cause.sentence


def test_a_path_around_the_layer():
    class Around(nn.Layer):
        def forward(self, x):
            self.y = np.tanh(x[:, ::-1])
            return x + self.y

        def backward(self, dout):
            return (dout * (1 - self.y**2))[:, ::-1]

    report = nn.gradcheck(Around(), X)
    assert report.cause.tag == "missing term"
    assert "is dout itself: a path around the rest" in report.cause.sentence


def test_a_kernel_turned_round():
    class Conv(nn.Layer):
        def __init__(self):
            self.params = {"W": np.random.default_rng(3).normal(size=(2, 2, 3, 3))}

        def windows(self, x):
            return np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))

        def forward(self, x):
            self.x = x
            return np.einsum("nchwij,ocij->nohw", self.windows(x), self.params["W"])

        def backward(self, dout):
            dW = np.einsum("nchwij,nohw->ocij", self.windows(self.x), dout)
            self.grads = {"W": dW[:, :, ::-1, ::-1]}
            padded = np.pad(dout, ((0, 0), (0, 0), (2, 2), (2, 2)))
            W = self.params["W"][:, :, ::-1, ::-1]
            return np.einsum("nohwij,ocij->nchw", self.windows(padded), W)

    report = nn.gradcheck(Conv(), IMAGES)
    assert [part.verdict for part in report.table] == ["right", "wrong"]
    assert report.cause.tag == "turned round"
    assert "axes 2, 3" in report.cause.sentence


class Net(nn.Layer):
    """tanh between two affine layers, its derivative forgotten."""

    def __init__(self):
        self.first, self.last = Affine(), Affine(inputs=3, outputs=2)

    def forward(self, x):
        return self.last.forward(np.tanh(self.first.forward(x)))

    def backward(self, dout):
        return self.first.backward(self.last.backward(dout))


def test_a_forgotten_derivative_is_no_overwritten_cache():
    report = nn.gradcheck(Net(), X)
    assert report.verdict == "wrong"
    assert report.causes["x"].tag == "missing term"
    assert "does not depend on x at all" in report.causes["x"].sentence


def test_a_mask_from_an_earlier_call():
    class Once(nn.Layer):
        mask = None

        def forward(self, x):
            if self.mask is None:
                self.mask = x > 0
            return np.maximum(x, 0)

        def backward(self, dout):
            return dout * self.mask

    layer = Once()
    layer.forward(-X)
    report = nn.gradcheck(layer, X)
    assert report.cause.tag == "overwritten cache"
    assert "Once.mask" in report.cause.sentence


def test_a_part_that_is_used_twice():
    class Twice(nn.Layer):
        def __init__(self):
            self.layer = Affine(inputs=4, outputs=4)

        def forward(self, x):
            self.h = np.tanh(self.layer.forward(x))
            return self.layer.forward(self.h)

        def backward(self, dout):
            return self.layer.backward(self.layer.backward(dout) * (1 - self.h**2))

    report = nn.gradcheck(Twice(), X)
    assert report.verdict == "wrong"
    assert report.cause.tag == "overwritten cache"
    assert "layer is used 2 times in one forward" in report.cause.sentence


def test_guesses_are_called_so_and_come_last():
    class Scores(nn.Layer):
        """Scores that are scaled, and gradients that are not; and a sum that is left out."""

        def forward(self, q, k):
            s = np.einsum("ni,mi->nm", q, k) / 2
            e = np.exp(s - s.max(1, keepdims=True))
            self.q, self.k, self.p = q, k, e / e.sum(1, keepdims=True)
            return self.p

        def backward(self, dout):
            ds = self.p * (dout - (dout * self.p).sum(1, keepdims=True))
            return ds @ self.k, ds.T @ self.q

    report = nn.gradcheck(Scores(), (X, X[::-1] + 1), mixes_samples=True)
    assert report.cause.tag == "constant factor"
    assert not report.cause.guess
    assert "is 2 times what it should be" in report.cause.sentence


def test_code_that_fails_where_patterns_ask_it_costs_a_cause_and_no_verdict():
    class Brittle(Affine):
        """Takes no other inputs than those of the check, once it is known to be wrong."""

        def backward(self, dout):
            if not dout[1:].any():
                raise RuntimeError("no such dout")
            self.grads = {"W": self.x.T @ dout**3, "b": dout.sum(0)}
            return dout @ self.params["W"].T

    report = nn.gradcheck(Brittle(), X)
    assert report.verdict == "wrong"
    assert report.worst.name == "W"


def test_a_pattern_that_fails_is_passed_over(monkeypatch):
    from nn.checking import causes

    def fails(seen):
        raise RuntimeError("a state this was not written for")

    monkeypatch.setattr(causes, "PATTERNS", (fails, *causes.PATTERNS))
    assert nn.gradcheck(Affine(spoilt(zero_one)), X).cause.tag == "never written"
