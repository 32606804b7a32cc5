"""Asking f: what is nudged in place, what is restored, and what f may not do."""

import math
from collections import UserDict
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.errors import (
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    UnusedInputWarning,
)
from nn.probing import Subject, check_steady, fitted, one_number, values

modest = settings(deadline=None, derandomize=True, max_examples=60)


class Stop(BaseException):
    """What no `except Exception` holds up, as KeyboardInterrupt."""


# What is nudged


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", ">f4", np.longdouble])
def test_writable_floating_point_arrays_are_taken_as_they_are(dtype):
    x = np.ones((2, 3), dtype)
    for view in (x, x.T, x[::-1, ::2], np.asfortranarray(x), np.array(1.0, dtype)):
        subject = Subject(view)
        assert subject.only is view
        assert subject.argument is view
        assert not subject.copied
        assert not subject.named


def locked(x):
    x.flags.writeable = False
    return x


@pytest.mark.parametrize(
    "x",
    [
        3,
        3.0,
        True,
        [1, 2],
        ((1.0, 2.0), (3.0, 4.0)),
        np.array([1, 2]),
        np.array([1, 2], np.uint8),
        np.array([True, False]),
        locked(np.ones(3)),
        locked(np.ones(3, np.float32)),
        np.broadcast_to(1.0, 3),
        np.broadcast_arrays(np.ones(1), np.ones(3))[0],
        np.lib.stride_tricks.as_strided(np.arange(4.0), (3, 2), (8, 8)),
        Fraction(1, 3),
        [Fraction(1, 3), 2, 2**70],
        np.array([1, 2], object),
    ],
    ids=repr,
)
def test_everything_else_is_worked_on_as_a_float64_copy(x):
    subject = Subject(x)
    assert subject.only.dtype == np.float64
    assert subject.only.shape == np.shape(x)
    assert subject.only.flags.writeable
    assert not np.shares_memory(subject.only, np.asarray(x))
    np.testing.assert_array_equal(subject.only, np.asarray(x).astype(np.float64))
    assert list(subject.copied) == ["x"]


def test_a_number_that_says_its_precision_keeps_it():
    for dtype in (np.float16, np.float32, np.float64):
        subject = Subject(dtype(3))
        assert subject.only.dtype == dtype
        assert list(subject.copied) == ["x"]


def test_a_mapping_is_handed_to_f_itself_unless_something_in_it_was_copied():
    params = {"W": np.ones(2), "b": np.ones(1)}
    for x in (params, UserDict(params), MappingProxyType(params)):
        subject = Subject(x)
        assert subject.named
        assert subject.argument is x
        assert list(subject.arrays) == ["W", "b"]
    mixed = Subject({"W": params["W"], "b": 1})
    assert mixed.argument["W"] is params["W"]
    assert mixed.argument["b"] is mixed.copied["b"] is mixed.arrays["b"]
    with pytest.raises(InputError, match="x must be one array here, not a mapping of arrays"):
        _ = mixed.only


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (1j, "v is complex (complex128)"),
        (np.ones(2, np.complex64), "v is complex (complex64)"),
        ("abc", "v must be real numbers, got str 'abc'"),
        (["a", "b"], "v must be real numbers, got list ['a', 'b']"),
        (None, "v must be real numbers, got NoneType None"),
        (Decimal(1), "v must be real numbers, got Decimal Decimal('1')"),
        (np.datetime64("2020-01-01"), "v must be real numbers, got datetime64"),
        ([[1.0], [1.0, 2.0]], "v is a list of parts of different shapes: [[1.0], [1.0, 2.0]]"),
        ([np.float64(1), [2.0]], "v is a list of parts of different shapes: [1.0, [2.0]]"),
        ([], "v is empty, of shape (0,): there is nothing to nudge"),
        (np.ones((3, 0)), "v is empty, of shape (3, 0)"),
        ([1, math.nan], "v[1] is nan: there is no slope there"),
        (math.inf, "v is inf: there is no slope there"),
        (np.array([[1.0, 1.0], [-np.inf, np.nan]]), "v[1, 0] is -inf"),
        (10**400, "v is inf"),
        ({}, "v is an empty mapping: there is nothing to nudge"),
        ({"W": 1.0, "b": [1, math.nan]}, "b[1] is nan"),
        ({"W": {"deep": 1.0}}, "W must be real numbers, got dict"),
    ],
    ids=repr,
)
def test_what_cannot_be_nudged(x, said):
    with pytest.raises(InputError) as caught:
        Subject(x, "v")
    assert said in str(caught.value)
    assert "np." not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_arrays_that_share_memory_are_refused():
    x = np.arange(6.0).reshape(2, 3)
    for other in (x, x.T, x[1], x[:, ::2]):
        with pytest.raises(InputError, match="a and c share memory, so that moving one moves"):
            Subject({"a": x, "b": np.ones(1), "c": other})
    Subject({"even": x[:, ::2], "odd": x[:, 1::2]})  # interleaved, but apart
    Subject({"a": x, "c": locked(x.view())})  # the copy is apart


# Holding and restoring


def test_f_at_x_is_asked_twice_and_everything_is_put_back():
    x = np.array([1.0, -0.0])
    calls = []
    subject = Subject(x)
    with subject.held(lambda x: calls.append(1) or float(x.sum())) as base:
        assert base == 1
        x[:] = 7
        x[:] = [1.0, 0.0]  # equal, but other bits
    assert len(calls) == 2
    assert x.tobytes() == np.array([1.0, -0.0]).tobytes()


@modest
@given(st.data())
def test_all_bits_come_back_whatever_is_raised(data):
    base = np.array([-0.0, 5e-324, -1e-310, 1.5, 0.1, 1e300, 0.0, -3.0]).reshape(2, 4)
    before = base.tobytes()
    view = data.draw(st.sampled_from([base, base.T, base[::-1, ::-2], base[:, 1:2], base[0, 0:1]]))
    subject = Subject(data.draw(st.sampled_from([view, {"W": view}])))
    error = data.draw(st.sampled_from([Stop, KeyboardInterrupt, ValueError, SystemExit]))
    with pytest.raises(error), subject.held(lambda _: 0.0):
        view[...] = data.draw(st.sampled_from([7.0, math.nan, 0.0]))
        raise error
    assert base.tobytes() == before


def test_value_moves_one_entry_and_moves_it_back():
    x = np.array([1.0, 2.0, 3.0])
    subject = Subject(x)
    assert subject.value(lambda x: float((x * [1, 10, 100]).sum()), "x", (1,), 5.0) == 351
    assert x.tolist() == [1, 2, 3]
    moved = np.array([0.0, 1.0, 0.0])
    assert subject.value(lambda x: float((x * [1, 10, 100]).sum()), "x", ..., moved) == 10
    assert x.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "view",
    [lambda x: x, lambda x: x[:1], lambda x: x[0, ...], lambda x: x.reshape(-1)[0:1]],
)
def test_an_answer_that_is_a_view_of_x_is_read_before_x_moves_back(view):
    assert Subject(np.array([3.0])).value(view, "x", (0,), 5.0) == 5


def test_the_answer_is_a_plain_float():
    for answer in (2, 2.0, np.float64(2), np.float32(2), Fraction(2), np.array(2), [2.0]):
        value = Subject(np.ones(1)).value(lambda _, answer=answer: answer, "x", (0,), 5.0)
        assert type(value) is float
        assert value == 2


def test_what_f_answered_wrong_and_where():
    subject = Subject({"W": np.ones((2, 2))})
    with pytest.raises(NotFiniteError, match=r"f returned inf with W\[0, 1\] moved to 5\.0$"):
        subject.value(lambda _: math.inf, "W", (0, 1), 5.0)
    subject = Subject({"W": np.ones((2, 2))})
    with pytest.raises(NotOneNumberError, match=r"W moved to \[\[5\. 5\.\] \[5\. 5\.\]\]"):
        subject.value(lambda _: None, "W", ..., np.full((2, 2), 5.0))


# Functions that write into x


def writes_at(call, place, into=7.0):
    """An f that writes into its input at its `call`-th call."""
    calls = []

    def f(x):
        answer = float((x**2).sum())
        calls.append(1)
        if len(calls) == call:
            x[place] = into
        return answer

    return f


@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_write_at_any_call_into_any_entry_is_seen(call, place):
    x = np.array([1.0, 2.0, 3.0])
    before = x.tobytes()
    subject = Subject(x)
    f = writes_at(call, place)
    said = rf"f writes into its input: x\[{place}\] changed; let it work on a copy"
    with pytest.raises(ImpureFunctionError, match=said), subject.held(f):
        for i in range(3):
            subject.value(f, "x", (i,), x[i] + 0.1)
    assert x.tobytes() == before


def test_a_write_into_another_array_of_a_mapping_is_seen():
    params = {"W": np.ones(2), "b": np.ones(2)}
    subject = Subject(params)

    def f(params):
        if params["W"][0] != 1:
            params["b"][1] = 7
        return float(params["W"].sum())

    with pytest.raises(ImpureFunctionError, match=r"b\[1\] changed"), subject.held(f):
        subject.value(f, "W", (0,), 1.1)
    assert params["b"].tolist() == [1, 1]


def rebind(params):
    params["W"] = params["W"] + 1


def drop(params):
    del params["W"]


@pytest.mark.parametrize("spoil", [rebind, drop])
@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("extra", [{}, {"copied": 1}])
def test_a_mapping_whose_entries_f_replaces(spoil, call, extra):
    W = np.ones(2)
    params = {"W": W, **extra}
    subject = Subject(params)
    calls = []

    def f(params):
        calls.append(1)
        if len(calls) == call:
            spoil(params)
        return 1.0

    said = "f takes W out of its input, or puts another there"
    with pytest.raises(ImpureFunctionError, match=said), subject.held(f):
        pass
    assert params["W"] is W
    assert W.tolist() == [1, 1]


# Functions that answer differently


def test_f_must_answer_the_same_x_with_the_same_number():
    said = r"f answers the same x with 1\.0 and then with 2\.0; draw its random numbers once"
    answers = iter([1, 2])
    with pytest.raises(ImpureFunctionError, match=said), Subject(1.0).held(lambda _: next(answers)):
        pass
    with pytest.raises(ImpureFunctionError, match=said):
        check_steady(np.array([0, 1]), np.array([0, 2]))
    check_steady(np.array([0.0, 1]), np.array([-0.0, 1]))


# One number


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        Fraction(4, 2),
        np.float16(2),
        np.float32(2),
        np.float64(2),
        np.longdouble(2),
        np.int8(2),
        np.uint64(2),
        np.array(2),
        np.array(2.0, ">f8"),
        np.array([2.0]),
        np.array([[[2]]]),
        [2.0],
        np.ones((1, 1)) * 2,
    ],
    ids=repr,
)
def test_what_counts_as_one_number(value):
    assert one_number(value) == 2
    assert type(one_number(value)) is float


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "got NoneType None at x = 1; is a `return` missing?"),
        ("2", "got str '2' at x = 1"),
        (True, "got bool True at x = 1"),
        (np.True_, "got bool True at x = 1"),
        (1j, "got complex 1j at x = 1; complex numbers have no order"),
        (np.complex128(1j), "got complex128 1j at x = 1; complex"),
        (np.array([1j]), "got an array of shape (1,) at x = 1; complex"),
        (np.ones(3), "got an array of shape (3,) at x = 1; an f that answers for every row of a"),
        ([1.0, 2.0], "got an array of shape (2,) at x = 1; an f that"),
        (np.ones((2, 1)), "wants batch=True, an f of many outputs wants a sum or a mean"),
        ([], "got an array of shape (0,) at x = 1"),
        ([[1.0], [1.0, 2.0]], "got list [[1.0], [1.0, 2.0]] at x = 1"),
        ({"loss": 1.0}, "got dict {'loss': 1.0} at x = 1"),
        (math.sin, "got builtin_function_or_method <built-in function sin> at x = 1"),
    ],
    ids=repr,
)
def test_what_does_not(value, said):
    with pytest.raises(NotOneNumberError) as caught:
        one_number(value, "at x = 1")
    assert str(caught.value).startswith("f must return one number, got ")
    assert said in str(caught.value)
    assert "np." not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "nan"),
        (np.float32(math.inf), "inf"),
        (np.array([-math.inf]), "-inf"),
        (10**400, "inf"),
        (-(10**400), "-inf"),
        (Fraction(-(10**400)), "-inf"),
    ],
    ids=["nan", "inf", "-inf", "huge", "-huge", "fraction"],
)
def test_numbers_that_are_not_finite(value, said):
    with pytest.raises(NotFiniteError) as caught:
        one_number(value, "with x[3] moved to 1.1")
    assert str(caught.value) == f"f returned {said} with x[3] moved to 1.1"


# Values of a function of one variable


def counting(f):
    def counted(x):
        counted.calls.append(np.shape(x))
        return f(x)

    counted.calls = []
    return counted


def test_an_array_is_asked_about_at_once_where_f_can():
    f = counting(np.sin)
    points = np.array([[0.0, 1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(values(f, points), np.sin(points))
    assert f.calls == [(2, 2)]


@pytest.mark.parametrize(
    ("f", "same"),
    [
        (math.sin, np.sin),
        (lambda x: x if x > 0 else 0.0, lambda x: np.maximum(x, 0)),
        (lambda x: max(x, 0), lambda x: np.maximum(x, 0)),
        (lambda _: 3, lambda x: np.full(x.shape, 3.0)),
        (lambda x: float(x).as_integer_ratio()[0] % 2, None),
        (lambda x: x.as_integer_ratio()[0] / x.as_integer_ratio()[1], lambda x: x),
        (lambda x: np.sum(x**2), np.square),
        (lambda x: Fraction(float(x)), lambda x: x),
        (lambda x: {0.5: 1, 1.0: 2, 2.0: 3, -1.0: 4}[x], None),
    ],
)
def test_one_by_one_where_it_cannot(f, same):
    points = np.array([[0.5, 1.0], [2.0, -1.0]])
    answers = values(f, points)
    assert answers.dtype == np.float64
    expected = same(points) if same else [[f(x) for x in row] for row in points]
    np.testing.assert_array_equal(answers, expected)
    one = values(f, points[:1, :1])
    assert one.shape == (1, 1)
    assert one[0, 0] == answers[0, 0]
    assert values(f, points[0, 0, ...]).shape == ()


def test_answers_in_a_buffer_that_is_used_again_are_copied():
    buffer = np.empty(3)
    first = values(lambda x: np.sin(x, out=buffer), np.arange(3.0))
    buffer[:] = 7
    np.testing.assert_array_equal(first, np.sin(np.arange(3.0)))
    points = np.arange(3.0)
    itself = values(lambda x: x, points)
    points[:] = 7
    assert itself.tolist() == [0, 1, 2]


def test_a_fault_of_f_itself_comes_up():
    def broken(x):
        raise RuntimeError("mine")

    for points in (np.ones(()), np.ones(1), np.ones(3)):
        with pytest.raises(RuntimeError, match="mine"):
            values(broken, points)


def test_values_that_are_not_one_finite_number_each():
    with pytest.raises(NotFiniteError, match=r"f returned nan at x\[1\] = 2\.0$"):
        values(lambda x: np.where(x == 2, np.nan, x), np.array([1.0, 2.0]))
    with pytest.raises(NotFiniteError, match=r"f returned inf at x\[1\] = 2\.0$"):
        values(lambda x: math.inf if x == 2 else 0.0, np.array([1.0, 2.0]))
    with pytest.raises(NotFiniteError, match=r"f returned inf at x = 2\.0$"):
        values(lambda _: math.inf, np.array(2.0))
    with pytest.raises(NotOneNumberError, match=r"got bool True at x\[0\] = 1\.0"):
        values(lambda x: x > 0, np.array([1.0, 2.0]))
    with pytest.raises(NotOneNumberError, match="complex numbers have no order"):
        values(lambda x: x + 1j, np.array([1.0, 2.0]))
    with pytest.raises(NotOneNumberError, match=r"shape \(2,\)"):
        values(lambda _: [1.0, 2.0], np.array(1.0))


def test_an_f_of_one_variable_may_not_write_into_its_array():
    def f(x):
        x *= 2
        return x

    with pytest.raises(ImpureFunctionError, match="f writes into its input"):
        values(f, np.array([1.0, 2.0]))


# Slopes in the dtype of x


def test_slopes_that_fit_and_slopes_that_do_not():
    fine = fitted(np.array([1.0, 65504.0]), np.dtype(np.float16))
    assert fine.dtype == np.float16
    with pytest.raises(NotFiniteError) as caught:
        fitted(np.array([[1.0, 1e6]]), np.dtype(np.float16), "W")
    said = "the slope at W[0, 1] is 1000000.0, beyond the range of float16 (largest number 65504.0)"
    assert str(caught.value) == said
    with pytest.raises(NotFiniteError, match="the slope at x is inf, beyond the range of float64"):
        fitted(math.inf, np.dtype(np.float64))


# The warning


def test_only_copies_with_nothing_but_zeros_are_warned_of():
    subject = Subject({"a": 1, "b": [1, 2], "c": np.ones(2)})
    with pytest.warns(UnusedInputWarning, match="every difference is exactly zero; b was not a"):
        subject.warn_if_unused({"a": np.ones(()), "b": np.zeros(2), "c": np.zeros(2)})
    subject.warn_if_unused({"a": np.ones(()), "b": np.array([0, 1]), "c": np.zeros(2)})
