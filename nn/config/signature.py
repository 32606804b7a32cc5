"""Signatures as lists of options: the one place where names, types and defaults stand."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """An argument that a config can give: its name, annotation and default."""

    name: str
    annotation: Any
    default: Any = inspect.Parameter.empty

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is inspect.Parameter.empty

    def describe(self) -> str:
        """Write it as in a signature: "lr: float = 0.01"."""
        text = f"{self.name}: {type_name(self.annotation)}"
        if self.required:
            return text
        return f"{text} (optional)" if self.default is None else f"{text} = {self.default!r}"


def options(target: Callable[..., Any]) -> dict[str, Option]:
    """Return the arguments of a class or function by name, in order."""
    function: Any = getattr(target, "__init__") if isinstance(target, type) else target  # noqa: B009
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError):
        hints = {}
    parameters = list(inspect.signature(function).parameters.values())
    if isinstance(target, type):
        parameters = parameters[1:]
    named = (p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
    return {
        p.name: Option(p.name, hints.get(p.name, _plain(p.annotation)), p.default) for p in named
    }


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union; of anything else, itself."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def type_name(annotation: Any) -> str:
    """Say a type as a person would: "float or Initializer", "'uniform' or 'normal'"."""
    if len(members(annotation)) > 1:
        shown = [type_name(m) for m in members(annotation) if m is not type(None)]
        return " or ".join(shown)
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(repr(choice) for choice in typing.get_args(annotation))
    if typing.get_origin(annotation) is Sequence:
        return f"list of {type_name(typing.get_args(annotation)[0])}"
    if typing.get_origin(annotation) is tuple:
        return f"[{', '.join(map(type_name, typing.get_args(annotation)))}]"
    if annotation is Any:
        return "anything"
    if typing.get_origin(annotation) is None and isinstance(annotation, type):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def _plain(annotation: Any) -> Any:
    """The annotation itself, or Any if there is none or it is a text nobody can resolve."""
    empty = annotation is inspect.Parameter.empty or isinstance(annotation, str)
    return Any if empty else annotation
