"""What would shorten a run that will take long, in words that can be typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from nn.config import Experiment
from nn.config.call import Reader
from nn.config.model import ModelReader
from nn.cost import Cost
from nn.networks import Network, TwoLayerNet
from nn.progress import duration
from nn.runs.forecast import copied, method_of, predict

LONG = 600.0  # seconds
_WORTH = 0.9  # of the time: less than a tenth saved is no advice
_EXACT = "auto", "node", "weight"  # all give the same gradient; the first of equals is taken


def advice(experiment: Experiment) -> list[str]:
    """Return nothing, or what would shorten a run that is predicted to exceed ten minutes.

    Returns
    -------
    list of str
        A sentence, then at most three lines, shortest run first: "  --set train.batch_size=200
        about 12 min 30 s". A change that saves less than a tenth is not told.

    Notes
    -----
    Measured are: the other methods of the same gradient, of which the quickest is told; half the
    hidden size of a `TwoLayerNet`; twice the batch size, which is half the steps.
    """
    network = copied(experiment)
    now = _tried(lambda: predict(experiment, experiment.trainer.method, network))
    if now is None or now.seconds <= LONG:
        return []
    found = [
        (cost.seconds, change)
        for change, cost in _changes(experiment, network)
        if cost.seconds < _WORTH * now.seconds
    ]
    head = f"this run is predicted to take about {duration(now.seconds)}, more than ten minutes"
    if not found:
        return [head]
    width = max(len(change) for _, change in found)
    return [
        f"{head}; what would shorten it:",
        *(
            f"  --set {change:<{width}}  about {duration(seconds)}"
            for seconds, change in sorted(found)[:3]
        ),
    ]


def _changes(experiment: Experiment, network: Network) -> Iterator[tuple[str, Cost]]:
    """Yield each change and what the run would cost with it."""
    chosen = experiment.trainer.method
    costs: dict[str, Cost] = {}
    for name in _EXACT:
        if name != chosen.name:
            method = method_of(experiment, name)
            cost = _tried(lambda method=method: predict(experiment, method, network))  # type: ignore[misc]
            if cost is not None:
                costs[name] = cost
    if costs:
        least = min(cost.seconds for cost in costs.values())
        name = next(name for name, cost in costs.items() if cost.seconds * _WORTH <= least)
        yield f"gradient.method={name}", costs[name]
    half, size = _half(experiment)
    if half is not None:
        smaller = half
        cost = _tried(lambda: predict(experiment, chosen, smaller))
        if cost is not None:
            yield f"model.hidden_size={size}", cost
    twice = 2 * experiment.train.batch_size
    if experiment.train.batch_size < len(experiment.data.x_train):
        cost = _tried(lambda: predict(experiment, chosen, network, twice))
        if cost is not None:
            yield f"train.batch_size={twice}", cost


def _half(experiment: Experiment) -> tuple[Network | None, int]:
    """Return the network of the config with half the hidden units, and their number."""
    table = experiment.resolved["model"]
    size = table.get("hidden_size", 0) // 2
    if type(experiment.network) is not TwoLayerNet or size < 1:
        return None, size
    reader = Reader(Path())
    model = ModelReader(reader, {**table, "hidden_size": size})
    loss = copied(experiment).loss_function
    network = model.make(experiment.data, loss, np.random.default_rng(0))
    return (None if reader.faults else network), size


def _tried(predicted: Callable[[], Cost]) -> Cost | None:
    """Return what was predicted; None where the method is refused, or code of the user's fails."""
    try:
        return predicted()
    except Exception:
        return None
