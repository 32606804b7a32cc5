"""Rounds in which each contender has one turn, so that a busy machine slows all; peak memory."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, sleep
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders import Contender
from benchmarks.entries import Places, flat
from nn.gradients import Grads

Array = NDArray[np.float64]
K = TypeVar("K", bound=Hashable)
_REST = 0.01  # seconds between turns: threads of the one before go on spinning for a while


@dataclass(frozen=True)
class Settings:
    """How to time.

    Attributes
    ----------
    rounds : int
    turn : float
        Seconds in which a contender repeats its step, at least once.
    limit : float
        Seconds that one gradient may take; beyond, some of its entries stand for all.
    entries : int
        How many, drawn anew each round, the same for all.
    seed : int
    """

    rounds: int = 7
    turn: float = 0.1
    limit: float = 20.0
    entries: int = 50
    seed: int = 0


@dataclass
class Times:
    """What was measured of one contender.

    Attributes
    ----------
    turns : list of float or None
        Seconds a step in each round, the median of its turn; None for a round it was left out
        of, because it had used up the limit before.
    least : float
        Seconds of its fastest step; of the fastest sample, where it is extrapolated.
    extrapolated : bool
    answer : array
        The last gradient; of extrapolated ones, the sampled entries of all rounds.
    """

    extrapolated: bool
    turns: list[float | None] = field(default_factory=list)
    least: float = float("inf")
    answer: Array = field(default_factory=lambda: np.empty(0))

    @property
    def seconds(self) -> float:
        """Median of the rounds."""
        return median(turn for turn in self.turns if turn is not None)

    @property
    def spent(self) -> float:
        """Seconds of the rounds so far, a step each."""
        return sum(turn for turn in self.turns if turn is not None)


def quotient(a: Sequence[float | None], b: Sequence[float | None]) -> float | None:
    """Return the median over the rounds of a / b, of those rounds that have both."""
    pairs = zip(a, b, strict=True)
    ratios = [x / y for x, y in pairs if x is not None and y is not None]
    return median(ratios) if ratios else None


def quietly(step: Callable[[], Grads]) -> list[str]:
    """Take a step that is not timed; return what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        step()
    return [str(warning.message) for warning in caught]


def too_long(contender: Contender, places: Places, limit: float) -> bool:
    """Whether one gradient would take longer than the limit; warms up what is asked."""
    if contender.some is None:
        return False
    with contender.around():
        contender.some(places[:5])
        return contender.some(places).seconds > limit


def race(
    contenders: Mapping[K, Contender],
    places: Mapping[K, Sequence[Places]],
    extrapolated: Mapping[K, bool],
    settings: Settings,
    tick: Callable[[], object] = lambda: None,
) -> dict[K, Times]:
    """Time every contender once a round, in an order that changes from round to round.

    Parameters
    ----------
    contenders : mapping of any key -> Contender
    places : for each of them, entries for each round
    extrapolated : for each of them, whether entries stand for all
    settings : Settings
    tick : called after every turn
    """
    times = {key: Times(extrapolated[key]) for key in contenders}
    rng = np.random.default_rng(settings.seed)
    keys = list(contenders)
    for number in range(settings.rounds):
        for index in rng.permutation(len(keys)):
            key = keys[index]
            sleep(_REST)
            _turn(contenders[key], times[key], places[key][number], settings)
            tick()
    return times


def _turn(contender: Contender, times: Times, places: Places, settings: Settings) -> None:
    if times.extrapolated:
        assert contender.some is not None
        with contender.around():
            sample = contender.some(places)
        times.answer = np.concatenate([times.answer, sample.slopes])
        times.turns.append(sample.seconds)
        times.least = min(times.least, sample.seconds)
        return
    if times.turns and times.spent + times.seconds > settings.limit:
        times.turns.append(None)
        return
    steps: list[float] = []
    with contender.around():
        if times.turns and times.seconds < settings.turn:
            contender.whole()  # caches are cold after another's turn
        while not steps or sum(steps) + steps[-1] < settings.turn:
            begun = perf_counter()
            found = contender.whole()
            steps.append(perf_counter() - begun)
    times.answer = flat(found)
    times.turns.append(median(steps))
    times.least = min(times.least, *steps)


def peak_memory(step: Callable[[], object]) -> int:
    """Return the bytes that Python and numpy allocate for one step at most, at the same time."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
