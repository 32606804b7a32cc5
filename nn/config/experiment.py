"""The objects of a run, made from a config: data, network, loss, optimizer, trainer.

Sizes that the data decide, or the layer before, are filled in; every fault that can be found is
found before anything is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nn.config.call import Call, Reader
from nn.config.document import Table
from nn.config.model import ModelReader
from nn.config.options import GradientOptions, TrainOptions
from nn.early_stopping import EarlyStopping
from nn.errors import ConfigError, nearest
from nn.losses import Loss
from nn.networks import Network
from nn.trainer import Trainer

Loaders = Mapping[str, Callable[..., Any]]
TABLES = (
    "seed", "dataset", "model", "loss", "gradient", "optimizer", "schedule", "train",
    "early_stopping",
)  # fmt: skip
OPTIONAL = ("seed", "gradient", "schedule", "early_stopping")


@dataclass(frozen=True)
class Experiment:
    """All a run needs; `resolved` is the config with every default, ready to be run again."""

    seed: int
    data: Any
    network: Network
    trainer: Trainer
    train: TrainOptions
    resolved: Table


def build(
    document: Table, loaders: Loaders, source: str | Path, seed: int | None = None
) -> Experiment:
    """Make the objects that the tables of a config describe.

    Parameters
    ----------
    document : dict
        As `read` returns it.
    loaders : mapping of name -> function
        The datasets: each takes its options and "seed" and "validation", and returns the data.
    source : path
        Where the config lies, for messages and for the user's own files.
    seed : int, optional
        Takes the place of the one in the config.

    Raises
    ------
    ConfigError
        Lists every fault found: table, key, what was expected, the nearest right thing.
    """
    builder = _Builder(document, loaders, Path(source).absolute().parent, seed)
    found = builder.build()
    if found is None:
        raise ConfigError(str(source), builder.faults)
    return found


class _Builder:
    """Works through the tables; None stands for what could not be made."""

    def __init__(self, document: Table, loaders: Loaders, folder: Path, seed: int | None) -> None:
        self.document, self.loaders = document, loaders
        self.reader = Reader(folder)
        self.faults = self.reader.faults
        self.seed = self._seed(seed)
        seeds = np.random.SeedSequence(self.seed).spawn(4)
        self.data_seed, self.init_seed, self.order_seed, self.direction_seed = seeds
        self.resolved: Table = {"seed": self.seed}

    def build(self) -> Experiment | None:
        self._check_tables()
        train = self._options("train", TrainOptions)
        gradient = self._options("gradient", GradientOptions)
        stopping = self._early_stopping(train)
        loss = self._component("loss", {})
        optimizer = self._component("optimizer", {})
        data = self._data(train)
        network = self._network(data, loss)
        schedule = self._schedule(train, optimizer, data)
        if self.faults or network is None:
            return None
        trainer = Trainer(
            network,
            loss,
            optimizer,
            schedule=schedule,
            method=gradient.make(np.random.default_rng(self.direction_seed)),
            h=gradient.h,
            memory=gradient.memory,
            clip_norm=train.clip_norm,
            early_stopping=stopping,
            rng=np.random.default_rng(self.order_seed),
        )
        resolved = {name: self.resolved[name] for name in TABLES if name in self.resolved}
        return Experiment(self.seed, data, network, trainer, train, resolved)

    def _seed(self, seed: int | None) -> int:
        found = self.document.get("seed", 0) if seed is None else seed
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            self.faults.append(f"seed: expected a whole number >= 0, got {found!r}")
            return 0
        return found

    def _check_tables(self) -> None:
        for name, table in self.document.items():
            if name not in TABLES:
                self.faults.append(f"unknown table [{name}]{nearest(name, TABLES)}")
            elif name != "seed" and not isinstance(table, dict):
                self.faults.append(f"[{name}]: expected a table, got {table!r}")
        for name in TABLES:
            if name not in self.document and name not in OPTIONAL:
                self.faults.append(f"the table [{name}] is missing")

    def _table(self, name: str) -> Table | None:
        table = self.document.get(name)
        return table if isinstance(table, dict) else None

    def _options(self, name: str, target: type) -> Any:
        """[train] or [gradient], a table without a type."""
        table = {} if name in OPTIONAL and name not in self.document else self._table(name)
        if table is None:
            return None
        call = self.reader.call(target, table, f"[{name}]")
        return self._make(name, call, {})

    def _early_stopping(self, train: TrainOptions | None) -> EarlyStopping | None:
        if "early_stopping" not in self.document:
            return None
        found: EarlyStopping | None = self._options("early_stopping", EarlyStopping)
        if train is not None and train.validation == 0:
            self.faults.append("[early_stopping]: needs a validation part; [train] validation is 0")
        return found

    def _component(self, name: str, given: Table) -> Any:
        """[loss], [optimizer] or [schedule], a table with a type."""
        table = self._table(name)
        if table is None:
            return None
        call = self.reader.component(name, table, f"[{name}]", {})
        return self._make(name, call, given)

    def _schedule(self, train: TrainOptions | None, optimizer: Any, data: Any) -> Any:
        """[schedule], for the rate of the optimizer and the steps of the run."""
        given = {"lr": 1.0, "steps": 1} if optimizer is None else {"lr": optimizer.lr, "steps": 1}
        if train is not None and data is not None:
            given["steps"] = train.epochs * math.ceil(len(data.x_train) / train.batch_size)
        return self._component("schedule", given)

    def _make(self, name: str, call: Call | None, given: Table) -> Any:
        made = None if call is None else call.make(self.faults, given)
        if call is not None:
            self.resolved[name] = call.document()
        return made

    def _data(self, train: TrainOptions | None) -> Any:
        table = self._table("dataset")
        if table is None:
            return None
        name = table.get("name")
        if not isinstance(name, str):
            self.faults.append(f"[dataset]: name is missing{nearest('', self.loaders)}")
            return None
        if name not in self.loaders:
            self.faults.append(f"[dataset]: unknown dataset {name!r}{nearest(name, self.loaders)}")
            return None
        rest = {key: value for key, value in table.items() if key != "name"}
        taken = {"validation": "[train] validation"}
        call = self.reader.call(self.loaders[name], rest, "[dataset]", None, taken)
        validation = 0.0 if train is None else train.validation
        data = self._make("dataset", call, {"seed": self.data_seed, "validation": validation})
        if call is not None:
            self.resolved["dataset"].pop("validation", None)
            self.resolved["dataset"] = {"name": name} | self.resolved["dataset"]
        return data

    def _network(self, data: Any, loss: Loss | None) -> Network | None:
        table = self._table("model")
        if table is None:
            return None
        model = ModelReader(self.reader, table)
        network = model.make(data, loss, np.random.default_rng(self.init_seed))
        self.resolved["model"] = model.resolved
        return network
