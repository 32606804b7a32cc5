"""What sort of function f is: whether it answers the same question in the same way twice."""

from __future__ import annotations

from typing import Literal

import numpy as np

from nn.careful.asking import Asker

Nature = Literal["steady", "random", "remembers"]

REPEATS = 6  # of f at x, where two answers differ


def at_x(asker: Asker) -> tuple[float, float, Nature]:
    """Return f at x, how far its answers there are apart, and what that says of f."""
    answers = [asker.here(), asker.here()]
    if answers[0] == answers[1] or not np.isfinite(answers).all():
        return answers[0], 0.0, "steady"
    answers += [asker.here() for _ in range(REPEATS - 2)]
    change = np.diff(answers)
    remembers = bool(np.all(change > 0) or np.all(change < 0))
    spread = float(np.ptp(answers))
    return float(np.mean(answers)), spread, "remembers" if remembers else "random"
