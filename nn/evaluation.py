"""How good a network is on a whole part of the data: loss and metric, a piece at a time."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from nn.batches import in_pieces
from nn.errors import UndefinedMetricError
from nn.gradients import one_thread
from nn.history import Record
from nn.networks import Network


def evaluate(network: Network, x: Any, t: Any, prefix: str = "") -> Record:
    """Return loss and metric of a part, under keys that begin with `prefix`.

    The metric is left out where it has no value: r2 of targets that are all the same.
    """
    function = network.loss_function
    with one_thread(), np.errstate(all="ignore"):
        z = in_pieces(network.forward, x)
    found = {f"{prefix}loss": function(z, t)}
    with suppress(UndefinedMetricError):
        found[f"{prefix}{function.metric}"] = function.score(function.predict(z), t)
    return found
