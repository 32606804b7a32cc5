"""A trainer stopped anywhere goes on to the bit; early stopping; evaluation when it is due."""

import json
import math
import signal
import threading

import numpy as np
import pytest

import datasets
import nn
from nn.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nn.errors import InputError, ShapeError
from nn.interrupts import uninterrupted

DATA = datasets.load("moons", samples=60, validation=0.2, seed=0)


class Noisy(nn.Layer):
    """Has a source of chance of its own, drawn from once a step by a callback."""

    def __init__(self):
        self.rng, self.shift = np.random.default_rng(7), 0.0

    def forward(self, x):
        return np.tanh(x + self.shift)


def make(optimizer, method="weight", **options):
    layers = [nn.Linear(2, 4, rng=1), Noisy(), nn.Linear(4, 2, rng=2)]
    if method == "direction":
        method = nn.gradients.Direction(3, rng=5)
    return nn.Trainer(nn.Sequential(layers), None, optimizer, method=method, rng=3, **options)


def draw(trainer):
    layer = trainer.network.layers[1]
    layer.shift = layer.rng.normal() * 1e-3


def fit(trainer, *on_step, epochs=3, **options):
    return trainer.fit(
        DATA.x_train, DATA.t_train, epochs=epochs, batch_size=15,
        validation=(DATA.x_validation, DATA.t_validation), on_step=on_step, progress=False,
        **options,
    )  # fmt: skip


def timeless(history):
    return [{k: v for k, v in r.items() if k != "seconds"} for r in history.records]


CASES = {
    "momentum": (lambda: nn.SGD(0.3, momentum=0.9), "weight", {}),
    "schedule": (lambda: nn.SGD(0.3), "node", {"schedule": nn.CosineSchedule(0.4, steps=12)}),
    "adam": (lambda: nn.Adam(0.05), "weight", {"clip_norm": 0.5}),
    "direction": (lambda: nn.AdaGrad(0.1), "direction", {}),
    "loop": (lambda: nn.RMSprop(0.01), "loop", {}),
    "patient": (lambda: nn.SGD(3.0), "weight", {"early_stopping": nn.EarlyStopping(2, 0.01)}),
}


class TestResume:
    @pytest.mark.parametrize("case", CASES)
    @pytest.mark.parametrize("every", [None, 2])
    def test_to_the_bit_from_every_step(self, case, every, tmp_path):
        optimizer, method, options = CASES[case]
        whole = make(optimizer(), method, **options)
        fit(whole, evaluate_every=every, evaluate_first=True)
        for stop in range(whole.steps):
            first = make(optimizer(), method, **options)

            def interrupt(trainer, stop=stop):
                if trainer.steps == stop:
                    raise KeyboardInterrupt

            if stop:
                with pytest.raises(KeyboardInterrupt):
                    fit(first, interrupt, evaluate_every=every, evaluate_first=True)
            save_checkpoint(tmp_path / "c.npz", first.checkpoint())
            second = make(optimizer(), method, **options)
            for p in second.network.params.values():
                p += 1.0
            second.restore(load_checkpoint(tmp_path / "c.npz"), first.history)
            fit(second, evaluate_every=every, evaluate_first=True)
            assert timeless(second.history) == timeless(whole.history)
            assert (second.steps, second.stopped) == (whole.steps, whole.stopped)
            for name, p in whole.network.params.items():
                assert second.network.params[name].tobytes() == p.tobytes()
                assert second.best[name].tobytes() == whole.best[name].tobytes()

    def test_from_the_best(self):
        whole = make(nn.SGD(0.5, momentum=0.9))
        fit(whole, epochs=5)
        again = make(nn.SGD(0.5, momentum=0.9))
        assert whole.best_checkpoint.state["steps"] <= whole.steps
        again.restore(whole.best_checkpoint, whole.history)
        fit(again, epochs=5)
        assert timeless(again.history) == timeless(whole.history)

    def test_an_abandoned_gradient_leaves_the_weights(self, monkeypatch):
        """Ctrl-C comes just where a nudge is taken back."""
        trainer = make(nn.SGD(0.3), "loop")
        before = trainer.network.params.copy()

        def torn(problem, method):
            problem.params["0.W"][0, 0] += 1e-4
            raise KeyboardInterrupt

        monkeypatch.setattr("nn.trainer.one_step.gradient", torn)
        with pytest.raises(KeyboardInterrupt):
            fit(trainer)
        for name, p in trainer.network.params.items():
            assert p.tobytes() == before[name].tobytes()

    def test_directions_of_an_abandoned_step_are_drawn_again(self):
        def losses(interrupted):
            trainer = make(nn.SGD(0.1), "direction")
            if interrupted:
                trainer.method.rng.normal(size=100)  # a gradient that came to nothing
                trainer.restore(trainer.checkpoint(), trainer.history)
            return [r["loss"] for r in fit(trainer).steps]

        assert losses(True) == losses(False)

    def test_another_network_optimizer_or_history_is_refused(self):
        trainer = make(nn.SGD(0.3))
        fit(trainer)
        kept = trainer.checkpoint()
        other = nn.Trainer(nn.TwoLayerNet(2, 4, 2, rng=0), None, nn.SGD(0.3))
        with pytest.raises(InputError, match=r"of another network: only the .* has '0\.W'"):
            other.restore(kept, trainer.history)
        wide = nn.Sequential([nn.Linear(2, 5, rng=1), Noisy(), nn.Linear(5, 2, rng=2)])
        with pytest.raises(ShapeError, match=r"0.W has shape \(2, 4\) there, and \(2, 5\) here"):
            nn.Trainer(wide, None, nn.SGD(0.3)).restore(kept, trainer.history)
        with pytest.raises(InputError, match="is of SGD, not of Adam"):
            make(nn.Adam(0.3)).restore(kept, trainer.history)
        with pytest.raises(InputError, match="comes after 12 records, and there are only 0"):
            make(nn.SGD(0.3)).restore(kept, nn.History())
        lame = Checkpoint(kept.params, kept.arrays, {"optimizer": {"type": "SGD"}})
        with pytest.raises(InputError, match="lacks what training needs"):
            make(nn.SGD(0.3)).restore(lame, trainer.history)

    def test_a_checkpoint_is_a_copy(self):
        trainer = make(nn.SGD(0.3, momentum=0.9))
        fit(trainer)
        kept = trainer.checkpoint()
        text = json.dumps(kept.state)
        numbers = {**kept.params, **kept.arrays}
        before = {name: p.copy() for name, p in numbers.items()}
        fit(trainer)
        assert json.dumps(kept.state) == text
        assert all(np.array_equal(before[name], p) for name, p in numbers.items())


class TestEarlyStopping:
    def test_stops_when_nothing_falls_and_puts_the_best_back(self):
        trainer = make(nn.SGD(3.0), early_stopping=nn.EarlyStopping(patience=3))
        history = fit(trainer, epochs=200)
        losses = [r["validation_loss"] for r in history.evaluations]
        assert len(losses) < 200
        assert int(np.argmin(losses)) == len(losses) - 4
        assert trainer.stopped == "the validation loss has not fallen for 3 evaluations"
        found = trainer.network.loss(DATA.x_validation, DATA.t_validation)
        assert found == pytest.approx(min(losses))

    def test_the_last_weights_if_so_wished(self):
        stopping = nn.EarlyStopping(3, restore_best=False)
        trainer = make(nn.SGD(3.0), early_stopping=stopping)
        losses = [r["validation_loss"] for r in fit(trainer, epochs=200).evaluations]
        found = trainer.network.loss(DATA.x_validation, DATA.t_validation)
        assert found == pytest.approx(losses[-1])

    def test_small_changes_do_not_count(self):
        stopping = nn.EarlyStopping(2, min_change=10.0)
        history = fit(make(nn.SGD(0.3), early_stopping=stopping), epochs=50)
        assert len(history.evaluations) == 3  # the first counts, whatever it is

    def test_faults(self):
        with pytest.raises(nn.ArgumentError, match="patience must be"):
            nn.EarlyStopping(0)
        with pytest.raises(nn.ArgumentError, match="min_change must be"):
            nn.EarlyStopping(1, min_change=-1.0)
        trainer = make(nn.SGD(0.3), early_stopping=nn.EarlyStopping(2))
        with pytest.raises(InputError, match="needs a validation part"):
            trainer.fit(DATA.x_train, DATA.t_train, epochs=1, progress=False)


class TestCallbacks:
    def test_stop_ends_after_the_step(self):
        trainer = make(nn.SGD(0.3))
        fit(trainer, lambda t: t.stop("enough") if t.steps == 2 else None)
        assert (trainer.steps, trainer.stopped) == (2, "enough")
        fit(trainer)
        assert (trainer.steps, trainer.stopped) == (12 - 3, "")

    def test_what_is_no_function_is_refused(self):
        with pytest.raises(nn.ArgumentError, match="a callback must be a function of the trainer"):
            fit(make(nn.SGD(0.3)), 3)


class TestEvaluations:
    @pytest.mark.parametrize(
        ("every", "first", "steps"),
        [(None, False, [3, 6, 9]), (None, True, [0, 3, 6, 9]), (2, False, [2, 4, 6, 8, 9]),
         (100, True, [0, 9])],
    )  # fmt: skip
    def test_when(self, every, first, steps):
        history = fit(make(nn.SGD(0.3)), evaluate_every=every, evaluate_first=first)
        assert [r["step"] for r in history.evaluations] == steps
        assert [r["epoch"] for r in history.evaluations] == [math.ceil(s / 3) for s in steps]


class TestInterrupts:
    def test_a_signal_waits_for_the_end(self):
        done = []
        with pytest.raises(KeyboardInterrupt), uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("still here")
        assert done == ["still here"]

    def test_elsewhere_than_in_the_main_thread_it_does_nothing(self):
        seen = []

        def work():
            with uninterrupted():
                seen.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert seen == [set()]


class TestRefusals:
    """What cannot be restored leaves the trainer as it was."""

    @pytest.mark.parametrize("fault", ["optimizer", "memory", "records", "state", "waited"])
    def test_nothing_has_changed(self, fault):
        source = make(nn.Adam(0.1) if fault == "optimizer" else nn.SGD(0.3, momentum=0.9))
        fit(source)
        kept, history = source.checkpoint(), source.history
        if fault == "memory":
            kept.arrays[".optimizer/0.W/velocity"] = np.zeros((9, 9))
        if fault == "records":
            history = nn.History()
        if fault == "state":
            kept.state["order"] = {"bit_generator": "MT19937"}
        if fault == "waited":
            del kept.state["waited"]
        trainer = make(nn.SGD(0.3, momentum=0.9))
        fit(trainer, epochs=1)
        before = trainer.checkpoint()
        with pytest.raises(InputError):
            trainer.restore(kept, history)
        after = trainer.checkpoint()
        assert after.state == before.state
        for name, p in {**before.params, **before.arrays}.items():
            np.testing.assert_array_equal({**after.params, **after.arrays}[name], p)

    def test_records_of_other_steps(self):
        trainer = make(nn.SGD(0.3))
        fit(trainer)
        gap = nn.History()
        for record in trainer.history.records:
            if record["step"] != 4:
                gap.add(record)
        kept = trainer.checkpoint()
        kept.state["records"] = len(gap.records)
        with pytest.raises(InputError, match="not those of the 9 steps before the checkpoint"):
            make(nn.SGD(0.3)).restore(kept, gap)

    def test_other_data(self):
        trainer = make(nn.SGD(0.3))
        fit(trainer)
        again = make(nn.SGD(0.3))
        again.restore(trainer.checkpoint(), trainer.history)
        with pytest.raises(InputError, match="a run with 38 samples in batches of 15"):
            again.fit(DATA.x_train, DATA.t_train, epochs=9, batch_size=10, progress=False)

    def test_what_is_no_checkpoint(self):
        with pytest.raises(nn.ArgumentError, match="what to restore must be a Checkpoint"):
            make(nn.SGD(0.3)).restore(None, nn.History())
        with pytest.raises(nn.ArgumentError, match="early_stopping must be an EarlyStopping"):
            make(nn.SGD(0.3), early_stopping=5)

    def test_the_epoch_that_early_stopping_ends_is_whole(self):
        seen = []
        trainer = make(nn.SGD(3.0), early_stopping=nn.EarlyStopping(patience=3))
        fit(trainer, epochs=200, on_epoch=lambda t: seen.append(t.steps))
        assert seen[-1] == trainer.steps
