"""Those who judge gradients are asked fairly, and judged by what they say."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.checkers import ours
from benchmarks.checkers.answers import Answer, CannotRunError, Checker, ask, limited, of_view
from benchmarks.checkers.live import Live
from benchmarks.checkers.recipe import UNCOMFORTABLE, WRONG, recipe, relative_errors
from benchmarks.checkers.report import mistakes, scores
from benchmarks.checkers.rivals import PACKAGES, installed, rivals
from benchmarks.checkers.score import judge, run, summary
from benchmarks.checkers.view import view_of
from benchmarks.gallery.case import Case, Given, Room

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3))
STRICT = Checker("recipe", of_view(recipe(UNCOMFORTABLE)), ("place",))


class Linear:
    """x W + b, with its gradients in a mapping."""

    def __init__(self, slip=0.0):
        rng = np.random.default_rng(1)
        self.params = {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)}
        self.grads, self.slip = {}, slip

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        self.grads["W"][1, 1] += self.slip
        self.grads["b"] = dout.sum(axis=0)
        return dout @ self.params["W"].T


class Named:
    """x w + b with its arrays as attributes, as the two are `called`."""

    def __init__(self, called, gradients):
        rng = np.random.default_rng(1)
        self.called, self.gradients = called, gradients
        setattr(self, called[0], rng.standard_normal((3, 2)))
        setattr(self, called[1], rng.standard_normal(2))
        self.scale = np.ones(3)  # no parameter: it has no gradient

    def forward(self, x):
        self.x = x
        return x @ getattr(self, self.called[0]) + getattr(self, self.called[1])

    def backward(self, dout):
        setattr(self, self.gradients[0], self.x.T @ dout)
        setattr(self, self.gradients[1], dout.sum(axis=0))
        return dout @ getattr(self, self.called[0]).T


class Listed(Linear):
    """The same with lists."""

    def __init__(self):
        super().__init__()
        self.params, self.grads = list(self.params.values()), [None, None]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, dout):
        self.grads[:] = [self.x.T @ dout, dout.sum(axis=0)]
        return dout @ self.params[0].T


class Gate:
    """a times b: two inputs."""

    def forward(self, a, b):
        self.a, self.b = a, b
        return a * b

    def backward(self, dout):
        return dout * self.b, dout * self.a


class Mean:
    """Half the mean of the squares of x - t; `backward` takes nothing."""

    def forward(self, x, t):
        self.error = x - t
        return float(np.sum(self.error**2) / (2 * len(x)))

    def backward(self):
        return self.error / len(self.error)


class Net:
    """`loss` and `gradient`, as in the book."""

    def __init__(self):
        self.params = {"W": np.random.default_rng(1).standard_normal((3, 2))}

    def loss(self, x, t):
        return np.sum((np.tanh(x @ self.params["W"]) - t) ** 2)

    def gradient(self, x, t):
        y = np.tanh(x @ self.params["W"])
        return {"W": x.T @ (2 * (y - t) * (1 - y**2))}


class Crash(Linear):
    """`backward` fails."""

    def backward(self, dout):
        return dout @ self.params["W"]


class Flat(Linear):
    """b's gradient is not summed over the batch."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["b"] = dout
        return dx


def table(x):
    """An embedding's table: x is of integers."""
    return SimpleNamespace(
        W=np.arange(8.0).reshape(4, 2),
        dW=None,
        x=x,
        forward=lambda x: x,
        backward=lambda dout: None,
    )


DICT = {"u": X.copy(), "v": X[:, :1] + 2}
TARGET = {"t": np.zeros((4, 2))}
RIGHT = {
    "layer": (lambda: Given(Linear(), X), ["x", "W", "b"]),
    "W, dW": (lambda: Given(Named(("W", "b"), ("dW", "db")), X), ["x", "W", "b"]),
    "weight": (
        lambda: Given(Named(("weight", "bias"), ("weight_grad", "grad_bias")), X),
        ["x", "weight", "bias"],
    ),
    "mappings": (
        lambda: Given(
            Named(("kernel", "shift"), ("s1", "s2")), X,
            {"params": {"k": "kernel", "s": "shift"}, "grads": {"k": "s1", "s": "s2"}},
        ),
        ["x", "k", "s"],
    ),
    "callables": (
        lambda: Given(
            Named(("kernel", "shift"), ("s1", "s2")), X,
            {"params": {"k": "kernel"}, "grads": lambda it: {"k": it.s1}},
        ),
        ["x", "k"],
    ),
    "lists": (lambda: Given(Listed(), X), ["x", "params[0]", "params[1]"]),
    "two inputs": (lambda: Given(Gate(), (X, X + 1)), ["a", "b"]),
    "loss": (lambda: Given(Mean(), X, {"t": np.ones((4, 3))}), ["x"]),
    "network": (lambda: Given(Net(), X, TARGET), ["W"]),
    "number": (lambda: Given(lambda x: np.sum(x**3), X, {"grad": lambda x: 3 * x**2}), ["x"]),
    "entry by entry": (lambda: Given(np.sin, X, {"grad": np.cos}), ["x"]),
    "with dout": (
        lambda: Given(lambda x: x**2, X, {"grad": lambda x, dout: 2 * x * dout}), ["x"]
    ),
    "Jacobian": (
        lambda: Given(
            lambda x: x.sum(axis=1), X,
            {"grad": lambda x: np.eye(len(x))[:, :, None] * np.ones(x.shape[1])},
        ),
        ["x"],
    ),
    "mapping": (
        lambda: Given(
            lambda x: np.sum(x["u"] * x["v"] ** 2), DICT,
            {"grad": lambda x: {
                "u": np.ones_like(x["u"]) * x["v"] ** 2,
                "v": np.sum(2 * x["u"] * x["v"], axis=1, keepdims=True),
            }},
        ),
        ["u", "v"],
    ),
}  # fmt: skip


def case(build, kind="right", **known):
    return Case("it", kind, "", build, **known)


def wrong(**known):
    return case(lambda: Given(Linear(slip=0.5), X), "wrong", tensors=("W",), **known)


@pytest.mark.parametrize("name", RIGHT)
def test_a_view_has_all_arrays_and_the_right_gradients(name):
    build, names = RIGHT[name]
    view = view_of(build())
    assert list(view.arrays) == names
    for key, errors in relative_errors(view).items():
        assert errors.shape == view.arrays[key].shape
        assert errors.max() < 1e-5, key


def test_a_view_writes_into_the_layer_and_leaves_what_it_is_given():
    layer = Linear()
    view = view_of(Given(layer, X))
    arrays = {name: np.zeros_like(value) for name, value in view.arrays.items()}
    assert not view.forward(arrays).any()
    assert not layer.params["W"].any()
    assert view.arrays["W"].any()
    assert view.vjp(arrays, np.ones((4, 2)))["b"].tolist() == [4.0, 4.0]


def test_what_is_not_left_is_zero_and_what_is_no_float_is_constant():
    layer = table(np.arange(4))
    view = view_of(Given(layer, np.arange(4)))
    assert list(view.arrays) == ["W"]
    assert not view.vjp(view.arrays, np.ones(4))["W"].any()
    assert list(Live(Named(("W", "b"), ("dW", "db"))).params()) == ["W", "b"]


def test_what_is_empty_is_left_out():
    layer = Linear()
    layer.params["rest"] = np.zeros((0, 3))
    view = view_of(Given(layer, X))
    assert "rest" not in view.arrays
    assert ask(STRICT, case(lambda: Given(layer, X))).verdict == "pass"


def test_parts_and_whole_numbers():
    inner = Linear()
    inner.params["b"] = np.array([1, 2])
    outer = SimpleNamespace(inner=inner, forward=inner.forward, backward=inner.backward)
    view = view_of(Given(outer, X))
    assert list(view.arrays) == ["x", "inner.W", "inner.b"]
    assert ask(STRICT, case(lambda: Given(outer, X))).verdict == "pass"


def test_the_recipe_objects_and_tells_the_place():
    answer = ask(STRICT, wrong())
    assert (answer.verdict, answer.name, answer.index) == ("alarm", "W", (1, 1))
    assert ask(STRICT, case(lambda: Given(Linear(), X))).verdict == "pass"


def test_readers_of_the_recipe_differ_in_what_they_bear():
    build = lambda: Given(Linear(slip=2e-3), X)  # noqa: E731
    verdicts = [
        ask(Checker("", of_view(recipe(limit))), case(build)).verdict
        for limit in (WRONG, UNCOMFORTABLE)
    ]
    assert verdicts == ["pass", "alarm"]


@pytest.mark.parametrize(("layer", "said"), [(Crash, "matmul"), (Flat, "shape (4, 2)")])
def test_what_fails_is_an_alarm(layer, said):
    answer = ask(STRICT, case(lambda: Given(layer(), X)))
    assert answer.verdict == "alarm"
    assert answer.said.startswith("ValueError")
    assert said in answer.said


def test_what_cannot_be_asked_is_no_alarm():
    answer = ask(STRICT, case(lambda: Given(object(), X)))
    assert answer.verdict == "error"
    assert "no view" in answer.said
    view = limited(view_of(Given(Linear(), X)), seconds=-1)
    with pytest.raises(CannotRunError, match="not done"):
        view.forward(view.arrays)


@pytest.mark.parametrize("package", PACKAGES)
def test_rivals_judge_easy_cases(package):
    if package not in installed():
        pytest.skip(f"{package} is not installed")
    found = [checker for checker in rivals() if package in checker.name]
    assert found
    for checker in found:
        for name, (build, _) in RIGHT.items():
            answer = ask(checker, case(build))
            assert answer.verdict == "pass", (checker.name, name, answer.said)
        assert ask(checker, wrong()).verdict == "alarm"
        assert ask(checker, case(lambda: Given(Crash(), X))).verdict == "alarm"


def test_a_jacobian_too_large_is_not_made(monkeypatch):
    if "torch" not in installed():
        pytest.skip("torch is not installed")
    monkeypatch.setattr("benchmarks.checkers.rivals._JACOBIAN", 10)
    slow, fast = (ask(c, case(RIGHT["layer"][0])) for c in rivals() if "torch" in c.name)
    assert (slow.verdict, fast.verdict) == ("error", "pass")


def test_ours_is_asked_as_it_is_called(monkeypatch):
    given = {}

    def gradcheck(thing, x, **options):
        given.update(options)
        worst = SimpleNamespace(name="W", index=(np.int64(1), np.int64(1)))
        cause = SimpleNamespace(tag="sign", sentence="")
        return SimpleNamespace(verdict="wrong", worst=worst, cause=cause, violations=[])

    monkeypatch.setattr(ours.nn, "gradcheck", gradcheck, raising=False)
    (checker,) = ours.ours()
    found = judge(wrong(index=(1, 1), cause="sign"), ask(checker, wrong()))
    assert (found.good, found.place, found.cause) == (True, True, True)
    json.dumps(found.record)
    ask(checker, case(RIGHT["network"][0]))
    assert given == TARGET

    def failing(thing, x):
        raise ValueError("no")

    monkeypatch.setattr(ours.nn, "gradcheck", failing)
    assert ask(checker, wrong()).verdict == "error"  # never to its credit


def test_answers_are_scored():
    bug = {"tensors": ("W",), "index": (1, 1), "cause": "sign"}
    pairs = [
        (wrong(**{k: v for k, v in bug.items() if k != "tensors"}),
         Answer("alarm", name="W", index=(1, 1), cause="sign", seconds=1.0)),
        (case(None, "wrong", **bug), Answer("alarm", name="W", index=(0, 1), cause="transposed")),
        (case(None, "wrong", **bug), Answer("pass", name="W", index=(1, 1), cause="sign")),
        (case(None, "wrong"), Answer("alarm", unstable=True)),
        (case(None, "right"), Answer("pass")),
        (case(None, "right"), Answer("undecided")),
        (case(None, "right", kink=True), Answer("undecided")),
        (case(None, "right", kink=True), Answer("alarm")),
        (case(None, "right"), Answer("error")),
        (case(None, "unstable", violation="random forward"),
         Answer("alarm", unstable=True, violations=("random forward",))),
        (case(None, "unstable", violation="random forward"), Answer("alarm")),
        (case(None, "unstable", violation="random forward"), Answer("pass")),
    ]  # fmt: skip
    judged = [judge(*pair) for pair in pairs]
    sums = summary(judged, ("unstable", "place", "cause"))
    assert sums == {
        "cases": 12, "caught": [2, 4], "blamed": [2, 5], "objected": [2, 3], "named": [1, 3],
        "violation": [1, 3], "place": [1, 3], "cause": [1, 3], "undecided": 2, "not_run": 1,
        "seconds": 1.0,
    }  # fmt: skip
    silent = summary(judged)
    assert silent["place"] is silent["cause"] is silent["violation"] is None
    printed = scores([{"name": "it", "sums": silent}])
    assert "2 of 4" in printed
    assert mistakes("it", judged).startswith("it: 6 not as they should be")


def test_the_command(tmp_path, monkeypatch, capsys):
    from benchmarks.checkers import __main__ as command

    room = Room()
    room.right()(RIGHT["layer"][0])
    room.wrong("W", index=(1, 1))(wrong().build)
    monkeypatch.setattr(command, "CASES", room.cases)
    options = ["--checkers", "above 0.01", "--mistakes", "--out", str(tmp_path)]
    results = command.main(options)
    assert json.loads((tmp_path / "checkers.json").read_text()) == json.loads(json.dumps(results))
    (record,) = results["checkers"]
    assert record["sums"]["caught"] == record["sums"]["place"] == [1, 1]
    assert "CS231n, above 0.01: 0 not as they should be" in capsys.readouterr().out
    assert len(command.main([*options, "--quick"])["checkers"][0]["cases"]) == 1
    with pytest.raises(SystemExit, match="no case is called dropout"):
        command.main([*options, "--cases", "dropout"])
    with pytest.raises(SystemExit, match="no checker is called oracle"):
        command.main(["--checkers", "oracle", "--out", str(tmp_path)])


def test_run_asks_about_every_case():
    found = run(STRICT, [case(lambda: Given(Linear(), X)), wrong(index=(1, 1))])
    assert [one.good for one in found] == [True, True]
    assert found[1].place
