"""A config as text: read TOML or JSON, and apply `--set` to it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nn.errors import ConfigError, nearest

Table = dict[str, Any]


def read(path: str | Path) -> Table:
    """Return the tables of a config file, TOML by default, JSON where it ends in .json.

    Raises
    ------
    ConfigError
        If there is no such file, or its text cannot be parsed; says where.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        folder = file.parent if file.parent.is_dir() else Path("configs")
        beside = {str(p) for p in folder.glob("*.toml")} | {str(p) for p in folder.glob("*.json")}
        raise ConfigError(str(path), [f"no such file{nearest(str(path), beside)}"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"cannot be read: {error}"]) from None
    try:
        document = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        kind = "JSON" if file.suffix == ".json" else "TOML"
        raise ConfigError(str(path), [f"is not {kind}: {error}"]) from None
    if not isinstance(document, dict):
        raise ConfigError(str(path), ["must be tables, {…}"])
    return document


def override(document: Table, assignments: Iterable[str], source: str = "--set") -> None:
    """Apply assignments like "optimizer.lr=0.05" to the tables, in place.

    The value is TOML; a bare word is a string. A number picks an item of a list:
    "model.layers.0.out_features=16".

    Raises
    ------
    ConfigError
        Lists every assignment that cannot be applied.
    """
    faults = []
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        path = [part.strip() for part in key.split(".")]
        if not equals or not all(path):
            faults.append(f"{assignment!r} is not of the form table.key=value")
            continue
        problem = _assign(document, path, toml_value(text.strip()))
        if problem:
            faults.append(f"{assignment!r}: {problem}")
    if faults:
        raise ConfigError(source, faults)


def toml_value(text: str) -> Any:
    """Return a value written as TOML; a bare word is a string."""
    try:
        found = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return found["value"] if len(found) == 1 else text


def _assign(document: Table, path: list[str], value: Any) -> str | None:
    """Set the value; return what is wrong if it cannot be done."""
    place: Any = document
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        key: Any = part
        if isinstance(place, list):
            if not part.isdigit() or int(part) >= len(place):
                return f"{'.'.join(path[:depth])} is a list of {len(place)}: no item {part!r}"
            key = int(part)
        elif not isinstance(place, dict):
            return f"{'.'.join(path[:depth])} is no table but {place!r}"
        if last:
            place[key] = value
        elif isinstance(place, dict):
            place = place.setdefault(key, {})
        else:
            place = place[key]
    return None
