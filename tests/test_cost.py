import numpy as np
import pytest

import nn
from nn.cost import Cost, seconds_per_evaluation
from nn.gradients import get_method


@pytest.fixture
def trainer():
    return nn.Trainer(nn.TwoLayerNet(3, 4, 2, rng=0), None, nn.SGD())


def test_evaluations_and_steps_are_counted(trainer):
    cost = trainer.cost(np.ones((10, 3)), np.zeros(10, int), epochs=5, batch_size=4)
    assert cost.steps == 15
    assert cost.evaluations_per_step == 2 * trainer.network.size + 2
    assert cost.seconds == 15 * cost.evaluations_per_step * cost.seconds_per_evaluation


def test_the_count_is_the_true_one(trainer, monkeypatch):
    problem = trainer.network.problem(np.ones((4, 3)), np.zeros(4, int))
    calls = []
    value = type(problem).value
    monkeypatch.setattr(type(problem), "value", lambda self: calls.append(1) or value(self))
    get_method("loop").gradient(problem)
    assert len(calls) == get_method("loop").evaluations(problem)


def test_the_time_is_measured(trainer, monkeypatch):
    """A clock that ticks once a call: a gradient lasts one tick, an evaluation a share of it."""
    ticks = iter(range(1_000_000))
    monkeypatch.setattr("nn.cost.time.perf_counter", lambda: next(ticks) * 1e-3)
    problem = trainer.network.problem(np.ones((4, 3)), np.zeros(4, int))
    measured = seconds_per_evaluation(problem, "loop", seconds=0.3)
    assert measured == pytest.approx(1e-3 / get_method("loop").evaluations(problem))
    assert seconds_per_evaluation(problem, "loop", seconds=1e-3) == pytest.approx(1e-3)


def test_measuring_changes_nothing(trainer):
    before = {name: p.copy() for name, p in trainer.network.params.items()}
    trainer.cost(np.ones((10, 3)), np.zeros(10, int), epochs=1)
    assert all(np.array_equal(p, before[name]) for name, p in trainer.network.params.items())
    assert trainer.optimizer.steps == 0
    assert trainer.history.steps == []


def test_cost_is_a_product():
    assert Cost(2, 3, 0.5).seconds == 3.0
