"""Derivatives in words: what is known, and what is least sure."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

import numpy as np

from nn.careful.nature import Nature
from nn.careful.structure import flatten
from nn.steps import entry


class Found(Protocol):
    """A derivative of any kind; left and right where it has them."""

    @property
    def value(self) -> Any:
        """A number, an array, or arrays in dicts and lists; so are the next two."""

    @property
    def error(self) -> Any:
        """Bounds."""

    @property
    def state(self) -> Any:
        """States."""

    @property
    def evaluations(self) -> int:
        """How often f was asked."""

    @property
    def nature(self) -> Nature:
        """What sort of function f is."""


def describe(found: Found, what: str, most: int = 8) -> str:
    """Return a derivative in words: states, and the entries whose errors are largest.

    `what` names many of its entries: "slopes".
    """
    sided = hasattr(found, "left")
    shown = ("value", "error", "left", "right", "state") if sided else ("value", "error", "state")
    parts = {name: flatten(getattr(found, name)) for name in shown}
    rows: list[tuple[str, dict[str, Any]]] = [
        (entry(name, i), {column: np.asarray(parts[column][name])[i] for column in shown})
        for name, array in parts["value"].items()
        for i in np.ndindex(np.shape(array))
    ]

    def ending(row: dict[str, Any]) -> str:
        if sided and row["state"] == "kink":
            return f"kink, {row['left']:.6g} below and {row['right']:.6g} above"
        return str(row["state"])

    asked = f"{found.evaluations} evaluations"
    if found.nature != "steady":
        asked += f"; f {'is random' if found.nature == 'random' else 'remembers earlier calls'}"
    if len(rows) == 1:
        row = rows[0][1]
        return f"{row['value']:.12g} ± {row['error']:.1e}, {ending(row)}; {asked}"
    counts = Counter(str(row["state"]) for _, row in rows)
    lines = [f"{len(rows)} {what}: {', '.join(f'{n} {s}' for s, n in counts.items())}; {asked}"]
    rows.sort(key=lambda named: (named[1]["state"] == "converged", -float(named[1]["error"])))
    for name, row in rows[:most]:
        lines.append(f"  {name:12} {row['value']:18.12g} ± {row['error']:.1e}  {ending(row)}")
    if len(rows) > most:
        lines.append(f"  and {len(rows) - most} more, of smaller errors")
    return "\n".join(lines)
