"""Train and keep: weights, figures, and the state of the run, however it ends."""

from __future__ import annotations

import math
import time
from typing import Any

from nn.config import Experiment
from nn.errors import DivergedError, SaveError
from nn.history import Record
from nn.runs.folder import Run
from nn.runs.keeper import Keeper
from nn.runs.kernels import KernelFilm


def perform(experiment: Experiment, run: Run, progress: bool = True) -> None:
    """Train as the experiment says; write metrics, weights and summary into the run's folder.

    The weights of the lowest validation loss are kept as best.npz, the last ones as last.npz, both
    with all that it takes to go on from there.
    The test part is evaluated for the curves and for the final figure, and decides nothing.

    Raises
    ------
    KeyboardInterrupt, DivergedError
        As they came, after the weights are written.
    """
    data, trainer, train = experiment.data, experiment.trainer, experiment.train
    run.summary |= {"seed": experiment.seed, "parameters": experiment.network.size}
    keeper = Keeper(trainer, run, train.checkpoint_seconds)
    film = KernelFilm(experiment, run)
    film.begin()
    records = trainer.history.records  # of a run that goes on
    before = records[-1]["seconds"] if records else 0.0
    start = time.perf_counter()
    try:
        trainer.fit(
            data.x_train,
            data.t_train,
            epochs=train.epochs,
            batch_size=train.batch_size,
            validation=(data.x_validation, data.t_validation),
            test=(data.x_test, data.t_test),
            evaluate_every=train.evaluate_every,
            evaluate_first=True,
            on_step=keeper.step,
            on_epoch=(film.epoch, keeper.epoch),
            progress=progress,
        )
        keeper.save()
        run.summary["final"] = _final(experiment)
        run.summary["state"] = "finished"
    except SaveError:
        raise  # what could not be written now can't be written here either
    except BaseException:
        keeper.save()
        raise
    finally:
        run.summary["steps"] = len(trainer.history.steps)
        run.summary["seconds"] = round(before + time.perf_counter() - start, 3)
        if trainer.stopped:
            run.summary["stopped"] = trainer.stopped
        if trainer.best_record is not None:
            run.summary["best"] = trainer.best_record


def _final(experiment: Experiment) -> Record:
    """Loss and metric of every part, with the last weights."""
    data, found = experiment.data, dict[str, Any]()
    for part in ("train", "validation", "test"):
        x, t = getattr(data, f"x_{part}"), getattr(data, f"t_{part}")
        if len(x):
            found |= experiment.trainer.evaluate(x, t, prefix=f"{part}_")
            if not math.isfinite(found[f"{part}_loss"]):
                raise DivergedError(
                    f"the last weights give a {part} loss of {found[f'{part}_loss']}"
                )
    return found
