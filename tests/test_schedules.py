"""Learning rates by hand-computed numbers, the first step being 0."""

import math

import pytest

from nn import ArgumentError, ConstantSchedule, CosineSchedule, LinearWarmup, StepSchedule


def rates(schedule, steps):
    return [schedule(step) for step in steps]


def test_constant():
    assert rates(ConstantSchedule(0.3), (0, 1, 10**6)) == [0.3, 0.3, 0.3]


def test_step():
    stair = StepSchedule(0.8, every=3, factor=0.5)
    assert rates(stair, range(10)) == [0.8] * 3 + [0.4] * 3 + [0.2] * 3 + [0.1]
    assert rates(StepSchedule(1.0, every=10), (9, 10, 20)) == pytest.approx([1, 0.1, 0.01])
    assert StepSchedule(1, 1, factor=2)(3) == 8.0


def test_cosine():
    root = math.sqrt(0.5)
    fall = CosineSchedule(0.4, steps=4)
    assert rates(fall, range(5)) == pytest.approx(
        [0.4, 0.2 * (1 + root), 0.2, 0.2 * (1 - root), 0], abs=1e-16
    )
    assert rates(fall, (4, 5, 1000)) == [0, 0, 0]
    assert rates(CosineSchedule(0.5, 6, final_lr=0.1), (0, 2, 3, 4, 6, 7)) == pytest.approx(
        [0.5, 0.4, 0.3, 0.2, 0.1, 0.1]
    )


def test_linear_warmup():
    assert rates(LinearWarmup(0.4, 4), range(6)) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])
    assert LinearWarmup(0.4, 1)(0) == 0.4
    then = LinearWarmup(9.9, 2, after=StepSchedule(0.8, every=3, factor=0.5))
    assert rates(then, range(7)) == pytest.approx([0.4, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConstantSchedule(0), "lr must be a finite number > 0, got 0"),
        (lambda: StepSchedule(-1, 3), "lr must be a finite number > 0, got -1"),
        (lambda: StepSchedule(1, 0), "every must be a whole number >= 1, got 0"),
        (lambda: StepSchedule(1, 3, 0), "factor must be a finite number > 0, got 0"),
        (lambda: CosineSchedule(math.nan, 3), "lr must be a finite number > 0, got nan"),
        (lambda: CosineSchedule(1, 2.5), "steps must be a whole number >= 1, got 2.5"),
        (lambda: CosineSchedule(1, 3, -0.1), "final_lr must be a finite number >= 0, got -0.1"),
        (lambda: LinearWarmup(True, 3), "lr must be a finite number > 0, got True"),
        (lambda: LinearWarmup(1, 0), "warmup_steps must be a whole number >= 1, got 0"),
        (lambda: LinearWarmup(1, 2, 0.1), "after must be a Schedule, got 0.1"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message
