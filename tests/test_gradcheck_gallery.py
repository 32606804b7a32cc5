"""The checker is held to the gallery: every verdict, place, cause and violation."""

import functools

import numpy as np
import pytest

import nn
from benchmarks.gallery import CASES

KINDS = ("wrong", "right", "unstable")


def of(kind):
    return [pytest.param(case, id=case.name) for case in CASES if case.kind == kind]


@functools.cache
def checked(case, **options):
    """The report on a case, and the arrays before and after, each with a copy of then."""
    given = case.build()
    before = _arrays(given)
    report = nn.gradcheck(given.thing, given.x, **given.options, **options)
    return report, before, _arrays(given)


@pytest.mark.parametrize("case", of("wrong"))
def test_what_is_wrong_is_told(case):
    report, *_ = checked(case)
    assert report.verdict == "wrong", str(report)
    found = {part.name for part in report.table if part.verdict == "wrong"}
    assert found == set(case.tensors), str(report)
    assert report.worst.name in case.tensors
    if case.index is not None:
        assert (report.worst.name, report.worst.index) == (case.tensors[0], case.index)
        assert sum(part.count("wrong") for part in report.table) == 1
    if case.cause is not None:
        assert report.cause is not None, str(report)
        assert report.cause.tag == case.cause, str(report)


@pytest.mark.parametrize("case", of("right"))
def test_what_is_right_is_not_blamed(case):
    report, *_ = checked(case)
    allowed = ("right", "undecided") if case.kink else ("right",)
    assert report.verdict in allowed, str(report)
    undecided = [w for p in report.table for w in p.whys[p.verdicts == "undecided"]]
    assert set(undecided) <= {"kink"}
    assert report.cause is None
    assert not report.causes


@pytest.mark.parametrize("case", of("unstable"))
def test_what_cannot_be_judged_is_told_apart(case):
    report, *_ = checked(case)
    assert report.verdict == "unstable", str(report)
    assert case.violation in [violation.tag for violation in report.violations]
    assert report.table == []
    assert report.worst is None


@pytest.mark.parametrize(
    ("seed", "cases"),
    [
        (1, CASES[1::8]),
        (2, CASES[2::8]),
        *(pytest.param(seed, CASES, marks=pytest.mark.slow) for seed in (1, 2)),
    ],
    ids=["1, an eighth", "2, an eighth", "1, all", "2, all"],
)
def test_another_seed_finds_the_same(seed, cases):
    """The verdict does not hang on a lucky dout."""
    for case in cases:
        verdict = checked(case, seed=seed)[0].verdict
        assert verdict == case.kind or (case.kink and verdict == "undecided"), case.name


def test_everything_is_given_back():
    for case in CASES:
        _, before, after = checked(case)
        assert before.keys() == after.keys(), case.name
        for name, (array, copy) in before.items():
            assert after[name][0] is array, (case.name, name)
            np.testing.assert_array_equal(array, copy, err_msg=f"{case.name} {name}")


def _arrays(given):
    """Arrays of the inputs, and of what the thing holds; with copies."""
    found = {}
    parts = given.x if isinstance(given.x, tuple | list) else (given.x,)
    parts = given.x.values() if isinstance(given.x, dict) else parts
    found |= {f"x{i}": part for i, part in enumerate(parts) if isinstance(part, np.ndarray)}
    own = vars(given.thing) if hasattr(given.thing, "__dict__") else {}
    found |= {name: value for name, value in own.items() if isinstance(value, np.ndarray)}
    params = getattr(given.thing, "params", {})
    named = params.items() if isinstance(params, dict) else enumerate(params)
    found |= {f"params.{name}": value for name, value in named}
    return {name: (value, np.copy(value)) for name, value in found.items()}
