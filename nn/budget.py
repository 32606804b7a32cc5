"""Sizes of memory, as people write them: "256 MiB"."""

from __future__ import annotations

import math
import re

from nn.errors import ArgumentError, is_finite

MEMORY = "256 MiB"
_UNITS = {"": 1, "b": 1, "bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12} | {
    f"{letter}ib": 1024.0**power for power, letter in enumerate("kmgt", 1)
}


def in_bytes(memory: int | str) -> int:
    """Return a size such as "256 MiB", "1.5 GB" or a whole number of bytes, in bytes.

    Raises
    ------
    ArgumentError
        If it is no size, or none above zero.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", str(memory))
    unit = _UNITS.get(found[2].casefold()) if found else None
    right_type = isinstance(memory, str) or (is_finite(memory) and memory == int(memory))
    if not right_type or found is None or unit is None or not 1 <= float(found[1]) * unit < 1e30:
        raise ArgumentError("memory", 'a size such as "256 MiB", or a number of bytes', memory)
    return int(float(found[1]) * unit)


def in_words(count: int) -> str:
    """Write a number of bytes as a person would: "256 MiB"."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = min(len(units) - 1, int(math.log2(max(count, 1)) / 10))
    return f"{count / 1024**power:.4g} {units[power]}"
