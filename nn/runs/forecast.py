"""What the run would take by each gradient method, measured before the first step."""

from __future__ import annotations

import copy
import math
import warnings

import numpy as np

from nn.config import Experiment
from nn.config.options import GradientOptions
from nn.cost import Cost, measure
from nn.errors import NudgeError, blame
from nn.gradients import METHODS, Auto, Direction, Method, Node, Problem, Weight
from nn.gradients.plan import plan
from nn.networks import Network
from nn.runs.story import brief, grouped

_SECONDS = 0.15  # for each method; some take four times as long
HEAD = "gradient by", "work a step", "measured", "the whole run", ""


def forecast(experiment: Experiment) -> str:
    """Return a table: a row for each gradient method, what a step and the run would take.

    The method of the config is marked. Of a method that is refused, the row says why; where one
    falls back to another way, which and why. Nothing of the experiment is changed: all is
    measured on a copy, which takes some three seconds at most for any usual network.
    """
    network = copied(experiment)
    rows = [HEAD]
    for name in METHODS:
        mark = "* " if name == experiment.trainer.method.name else "  "
        rows.append((mark + name, *_told(experiment, network, name)))
    rows[0] = (f"  {HEAD[0]}", *HEAD[1:])
    widths = [max(len(row[column]) for row in rows if row[2]) for column in range(4)]
    lines = [_line(row, widths) for row in rows]
    data, train = experiment.data, experiment.train
    samples = min(train.batch_size, len(data.x_train))
    steps = grouped(steps_of(experiment, train.batch_size))
    said = f"* as in the config; {steps} steps, measured on the first {grouped(samples)} samples"
    return "\n".join([*lines, f"{said}, evaluations not counted"])


def predict(
    experiment: Experiment,
    method: Method,
    network: Network,
    batch_size: int | None = None,
) -> Cost:
    """Return what the run would cost with that method, network (not trained) and batch size.

    Parameters
    ----------
    experiment : Experiment
    method : Method
    network : Network
        Not that of the run but a copy, or another one.
    batch_size : int, optional
        The config's unless given.

    Raises
    ------
    NudgeError
        Where the method is refused; code of the user's may raise anything.
    """
    problem = _problem(experiment, network, batch_size)
    steps = steps_of(experiment, batch_size or experiment.train.batch_size)
    with warnings.catch_warnings():  # the table and the run say it
        warnings.simplefilter("ignore")
        return measure(problem, method, steps, _SECONDS)


def method_of(experiment: Experiment, name: str) -> Method:
    """Return the method that `--set gradient.method=NAME` would give."""
    if name == experiment.trainer.method.name:
        return experiment.trainer.method
    options = GradientOptions(**{**experiment.resolved["gradient"], "method": name})
    return options.make(np.random.default_rng(0))


def steps_of(experiment: Experiment, batch_size: int) -> int:
    """Return the number of steps of the whole run."""
    return experiment.train.epochs * math.ceil(len(experiment.data.x_train) / batch_size)


def copied(experiment: Experiment) -> Network:
    """Return a copy of the network to measure; itself if something in it cannot be copied."""
    try:
        return copy.deepcopy(experiment.network)
    except Exception:  # a layer of the user's may hold anything
        return experiment.network


def total(cost: Cost) -> str:
    """Say the time of the whole run with its range: "about 2.4 s (2.1 to 3.0 s)"."""
    low, high = map(_short, cost.range)
    if low.split()[1:] == high.split()[1:] and len(low.split()) == 2:
        low = low.split()[0]  # the unit once
    return f"about {_short(cost.seconds)} ({low} to {high})"


def _short(seconds: float) -> str:
    """Say a time as `brief` does, but a part of a second in two or three figures."""
    return f"{seconds * 1e3:.0f} ms" if 0.0995 <= seconds < 0.9995 else brief(seconds)


def _told(experiment: Experiment, network: Network, name: str) -> tuple[str, str, str, str]:
    """Return work, time of a step, time of the run, and a note; or a note alone if refused."""
    method = method_of(experiment, name)
    try:
        cost = predict(experiment, method, network)
        note = _note(_problem(experiment, network), method)
    except NudgeError as error:
        return "", "", "", f"refused: {error}"
    except Exception as error:  # a layer or loss of the user's
        return "", "", "", f"fails: {blame(error)}"
    work = f"{grouped(cost.work.number)} {cost.work.unit}"
    return work, _short(cost.seconds_per_step), total(cost), note


def _note(problem: Problem, method: Method) -> str:
    """Say where a method falls back to another way, and why."""
    if isinstance(method, Direction):
        return "a noisy estimate"
    if not isinstance(method, Weight | Node | Auto):
        return ""
    places: dict[tuple[str, str], list[str]] = {}
    for choice in plan(problem, method.wish):
        if choice.instead:
            places.setdefault((choice.way, choice.instead), []).append(str(choice.place))
    return "; ".join(
        f"layer{'s' if len(found) > 1 else ''} {', '.join(found)} by {way}: {reason}"
        for (way, reason), found in places.items()
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, work, step, run, note = row
    if not work:
        return f"{name:<{widths[0]}}  {note}"
    cells = f"{name:<{widths[0]}}  {work:<{widths[1]}}  {step:>{widths[2]}}  {run:<{widths[3]}}"
    return f"{cells}  {note}".rstrip()


def _problem(experiment: Experiment, network: Network, batch_size: int | None = None) -> Problem:
    data, trainer = experiment.data, experiment.trainer
    size = batch_size or experiment.train.batch_size
    return network.problem(data.x_train[:size], data.t_train[:size], trainer.h, trainer.memory)
