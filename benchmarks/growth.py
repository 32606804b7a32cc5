"""How the time of a step grows: with the width of one hidden layer, with the number of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.contenders import Contender, by_hand, ours
from benchmarks.entries import Places, draw
from benchmarks.nets import Net, deep, wide
from benchmarks.timing import Settings, quietly, race

WIDTHS = (16, 32, 64, 128, 256, 512)
DEPTHS = (1, 2, 3, 4, 5, 6)
GROWING = ("loop", "weight", "node", "backprop")


def grow(
    axis: str, make: Callable[[int], Net], values: tuple[int, ...], settings: Settings
) -> dict[str, Any]:
    """Time the nets that `make` gives for `values`, all of them in every round.

    The loop is extrapolated everywhere, so that its line is of one kind.
    """
    contenders: dict[tuple[str, int], Contender] = {}
    places: dict[tuple[str, int], list[Places]] = {}
    rng = np.random.default_rng(settings.seed)
    parameters = []
    for value in values:
        net = make(value)
        parameters.append(net.network.size)
        drawn = [draw(net, settings.entries, rng) for _ in range(settings.rounds)]
        for contender in [*ours(net), *by_hand(net)]:
            if contender.name in GROWING:
                contenders[contender.name, value] = contender
                places[contender.name, value] = drawn
                if contender.some is None:
                    quietly(contender.whole)
    total = settings.rounds * len(contenders)
    with tqdm(total=total, desc=axis, unit=" turns", leave=False, disable=None) as bar:
        extrapolated = {key: key[0] == "loop" for key in contenders}
        times = race(contenders, places, extrapolated, settings, bar.update)
    lines = {name: [times[name, value].seconds for value in values] for name in GROWING}
    return {
        "axis": axis,
        "values": list(values),
        "parameters": parameters,
        "batch": 100,
        "seconds": lines,
        "extrapolated": ["loop"],
        "exponents": {name: exponent(values, line) for name, line in lines.items()},
    }


def exponent(values: tuple[int, ...], seconds: list[float]) -> float:
    """Return p of seconds ~ value**p, fitted to the upper half of the values."""
    first = max(0, len(values) // 2 - 1)
    return float(np.polyfit(np.log(values[first:]), np.log(seconds[first:]), 1)[0])


def growth(settings: Settings, quick: bool = False) -> dict[str, Any]:
    """Return how time grows with width and with depth."""
    widths, depths = ((16, 64), (1, 3)) if quick else (WIDTHS, DEPTHS)
    return {
        "width": grow("width", wide, widths, settings),
        "depth": grow("depth", deep, depths, settings),
    }
