"""What a run will cost: counted steps, a measured gradient."""

import numpy as np
import pytest

import nn
from nn.cost import Cost, measure, seconds_per_gradient
from nn.gradients import METHODS, Work, get_method

X, T = np.ones((10, 3)), np.zeros(10, int)


@pytest.fixture
def trainer():
    return nn.Trainer(nn.TwoLayerNet(3, 4, 2, rng=0), None, nn.SGD())


def test_steps_are_counted(trainer):
    cost = trainer.cost(X, T, epochs=5, batch_size=4)
    assert cost.steps == 15
    assert cost.seconds == 15 * cost.seconds_per_step > 0


@pytest.mark.parametrize("name", METHODS)
def test_work_is_counted(trainer, name, monkeypatch):
    """The evaluations and rows that are announced are those that are made."""
    problem = trainer.network.problem(X[:4], T[:4])
    work = get_method(name).work(problem)
    calls, rows = [], []
    value, changes = type(problem).value, nn.CrossEntropyLoss.changes
    monkeypatch.setattr(type(problem), "value", lambda self: calls.append(1) or value(self))

    def counted(self, z, t):
        change = changes(self, z, t)
        return lambda r: rows.append(r.grid[0] * r.grid[1]) or change(r)

    monkeypatch.setattr(nn.CrossEntropyLoss, "changes", counted)
    get_method(name).gradient(problem)
    unit = "loss evaluations" if name in ("loop", "direction") else "rows"
    assert work == (len(calls) if unit == "loss evaluations" else sum(rows), unit)


def test_the_time_is_measured(trainer, monkeypatch):
    """A clock that ticks once a call: each thing that is timed lasts one tick."""
    ticks = iter(range(1_000_000))
    monkeypatch.setattr("nn.cost.time.perf_counter", lambda: next(ticks) * 1e-3)
    problem = trainer.network.problem(X[:4], T[:4])
    evaluations = get_method("loop").work(problem).number
    assert seconds_per_gradient(problem, "loop", 0.3) == pytest.approx(1e-3)
    assert seconds_per_gradient(problem, "loop", 1e-3) == pytest.approx(1e-3 * evaluations)
    assert seconds_per_gradient(problem, "weight", 1e-3) == pytest.approx(1e-3)


def test_a_gradient_that_takes_long_is_measured_once(trainer, monkeypatch):
    calls = []
    monkeypatch.setattr("nn.cost.gradient", lambda *_: calls.append(1))
    ticks = iter(range(1_000_000))
    monkeypatch.setattr("nn.cost.time.perf_counter", lambda: float(next(ticks)))
    problem = trainer.network.problem(X[:4], T[:4])
    assert seconds_per_gradient(problem, "weight", 0.3) == 1.0
    assert len(calls) == 1


def test_measuring_changes_nothing(trainer):
    before = {name: p.copy() for name, p in trainer.network.params.items()}
    trainer.cost(X, T, epochs=1)
    assert all(np.array_equal(p, before[name]) for name, p in trainer.network.params.items())
    assert trainer.optimizer.steps == 0
    assert trainer.history.steps == []


def test_cost_is_a_product():
    assert Cost(2, Work(3, "rows"), 0.5).seconds == 1.0


def test_directions_drawn_to_measure_are_not_those_of_the_run():
    def trained(measured):
        method = nn.gradients.Direction(3, rng=0)
        trainer = nn.Trainer(nn.TwoLayerNet(3, 4, 2, rng=0), None, nn.SGD(), method=method, rng=0)
        if measured:
            trainer.cost(X, T, epochs=1)
        trainer.fit(X, T, epochs=2, progress=False)
        return trainer.network.params["W1"]

    assert (trained(True) == trained(False)).all()


class Ticking:
    """A clock that goes on by a millisecond whenever it is looked at."""

    def __init__(self, monkeypatch):
        self.now = 0
        monkeypatch.setattr("nn.cost.time.perf_counter", self)

    def __call__(self):
        self.now += 1
        return self.now * 1e-3


@pytest.mark.parametrize("name", METHODS)
def test_measured_three_times_at_least(trainer, name):
    cost = measure(trainer.network.problem(X, T), name, 7, 1e-9)
    assert len(cost.times) >= 3
    assert cost.seconds_per_step == np.median(cost.times) > 0
    assert cost.steps == 7
    assert cost.work == get_method(name).work(trainer.network.problem(X, T))


@pytest.mark.parametrize("name", ["loop", "direction"])
def test_many_passes_are_measured_by_some(trainer, name, monkeypatch):
    calls = []
    monkeypatch.setattr("nn.cost.gradient", lambda p, m: calls.append(m))
    Ticking(monkeypatch)
    cost = measure(trainer.network.problem(X, T), name, 1, 5e-3)
    count = {"loop": cost.work.number, "direction": 10}[name]
    assert cost.times == pytest.approx([1e-3 * count] * 3)
    assert [m.directions for m in calls] == ([1] * 3 if name == "direction" else [])


@pytest.mark.parametrize("name", ["weight", "node", "auto"])
def test_rows_that_take_long_are_measured_by_some(name, monkeypatch):
    """A chunk takes a tick of the clock, so all rows take as many ticks as there are chunks."""
    monkeypatch.setattr("nn.gradients.tail.Tail.limit", lambda *_: 20)
    net, x = nn.TwoLayerNet(3, 200, 2, rng=0), np.random.default_rng(0).normal(size=(10, 3))
    problem = net.problem(x, T)
    work, chunks = get_method(name).work(problem), []
    follow = nn.gradients.tail.Tail.follow
    monkeypatch.setattr(
        "nn.gradients.tail.Tail.follow",
        lambda tail, rows, place: (
            chunks.append(rows.grid[0] * rows.grid[1]) or follow(tail, rows, place)
        ),
    )
    get_method(name).gradient(problem)
    assert sum(chunks) == work.number
    whole, saved = len(chunks), {key: p.copy() for key, p in net.params.items()}
    chunks.clear()
    monkeypatch.setattr("nn.cost.gradient", lambda *_: pytest.fail("all of it was measured"))
    Ticking(monkeypatch)
    cost = measure(problem, name, 1, 10e-3)
    assert len(chunks) < whole
    assert cost.times == pytest.approx([whole * 1e-3] * 3, rel=0.3)
    assert all(np.array_equal(p, saved[key]) for key, p in net.params.items())


def test_what_cannot_be_differentiated_is_not_measured():
    class Noise(nn.Layer):
        def forward(self, x):
            return x + rng.normal(size=x.shape)

    rng = np.random.default_rng(0)
    noisy = nn.Sequential([nn.Linear(3, 2, rng=0), Noise()]).problem(X, T)
    for name in ("loop", "weight", "node", "auto"):
        with pytest.raises(nn.ImpureFunctionError, match=r"layer 1, Noise\(\)"):
            measure(noisy, name, 1, 1e-3)
    net = nn.TwoLayerNet(3, 4, 2, rng=0)
    net.params["W1"][0, 0] = np.nan
    for name in METHODS:
        with pytest.raises(nn.NotFiniteError, match="the loss is nan before any nudge"):
            measure(net.problem(X, T), name, 1, 1e-3)


def test_a_range_holds_the_middle_half():
    cost = Cost(10, Work(3, "rows"), 3.0, (1.0, 2.0, 3.0, 4.0, 50.0))
    assert cost.range == (20.0, 40.0)
    assert Cost(10, Work(3, "rows"), 3.0).range == pytest.approx((27.0, 33.0))
