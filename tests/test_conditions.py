"""What must hold before any verdict, and that everything is given back."""

import random
from functools import partial

import numpy as np
import pytest

import nn
from nn.checking.memory import Memory

X = np.random.default_rng(0).normal(size=(8, 5))


class Square(nn.Layer):
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, dout):
        return 2 * self.x * dout


def said(thing, x=X, **options):
    report = nn.gradcheck(thing, x, **options)
    assert report.verdict == "unstable", str(report)
    return report.violations[0]


class TestForward:
    def test_reads_what_another_call_has_left(self):
        class Keeps(Square):
            last = 0.0

            def forward(self, x):
                z = super().forward(x) + self.last
                self.last = 1.0 if self.last == 0 else self.last
                if x[0, 0] != X[0, 0]:
                    self.last = 2.0
                return z

        layer = Keeps()
        layer.last = 1.0
        violation = said(layer)
        assert violation.tag == "forward remembers"
        assert "once it was asked about other inputs" in violation.sentence

    def test_counts_its_calls(self):
        class Counts(Square):
            calls = 0

            def forward(self, x):
                self.calls += 1
                return super().forward(x) * self.calls

        violation = said(Counts())
        assert violation.tag == "forward remembers"
        assert "keeps something" in violation.sentence

    def test_random_by_a_generator_of_its_own(self):
        class Draws(Square):
            def __init__(self):
                self.rng = np.random.default_rng(0)

            def forward(self, x):
                return super().forward(x) * self.rng.normal()

        assert said(Draws()).tag == "random forward"


class TestBackward:
    def test_other_numbers_each_time(self):
        class Draws(Square):
            def backward(self, dout):
                return super().backward(dout) * np.random.default_rng().normal()

        violation = said(Draws())
        assert violation.tag == "backward differs"
        assert "each time" in violation.sentence

    def test_the_first_overwrites_the_cache(self):
        class Overwrites(Square):
            def backward(self, dout):
                dx = super().backward(dout)
                self.x = dx
                return dx

        assert "overwritten the cache" in said(Overwrites()).sentence

    def test_the_first_uses_up_the_cache(self):
        class Pops(Square):
            def backward(self, dout):
                dx = super().backward(dout)
                del self.x
                return dx

        assert "used up" in said(Pops()).sentence

    def test_the_third_differs_from_two_that_are_equal(self):
        """A second forward spoils it."""

        class Stale(Square):
            calls = 0

            def backward(self, dout):
                self.calls += 1
                return super().backward(dout) * (1 if self.calls < 3 else 2)

        assert said(Stale()).tag == "backward differs"

    @pytest.mark.parametrize(
        ("tag", "spoil"),
        [
            ("backward changes dout", lambda layer, dout: dout.__imul__(2)),
            ("backward changes x", lambda layer, dout: layer.x.__imul__(2)),
            ("backward changes parameters", lambda layer, dout: layer.params["w"].__imul__(2)),
        ],
    )
    def test_writes_into_what_others_read(self, tag, spoil):
        class Writes(Square):
            def __init__(self):
                self.params = {"w": np.ones(5)}

            def backward(self, dout):
                dx = super().backward(dout)
                self.grads = {"w": np.zeros(5)}
                spoil(self, dout)
                return dx

        assert said(Writes()).tag == tag

    def test_an_absolute_value_of_dout_is_seen(self):
        """Right for a dout that is positive, and not linear."""

        class Absolute(Square):
            def backward(self, dout):
                return super().backward(np.where(dout.sum() > 0, dout, -dout) * 1.0)

        for seed in range(3):
            assert nn.gradcheck(Absolute(), X, seed=seed).verdict == "wrong"


class TestSamples:
    class Last(Square):
        """The first half hears the second, or the other way round."""

        def __init__(self, first):
            self.first = first

        def forward(self, x):
            z = super().forward(x)
            return (
                z
                + (x[-1] if self.first else 0) * (np.arange(len(x)) < 2).reshape(-1, 1)
                + (0 if self.first else x[0]) * (np.arange(len(x)) >= len(x) - 2).reshape(-1, 1)
            )

    @pytest.mark.parametrize("first", [True, False])
    def test_mixing_either_way(self, first):
        violation = said(self.Last(first))
        assert violation.tag == "mixes samples"
        assert "other samples of its batch" in violation.sentence

    def test_the_size_of_the_batch(self):
        class Mean(Square):
            def forward(self, x):
                return super().forward(x) / len(x)

            def backward(self, dout):
                return super().backward(dout) / len(dout)

        assert "alone than in its batch" in said(Mean()).sentence
        assert "alone than in its batch" in said(Mean(), X[:1].copy()).sentence
        assert nn.gradcheck(Mean(), X, mixes_samples=True).verdict == "right"

    def test_a_network_that_has_batch_norm_inside(self):
        class Norm(nn.Layer):
            def forward(self, x):
                self.sd = np.sqrt(x.var(0) + 1e-7)
                self.y = (x - x.mean(0)) / self.sd
                return self.y

            def backward(self, dout):
                return (dout - dout.mean(0) - self.y * (dout * self.y).mean(0)) / self.sd

        class Centre(nn.Layer):
            def forward(self, x):
                return x - x.mean(0)

            def backward(self, dout):
                return dout - dout.mean(0)

        class Block:
            def __init__(self, *parts):
                self.parts = list(parts)

            def forward(self, x):
                for part in self.parts:
                    x = part.forward(x)
                return x

            def backward(self, dout):
                for part in reversed(self.parts):
                    dout = part.backward(dout)
                return dout

        report = nn.gradcheck(Block(Square(), Norm(), Square()), X)
        assert report.verdict == "right", str(report)
        assert "batch norm" in report.notes[0]
        assert said(Block(Square(), Norm(), Square(), Centre())).tag == "mixes samples"
        block = Block(Square(), Norm())
        nn.gradcheck(block, X)
        assert all("forward" not in vars(part) for part in block.parts)


class TestMemory:
    def test_generators_that_all_code_shares(self):
        np.random.seed(3)  # noqa: NPY002
        random.seed(3)
        expected = np.random.RandomState(3).normal(), random.Random(3).random()

        class Draws(Square):
            def forward(self, x):
                return super().forward(x) * np.random.normal() * random.random()  # noqa: NPY002

        assert said(Draws()).tag == "random forward"
        assert (np.random.normal(), random.random()) == expected  # noqa: NPY002

    @pytest.mark.parametrize(
        ("make", "draw"),
        [
            (random.Random, lambda r: r.random()),
            (np.random.RandomState, lambda r: r.normal()),
            (np.random.default_rng, lambda r: r.normal()),
        ],
    )
    def test_generators_of_its_own(self, make, draw):
        held = {"rng": make(7)}
        memory = Memory(held)
        first = draw(held["rng"])
        memory.restore(generators=False)
        assert draw(held["rng"]) != first
        memory.restore()
        assert draw(held["rng"]) == first

    def test_methods_lead_to_what_they_are_bound_to(self):
        class F:
            def __init__(self):
                self.calls, self.w = 0, np.ones(2)

            def value(self, x):
                self.calls += 1
                self.w *= 1.0
                return (x**2).sum()

        f = F()
        assert nn.gradcheck(f.value, X[0].copy(), grad=lambda x: 2 * x).verdict == "right"
        assert f.calls == 0

    def test_read_only_arrays_and_what_is_new(self):
        fixed = np.ones(3)
        fixed.flags.writeable = False
        held = {"fixed": fixed}
        memory = Memory(held)
        held["new"] = 1
        fixed.flags.writeable = True
        fixed[0] = 5
        fixed.flags.writeable = False
        memory.restore()
        assert "new" not in held
        assert fixed[0] == 1
        assert not fixed.flags.writeable

    def test_nan_and_whole_numbers_are_restored(self):
        held = {"nan": np.array([np.nan, 1.0]), "whole": np.arange(3)}
        memory = Memory(held)
        held["nan"][:] = 1, np.nan
        held["whole"][0] = 7
        memory.restore()
        np.testing.assert_array_equal(held["nan"], [np.nan, 1.0])
        assert held["whole"].tolist() == [0, 1, 2]


class Aliased:
    """Its list of parameters holds the arrays that forward reads as attributes."""

    def __init__(self, W):
        self.W = W
        self.params = [self.W]

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.grads = [self.x.T @ dout]
        return dout @ self.W.T


def test_parameters_that_cannot_be_nudged_as_they_are():
    fixed = np.random.default_rng(1).normal(size=(5, 3))
    fixed.flags.writeable = False
    for W in (np.arange(15).reshape(5, 3), fixed):
        layer = Aliased(W)
        report = nn.gradcheck(layer, X)
        assert report.verdict == "right", str(report)
        assert [part.name for part in report.table] == ["x", "W"]
        assert layer.W is W
        assert layer.params[0] is W


def test_an_answer_and_gradients_whose_memory_is_used_again():
    class Reuses(nn.Layer):
        def __init__(self):
            self.z, self.dx = np.empty((8, 5)), np.empty((8, 5))

        def forward(self, x):
            self.x = x
            return np.multiply(x, x, out=self.z[: len(x)])

        def backward(self, dout):
            return np.multiply(2 * self.x, dout, out=self.dx[: len(dout)])

    assert nn.gradcheck(Reuses(), X).verdict == "right"


def test_gradients_that_add_up_until_they_are_set_to_zero():
    class Adds(nn.Layer):
        def __init__(self):
            self.params, self.grads = {"w": np.ones(5)}, {"w": np.zeros(5)}

        def zero_grad(self):
            self.grads["w"][:] = 0

        def forward(self, x):
            self.x = x
            return x * self.params["w"]

        def backward(self, dout):
            self.grads["w"] += (dout * self.x).sum(0)
            return dout * self.params["w"]

    assert nn.gradcheck(Adds(), X).verdict == "right"


def test_a_mask_of_true_and_false_is_no_number():
    class Masked:
        def forward(self, x, mask):
            self.mask = mask
            return np.where(mask, x, 0.0)

        def backward(self, dout):
            return np.where(self.mask, dout, 0.0)

    report = nn.gradcheck(Masked(), (X, X > 0))
    assert report.verdict == "right"
    assert [part.name for part in report.table] == ["x"]


def test_an_input_and_a_parameter_of_one_name():
    class Clash(nn.Layer):
        def __init__(self):
            self.params = {"x": np.ones(5)}

        def forward(self, x):
            self.x = x
            return x * self.params["x"]

        def backward(self, dout):
            self.grads = {"x": (dout * self.x).sum(0)}
            return dout * self.params["x"]

    report = nn.gradcheck(Clash(), X)
    assert [part.name for part in report.table] == ["x", "params.x"]
    assert report.verdict == "right"


def test_a_function_bound_in_part():
    scale = partial(np.multiply, 3.0)
    assert nn.gradcheck(scale, X, grad=lambda x: np.full(x.shape, 3.0)).verdict == "right"
