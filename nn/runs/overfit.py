"""One batch, learnt by heart: the quickest sign that data, network, loss and gradient agree."""

from __future__ import annotations

import numpy as np

from nn.config import Experiment
from nn.errors import DivergedError
from nn.trainer import Trainer

_STEPS = 500
_FEW = 32  # samples: more take longer to learn, and show no more


def overfit(experiment: Experiment) -> str:
    """Train on the first samples alone, and say whether they were learnt; writes nothing.

    Classes are learnt when every sample is told right, numbers when R² is 0.99.
    """
    data, trainer, train = experiment.data, experiment.trainer, experiment.train
    size = min(train.batch_size, _FEW, len(data.x_train))
    x, t = data.x_train[:size], data.t_train[:size]
    metric = trainer.history.metric
    first = trainer.evaluate(x, t)
    goal = 1.0 if metric == "accuracy" else 0.99

    def learnt(_: Trainer) -> None:
        if trainer.evaluate(x, t).get(metric, -np.inf) >= goal:
            trainer.stop("learnt")

    trainer.schedule = trainer.early_stopping = None
    head = f"one batch of {size} samples: loss {first['loss']:.4f}"
    try:
        trainer.fit(
            x, t, epochs=_STEPS, batch_size=size, evaluate_every=_STEPS, on_step=learnt,
            progress=False,
        )  # fmt: skip
    except DivergedError as error:
        return f"{head}; not learnt: {error}"
    last = trainer.evaluate(x, t)
    figure = f"loss {last['loss']:.4f}, {metric} {last.get(metric, np.nan):.3f}"
    if trainer.stopped:
        return f"{head}; learnt by heart in {trainer.steps} steps: {figure}"
    falls = (
        "still falls; more steps or a larger lr"
        if last["loss"] < 0.5 * first["loss"]
        else ("hardly falls; another lr, larger first weights or standardized data")
    )
    return f"{head}; not learnt in {_STEPS} steps: {figure}. It {falls} may help"
