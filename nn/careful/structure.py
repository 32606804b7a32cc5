"""What people pass as x: a number, an array, or arrays in dicts and lists, however deep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.errors import InputError


def flatten(x: Any, name: str = "x") -> dict[str, Any]:
    """Return the arrays and numbers in x by name: "x", "W1", "layers[0].W".

    Lists and tuples that hold arrays or mappings are walked into; those of numbers are one array.
    """
    if isinstance(x, Mapping):
        parts = {_named(name, str(key)): value for key, value in x.items()}
        if len(parts) < len(x):
            raise InputError(f"two keys of {name} look alike: {', '.join(map(repr, x))}")
    elif _holds_parts(x):
        parts = {f"{name}[{i}]": value for i, value in enumerate(x)}
    else:
        return {name: x}
    found: dict[str, Any] = {}
    for key, value in parts.items():
        inside = flatten(value, key)
        if found.keys() & inside.keys():
            raise InputError(f"two parts of x are both called {key}")
        found |= inside
    if not found:
        raise InputError(f"{name} is empty: there is nothing to nudge")
    return found


def like(x: Any, parts: Mapping[str, Any], name: str = "x") -> Any:
    """Return `parts`, named as `flatten` names those of x, in the structure of x."""
    if isinstance(x, Mapping):
        return {key: like(value, parts, _named(name, str(key))) for key, value in x.items()}
    if _holds_parts(x):
        found = [like(value, parts, f"{name}[{i}]") for i, value in enumerate(x)]
        return tuple(found) if isinstance(x, tuple) else found
    return parts[name]


def _named(name: str, key: str) -> str:
    return key if name == "x" else f"{name}.{key}"


def _holds_parts(x: Any) -> bool:
    if not isinstance(x, list | tuple):
        return False
    if any((isinstance(part, np.ndarray) and part.ndim) or isinstance(part, Mapping) for part in x):
        return True
    try:
        np.asarray(x)
    except ValueError:  # lists of different lengths are parts, not one array
        return True
    return False
