"""What a case of the gallery is: something to check, and what a checker must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["wrong", "right", "unstable"]


@dataclass(frozen=True)
class Given:
    """What is handed to the checker: `nn.gradcheck(thing, x, **options)`."""

    thing: Any
    x: Any
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One layer, loss, network or function.

    Attributes
    ----------
    name : str
        Unique; that of the function that builds it.
    kind : "wrong", "right" or "unstable"
    about : str
        What is wrong with it, or what makes it hard.
    build : callable
        Returns it anew, so that no check sees what another left behind.
    tensors : tuple of str
        Names of the inputs and parameters whose gradients are wrong, all of them.
    index : tuple of int or None
        The one entry of the one tensor that is wrong, where it is only one.
    cause : str or None
        The tag of the cause, where there is one to be named.
    kink : bool
        A right one at a kink: "undecided" will do.
    violation : str or None
        For unstable ones, the tag of what does not hold.
    """

    name: str
    kind: Kind
    about: str
    build: Callable[[], Given]
    tensors: tuple[str, ...] = ()
    index: tuple[int, ...] | None = None
    cause: str | None = None
    kink: bool = False
    violation: str | None = None


class Room:
    """The cases of one file, in the order in which they stand there."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def wrong(
        self, *tensors: str, cause: str | None = None, index: tuple[int, ...] | None = None
    ) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        """Add a case whose gradients of `tensors` are wrong."""
        return self._add("wrong", tensors=tensors, cause=cause, index=index)

    def right(self, kink: bool = False) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        """Add a case that is right, and hard to see as right."""
        return self._add("right", kink=kink)

    def unstable(self, violation: str) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        """Add a case that cannot be judged at all."""
        return self._add("unstable", violation=violation)

    def _add(
        self, kind: Kind, **known: Any
    ) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        def add(build: Callable[[], Given]) -> Callable[[], Given]:
            about = (build.__doc__ or "").strip()
            self.cases.append(Case(build.__name__, kind, about, build, **known))
            return build

        return add
