"""Trained networks read back: a run's network with the weights of a checkpoint, and its figures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checkpoint import load_params
from nn.config import Experiment, read
from nn.config.call import Reader
from nn.config.model import ModelReader
from nn.errors import ArgumentError, ConfigError, InputError, UnknownNameError, nearest
from nn.evaluation import evaluate
from nn.history import Record
from nn.networks import Network, Sequential

CONFIG = "config.resolved.json"
CHECKPOINTS = ("best", "last")
_PARTS = ("train", "validation", "test")
_MANY = 6  # run folders; more are not listed in a message


def load_network(run: str | Path, which: str = "best") -> Network:
    """Return the network that a run trained; neither its data nor `datasets` are needed.

    Parameters
    ----------
    run : str or Path
        A run folder, such as "runs/digits", or a checkpoint file in one.
    which : "best" or "last"
        The weights of the lowest validation loss, or the last ones. A run without validation
        has no best ones, and gives its last. A checkpoint file is taken as it is.

    Returns
    -------
    Network
        It predicts to the bit what it predicted in that run, from standardized features where
        the run had them.

    Raises
    ------
    InputError
        If there is no such run or checkpoint, a file of it is damaged, its weights are those of
        another network, or a file with a class of the user's is gone.
    UnknownNameError
        If `which` is something else.
    """
    network = _network(run_folder(run) / CONFIG)
    load_weights(network, run, which)
    return network


def load_weights(network: Network, run: str | Path, which: str = "best") -> Path:
    """Write the weights of a run into a network that is like the one it trained.

    Takes and raises what `load_network` does; where it raises, the network is as it was.

    Returns
    -------
    Path
        The checkpoint that was read.
    """
    file = _checkpoint(run, which)
    try:
        weights = _weights(file, network)
    except InputError as error:
        raise InputError(f"{error}{_other(file, network)}") from error
    network.load_state_dict(weights)
    return file


def evaluate_run(experiment: Experiment, run: str | Path, which: str = "best") -> Record:
    """Return loss and metric of every part of the data, with the weights of a run.

    Parameters
    ----------
    experiment : Experiment
        Built from the `config.resolved.json` of the run; its network gets the weights.
    run, which
        As for `load_network`.

    Returns
    -------
    dict
        "train_loss", "train_accuracy", "validation_loss", …; for the last weights, what stands
        as "final" in the summary of a run that came to its end.

    Raises
    ------
    InputError, UnknownNameError
        As `load_network` does.
    """
    load_weights(experiment.network, run, which)
    return _figures(experiment)


def evaluation(experiment: Experiment, run: str | Path, which: str = "best") -> str:
    """Say what `evaluate_run` finds: a line for each part, below the name of the checkpoint."""
    file, network = load_weights(experiment.network, run, which), experiment.network
    found, metric, lines = _figures(experiment), network.loss_function.metric, [str(file)]
    for part in _PARTS:
        if f"{part}_loss" in found:
            samples = f"{len(getattr(experiment.data, f'x_{part}')):,}".replace(",", " ")
            score = found.get(f"{part}_{metric}")  # r2 of targets that are all the same is none
            figure = "" if score is None else f", {metric} {score:.4f}"
            figure = f"loss {found[f'{part}_loss']:.4f}{figure}"
            lines.append(f"  {part:<10}  {figure}; {samples} samples")
    return "\n".join(lines)


def _figures(experiment: Experiment) -> Record:
    found: Record = {}
    for part in _PARTS:
        x, t = getattr(experiment.data, f"x_{part}"), getattr(experiment.data, f"t_{part}")
        if len(x):
            found |= evaluate(experiment.network, x, t, prefix=f"{part}_")
    return found


def run_folder(run: str | Path) -> Path:
    """Return the folder of a run, given that or a checkpoint file in it.

    Raises
    ------
    InputError
        If there is none; names the nearest.
    """
    if not isinstance(run, str | os.PathLike):
        raise ArgumentError("run", "a run folder or a checkpoint file in one", run)
    path = folder = Path(run)
    if path.suffix == ".npz" and path.parent.is_dir() and not path.is_dir():
        if not path.is_file():
            beside = nearest(path.name, (file.name for file in path.parent.glob("*.npz")))
            raise InputError(f"there is no checkpoint {path}{beside}")
        folder = path.parent
    elif path.is_file():
        raise InputError(f"{path} is no checkpoint: name a run folder, or a best.npz in one")
    elif not path.is_dir():
        raise InputError(f"there is no run folder {path}{_meant(path, path.parent, Path('runs'))}")
    if not (folder / CONFIG).is_file():
        raise InputError(
            f"{folder} is not a run folder: it has no {CONFIG}{_meant(path, folder, folder.parent)}"
        )
    return folder


def _meant(path: Path, *places: Path) -> str:
    """Say which run folder in some places was probably meant, or list them if they are few."""
    known = {str(file.parent) for place in places for file in place.glob(f"*/{CONFIG}")}
    by_name = {Path(folder).name: folder for folder in known}
    if path.name in by_name:
        return f"; did you mean {by_name[path.name]!r}?"
    hint = nearest(str(path), known)
    return hint if len(known) <= _MANY or hint.startswith("; did you mean") else ""


def _checkpoint(run: str | Path, which: str) -> Path:
    """The file with the weights that are asked for."""
    if which not in CHECKPOINTS:
        raise UnknownNameError(f"unknown weights {which!r}{nearest(which, CHECKPOINTS)}")
    folder = run_folder(run)
    if folder != Path(run):
        return Path(run)
    for name in CHECKPOINTS if which == "best" else ("last",):
        if (folder / f"{name}.npz").is_file():
            return folder / f"{name}.npz"
    if (folder / "best.npz").is_file():
        raise InputError(f"{folder} has no last.npz; its best.npz can be used")
    raise InputError(f"{folder} has no checkpoint: neither best.npz nor last.npz")


def _weights(file: Path, network: Network) -> dict[str, NDArray[Any]]:
    """Read the weights, and see that they are those of such a network."""
    found, params = load_params(file), {**network.params, **network.buffers}
    faults = [f"no {name}" for name in params if name not in found]
    faults += [f"{name}, unknown to the network" for name in found if name not in params]
    for name, p in params.items():
        there = found.get(name)
        if there is not None and there.shape != p.shape:
            faults.append(f"{name} of shape {there.shape}, not {p.shape}")
        elif there is not None and there.dtype.kind not in "fiub":
            faults.append(f"{name} of dtype {there.dtype}, not real numbers")
    if faults:
        more = f" and {len(faults) - 3} faults more" if len(faults) > 3 else ""
        raise InputError(
            f"{file} holds the weights of another network: {', '.join(faults[:3])}{more}"
        )
    return found


def _other(file: Path, network: Network) -> str:
    """Name the other checkpoint of the folder, if it can be used."""
    for name in CHECKPOINTS:
        other = file.with_name(f"{name}.npz")
        if other != file and other.is_file():
            with suppress(InputError):
                _weights(other, network)
                return f"; {other} can be used"
    return ""


def _network(file: Path) -> Network:
    """Make the network of a resolved config, which has every size; its weights mean nothing."""
    try:
        document = read(file)
    except ConfigError as error:
        raise InputError(f"{file} is damaged: {error.faults[0]}") from error
    tables = {name: document.get(name, {}) for name in ("model", "loss")}
    for name, table in tables.items():
        if not isinstance(table, dict) or not table:
            raise InputError(f"{file} is not the config of a run: it has no table {name!r}")
        for class_name, home in _own_classes(table):
            if not home.is_file() and not (file.parent / home).is_file():
                raise InputError(
                    f"{class_name} was in {home}, and there is no such file any more; put it back,"
                    f" or write into {file} where it is now"
                )
    reader = Reader(file.absolute().parent)
    call = reader.component("loss", tables["loss"], "[loss]", {})
    loss = None if call is None else call.make(reader.faults)
    model = ModelReader(reader, tables["model"])
    given = {"rng": np.random.default_rng(0)} | ({} if model.stacked else {"loss": loss})
    made: list[Any] = [call and call.make(reader.faults, given) for call in model.calls]
    if reader.faults or loss is None:
        raise InputError(f"{file}: {'; '.join(reader.faults)}")
    network: Network = Sequential(made, loss) if model.stacked else made[0]
    network.loss_function = loss
    return network


def _own_classes(value: Any) -> Iterator[tuple[str, Path]]:
    """All classes of the user's that some tables name, and the file of each."""
    if isinstance(value, dict):
        name = value.get("type")
        if isinstance(name, str) and ":" in name:
            file, _, class_name = name.rpartition(":")
            yield class_name, Path(file)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _own_classes(item)
