"""How the time of a step grows: with the width of one hidden layer, with the number of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
AGAINST = {"width": "parameters", "depth": "values"}  # what powers are told of


def predicted(axis: str) -> dict[str, int]:
    """Return the power that time grows with by what each method does, for a fixed batch.

    Width n, a net 64-n-10: there are P = 75 n + 10 weights, so a power of n is one of P. The loop
    runs 2 P passes of P products a sample: P². Weight follows 2 rows for each weight and sample; a
    row moves one unit and by that at most 10 outputs, whatever n: P. Node follows 2 such rows for
    each of n + 10 units and sample, and its two products with the batch take P each: P. Backprop
    is three products with the batch: P.

    Depth d, layers of 32 units: weights, units and a pass grow as d. The loop runs d weights
    through d layers: d². Weight and node follow rows of d weights and of d units, each through the
    layers after it, d / 2 on average: d². Backprop goes through d layers once: d.
    """
    rows = {"width": 1, "depth": 2}[axis]
    return {"loop": 2, "weight": rows, "node": rows, "backprop": 1}


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
        "exponents_by_parameters": {
            name: exponent(parameters, line) for name, line in lines.items()
        },
        "against": AGAINST[axis],
        "predicted": predicted(axis),
    }


def exponent(values: Sequence[int], seconds: Sequence[float]) -> float:
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
