"""A table of a config as a call: the keys are arguments, checked against the signature.

Types come from the annotations and defaults from the signature; there is no second list of
options anywhere. One value is converted at a time, so that every fault is found, not the first.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from nn.config.signature import Option, members, options, type_name
from nn.errors import ArgumentError, NudgeError, blame, nearest
from nn.registry import KINDS, find

_ELSEWHERE = "rng", "seed"  # not written into the resolved config


@dataclass
class Call:
    """A class or function with the arguments that a config gives it, checked but not yet called.

    `faulty`: some key was unknown or could not be converted; what is left is still tried, to find
    the faults that only the constructor knows.
    """

    target: Callable[..., Any]
    where: str
    type: str | None = None
    faulty: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)
    resolved: dict[str, Any] = field(default_factory=dict)

    def make(
        self,
        faults: list[str],
        given: Mapping[str, Any] | None = None,
        made: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the target; return None and add to `faults` if it refuses.

        Arguments of `given` fill in what the config leaves out; those of `made` are what tables of
        the config have become already.
        """
        known, given, made = options(self.target), given or {}, made or {}
        arguments: dict[str, Any] = {}
        before = len(faults)
        missing = False
        for name, option in known.items():
            if name in self.arguments:
                argument = made.get(name, self.arguments[name])
                arguments[name] = _made(argument, faults, given)
                self.resolved[name] = _resolved(self.arguments[name])
            elif name in given:
                arguments[name] = given[name]
                if _is_plain(given[name]) and name not in _ELSEWHERE and given[name] is not None:
                    self.resolved[name] = given[name]
            elif option.required:
                missing = True
                if not self.faulty:  # it may be the one that was misspelt
                    what = f"{name} ({type_name(option.annotation)})"
                    faults.append(f"{self.where}: {what} is missing")
            elif name not in _ELSEWHERE and _is_plain(option.default):
                self.resolved[name] = option.default
        if missing or len(faults) > before:
            return None
        try:
            made = self.target(**arguments)
        except ArgumentError as error:
            faults.append(f"{self.where} {error}")
        except NudgeError as error:
            faults.append(f"{self.where}: {error}")
        except Exception as error:  # it may be a class of the user's
            on_purpose = _package(type(error)) == _package(self.target)
            faults.append(f"{self.where}: {error if on_purpose else blame(error)}")
        else:
            return None if self.faulty else made
        return None

    def document(self) -> dict[str, Any]:
        """Return the table as run, with every default."""
        return ({"type": self.type} if self.type else {}) | self.resolved


class Reader:
    """Turns tables into calls, collecting every fault.

    Parameters
    ----------
    folder : Path
        Where the config lies; files of the user's are looked for there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []

    def component(self, kind: str, value: Any, where: str, taken: Mapping[str, str]) -> Call | None:
        """Read {type = "Name", …} or a bare "Name" of a kind of class."""
        table = {"type": value} if isinstance(value, str) else value
        if not isinstance(table, dict):
            self.faults.append(f"{where}: expected a table with a type, got {value!r}")
            return None
        name = table.get("type")
        if not isinstance(name, str):
            problem = "type is missing" if name is None else f"type must be a name, got {name!r}"
            self.faults.append(f"{where}: {problem}")
            return None
        try:
            cls = find(kind, name, self.folder)
        except NudgeError as error:
            self.faults.append(f"{where} type: {error}")
            return None
        if ":" in name:
            file = Path(inspect.getfile(cls)).resolve()
            name = f"{file}:{cls.__name__}"
        rest = {key: item for key, item in table.items() if key != "type"}
        return self.call(cls, rest, where, name, taken)

    def call(
        self,
        target: Callable[..., Any],
        table: Mapping[str, Any],
        where: str,
        name: str | None = None,
        taken: Mapping[str, str] | None = None,
    ) -> Call:
        """Read the keys of a table as the arguments of `target`.

        `taken` names the arguments that have another place in the config, and which.
        """
        known = options(target)
        taken = taken or {}
        call = Call(target, where, name)
        for key, value in table.items():
            before = len(self.faults)
            if key in taken and key in known:
                self.faults.append(f"{where} {key}: has a place of its own, {taken[key]}")
            elif key not in known:
                free = [option for option in known if option not in taken]
                hint = nearest(key, free) if free else "; it has no options"
                self.faults.append(f"{where}: unknown key {key!r}{hint}")
            elif _is_default(known[key], value):  # what a resolved config says
                call.arguments[key] = known[key].default
            else:
                converted = self.value(known[key].annotation, value, f"{where} {key}")
                if len(self.faults) == before:
                    call.arguments[key] = converted
            call.faulty |= len(self.faults) > before
        return call

    def value(self, annotation: Any, value: Any, where: str) -> Any:
        """Convert one value to what the annotation says; components become calls."""
        if value is None and type(None) in members(annotation):
            return None
        item = _item(annotation)
        if item is not None:
            if not isinstance(value, list) or not value:
                self.faults.append(f"{where}: expected a list of tables, got {value!r}")
                return None
            return [self.value(item, v, f"{where}.{place}") for place, v in enumerate(value)]
        for kind, base in KINDS.items():
            if any(isinstance(m, type) and issubclass(m, base) for m in members(annotation)) and (
                isinstance(value, dict | str)
            ):
                return self.component(kind, value, where, {"rng": "seed"})
        plain = [m for m in members(annotation) if not _is_component(m)]
        if not plain:
            self.faults.append(f"{where}: expected {type_name(annotation)}, got {value!r}")
            return None
        try:
            return msgspec.convert(value, typing.Union[tuple(plain)])  # noqa: UP007
        except msgspec.ValidationError:
            self.faults.append(f"{where}: expected {type_name(annotation)}, got {value!r}")
        except TypeError:  # an annotation only its author understands
            return value
        return None


def _is_default(option: Option, value: Any) -> bool:
    """Whether a value is the default itself, even one that its annotation does not allow."""
    plain = isinstance(value, bool | int | float | str) or value is None
    same = plain and type(value) is type(option.default) and value == option.default
    return same and not option.required


def _is_component(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, tuple(KINDS.values()))


def _item(annotation: Any) -> Any:
    """Return the kind of component that an annotation wants several of, or None."""
    if typing.get_origin(annotation) is Sequence:
        found = typing.get_args(annotation)[0]
        return found if _is_component(found) else None
    return None


def _is_plain(value: Any) -> bool:
    """Whether a default can be written into a config; an object stays in its signature."""
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _made(value: Any, faults: list[str], given: Mapping[str, Any] | None) -> Any:
    if isinstance(value, list):
        return [_made(item, faults, given) for item in value]
    return value.make(faults, given) if isinstance(value, Call) else value


def _resolved(value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    return value.document() if isinstance(value, Call) else value


def _package(thing: Any) -> str:
    """Who wrote it: the first part of the name of its module."""
    return str(getattr(thing, "__module__", "")).partition(".")[0]
