"""One net: every contender's seconds, ratios, differences from the loop, and memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import nn
from benchmarks.contenders import BACKPROP, LOOP, Contender, by_hand, ours
from benchmarks.entries import Places, draw
from benchmarks.nets import Net
from benchmarks.rivals import rivals
from benchmarks.timing import Settings, Times, peak_memory, quietly, quotient, race, too_long

Array = NDArray[np.float64]
Record = dict[str, Any]
_PATIENCE = 2.0  # seconds a gradient may take to have its memory measured, which slows it
_KINK = 1e-6  # of the largest slope: far above the error of a difference that meets no kink


def compare(net: Net, settings: Settings, others: bool = True) -> Record:
    """Return what was measured of one net, ready to be written as JSON.

    Parameters
    ----------
    net : Net
    settings : Settings
    others : bool
        Whether to time what is installed of other packages too.
    """
    contenders = {c.name: c for c in [*ours(net), *by_hand(net), *(rivals(net) if others else [])]}
    rng = np.random.default_rng(settings.seed)
    places = [draw(net, settings.entries, rng) for _ in range(settings.rounds)]
    total = settings.rounds * len(contenders)
    with tqdm(total=total, desc=net.name, unit=" turns", leave=False, disable=None) as bar:
        extrapolated = {
            name: too_long(c, places[0], settings.limit) for name, c in contenders.items()
        }
        warned = {
            name: quietly(c.whole) if c.some is None else [] for name, c in contenders.items()
        }
        times = race(
            contenders, dict.fromkeys(contenders, places), extrapolated, settings, bar.update
        )
    where = np.concatenate(places) if times[LOOP].extrapolated else None
    entries = net.network.size if where is None else len(where)
    return {
        "name": net.name,
        "sizes": list(net.sizes),
        "parameters": net.network.size,
        "batch": len(net.x),
        "data": net.batch.source,
        "share_not_zero": float(np.mean(net.x != 0)),
        "distinct_values": len(np.unique(net.x)),
        "required": dict(net.required),
        "compared": f"{entries} sampled entries" if where is not None else "all parameters",
        "loop_extrapolated": times[LOOP].extrapolated,
        "notes": _notes(net, times),
        "methods": [
            _record(c, times, places, settings, net, warned[name]) for name, c in contenders.items()
        ],
    }


def _record(
    contender: Contender,
    times: dict[str, Times],
    places: list[Places],
    settings: Settings,
    net: Net,
    warned: list[str],
) -> Record:
    own, loop, hand = times[contender.name], times[LOOP], times.get(BACKPROP)
    notes = [contender.note] if contender.note else []
    if own.extrapolated and contender.left_out:
        notes.append(f"its extrapolation leaves out {contender.left_out}")
    memory, at_least = _memory(contender, own)
    difference, scale = _difference(own, loop, np.concatenate(places))
    return {
        "name": contender.name,
        "threads": contender.threads,
        "ways": dict(contender.ways) or None,
        "extrapolated": own.extrapolated,
        "sampled_entries": sum(map(len, places)) if own.extrapolated else None,
        "seconds": own.seconds,
        "least_seconds": own.least,
        "rounds": own.turns,
        "loop_over_this": quotient(loop.turns, own.turns),
        "this_over_backprop": quotient(own.turns, hand.turns) if hand else None,
        "largest_difference": difference,
        "largest_difference_over_largest_slope": difference / scale if scale else None,
        "peak_bytes": memory,
        "peak_is_at_least": at_least,
        "notes": notes + warned,
    }


def _difference(own: Times, loop: Times, sampled: Places) -> tuple[float, float]:
    """Return the largest difference from the loop where both are known, and its largest slope."""
    a, b = own.answer, loop.answer
    if own.extrapolated and not loop.extrapolated:
        b = b[sampled]
    if loop.extrapolated and not own.extrapolated:
        a = a[sampled]
    return float(np.abs(a - b).max()), float(np.abs(b).max())


def _memory(contender: Contender, times: Times) -> tuple[int | None, bool]:
    if not contender.traced:
        return None, False
    if times.seconds <= _PATIENCE:
        return peak_memory(contender.whole), False
    if contender.begin is not None:
        return peak_memory(contender.begin), True
    return None, False


def _notes(net: Net, times: dict[str, Times]) -> list[str]:
    """Say how often kinks are met: nudges of weights, and of units, cross different ones."""
    if not any(isinstance(layer, nn.ReLU) for layer in net.network.layers):
        return []
    other = BACKPROP if BACKPROP in times else "auto"
    a, b = times["weight"].answer, times[other].answer
    across = int(np.count_nonzero(np.abs(a - b) > _KINK * np.abs(b).max()))
    return [
        f"a relu has a kink at 0, and a nudge that crosses one finds another slope than {other}:"
        f" {across} of {len(a)} entries of weight differ by over {_KINK:g} of the largest slope"
    ]
