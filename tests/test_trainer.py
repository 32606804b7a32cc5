import numpy as np
import pytest

import datasets
import nn


@pytest.fixture
def data():
    return datasets.load("moons", samples=60, validation=0.2)


def make(seed=0, optimizer=None, **options):
    net = nn.TwoLayerNet(2, 4, 2, weight_init_std=0.5, activation=nn.Tanh(), rng=seed)
    return nn.Trainer(net, None, optimizer or nn.SGD(lr=0.3), rng=seed, **options)


def fit(trainer, data, **options):
    options = {"epochs": 2, "batch_size": 15, "progress": False} | options
    return trainer.fit(data.x_train, data.t_train, **options)


def test_fit_is_the_loop_written_out(data):
    """Shuffle, gradient, step, by hand: the same weights, bit for bit."""
    trainer = make()
    history = fit(trainer, data)
    by_hand = make()
    rng, losses = np.random.default_rng(0), []
    for _ in range(2):
        for batch in nn.minibatches(len(data.x_train), 15, rng):
            x, t = data.x_train[batch], data.t_train[batch]
            losses.append(by_hand.network.loss(x, t))
            grads = by_hand.network.numerical_gradient(x, t)
            for name, p in by_hand.network.params.items():
                p -= 0.3 * grads[name]
    assert [record["loss"] for record in history.steps] == pytest.approx(losses, abs=1e-15)
    for name, p in by_hand.network.params.items():
        assert np.array_equal(trainer.network.params[name], p)


def test_loss_falls(data):
    history = fit(make(), data, epochs=20)
    losses = [record["loss"] for record in history.steps]
    assert np.mean(losses[-6:]) < 0.7 * np.mean(losses[:6])


def test_the_same_seed_gives_the_same_run(data):
    def losses(seed):
        return [record["loss"] for record in fit(make(seed), data).steps]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_what_is_recorded(data):
    seen = []
    trainer = make()
    history = fit(
        trainer,
        data,
        validation=(data.x_validation, data.t_validation),
        test=(data.x_test, data.t_test),
        on_step=lambda t: seen.append(("step", t.steps, t.history.records[-1]["kind"])),
        on_epoch=[lambda t: seen.append(("epoch", t.epoch - 1, t.history.records[-1]["kind"]))],
    )
    assert history is trainer.history
    assert len(history.steps) == 2 * 3
    assert [record["step"] for record in history.steps] == [1, 2, 3, 4, 5, 6]
    assert [record["epoch"] for record in history.evaluations] == [1, 2]
    assert set(history.steps[0]) == {
        "kind", "step", "epoch", "loss", "accuracy", "lr", "grad_norm", "grad_share", "seconds"
    }  # fmt: skip
    last = history.evaluations[-1]
    assert last["test_loss"] == pytest.approx(trainer.network.loss(data.x_test, data.t_test))
    assert last["test_accuracy"] == trainer.network.accuracy(data.x_test, data.t_test)
    assert [record["kind"] for record in history.records] == 2 * ([*3 * ["step"], "evaluation"])
    assert seen == [
        *(("step", k, "step") for k in (1, 2, 3)), ("epoch", 1, "evaluation"),
        *(("step", k, "step") for k in (4, 5, 6)), ("epoch", 2, "evaluation"),
    ]  # fmt: skip
    shares = history.steps[0]["grad_share"]
    assert set(shares) == {"0", "2"}
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)


def test_without_parts_the_training_data_are_evaluated(data):
    record = fit(make(), data).evaluations[-1]
    assert {"training_loss", "training_accuracy"} <= set(record)


def test_best_weights_are_those_of_the_lowest_validation_loss(data):
    trainer = make(optimizer=nn.SGD(lr=3.0))  # jumps about, so that the last is not the best
    part = (data.x_validation, data.t_validation)
    history = fit(trainer, data, epochs=12, validation=part)
    losses = [record["validation_loss"] for record in history.evaluations]
    assert trainer.best_record == history.evaluations[int(np.argmin(losses))]
    for name, p in trainer.best.items():
        trainer.network.params[name] = p
    assert trainer.network.loss(*part) == pytest.approx(min(losses))


def test_the_test_part_decides_nothing(data):
    with_test, without = make(), make()
    fit(with_test, data, test=(data.x_test, data.t_test))
    fit(without, data)
    assert with_test.best is None
    for name, p in without.network.params.items():
        assert np.array_equal(with_test.network.params[name], p)


def test_schedule_sets_the_rate_of_every_step(data):
    history = fit(make(schedule=nn.StepSchedule(0.4, every=2, factor=0.5)), data)
    assert [record["lr"] for record in history.steps] == [0.4, 0.4, 0.2, 0.2, 0.1, 0.1]


def test_another_fit_begins_the_schedule_anew(data):
    trainer = make(schedule=nn.CosineSchedule(0.4, steps=6))
    first = [record["lr"] for record in fit(trainer, data).steps]
    again = fit(trainer, data)
    assert [record["lr"] for record in again.steps] == first
    assert [record["step"] for record in again.steps] == [1, 2, 3, 4, 5, 6]
    assert trainer.optimizer.steps == 12


def test_clipping_shortens_the_update_and_records_the_length_before(data):
    net = make().network
    start = {name: p.copy() for name, p in net.params.items()}
    trainer = nn.Trainer(net, None, nn.SGD(lr=1.0), clip_norm=0.01, rng=0)
    record = fit(trainer, data, epochs=1, batch_size=100).steps[0]
    moved = sum(float(((p - start[name]) ** 2).sum()) for name, p in net.params.items())
    assert moved**0.5 == pytest.approx(0.01)
    assert record["grad_norm"] > 0.01


def test_regression_records_r2_and_leaves_it_out_where_it_has_no_value():
    x = np.linspace(-1, 1, 12)[:, None]
    net = nn.TwoLayerNet(1, 3, 1, rng=0, loss=nn.MSELoss())
    trainer = nn.Trainer(net, None, nn.SGD(lr=0.1), rng=0)
    history = trainer.fit(
        x, 2 * x, epochs=1, batch_size=5, validation=(x[:1], x[:1]), test=(x, 2 * x), progress=False
    )
    assert "r2" not in history.steps[0]
    assert "test_r2" in history.evaluations[0]
    assert "validation_r2" not in history.evaluations[0]


def test_evaluation_in_portions_is_the_whole():
    x = np.random.default_rng(0).normal(size=(2500, 2))
    t = (x[:, 0] > 0).astype(int)
    trainer = make()
    found = trainer.evaluate(x, t, prefix="test_")
    assert found["test_loss"] == pytest.approx(trainer.network.loss(x, t))
    assert found["test_accuracy"] == trainer.network.accuracy(x, t)


def test_the_loss_given_becomes_the_network_s():
    net = nn.TwoLayerNet(2, 3, 1, rng=0)
    nn.Trainer(net, nn.BCEWithLogitsLoss(), nn.SGD())
    assert isinstance(net.loss_function, nn.BCEWithLogitsLoss)


class Explode(nn.Layer):
    """Answers with nan once the weights have moved."""

    def __init__(self, at):
        self.params = {"w": np.zeros(1)}
        self.at = at

    def forward(self, x):
        bad = abs(self.params["w"][0]) > self.at
        return x + self.params["w"] + (np.nan if bad else 0.0)


@pytest.mark.parametrize(
    ("at", "words"), [(1e-6, r"returned nan with 1\.w\[0\] moved"), (0.01, "the loss is nan")]
)
def test_not_finite_stops_before_the_update(data, at, words):
    layers = [nn.Linear(2, 2, rng=0), Explode(at), nn.Linear(2, 2, rng=1)]
    trainer = nn.Trainer(nn.Sequential(layers), None, nn.SGD(lr=1.0), rng=0)
    with pytest.raises(nn.DivergedError, match=f"before its update.*{words}.*smaller lr"):
        fit(trainer, data, epochs=50)
    assert all(np.isfinite(p).all() for p in trainer.network.params.values())


def test_the_last_update_too_is_looked_at(data):
    """Weights so large that the loss overflows: told, not called a success."""
    net = nn.TwoLayerNet(2, 3, 1, rng=0, loss=nn.MSELoss())
    trainer = nn.Trainer(net, None, nn.SGD(lr=1e200), rng=0)
    with pytest.raises(nn.DivergedError, match=r"after step 1: the test loss is (inf|nan)"):
        trainer.fit(
            data.x_train, data.t_train, epochs=1, batch_size=100, progress=False,
            test=(data.x_test, data.t_test),
        )  # fmt: skip


def test_ctrl_c_finds_no_half_of_an_update(data, monkeypatch):
    """Stopped while the optimizer works out the last of four moves: none is made."""
    trainer, calls = make(), []
    before = {name: p.copy() for name, p in trainer.network.params.items()}
    move = trainer.optimizer.move

    def stopped(name, p, g):
        calls.append(name)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return move(name, p, g)

    monkeypatch.setattr(trainer.optimizer, "move", stopped)
    with pytest.raises(KeyboardInterrupt):
        fit(trainer, data)
    for name, p in trainer.network.params.items():
        assert np.array_equal(p, before[name])


def test_ctrl_c_leaves_the_history(data):
    trainer = make()

    def stop(trainer):
        if trainer.steps == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(trainer, data, on_step=stop)
    assert [record["step"] for record in trainer.history.records] == [1, 2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "lop"}, "did you mean 'loop'"),
        ({"h": 0.0}, "h must be a finite number > 0"),
        ({"h": float("nan")}, "h must be"),
        ({"clip_norm": -1}, "clip_norm must be"),
        ({"loss": nn.MSELoss}, "loss must be a Loss"),
        ({"optimizer": nn.SGD}, "optimizer must be an Optimizer"),
        ({"network": nn.Linear(2, 2)}, "network must be a Network"),
    ],
)
def test_what_a_trainer_refuses(options, words):
    given = {"network": make().network, "loss": None, "optimizer": nn.SGD()} | options
    with pytest.raises(nn.NudgeError, match=words):
        nn.Trainer(given.pop("network"), given.pop("loss"), given.pop("optimizer"), **given)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ({"batch_size": 1.5}, "batch_size must be a whole number"),
    ],
)
def test_what_fit_refuses(data, options, words):
    with pytest.raises(nn.ArgumentError, match=words):
        fit(make(), data, **options)


def test_data_that_do_not_fit_are_refused():
    with pytest.raises(nn.ShapeError, match=r"layer 0, Linear\(2, 4\).*\(N, 2\), got \(1, 5\)"):
        make().fit(np.zeros((3, 5)), [0, 1, 0], epochs=1, progress=False)
    with pytest.raises(nn.InputError, match="target 1 is 7: class indices"):
        make().fit(np.zeros((3, 2)), [0, 7, 0], epochs=1, batch_size=1, progress=False)
    part = (np.zeros((2, 2)), [0, 2])
    with pytest.raises(nn.InputError, match="target 1 is 2: class indices"):
        make().fit(np.zeros((3, 2)), [0, 1, 0], epochs=1, validation=part, progress=False)
