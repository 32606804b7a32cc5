"""What a run will cost: counted steps, a measured gradient."""

import numpy as np
import pytest

import nn
from nn.cost import Cost, seconds_per_gradient
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
