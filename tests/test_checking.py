"""The gradient check: ways in, verdicts, places, what it says, what it costs."""

import json

import numpy as np
import pytest

import nn
from nn.checking import describe
from nn.checking.kinks import bends_at
from nn.checking.memory import Memory
from nn.errors import GradientMismatch, InputError, NudgeError

X = np.random.default_rng(0).normal(size=(8, 5))


class Scale(nn.Layer):
    """The layer of the design, backward and all."""

    def __init__(self, size=5, wrong=None, factor=-1.0):
        self.params = {"w": np.linspace(0.5, 2, size)}
        self.wrong, self.factor = wrong, factor

    def forward(self, x):
        self.x = x
        return x * self.params["w"]

    def backward(self, dout):
        self.grads = {"w": (dout * self.x).sum(0)}
        if self.wrong is not None:
            self.grads["w"][self.wrong] *= self.factor
        return dout * self.params["w"]


class Relu(nn.Layer):
    def __init__(self, at_zero=0.0):
        self.at_zero = at_zero

    def forward(self, x):
        self.slope = np.where(x > 0, 1.0, np.where(x < 0, 0.0, self.at_zero))
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * self.slope


class TestVerdicts:
    def test_right(self):
        report = nn.gradcheck(Scale(), X)
        assert report.verdict == "right"
        assert report.cause is None
        assert [part.name for part in report.table] == ["x", "w"]
        assert all(part.count("right") == part.size for part in report.table)
        assert report.worst.verdict == "right"  # the one that is nearest to its bound
        assert report.evaluations < 500

    def test_wrong_place_ratio_and_bound(self):
        report = nn.gradcheck(Scale(wrong=3), X)
        assert report.verdict == "wrong"
        worst = report.worst
        assert (worst.name, worst.index, worst.place) == ("w", (3,), "w[3]")
        assert worst.ratio == pytest.approx(-1)
        assert worst.analytic == pytest.approx(-worst.numeric)
        assert 0 < worst.bound < 1e-9
        assert report.cause.tag == "sign"

    @pytest.mark.parametrize("off", [1e-7, 1e-9])
    def test_an_error_is_seen_far_below_any_usual_tolerance(self, off):
        report = nn.gradcheck(Scale(wrong=2, factor=1 + off), X)
        assert report.verdict == "wrong"
        assert report.worst.place == "w[2]"

    def test_rounding_is_no_error(self):
        assert nn.gradcheck(Scale(wrong=2, factor=1 + 1e-14), X).verdict == "right"

    @pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
    def test_a_subgradient_at_a_kink_is_right(self, at_zero):
        x = X.copy()
        x[2, 3] = 0
        report = nn.gradcheck(Relu(at_zero), x)
        assert report.verdict == "right"
        (part,) = report.table
        k = 2 * 5 + 3
        entry = part.entry(k)
        assert entry.why == "kink"
        assert entry.sample == 2
        (bend,) = entry.bends
        assert bend.output == (2, 3)
        assert (bend.left, bend.right) == pytest.approx((0, 1), abs=1e-9)
        assert "there output [2, 3] changes its slope from 0 to 1" in str(report)

    @pytest.mark.parametrize("at_zero", [-0.5, 1.5, np.nan])
    def test_a_slope_of_neither_side_is_wrong(self, at_zero):
        x = X.copy()
        x[2, 3] = 0
        report = nn.gradcheck(Relu(at_zero), x)
        assert report.verdict == "wrong"
        assert report.worst.index == (2, 3)
        assert sum(part.count("wrong") for part in report.table) == 1

    def test_noise_makes_undecided_and_says_so(self):
        def f(x):  # a slope of 1e-4 below noise of 1e-2, the same at each call
            return 1e-4 * x.sum() + 1e-2 * (1e7 * np.sin(1e6 * x.sum()) % 1)

        report = nn.gradcheck(f, X[0].copy(), grad=lambda x: np.full(5, 1e-4))
        assert report.verdict == "undecided"
        assert report.worst.why in ("noise", "precision")
        assert "undecided, the answer" in str(report)

    def test_edge_of_the_domain(self):
        report = nn.gradcheck(
            lambda x: np.sqrt(x).sum(), np.array([0.0, 4.0]), grad=lambda x: 0.5 / np.sqrt(x)
        )
        assert report.verdict == "undecided"
        assert report.worst.index == (0,)
        assert report.worst.why == "edge of domain"

    def test_an_answer_that_is_not_finite(self):
        report = nn.gradcheck(lambda x: np.log(x), -X, grad=lambda x: 1 / x)
        assert report.verdict == "undecided"
        assert "no slope" in report.notes[0]

    def test_a_backward_that_clips_is_wrong_though_right_for_this_dout(self):
        class Clipped(Scale):
            def backward(self, dout):
                return np.clip(super().backward(dout), -50, 50)

        report = nn.gradcheck(Clipped(), X)
        assert report.verdict == "wrong"
        assert report.cause.tag == "not linear"

    def test_the_size_of_other_gradients_hides_nothing(self):
        """A small output beside large ones, its gradient forgotten."""

        class Sizes(nn.Layer):
            def __init__(self, forgets):
                self.scale = np.array([1e4, 1.0, 1e-8])
                self.forgets = forgets

            def forward(self, x):
                return x * self.scale

            def backward(self, dout):
                dx = dout * self.scale
                if self.forgets:
                    dx[2, 2] = 0
                return dx

        assert nn.gradcheck(Sizes(False), X[:, :3].copy()).verdict == "right"
        report = nn.gradcheck(Sizes(True), X[:, :3].copy())
        assert report.verdict == "wrong"
        assert report.worst.index == (2, 2)


class TestMismatch:
    def test_is_an_assertion_error_that_carries_the_report(self):
        with pytest.raises(AssertionError) as caught:
            nn.gradcheck(Scale(wrong=1), X, raise_on_mismatch=True)
        assert isinstance(caught.value, GradientMismatch)
        assert isinstance(caught.value, NudgeError)
        assert caught.value.report.worst.place == "w[1]"
        assert "w[1]" in str(caught.value)

    def test_unstable_is_raised_too_and_right_is_not(self):
        class Random(Scale):
            def forward(self, x):
                return x * np.random.default_rng().normal(size=x.shape)

        with pytest.raises(GradientMismatch, match="unstable"):
            nn.gradcheck(Random(), X, raise_on_mismatch=True)
        nn.gradcheck(Scale(), X, raise_on_mismatch=True)


class Affine:
    """No subclass of anything; names of torch."""

    def __init__(self, wrong=False):
        rng = np.random.default_rng(3)
        self.weight, self.bias = rng.normal(size=(3, 5)), rng.normal(size=3)
        self.wrong = wrong

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, dout):
        self.weight_grad = dout.T @ self.x
        self.bias_grad = dout.sum(0) * (2 if self.wrong else 1)
        return dout @ self.weight


class TestWaysIn:
    def test_attributes_of_any_object(self):
        report = nn.gradcheck(Affine(), X)
        assert [part.name for part in report.table] == ["x", "weight", "bias"]
        assert report.verdict == "right"
        assert nn.gradcheck(Affine(wrong=True), X).worst.name == "bias"

    @pytest.mark.parametrize(
        "grads",
        [
            {"w": "weight_grad", "b": "bias_grad"},
            lambda layer: {"w": layer.weight_grad, "b": layer.bias_grad},
        ],
    )
    def test_names_said_by_the_caller(self, grads):
        params = {"w": "weight", "b": "bias"}
        report = nn.gradcheck(Affine(wrong=True), X, params=params, grads=grads)
        assert [part.name for part in report.table] == ["x", "w", "b"]
        assert report.worst.name == "b"

    def test_a_mapping_of_the_arrays_themselves(self):
        layer = Affine(wrong=True)
        params = {"W": layer.weight, "b": layer.bias}
        grads = {"W": "weight_grad", "b": "bias_grad"}
        assert nn.gradcheck(layer, X, params=params, grads=grads).worst.name == "b"

    def test_a_name_that_is_not_there(self):
        with pytest.raises(InputError, match=r"params\['w'\] names 'wieght'.*did you mean 'weight"):
            nn.gradcheck(Affine(), X, params={"w": "wieght"})

    def test_parts_of_parts(self):
        class Block:
            def __init__(self):
                self.first, self.rest = Affine(), [Relu()]

            def forward(self, x):
                return self.rest[0].forward(self.first.forward(x))

            def backward(self, dout):
                return self.first.backward(self.rest[0].backward(dout))

        report = nn.gradcheck(Block(), X)
        assert [part.name for part in report.table] == ["x", "first.weight", "first.bias"]
        assert report.verdict == "right"

    def test_sequential_whose_layers_have_a_backward(self):
        net = nn.Sequential([Scale(), Relu(), Scale(wrong=4)])
        report = nn.gradcheck(net, X)
        assert [part.name for part in report.table] == ["x", "0.w", "2.w"]
        assert report.worst.place == "2.w[4]"
        with pytest.raises(InputError, match=r"layer 1, Tanh\(\), has no backward"):
            nn.gradcheck(nn.Sequential([Scale(), nn.Tanh()]), X)

    def test_the_network_of_the_book(self):
        class Net(nn.TwoLayerNet):
            def gradient(self, x, t):
                grads = self.numerical_gradient(x, t, h=1e-5)
                grads["b2"][1] *= 1.001
                return grads

        net = Net(5, 4, 3, weight_init_std=0.5, rng=0)
        t = np.arange(8) % 3
        report = nn.gradcheck(net, X, t)
        assert report.verdict == "wrong"
        assert {part.name for part in report.table} == {"W1", "b1", "W2", "b2"}

    def test_losses_take_targets_and_a_dout_of_one(self):
        class Half:
            def forward(self, x, t):
                self.off = x - t
                return (self.off**2).sum() / 2

            def backward(self, dout=1):
                return self.off  # as the book does: dout is one

        t = np.ones((8, 5))
        assert nn.gradcheck(Half(), X, t).verdict == "right"
        with pytest.raises(InputError, match="takes targets"):
            nn.gradcheck(Half(), X)

    @pytest.mark.parametrize("t", [np.arange(8) % 5, np.eye(5)[np.arange(8) % 5]])
    def test_a_loss_may_be_given_both_in_a_tuple(self, t):
        class Softmax:
            def forward(self, x, t):
                e = np.exp(x - x.max(1, keepdims=True))
                self.y, self.hot = e / e.sum(1, keepdims=True), np.eye(5)[t] if t.ndim == 1 else t
                return -(self.hot * np.log(self.y)).sum() / len(x)

            def backward(self, dout=1):
                return (self.y - self.hot) / len(self.y)

        report = nn.gradcheck(Softmax(), (X, t))
        assert report.verdict == "right"
        assert [part.name for part in report.table] == ["x"]

    def test_a_number_whose_backward_asks_for_no_dout(self):
        class Sum:
            def forward(self, x):
                self.x = x
                return (x**2).sum()

            def backward(self, dout=1):
                return 2 * self.x  # dout is one, always

        assert nn.gradcheck(Sum(), X).verdict == "right"

    def test_several_inputs_go_by_their_names(self):
        class Product:
            def forward(self, left, right):
                self.left, self.right = left, right
                return left * right

            def backward(self, dout):
                return dout * self.right, dout * self.right

        report = nn.gradcheck(Product(), (X, X + 3))
        assert report.worst.name == "right"
        assert [part.verdict for part in report.table] == ["right", "wrong"]

    def test_a_cache_handed_to_backward(self):
        class Course:
            def forward(self, x):
                return np.tanh(x), x

            def backward(self, dout, cache):
                return dout * (1 - np.tanh(cache) ** 2)

        assert nn.gradcheck(Course(), X).verdict == "right"

    @pytest.mark.parametrize(
        ("f", "x", "grad", "verdict"),
        [
            (np.sin, X, np.cos, "right"),
            (np.sin, X, np.sin, "wrong"),
            (np.sin, 1.0, np.cos, "right"),
            (lambda x: (x**2).sum(), X, lambda x: 2 * x, "right"),
            (lambda x: (x**2).sum(), X, lambda x: x, "wrong"),
            (lambda x: (x**2).sum(1), X, lambda x: 2 * x, "right"),
            (lambda x: x @ x, X[0], lambda x, dout: 2 * x * dout, "right"),
            (lambda x: x[0] * x, X[0], lambda x: np.diag([2 * x[0], *[x[0]] * 4]), "wrong"),
            (lambda p: (p["a"] * p["b"]).sum(), {"a": X, "b": X + 1},
             lambda p: {"a": p["b"], "b": p["a"]}, "right"),
            (lambda p: (p[0] * p[1]).sum(), [X[0], X[1]], lambda p: [p[1], p[1]], "wrong"),
        ],
    )  # fmt: skip
    def test_functions_and_their_gradients(self, f, x, grad, verdict):
        assert nn.gradcheck(f, x, grad=grad).verdict == verdict

    def test_whole_numbers(self):
        class Cut(Scale):
            def backward(self, dout):
                dx = super().backward(dout)
                kept = np.zeros_like(self.x)  # whole numbers, where x is
                kept[...] = dx
                return kept

        x = np.arange(1, 41).reshape(8, 5)
        assert nn.gradcheck(Scale(), x).verdict == "right"
        report = nn.gradcheck(Cut(), x)
        assert report.verdict == "wrong"
        assert report.cause.tag == "precision lost"
        assert "with x as it is, int64" in str(report)

    def test_indices_are_not_nudged(self):
        class Embedding(nn.Layer):
            def __init__(self):
                self.params = {"E": X.copy()}

            def forward(self, x):
                self.ids = x
                return self.params["E"][x]

            def backward(self, dout):
                self.grads = {"E": np.zeros((8, 5))}
                np.add.at(self.grads["E"], self.ids, dout)

        report = nn.gradcheck(Embedding(), np.array([0, 3, 3, 7]))
        assert report.verdict == "right"
        assert [part.name for part in report.table] == ["E"]

    @pytest.mark.parametrize(
        ("thing", "x", "options", "message"),
        [
            (Scale, X, {}, "Scale is a class; give an object"),
            (nn.Tanh(), X, {}, r"Tanh\(\) has no backward"),
            (object(), X, {}, "object has no forward and backward"),
            (Scale(), np.zeros((0, 5)), {}, "x is empty"),
            (Scale(), X.astype(complex), {}, "real numbers"),
            (Scale(), np.where(X > 1, np.nan, X), {}, r"x\[.*\] is nan"),
            (Scale(), X, {"t": X}, "takes no targets"),
            (np.sin, X, {"grad": np.cos, "t": X}, "t has no meaning beside grad="),
            (np.sin, X, {"grad": 3}, "grad must be a function"),
            (Scale(), X, {"entries": 0}, "entries must be a whole number >= 1"),
        ],
    )
    def test_what_cannot_be_checked(self, thing, x, options, message):
        with pytest.raises(NudgeError, match=message):
            nn.gradcheck(thing, x, **options)

    def test_errors_of_the_users_code_come_through(self):
        with pytest.raises(ValueError, match="broadcast"):
            nn.gradcheck(Scale(4), X)


class TestGivenBack:
    def test_the_layer_is_as_it_was(self):
        layer = Scale()
        layer.forward(X[:2])
        w, before, kept = layer.params["w"], layer.params["w"].copy(), layer.x
        nn.gradcheck(layer, X)
        assert layer.params["w"] is w
        assert (w == before).all()
        assert layer.x is kept
        assert layer.grads == {}

    def test_also_where_it_raises(self):
        class Fails(Scale):
            calls = 0

            def forward(self, x):
                self.calls += 1
                if self.calls == 40:
                    raise KeyboardInterrupt
                return super().forward(x)

        layer = Fails()
        before = layer.params["w"].copy()
        with pytest.raises(KeyboardInterrupt):
            nn.gradcheck(layer, X)
        assert (layer.params["w"] == before).all()
        assert layer.calls == 0

    def test_random_generators_too(self):
        class Draws(Scale):
            def __init__(self):
                super().__init__()
                self.rng = np.random.default_rng(5)

            def forward(self, x):
                return x * self.rng.normal()

        layer = Draws()
        assert nn.gradcheck(layer, X).verdict == "unstable"
        assert layer.rng.normal() == np.random.default_rng(5).normal()

    def test_whole_number_parameters_get_floats_for_as_long_as_it_lasts(self):
        layer = Scale()
        layer.params["w"] = whole = np.arange(1, 6)
        assert nn.gradcheck(layer, X).verdict == "right"
        assert layer.params["w"] is whole

    def test_memory_walks_into_everything_and_stops_at_loops(self):
        inner = {"a": np.ones(2), "b": [np.zeros(3), "text"]}
        inner["self"] = inner
        memory = Memory(inner)
        inner["a"][0], inner["b"][0] = 5, None
        del inner["self"]
        memory.restore()
        assert inner["a"][0] == 1
        assert inner["b"][0].shape == (3,)
        assert inner["self"] is inner


class Big(nn.Layer):
    """A linear layer of many numbers, one of them wrong."""

    def __init__(self, size, wrong=None, factor=-1.0):
        self.params = {"W": np.random.default_rng(1).normal(size=(size, size)) / size**0.5}
        self.wrong, self.factor = wrong, factor

    def forward(self, x):
        self.x = x
        return x @ self.params["W"]

    def backward(self, dout):
        self.grads = {"W": self.x.T @ dout}
        if self.wrong is not None:
            self.grads["W"][self.wrong] *= self.factor
        return dout @ self.params["W"].T


class TestLarge:
    x = np.random.default_rng(2).normal(size=(4, 200))

    def test_directions_and_what_they_may_have_missed(self):
        report = nn.gradcheck(Big(200), self.x)
        assert report.verdict == "right"
        part = report.table[1]
        assert part.size == 40_000
        assert part.directions > 0
        assert len(part.places) < 100
        assert "one wrong entry shows where it is off by more than" in part.chance
        assert part.chance in str(report)

    @pytest.mark.parametrize("factor", [-1.0, 0.0, 1.001])
    def test_one_wrong_entry_is_found_and_located(self, factor):
        report = nn.gradcheck(Big(200, (17, 123), factor), self.x)
        assert report.verdict == "wrong"
        assert (report.worst.name, report.worst.index) == ("W", (17, 123))
        assert report.table[0].verdict == "right"

    def test_every_entry_wrong(self):
        report = nn.gradcheck(Big(200, ..., 2.0), self.x)
        assert report.verdict == "wrong"
        assert report.cause.tag == "constant factor"
        assert "2" in report.cause.sentence

    def test_entries_says_when(self):
        few = nn.gradcheck(Scale(), X, entries=10)
        assert few.table[0].directions > 0  # 40 entries
        assert few.table[1].directions == 0

    @pytest.mark.slow
    def test_a_million_parameters(self):
        x = np.random.default_rng(2).normal(size=(8, 1000))
        report = nn.gradcheck(Big(1000, (613, 287)), x)
        assert report.worst.index == (613, 287)
        assert report.cause.tag == "sign"
        assert report.evaluations < 3000  # seconds


class TestBatches:
    def test_batch_norm_may_mix_samples_and_is_judged(self):
        class Norm(nn.Layer):
            def __init__(self, forgets=False):
                self.forgets = forgets

            def forward(self, x):
                self.sd = np.sqrt(x.var(0) + 1e-5)
                self.y = (x - x.mean(0)) / self.sd
                return self.y

            def backward(self, dout):
                dx = dout - dout.mean(0)
                if not self.forgets:
                    dx -= self.y * (dout * self.y).mean(0)
                return dx / self.sd

        right = nn.gradcheck(Norm(), X)
        assert right.verdict == "right"
        assert "batch norm" in right.notes[0]
        assert nn.gradcheck(Norm(forgets=True), X).verdict == "wrong"

    def test_other_mixing_has_to_be_meant(self):
        class Centred(nn.Layer):
            def forward(self, x):
                return x - x.mean(0)

            def backward(self, dout):
                return dout - dout.mean(0)

        report = nn.gradcheck(Centred(), X)
        assert report.verdict == "unstable"
        (violation,) = report.violations
        assert violation.tag == "mixes samples"
        assert "fine for batch norm" in violation.sentence
        assert nn.gradcheck(Centred(), X, mixes_samples=True).verdict == "right"

    def test_samples_that_are_treated_alone_are_nudged_together(self):
        tall = np.random.default_rng(0).normal(size=(64, 5))
        few, many = nn.gradcheck(Scale(), X), nn.gradcheck(Scale(), tall)
        assert many.evaluations < 3 * few.evaluations


class TestWords:
    def test_a_wrong_one(self):
        text = str(nn.gradcheck(Scale(wrong=3), X))
        lines = text.splitlines()
        assert lines[0] == "Scale(): wrong, in 1 of 45 entries"
        assert lines[1].startswith("  sign: the gradient of w has the wrong sign")
        assert "w[3]: analytic" in lines[2]
        assert "ratio -1" in lines[2]
        assert "\033" not in text

    def test_worst_first_and_how_many_more(self):
        report = nn.gradcheck(Scale(wrong=...), np.abs(X))
        entries = report.worst_entries()
        assert all(entry.name == "w" for entry in entries[:5])
        sizes = [abs(entry.numeric) for entry in entries[:5]]
        assert sizes == sorted(sizes, reverse=True)

        class Twice(Scale):
            def backward(self, dout):
                return 2 * super().backward(dout)

        assert "… and 32 more" in str(nn.gradcheck(Twice(), X))

    def test_colours_are_for_terminals(self):
        report = nn.gradcheck(Scale(wrong=3), X)
        assert "\033[1;31mwrong\033[0m" in describe(report, colour=True)

    def test_json(self):
        report = nn.gradcheck(Scale(wrong=3, factor=np.nan), X)
        found = json.loads(json.dumps(report.as_dict(), allow_nan=False))
        assert found["verdict"] == "wrong"
        assert found["cause"]["tag"] == "not finite"
        assert found["worst"]["index"] == [3]
        assert found["worst"]["analytic"] is None
        assert [part["name"] for part in found["table"]] == ["x", "w"]
        assert len(found["entries"]) == 1

    def test_the_same_seed_says_the_same(self):
        one, two = (nn.gradcheck(Scale(wrong=3), X, seed=4).as_dict() for _ in range(2))
        del one["seconds"], two["seconds"]
        assert one == two


def test_outputs_that_bend_are_told_apart():
    """Two kinks that cancel in the sum are seen in the outputs."""
    from nn.checking.asking import Entries
    from nn.checking.functions import Function
    from nn.checking.observing import observe

    def f(x):
        return np.array([max(x[0], 0.0), -max(-x[0], 0.0), x[0]])

    subject = Function(f, np.zeros(1), lambda x, dout: x)
    with subject.held() as memory:
        found = observe(subject, memory, np.random.default_rng(0))
        bends, (low, high) = bends_at(Entries(subject, found, "x"), 0)
    assert sorted(bend.output for bend in bends) == [(0,), (1,)]
    d = found.dout
    ends = [d[2] + a * d[0] + b * d[1] for a in (0, 1) for b in (0, 1)]
    assert (low, high) == pytest.approx((min(ends), max(ends)), abs=1e-9)


class TestOnes:
    """Where a number is 1, a factor that is forgotten does not show."""

    class Scaled(nn.Layer):
        def __init__(self, scale):
            self.params = {"s": np.array(scale)}

        def forward(self, x):
            self.x = x
            return self.params["s"] * x**3

        def backward(self, dout):  # s is forgotten
            self.grads = {"s": np.sum(dout * self.x**3, axis=0)}
            return 3 * dout * self.x**2

    NOTE = "s is all ones: a forgotten factor s would not show; give it other numbers"

    def test_is_noted(self):
        x = np.random.default_rng(0).normal(size=(4, 3))
        blind = nn.gradcheck(self.Scaled([1.0, 1.0, 1.0]), x)
        assert (blind.verdict, blind.notes) == ("right", [self.NOTE])
        assert f"note: {self.NOTE}" in str(blind)
        seen = nn.gradcheck(self.Scaled([1.0, 1.0, 1.5]), x)
        assert (seen.verdict, seen.notes) == ("wrong", [])

    def test_of_x_too(self):
        report = nn.gradcheck(np.sin, np.ones(3), grad=np.cos)
        assert report.verdict == "right"
        assert report.notes == [
            "x is all ones: a forgotten factor x would not show; give it other numbers"
        ]

    def test_only_where_all_are_one_and_the_gradient_is_right(self):
        x = np.random.default_rng(0).normal(size=(4, 2))
        signs = self.Scaled([1.0, -1.0])
        assert nn.gradcheck(signs, x).notes == []

        class Wrong(self.Scaled):
            def backward(self, dout):
                dx = super().backward(dout)
                self.grads["s"] = -self.grads["s"]
                return dx

        report = nn.gradcheck(Wrong([1.0, 1.0]), x)
        assert (report.verdict, report.notes) == ("wrong", [])
