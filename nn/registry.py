"""Names for classes: what a config can name, and how a class of one's own joins."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from nn import initializers, layers, losses, networks, optimizers, schedules
from nn.errors import InputError, UnknownNameError, nearest, told

KINDS: dict[str, type] = {
    "layer": layers.Layer,
    "loss": losses.Loss,
    "optimizer": optimizers.Optimizer,
    "schedule": schedules.Schedule,
    "initializer": initializers.Initializer,
    "network": networks.Network,
}
_BUILT_IN = (initializers, layers, losses, networks, optimizers, schedules)

C = TypeVar("C", bound=type)
_registered: dict[str, dict[str, type]] = {kind: {} for kind in KINDS}


def register(cls: C) -> C:
    """Let configs name a class of yours: a layer, loss, optimizer, schedule or network.

    Used as a decorator or as a function; returns the class as it is.

    Raises
    ------
    InputError
        If it is none of these, is abstract, or another class has its name.
    """
    kind = kind_of(cls)
    if kind is None:
        raise InputError(
            f"{cls!r} is none of: {', '.join(base.__name__ for base in KINDS.values())}"
        )
    _check_whole(cls)
    known = _registered[kind].get(cls.__name__)
    if known not in (None, cls):
        raise InputError(f"a {kind} called {cls.__name__} is there already: {known!r}")
    _registered[kind][cls.__name__] = cls
    return cls


def kind_of(cls: object) -> str | None:
    """Which kind of thing a class is: "layer", "loss", …, or None."""
    if isinstance(cls, type):
        for kind, base in KINDS.items():
            if issubclass(cls, base):
                return kind
    return None


def registered(kind: str) -> dict[str, type]:
    """Return the classes of a kind by name."""
    return dict(_registered[kind])


def find(kind: str, name: str, folder: Path) -> type:
    """Return the class that a config calls `name`.

    Parameters
    ----------
    kind : str
        One of KINDS.
    name : str
        A registered name, or "file.py:Class" for a class in a file of the user's, looked for
        in `folder` and then in the current one. That file is run, as an import would.
    folder : Path
        Where the config lies.

    Raises
    ------
    UnknownNameError, InputError
        With the nearest name, or what is wrong with the file.
    """
    if ":" not in name:
        if name not in _registered[kind]:
            raise UnknownNameError(f"unknown {kind} {name!r}{nearest(name, _registered[kind])}")
        return _registered[kind][name]
    file, _, class_name = name.rpartition(":")
    module = _load(file, folder)
    fitting = {
        n: c for n, c in vars(module).items() if kind_of(c) == kind and not inspect.isabstract(c)
    }
    if class_name not in fitting:
        there = vars(module).get(class_name)
        if isinstance(there, type) and kind_of(there) == kind:
            _check_whole(there)
        if there is not None:
            raise InputError(f"{name}: {class_name} is no {KINDS[kind].__name__} that can be used")
        raise UnknownNameError(f"{file} has no {kind} {class_name!r}{nearest(class_name, fitting)}")
    found: type = fitting[class_name]
    return found


def load(file: str, name: str) -> Any:
    """Return what a Python file calls `name`; the file is run, as an import would.

    Raises
    ------
    UnknownNameError, InputError
        With the nearest name, or what is wrong with the file.
    """
    module = _load(file, Path())
    own = {
        n: v for n, v in vars(module).items()
        if callable(v) and getattr(v, "__module__", None) == module.__name__
    }  # fmt: skip
    if not name:
        raise InputError(f"{file} needs a name after it, {file}:NAME{nearest('', own)}")
    if name not in vars(module):
        raise UnknownNameError(f"{file} has no {name!r}{nearest(name, own or vars(module))}")
    return vars(module)[name]


def _check_whole(cls: type) -> None:
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
        raise InputError(f"{cls.__name__} lacks {missing}")


def _load(file: str, folder: Path) -> ModuleType:
    """Import a file of the user's, once."""
    places = [folder / file, Path(file)]
    path = next((place.resolve() for place in places if place.is_file()), None)
    if path is None:
        beside = {p.name for place in places for p in place.parent.glob("*.py")}
        close = difflib.get_close_matches(Path(file).name, beside, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        where = "" if folder == Path() else ", beside the config or in this folder"
        raise InputError(f"there is no file {file!r}{where}{hint}")
    name = f"nn_user:{path}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise InputError(f"{file} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise InputError(f"{file} fails: {told(error)}") from error
    return sys.modules[name]


for _module in _BUILT_IN:
    for _thing in list(vars(_module).values()):
        if (
            kind_of(_thing)
            and not inspect.isabstract(_thing)
            and _thing.__module__.startswith(_module.__name__)
        ):
            register(_thing)
