"""The machine under the arrays: work on two cores gives the same, and fails the same."""

import threading
import time
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import nn
from nn.gradients import machine, tail
from nn.gradients.machine import cores, keep_memory, one_thread, spread
from nn.layers import Place

from .boxes import in_pieces

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 6))
CLASSES = RNG.integers(0, 4, 20)
VALUES = RNG.normal(size=(20, 4))


def deep(*more, loss=None):
    """A net with a wide tail behind its first layer."""
    layers = [nn.Linear(6, 9, rng=0), nn.Tanh(), nn.Linear(9, 70, rng=1), nn.ReLU(), *more]
    return nn.Sequential([*layers, nn.Linear(70, 4, rng=2)], loss)


@pytest.fixture
def threads(monkeypatch):
    """Let two cores pay for the least work; return the threads that followed rows."""
    seen, both = set(), threading.Barrier(2)
    monkeypatch.setattr(tail, "_MANY", 1)
    monkeypatch.setattr(tail, "_WIDE", 2)
    in_pieces(monkeypatch, 1 << 12)  # many parts: something to share out
    monkeypatch.setattr(machine, "cores", lambda: 2)
    follow = tail.Tail.follow

    def followed(self, rows, place):
        own, others = threading.get_ident(), seen - {threading.main_thread().ident}
        seen.add(own)
        if own != threading.main_thread().ident and own not in others and len(others) < 2:
            both.wait(timeout=60)  # the first two wait for each other
        return follow(self, rows, place)

    monkeypatch.setattr(tail.Tail, "follow", followed)
    return seen


class TestGradients:
    @pytest.mark.parametrize("h", [1e-4, None])
    @pytest.mark.parametrize("method", ["weight", "node", "auto"])
    def test_the_same_bits_on_any_number_of_cores(self, threads, monkeypatch, method, h):
        found = {}
        for count in (1, 2, 3):
            threads.clear()
            monkeypatch.setattr(machine, "cores", lambda count=count: count)
            found[count] = deep().numerical_gradient(X, CLASSES, method, h)
            own = threads - {threading.get_ident()}
            assert len(own) >= 2 if count > 1 else not own
        for name, g in found[1].items():
            assert g.tobytes() == found[2][name].tobytes() == found[3][name].tobytes()

    @pytest.mark.parametrize("method", ["weight", "node"])
    def test_images_too(self, threads, monkeypatch, method):
        """Kernels, what normalizes, and blocks that keep what is inside of them."""
        x, found = RNG.normal(size=(20, 1, 6, 6)), {}
        for count in (1, 2):
            block = nn.Residual([nn.Conv2d(3, 3, 3, padding=1, rng=1), nn.Tanh()])
            layers = [nn.Conv2d(1, 3, 2, rng=0), block, nn.AvgPool2d(5), nn.LayerNorm((3, 1, 1))]
            if method == "weight":
                layers[1:1] = [nn.BatchNorm2d(3), nn.Dropout(0.2, rng=0)]
            net = nn.Sequential([*layers, nn.Flatten(), nn.Linear(3, 4, rng=2)])
            threads.clear()
            monkeypatch.setattr(machine, "cores", lambda count=count: count)
            found[count] = net.numerical_gradient(x, CLASSES, method)
            own = threads - {threading.get_ident()}
            assert len(own) >= 2 if count > 1 else not own
        for name, g in found[1].items():
            assert g.tobytes() == found[2][name].tobytes()

    def test_narrow_or_little_work_stays_on_one(self, monkeypatch, threads):
        for name, value in (("_MANY", 1 << 30), ("_WIDE", 1000)):
            with monkeypatch.context() as patch:
                patch.setattr(tail, name, value)
                deep().numerical_gradient(X, CLASSES)
        assert threads == {threading.get_ident()}

    def test_the_usual_bounds(self):
        """A row of 64 numbers, 4 million numbers in all."""
        problem = deep().problem(X, CLASSES)
        (part,) = tail.tails(problem)
        places = [Place((number,)) for number in (0, 1, 2, 4)]
        assert [part.numbers(place, (1,)) for place in places] == [70, 70, 4, 1]
        assert part.pays(places[0], (1,), -(-(1 << 22) // 70))
        assert not part.pays(places[0], (1,), (1 << 22) // 70)
        assert not part.pays(places[2], (1,), 1 << 30)

    def test_code_of_others_is_never_on_two_threads(self, threads):
        class Mine(nn.Layer):
            def forward(self, x):
                return x * 1.5

        class Skewed(nn.Loss):
            def per_sample(self, z, t):
                return np.abs(z - t).sum(axis=1)

        for net, t in ((deep(Mine()), CLASSES), (deep(loss=Skewed()), VALUES)):
            for method in ("weight", "node"):
                net.numerical_gradient(X, t, method)
        assert threads == {threading.get_ident()}

    @pytest.mark.parametrize("name", ["costs", "rise", "changes", "push"])
    def test_nor_is_a_part_of_ours_that_another_wrote(self, threads, name):
        class Loss(nn.MSELoss):
            pass

        class Act(nn.Tanh):
            pass

        cls = Act if name == "push" else Loss
        was = getattr(cls, name)
        body = {name: lambda self, *a: was(self, *a)}
        mine = type("Mine", (cls,), body)()
        net = deep(mine, loss=nn.MSELoss()) if name == "push" else deep(loss=mine)
        net.numerical_gradient(X, VALUES)
        assert threads == {threading.get_ident()}

    @pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()], ids=repr)
    @pytest.mark.parametrize("method", ["weight", "node"])
    def test_what_is_raised_in_a_thread_arrives(self, threads, monkeypatch, method, error):
        follow, calls = tail.Tail.follow, []

        def fails(self, rows, place):
            calls.append(threading.get_ident())
            if len(calls) >= 5:
                raise error
            return follow(self, rows, place)

        monkeypatch.setattr(tail.Tail, "follow", fails)
        net = deep()
        before = {name: p.copy() for name, p in net.params.items()}
        with pytest.raises(type(error)):
            net.numerical_gradient(X, CLASSES, method)
        assert all(p.tobytes() == before[name].tobytes() for name, p in net.params.items())
        assert threading.get_ident() not in calls[:5]
        assert _pools() == []

    def test_no_warning_of_numpy_escapes(self, threads):
        """exp overflows in rows; the numbers are those of one core."""
        net = deep()
        net.layers[-1].params["W"] *= 1e5
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = net.numerical_gradient(X, CLASSES, h=0.5)
        assert caught == []
        assert len(threads) >= 2
        assert all(np.isfinite(g).all() for g in found.values())


def _pools():
    return [t for t in threading.enumerate() if "ThreadPool" in t.name]


class TestSpread:
    @pytest.mark.parametrize("two", [False, True])
    @pytest.mark.parametrize("count", [1, 2, 8])
    def test_every_part_once(self, monkeypatch, two, count):
        monkeypatch.setattr(machine, "cores", lambda: count)
        done = []
        spread(done.append, range(0, 30, 3), two)
        assert sorted(done) == list(range(0, 30, 3))
        assert _pools() == []
        if not two or count == 1:
            assert done == sorted(done)

    def test_two_at_the_same_time(self, monkeypatch):
        monkeypatch.setattr(machine, "cores", lambda: 2)
        both = threading.Barrier(2)
        spread(lambda _: both.wait(timeout=10), range(2), True)  # alone, it would wait in vain

    def test_one_thread_is_that_of_the_caller(self, monkeypatch):
        seen = set()
        spread(lambda _: seen.add(threading.get_ident()), range(5), False)
        monkeypatch.setattr(machine, "cores", lambda: 1)
        spread(lambda _: seen.add(threading.get_ident()), range(5), True)
        assert seen == {threading.get_ident()}

    @pytest.mark.parametrize("error", [ValueError("boom"), KeyboardInterrupt()], ids=repr)
    def test_an_error_stops_the_rest(self, monkeypatch, error):
        monkeypatch.setattr(machine, "cores", lambda: 2)
        done = []

        def work(first):
            done.append(first)
            if first == 0:
                raise error
            time.sleep(1e-3)

        with pytest.raises(type(error)):
            spread(work, range(1000), True)
        assert len(done) < 500
        assert _pools() == []

    def test_division_by_zero_is_silent_in_threads(self, monkeypatch):
        monkeypatch.setattr(machine, "cores", lambda: 2)
        found = np.empty(4)

        def work(first):
            found[first] = (np.ones(1) / np.zeros(1))[0]

        spread(work, range(4), True)  # warnings are errors here
        assert np.isinf(found).all()


def test_cores_are_those_of_this_process(monkeypatch):
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: {1, 5, 7}, raising=False)
    assert cores() == 3
    monkeypatch.delattr(machine.os, "sched_getaffinity")
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 6)
    assert cores() == 6
    monkeypatch.setattr(machine.os, "cpu_count", lambda: None)
    assert cores() == 1


class TestOneThread:
    @pytest.fixture(autouse=True)
    def two(self):
        with threadpool_limits(2, "blas"):
            yield

    def threads(self):
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    def test_errors_pass_and_the_limit_ends(self):
        before = self.threads()
        with pytest.raises(ValueError, match="boom"), one_thread():
            assert self.threads() <= {1}
            raise ValueError("boom")
        assert self.threads() == before

    def test_inside_another(self):
        before = self.threads()
        with one_thread():
            with one_thread():
                assert self.threads() <= {1}
            assert self.threads() <= {1}
        assert self.threads() == before

    @pytest.mark.parametrize("first", ["here", "there"])
    def test_in_two_threads_that_overlap(self, first):
        """Each has one thread while inside, and what it had when both are out."""
        before, entered, leave = self.threads(), threading.Event(), threading.Event()

        def other():
            with one_thread():
                entered.set()
                leave.wait(60)

        thread = threading.Thread(target=other)
        try:
            if first == "there":
                thread.start()
                assert entered.wait(60)
            with one_thread():
                if first == "here":
                    thread.start()
                    assert entered.wait(60)
                assert self.threads() <= {1}
        finally:
            leave.set()
            thread.join()
        assert self.threads() == before


def test_memory_is_kept_once():
    keep_memory()
    hits = keep_memory.cache_info().hits
    keep_memory()
    assert keep_memory.cache_info().hits == hits + 1
