"""How a subject behaves: what must hold, what does not, and the gradients it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Violation:
    """Something that must hold and does not: a short tag, and a sentence with what to look at."""

    tag: str
    sentence: str


@dataclass
class Behaviour:
    """What is known of a subject, before its gradients are looked at.

    Attributes
    ----------
    z, dout : arrays
        The answer to the inputs as they are, and what is handed to backward.
    eps : float
        Relative rounding error of answers.
    gradients : dict of name -> what backward gave
        After other inputs had been asked about, as in training.
    violations : list of Violation
    notes : list of str
    alone : bool
        No sample's answer depends on another sample.
    growing : set of str
        Gradients that are larger by the same amount after each call.
    whole : set of str
        Gradients that x as it was given, in whole numbers, has changed.
    unequal : dict of str -> array
        Gradients that do not go as dout does: what another dout made of them, scaled back.
    rounding : dict of str -> array
        How far the gradients of 3 dout, 5 dout and 7 dout are from three times, five times …: what
        backward itself rounds.
    """

    z: Array
    dout: Array
    eps: float
    gradients: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    alone: bool = False
    growing: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    unequal: dict[str, Array] = field(default_factory=dict)
    rounding: dict[str, Array] = field(default_factory=dict)

    def tell(self, tag: str, sentence: str) -> None:
        """Add a violation."""
        self.violations.append(Violation(tag, sentence))
