"""Who tells a kink, and who sees one where none is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.derivatives.answers import Answer, Method, ask
from benchmarks.points import Place, Point, Problem

_CLOSE = 1e-3  # of a slope


def told(answer: Answer) -> list[bool]:
    """Where an answer says that there is a kink; without words for it, where it has doubts."""
    if answer.states:
        return [state == "kink" for state in answer.states]
    return [bool(doubt) for doubt in answer.doubted]


def kinks(method: Method, points: Iterable[Point], sharp: Iterable[Problem]) -> dict[str, Any]:
    """Count what `method` tells of kinks, and of smooth functions that look like them.

    Returns
    -------
    dict
        `at`: points at a kink, `found` of them told in every entry that has one, `family` the
        same by family, `missed` the names of the others, `silent` how many of these pass without
        any doubt, `false` entries told that have a slope;
        `beside`: points beside a kink, `fair` of them told, or right, or covered by the claimed
        error, `unfair` the names of the others; `sharp`: smooth points, `mistaken` those told to
        be kinks.
    """
    record: dict[str, Any] = {"at": 0, "found": 0, "family": {}, "missed": [], "silent": 0,
                              "false": 0, "beside": 0, "fair": 0, "unfair": []}  # fmt: skip
    for point in points:
        answer = ask(method, point)
        said = np.array(told(answer))
        if point.away:
            fair = bool(said.all()) or _covered(point, answer)
            record["beside"] += 1
            record["fair"] += fair
            if not fair:
                record["unfair"].append(point.name)
            continue
        found = bool(said[point.broken].all())
        count = record["family"].setdefault(point.family, [0, 0])
        count[0] += found
        count[1] += 1
        record["at"] += 1
        record["found"] += found
        record["false"] += int(said[~point.broken].sum())
        if not found:
            record["missed"].append(point.name)
            record["silent"] += not answer.doubted.any()
    mistaken = [place.name for place in sharp if any(told(ask(method, place)))]
    return {**record, "mistaken": mistaken}


def _covered(point: Point, answer: Answer) -> bool:
    """Whether the slope beside a kink is right, or its claimed error says how far it may be off."""
    slope = float(np.max(point.right if point.away > 0 else point.left))
    off = abs(answer.gradient[0] - slope)
    allowed = _CLOSE * (abs(slope) or abs(float(np.max(point.left)) + float(np.max(point.right))))
    if answer.claimed is not None:
        allowed = max(allowed, answer.claimed[0])
    return bool(off <= allowed)


def at_relu(method: Method, relu: Place) -> dict[str, Any]:
    """What `method` reports for the relu at 0: a value, what it claims, what it says."""
    answer = ask(method, relu)
    return {
        "value": _number(answer.gradient[0]),
        "claimed": None if answer.claimed is None else _number(answer.claimed[0]),
        "says": " ".join(answer.states) or answer.said,
    }


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
