"""Sizes of memory, read and written."""

import math

import numpy as np
import pytest

from nn import ArgumentError
from nn.budget import MEMORY, in_bytes, in_words

SIZES = {
    1: 1,
    4096: 4096,
    2.0: 2,
    np.int64(7): 7,
    "1": 1,
    "12": 12,
    "12 b": 12,
    "3 bytes": 3,
    "1 KB": 1000,
    "1 KiB": 1024,
    "1.5 kib": 1536,
    "0.5KiB": 512,
    "  8 MiB ": 8 * 1024**2,
    "8mb": 8_000_000,
    "2 GiB": 2 * 1024**3,
    "1.5 GB": 1_500_000_000,
    "1 TiB": 1024**4,
    "1 TB": 10**12,
    "1.0009 KiB": 1024,  # whole bytes, rounded down
}


@pytest.mark.parametrize(("memory", "count"), SIZES.items(), ids=map(repr, SIZES))
def test_sizes(memory, count):
    assert in_bytes(memory) == count
    assert type(in_bytes(memory)) is int


@pytest.mark.parametrize(
    "memory",
    [0, -1, 1.5, True, None, [1], b"1 MiB", "", " ", "MiB", "-1", "0", "0.4 bytes", "0 GiB",
     "1 parsec", "1 MiB 2", "1,5 GB", "1.5.5", "1e3", ".5 GB", "nan"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_size(memory):
    with pytest.raises(ArgumentError, match='memory must be a size such as "256 MiB"'):
        in_bytes(memory)


@pytest.mark.parametrize("memory", [math.nan, math.inf, "9" * 400], ids=["nan", "inf", "huge"])
def test_sizes_beyond_all_bounds(memory):
    with pytest.raises(ArgumentError, match="memory must be a size"):
        in_bytes(memory)


WORDS = {
    0: "0 bytes",
    1: "1 bytes",
    1023: "1023 bytes",
    1024: "1 KiB",
    1536: "1.5 KiB",
    3 * 1024**2: "3 MiB",
    256 * 1024**2: "256 MiB",
    1024**3: "1 GiB",
    1024**4: "1 TiB",
    5000 * 1024**4: "5000 TiB",
}


@pytest.mark.parametrize(("count", "words"), WORDS.items())
def test_words(count, words):
    assert in_words(count) == words


@pytest.mark.parametrize("power", range(5))
@pytest.mark.parametrize("number", [1, 2, 7, 100, 1000])
def test_round_trip(number, power):
    assert in_bytes(in_words(number * 1024**power)) == number * 1024**power


def test_the_usual_size_is_one():
    assert in_words(in_bytes(MEMORY)) == MEMORY
