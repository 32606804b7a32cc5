"""Where training stands: all that it takes to go on to the bit, as a checkpoint and back."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nn.checkpoint import Checkpoint
from nn.errors import InputError, ShapeError
from nn.history import History
from nn.layers import leaves

if TYPE_CHECKING:
    from nn.trainer.updates import Updater

Array = NDArray[Any]
_OPTIMIZER, _BEST = ".optimizer/", ".best/"


def generators(trainer: Updater) -> Iterator[tuple[str, np.random.Generator]]:
    """Yield every source of chance that a step may draw on, but for the order, by name."""
    things: dict[str, object] = {"method": trainer.method}
    things |= {str(place): layer for place, layer in leaves(trainer.network.layers)}
    for name, thing in things.items():
        for attribute, value in getattr(thing, "__dict__", {}).items():
            if isinstance(value, np.random.Generator):
                yield f"{name}.{attribute}", value


def states(trainer: Updater) -> dict[str, Any]:
    """Return the state of each of these generators."""
    return {name: state_of(rng) for name, rng in generators(trainer)}


def set_states(trainer: Updater, states: Mapping[str, Any]) -> None:
    """Put each of these generators into a state that was saved."""
    for name, rng in generators(trainer):
        set_state(rng, states[name])


@contextmanager
def undrawn(trainer: Updater) -> Iterator[None]:
    """Leave the generators as they were, whatever is drawn meanwhile."""
    before = states(trainer)
    try:
        yield
    finally:
        set_states(trainer, before)


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """Return a copy of a generator's state, as JSON can hold it."""
    state: dict[str, Any] = _plain(copy.deepcopy(rng.bit_generator.state))
    return state


def set_state(rng: np.random.Generator, state: Mapping[str, Any]) -> None:
    """Put a generator into a state that was saved."""
    try:
        rng.bit_generator.state = dict(state)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"the checkpoint's state of a generator does not fit: {error}") from error


def take(trainer: Updater) -> Checkpoint:
    """Return a copy of all that training needs to go on."""
    optimizer = trainer.optimizer
    arrays = {f"{_OPTIMIZER}{key}": p.copy() for key, p in optimizer.memory.items()}
    arrays |= {f"{_BEST}{key}": p.copy() for key, p in (trainer.best or {}).items()}
    best = trainer.best_record
    state = {
        "steps": trainer.steps,
        "epoch": trainer.epoch,
        "position": trainer.position,
        "order": trainer.order,
        "generators": trainer.drawn,
        "optimizer": {"type": type(optimizer).__name__, "lr": optimizer.lr,
                      "steps": optimizer.steps},
        "best": None if best is None else trainer.history.evaluations.index(best),
        "waited": trainer.waited,
        "lowest": trainer.lowest if np.isfinite(trainer.lowest) else None,
        "records": len(trainer.history.records),
        "data": trainer.data,
    }  # fmt: skip
    return Checkpoint(trainer.network.state_dict(), arrays, copy.deepcopy(state))


def put(trainer: Updater, checkpoint: Checkpoint, history: History) -> None:
    """Put a trainer where a checkpoint was taken; `history` holds its records, and maybe more.

    Raises
    ------
    InputError, ShapeError
        If the checkpoint is of another network, optimizer or history; then nothing has changed.
    """
    network, optimizer, state = trainer.network, trainer.optimizer, checkpoint.state
    memory = _part(checkpoint.arrays, _OPTIMIZER)
    _check_fits({**network.params, **network.buffers}, checkpoint.params)
    _check_memory(network.params, memory)
    try:
        kind = state["optimizer"]["type"]
        if kind != type(optimizer).__name__:
            raise InputError(f"the checkpoint is of {kind}, not of {type(optimizer).__name__}")
        kept = _kept(history, state["records"], state["steps"])
        for name, rng in (("", trainer.rng), *generators(trainer)):  # tried on copies
            set_state(copy.deepcopy(rng), state["generators"][name] if name else state["order"])
        found = {name: state[name] for name in ("steps", "epoch", "position", "order", "waited")}
        found["lowest"] = np.inf if state["lowest"] is None else state["lowest"]
        found["data"] = state["data"] and tuple(state["data"])
        found["best_record"] = None if state["best"] is None else kept.evaluations[state["best"]]
        lr, made = state["optimizer"]["lr"], state["optimizer"]["steps"]
    except (KeyError, IndexError, TypeError) as error:
        raise InputError(f"the checkpoint lacks what training needs: {error}") from error
    for name, value in found.items():
        setattr(trainer, name, value)
    set_state(trainer.rng, state["order"])
    set_states(trainer, state["generators"])
    optimizer.lr, optimizer.steps, optimizer.memory = lr, made, memory
    network.load_state_dict(checkpoint.params)
    trainer.history, trainer.drawn = kept, states(trainer)
    trainer.best = _part(checkpoint.arrays, _BEST) or None
    trainer.best_checkpoint, trainer.stopped = None, ""


def _kept(history: History, records: int, steps: int) -> History:
    """Return the first records, which must lead to the checkpoint."""
    if len(history.records) < records:
        raise InputError(
            f"the checkpoint comes after {records} records, and there are only"
            f" {len(history.records)}"
        )
    kept = History(history.metric)
    for record in history.records[:records]:
        kept.add(record)
    if [record.get("step") for record in kept.steps] != list(range(1, steps + 1)):
        raise InputError(f"the records are not those of the {steps} steps before the checkpoint")
    return kept


def _part(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {
        name.removeprefix(prefix): array.copy()
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _check_fits(params: Mapping[str, Array], stored: Mapping[str, Array]) -> None:
    """Raise unless both have the same names and shapes."""
    if other := set(params) ^ set(stored):
        where = "the network" if min(other) in params else "the checkpoint"
        raise InputError(f"the checkpoint is of another network: only {where} has {min(other)!r}")
    for name, p in params.items():
        if p.shape != stored[name].shape:
            raise ShapeError(
                f"the checkpoint is of another network: {name} has shape {stored[name].shape}"
                f" there, and {p.shape} here"
            )


def _check_memory(params: Mapping[str, Array], memory: Mapping[str, Array]) -> None:
    """Raise unless the optimizer's arrays have the shapes of their parameters."""
    for key, kept in memory.items():
        name = key.rpartition("/")[0]
        if name in params and kept.shape != params[name].shape:
            raise ShapeError(
                f"the checkpoint is of another network: the optimizer's {key} has shape"
                f" {kept.shape}, and {name} has {params[name].shape}"
            )


def _plain(value: Any) -> Any:
    """Return what JSON can hold: arrays as lists (MT19937 has one), numpy's numbers as Python's."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
