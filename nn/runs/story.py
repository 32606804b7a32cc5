"""What a run says and shows: the table and the price before, the figure and pictures after."""

from __future__ import annotations

import math
import shlex
from pathlib import Path

import numpy as np

from nn.batches import in_pieces
from nn.config import Experiment
from nn.cost import measure
from nn.gradients import Problem
from nn.losses import BCEWithLogitsLoss, CrossEntropyLoss
from nn.progress import duration
from nn.runs.files import saving
from nn.runs.folder import Run
from nn.runs.kernels import draw_kernels
from nn.trainer.standing import undrawn


def describe(experiment: Experiment) -> str:
    """Say what is trained on what: the data, and a table of the layers."""
    data, network = experiment.data, experiment.network
    with undrawn(experiment.trainer):  # layers that draw will draw the same once more
        problem = _first_step(experiment)
        ways = experiment.trainer.method.ways(problem)
        table = network.table(data.x_train[:1])
    layers = [
        (
            "  " * (len(row.place) - 1) + row.layer,
            " x ".join(map(str, row.shape)),
            grouped(row.parameters),
            ways.get(row.place, ""),
        )
        for row in table
    ]
    head = ("layer", "output", "parameters", "gradient by")
    rows = [head, *layers, ("total", "", grouped(network.size), "")]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d}".rstrip()
        for a, b, c, d in rows
    ]
    news = experiment.trainer.method.news(problem)
    return "\n".join([data.summary(), *lines, *_guess(problem), *news])


def _guess(problem: Problem) -> list[str]:
    """Say what loss a network has that knows nothing: the first ones should be near it."""
    classes = {CrossEntropyLoss: problem.z.shape[-1], BCEWithLogitsLoss: 2}.get(type(problem.loss))
    if classes is None:
        return []
    return [f"a guess among {classes} classes has the loss ln {classes} = {math.log(classes):.4f}"]


def price(experiment: Experiment) -> str:
    """Say what it will cost: work counted, its time measured, for a second at most."""
    data, trainer, train = experiment.data, experiment.trainer, experiment.train
    steps = train.epochs * math.ceil(len(data.x_train) / train.batch_size)
    with undrawn(trainer):
        cost = measure(_first_step(experiment), trainer.method, steps)
    return (
        f"{trainer.method.name}, h = {'by size' if trainer.h is None else f'{trainer.h:g}'}:"
        f" {grouped(cost.work.number)} {cost.work.unit} a step, measured at"
        f" {brief(cost.seconds_per_step)}; {grouped(cost.steps)} steps: about"
        f" {duration(cost.seconds)}"
    )


def brief(seconds: float) -> str:
    """Say a time that may be short: "310 µs", "14 ms", or as `duration` does."""
    if seconds < 0.995e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.2g} ms" if seconds < 0.0995 else duration(seconds)


def _first_step(experiment: Experiment) -> Problem:
    data, train = experiment.data, experiment.train
    return experiment.trainer.problem(data.x_train, data.t_train, train.batch_size)


def draw(experiment: Experiment, run: Run) -> list[Path]:
    """Draw what fits the task into the run's folder; return the files."""
    with saving(run.folder):
        return _draw(experiment, run)


def _draw(experiment: Experiment, run: Run) -> list[Path]:
    from nn import plotting

    data, network = experiment.data, experiment.network
    trainer, train = experiment.trainer, experiment.train
    drawn = []
    if trainer.schedule is not None:
        drawn.append(run.folder / "schedule.png")
        steps = train.epochs * math.ceil(len(data.x_train) / train.batch_size)
        plotting.draw_schedule(trainer.schedule, steps, train.epochs, drawn[0])
    images = None
    if data.image_shape is not None:
        images = np.empty((len(data.x_test), *data.image_shape), np.float32)
        for image, row in zip(images, data.x_test, strict=True):
            image[...] = data.picture(row)
    title = f"{data.name}: {type(network).__name__}, {grouped(network.size)} parameters"
    drawn += draw_kernels(experiment, run, title)
    return drawn + plotting.draw_run(
        run.folder,
        experiment.trainer.history,
        task=data.task,
        title=title,
        predict=lambda x: in_pieces(network.predict, x),
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
    said = f"{', '.join(figures)}; trained in {duration(run.summary['seconds'])}"
    stopped = experiment.trainer.stopped
    return f"stopped in step {run.summary['steps']}: {stopped}\n{said}" if stopped else said


def farewell(run: Run) -> str:
    """Say where an interrupted run is kept, and how it goes on."""
    steps = run.summary.get("steps", 0)
    if not run.resumable:
        return "interrupted before the first step"
    if run.summary["state"] == "finished":
        return f"interrupted among the pictures; the training had finished; saved in {run.folder}"
    return (
        f"interrupted after {steps} steps; saved in {run.folder}\n"
        f"go on with: python train.py --resume {shlex.quote(str(run.folder))}"
    )


def grouped(number: int) -> str:
    """Write a whole number in groups of three: 2 410."""
    return f"{number:,}".replace(",", " ")
