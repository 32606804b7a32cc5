"""Corners of the gradient check: odd layouts, shared caches, targets, what is given back."""

from collections import deque

import numpy as np
import pytest

import nn
from nn.checking.memory import Memory
from nn.errors import InputError

X = np.random.default_rng(0).normal(size=(8, 5))


class Affine:
    def __init__(self, wrong=False):
        self.weight, self.bias = np.random.default_rng(3).normal(size=(3, 5)), np.zeros(3)
        self.wrong = wrong

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, dout):
        self.weight_grad = dout.T @ self.x * (2 if self.wrong else 1)
        self.bias_grad = dout.sum(0)
        return dout @ self.weight


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize("seed", range(2))
def test_many_kinks_along_a_direction_are_no_fault(seed):
    """What a relu gives, given to another."""
    x = relu(np.random.default_rng(1).normal(size=(64, 100)))
    report = nn.gradcheck(relu, x, grad=lambda x, d: (x > 0) * d, seed=seed)
    assert report.verdict in ("right", "undecided"), str(report)

    def wrong(x, dout):
        dx = (x > 0) * dout
        dx[40, 7] = 3 * dx[40, 7] + 1
        return dx

    assert nn.gradcheck(relu, x, grad=wrong, seed=seed).verdict == "wrong"


def test_a_group_that_no_direction_tells_of_is_not_right():
    edge = np.zeros((40, 40), bool)
    edge.ravel()[::50] = True
    w = np.where(edge, 0.0, 1 + np.arange(1600).reshape(40, 40) / 1600)

    def f(w):
        return np.where(edge, np.sqrt(w * edge), w)

    report = nn.gradcheck(f, w, grad=lambda w, d: np.where(edge, 0.0, d), entries=10)
    assert report.verdict == "undecided"


def test_parts_beside_parameters_of_its_own():
    class Block:
        def __init__(self):
            self.inner, self.gamma, self.dgamma = Affine(wrong=True), np.ones(3), None

        def forward(self, x):
            self.h = self.inner.forward(x)
            return self.h * self.gamma

        def backward(self, dout):
            self.dgamma = (dout * self.h).sum(0)
            return self.inner.backward(dout * self.gamma)

    report = nn.gradcheck(Block(), X)
    assert [p.name for p in report.table] == ["x", "gamma", "inner.weight", "inner.bias"]
    assert report.worst.name == "inner.weight"


def test_parameters_in_a_tuple():
    class Linear:
        def __init__(self):
            self.W = np.random.default_rng(3).normal(size=(5, 3))
            self.params = (self.W,)

        def forward(self, x):
            self.x = x
            return x @ self.W

        def backward(self, dout):
            self.grads = (self.x.T @ dout,)
            return dout @ self.W.T

    assert [p.name for p in nn.gradcheck(Linear(), X).table] == ["x", "W"]


def test_a_part_that_knows_what_it_is_part_of():
    class Part:
        def __init__(self, whole):
            self.whole = whole

        def forward(self, x):
            return 2 * x

        def backward(self, dout):
            return 2 * dout

    class Whole(Part):
        def __init__(self):
            self.part = Part(self)

    assert nn.gradcheck(Whole(), X).verdict == "right"


def test_a_missing_gradient_of_a_large_array_costs_little():
    class Linear(nn.Layer):
        def __init__(self):
            self.params = {"W": np.random.default_rng(1).normal(size=(100, 100))}

        def forward(self, x):
            return x @ self.params["W"]

        def backward(self, dout):
            return dout @ self.params["W"].T

    report = nn.gradcheck(Linear(), np.random.default_rng(2).normal(size=(4, 100)))
    assert report.table[1].verdict == "wrong"
    assert report.evaluations < 5000


@pytest.mark.parametrize("off", [1e-6, 1e-8])
def test_whole_numbers_are_not_taken_for_float32(off):
    x = np.arange(1.0, 41).reshape(8, 5)
    assert nn.gradcheck(lambda x: 2 * x, x, grad=lambda x: 0 * x + 2).verdict == "right"
    report = nn.gradcheck(lambda x: 2 * x, x, grad=lambda x: 0 * x + 2 * (1 + off))
    assert report.verdict == "wrong"


class Cube:
    def __call__(self, x):
        self.x = x
        return x**3

    def backward(self, dout):
        return 2 * self.x**2 * dout


class Slotted:
    __slots__ = ("x",)

    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dout):
        return 2 * self.x**2 * dout


class Chosen(Cube):
    def __init__(self):
        self.forward = self.__call__


@pytest.mark.parametrize("part", [Cube, Slotted, Chosen])
def test_parts_that_cannot_be_wrapped(part):
    class Outer:
        def __init__(self):
            self.part = part()

        def forward(self, x):
            return self.part(x) if callable(self.part) else self.part.forward(x)

        def backward(self, dout):
            return self.part.backward(dout)

    assert nn.gradcheck(Outer(), X).verdict == "wrong"


def test_no_registry_hears_of_a_class_of_ours():
    heard = []

    class Base:
        def __init_subclass__(cls):
            heard.append(cls)

    class Layer(Base):
        def forward(self, x):
            self.x = x
            return x**3

        def backward(self, dout):
            return dout * self.x**2 * np.abs(self.x)

    nn.gradcheck(Layer(), X)
    assert heard == [Layer]
    assert "__setattr__" not in vars(Layer)


class TestGivenBack:
    def test_what_the_class_and_a_deque_hold(self):
        class Keeps:
            cache = {}  # noqa: RUF012

            def __init__(self):
                self.last = deque(maxlen=3)

            def forward(self, x):
                self.cache["x"] = x
                self.last.append(x)
                return x**2

            def backward(self, dout):
                return 2 * self.last[-1] * dout

        layer = Keeps()
        assert nn.gradcheck(layer, X).verdict == "right"
        assert Keeps.cache == {}
        assert len(layer.last) == 0

    def test_targets(self):
        class Loss:
            def forward(self, x, t):
                t -= 0.5
                self.off = x - t
                return (self.off**2).sum() / 2

            def backward(self, dout=1):
                return self.off

        t = np.ones((8, 5))
        assert nn.gradcheck(Loss(), X, t).verdict == "unstable"
        assert (t == 1).all()

    def test_also_where_the_first_call_is_interrupted_or_a_name_is_wrong(self):
        class Stops(Affine):
            def forward(self, x):
                self.calls = 1
                raise KeyboardInterrupt

        layer = Stops()
        with pytest.raises(KeyboardInterrupt):
            nn.gradcheck(layer, X)
        assert not hasattr(layer, "calls")
        layer = Affine()
        with pytest.raises(InputError):
            nn.gradcheck(layer, X, params={"w": "wieght"})
        assert not hasattr(layer, "x")

    def test_arrays_of_arrays(self):
        inner = np.ones(2)
        held = {"all": np.array([inner, None], dtype=object)}
        memory = Memory(held)
        inner[0], held["all"][1] = 5, 3
        memory.restore()
        assert inner[0] == 1
        assert held["all"][1] is None

    def test_whole_numbers_that_a_part_holds_twice(self):
        class Part:
            def __init__(self):
                self.W = np.arange(15).reshape(5, 3)
                self.params = [self.W]

            def forward(self, x):
                self.x = x
                return x @ self.W

            def backward(self, dout):
                self.grads = [self.x.T @ dout]
                return dout @ self.W.T

        class Outer:
            def __init__(self):
                self.part = Part()

            def forward(self, x):
                return self.part.forward(x)

            def backward(self, dout):
                return self.part.backward(dout)

        assert nn.gradcheck(Outer(), X).verdict == "right"


def test_what_must_hold_comes_before_what_is_finite():
    class Writes:
        def forward(self, x):
            x += 1
            return np.full(x.shape, np.inf)

        def backward(self, dout):
            return dout

    assert nn.gradcheck(Writes(), X).verdict == "unstable"


def test_a_parameter_of_no_finite_number_is_left_alone():
    class Masked(nn.Layer):
        def __init__(self):
            self.params = {"m": np.full(5, -np.inf)}

        def forward(self, x):
            return x + np.exp(self.params["m"])

        def backward(self, dout):
            self.grads = {"m": np.zeros(5)}
            return dout

    assert nn.gradcheck(Masked(), X).verdict == "right"
