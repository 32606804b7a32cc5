"""Exceptions, and the help a name or a number that is nearly right deserves."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

import nn.errors
from nn.errors import (
    ArgumentError,
    ConfigError,
    DivergedError,
    FallbackWarning,
    FunctionError,
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    NudgeError,
    ShapeError,
    StepError,
    StepTooSmallError,
    UnknownNameError,
    UnusedInputWarning,
    check_count,
    check_number,
    is_finite,
    is_real,
    nearest,
    shown,
)

KINDS = [
    kind
    for kind in vars(nn.errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == "nn.errors"
]


def test_every_exception_is_a_nudge_error_and_says_what_it_is():
    assert len(KINDS) >= 14
    for kind in KINDS:
        assert issubclass(kind, NudgeError) or kind in (UnusedInputWarning, FallbackWarning)
        assert kind.__doc__


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (InputError, ValueError),
        (ShapeError, InputError),
        (StepError, ValueError),
        (StepTooSmallError, StepError),
        (FunctionError, ValueError),
        (NotOneNumberError, FunctionError),
        (NotFiniteError, FunctionError),
        (ImpureFunctionError, FunctionError),
        (ArgumentError, ValueError),
        (UnknownNameError, ValueError),
        (ConfigError, ValueError),
        (DivergedError, ArithmeticError),
        (UnusedInputWarning, UserWarning),
        (FallbackWarning, UserWarning),
    ],
)
def test_who_can_catch_what(kind, parent):
    assert issubclass(kind, parent)


def test_an_argument_error_knows_its_argument():
    error = ArgumentError("lr", "a finite number > 0", np.float64(-1))
    assert error.argument == "lr"
    assert str(error) == "lr must be a finite number > 0, got -1.0"


def test_a_config_error_lists_every_fault():
    error = ConfigError("a.toml", iter(["lr is missing", "batch is 0"]))
    assert error.faults == ["lr is missing", "batch is 0"]
    assert str(error) == "a.toml: 2 faults\n  lr is missing\n  batch is 0"
    assert str(ConfigError("a.toml", ["no"])) == "a.toml: 1 fault\n  no"


@pytest.mark.parametrize(
    ("name", "known", "help_"),
    [
        ("centrl", ["forward", "backward", "central"], "; did you mean 'central'?"),
        ("CENTRAL", ["forward", "central"], "; did you mean 'central'?"),
        ("relu", ["ReLU", "GELU"], "; did you mean 'ReLU'?"),
        ("zzz", ["b", "a"], "; known: a, b"),
        (3, ["b", "a"], "; known: a, b"),
        ("zzz", [], ""),
    ],
)
def test_nearest(name, known, help_):
    assert nearest(name, known) == help_
    assert nearest(name, iter(known)) == help_


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(1.5), "1.5"),
        (np.int64(7), "7"),
        (np.True_, "True"),
        (np.complex128(1j), "1j"),
        ([np.float64(1), [np.float32(2)]], "[1.0, [2.0]]"),
        ("centrl", "'centrl'"),
        (np.zeros((2, 2)), "array([[0., 0.], [0., 0.]])"),
    ],
)
def test_shown_is_plain_and_on_one_line(value, text):
    assert shown(value) == text


def test_shown_is_short():
    assert len(shown("a" * 1000)) == 60
    assert shown("a" * 1000).endswith("aaa...")
    assert len(shown("a" * 58)) == 60  # and its two quotes: fits, nothing is left out
    assert "..." not in shown("a" * 58)
    assert shown("a" * 59) == "'" + "a" * 56 + "..."
    assert shown(10**5000) == "a huge int"


@pytest.mark.parametrize(
    ("value", "real", "finite"),
    [
        (1, True, True),
        (-1.5, True, True),
        (Fraction(1, 3), True, True),
        (np.float32(1), True, True),
        (np.int8(1), True, True),
        (math.nan, True, False),
        (-math.inf, True, False),
        (10**400, True, False),
        (True, False, False),
        (np.True_, False, False),
        (1j, False, False),
        ("1", False, False),
        (None, False, False),
        (np.array(1.0), False, False),
    ],
)
def test_is_real_and_is_finite(value, real, finite):
    assert is_real(value) is real
    assert is_finite(value) is finite


@pytest.mark.parametrize(
    ("bounds", "fine", "wrong", "expected"),
    [
        ({}, [-1e300, 0, 1e300], [math.nan, math.inf, 10**400, "1", None, True], "a finite number"),
        ({"above": 0}, [1e-300, 5], [0, -1], "a finite number > 0"),
        ({"at_least": 0}, [0, 5], [-1e-300], "a finite number >= 0"),
        ({"below": 1}, [0.5, -9], [1, 2], "a finite number < 1"),
        ({"at_most": 1}, [1, -9], [1.5], "a finite number <= 1"),
        ({"at_least": 0, "below": 1}, [0, 0.9], [1, -0.1], "a finite number >= 0 and < 1"),
    ],
)
def test_check_number(bounds, fine, wrong, expected):
    for value in fine:
        check_number("lr", value, **bounds)
    for value in wrong:
        with pytest.raises(ArgumentError) as caught:
            check_number("lr", value, **bounds)
        assert str(caught.value) == f"lr must be {expected}, got {shown(value)}"
        assert caught.value.argument == "lr"


def test_check_count():
    check_count("steps", 1)
    check_count("steps", np.int64(3))
    check_count("steps", 0, at_least=0)
    for value in (0, -1, 1.0, True, "3", None, np.float64(2)):
        with pytest.raises(ArgumentError, match=r"steps must be a whole number >= 1, got [^(]+$"):
            check_count("steps", value)


@pytest.mark.parametrize(
    "error", [ArgumentError("lr", "> 0", -1), ConfigError("a.toml", ["one", "two"])]
)
def test_errors_survive_the_way_between_processes(error):
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert vars(again) == vars(error)
