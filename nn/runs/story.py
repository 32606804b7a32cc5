"""What a run says and shows: the table and the price before, the figure and pictures after."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from nn.config import Experiment
from nn.progress import duration
from nn.runs.folder import Run


def describe(experiment: Experiment) -> str:
    """Say what is trained on what: the data, and a table of the layers."""
    data, network = experiment.data, experiment.network
    layers = [
        (row.layer, " x ".join(map(str, row.shape)), grouped(row.parameters))
        for row in network.table(data.x_train[:1])
    ]
    rows = [("layer", "output", "parameters"), *layers, ("total", "", grouped(network.size))]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
    return "\n".join([data.summary(), *table])


def price(experiment: Experiment) -> str:
    """Say what it will cost: evaluations counted, their time measured, for half a second."""
    data, trainer, train = experiment.data, experiment.trainer, experiment.train
    cost = trainer.cost(
        data.x_train, data.t_train, epochs=train.epochs, batch_size=train.batch_size
    )
    return (
        f"{trainer.method}, h = {'by size' if trainer.h is None else f'{trainer.h:g}'}:"
        f" {grouped(cost.evaluations_per_step)} loss evaluations a step, measured at"
        f" {cost.seconds_per_evaluation * 1e6:.0f} µs each;"
        f" {grouped(cost.steps)} steps: about {duration(cost.seconds)}"
    )


def draw(experiment: Experiment, run: Run) -> list[Path]:
    """Draw what fits the task into the run's folder; return the files."""
    from nn import plotting

    data, network = experiment.data, experiment.network
    images = None
    if data.image_shape is not None:
        images = np.stack([data.picture(row) for row in data.x_test])
    return plotting.draw_run(
        run.folder,
        experiment.trainer.history,
        task=data.task,
        title=f"{data.name}: {type(network).__name__}, {grouped(network.size)} parameters",
        predict=network.predict,
        x=data.x_test,
        t=data.t_test,
        class_names=data.class_names,
        target_name=data.target_name,
        feature_names=data.feature_names,
        images=images,
        x_train=data.x_train,
        t_train=data.t_train,
        x_to_original=data.original_x,
        t_to_original=data.original_t,
    )


def outcome(experiment: Experiment, run: Run) -> str:
    """Say the final test figure, and how long it took."""
    final, metric = run.summary["final"], experiment.network.loss_function.metric
    figures = [f"test {metric} {final.get(f'test_{metric}', math.nan):.4f}"]
    figures.append(f"test loss {final['test_loss']:.4f}")
    figures.append(f"{grouped(len(experiment.data.x_test))} samples")
    return f"{', '.join(figures)}; trained in {duration(run.summary['seconds'])}"


def grouped(number: int) -> str:
    """Write a whole number in groups of three: 2 410."""
    return f"{number:,}".replace(",", " ")
