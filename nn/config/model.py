"""The network of a config: layers one by one, each sized by what comes before it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nn.config.call import Call, Reader
from nn.config.document import Table
from nn.config.signature import options
from nn.errors import NudgeError, blame
from nn.layers import Layer, run
from nn.losses import BCEWithLogitsLoss, CrossEntropyLoss, Loss
from nn.networks import Network, Sequential

Array = NDArray[Any]


_BY_DATA = (
    "input_size", "output_size", "in_features", "in_channels", "num_features", "normalized_shape",
)  # fmt: skip


class Data(Protocol):
    """What is asked of a loaded dataset."""

    x_train: Array
    t_train: Array
    task: str
    image_shape: tuple[int, ...] | None

    @property
    def outputs(self) -> int:
        """Classes, or numbers to predict."""


class ModelReader:
    """Reads the table [model]; `resolved` is that table with every default and size.

    Parameters
    ----------
    reader : Reader
        Collects the faults.
    table : dict
        {type = "TwoLayerNet", …} or {layers = [{type = "Linear", …}, …]}.
    """

    def __init__(self, reader: Reader, table: Table) -> None:
        self.reader, self.faults, self.table = reader, reader.faults, table
        self.resolved: Table = {}
        self.calls: list[Call | None] = []
        self.stacked = "layers" in table and table.get("type", "Sequential") == "Sequential"
        if self.stacked:
            self._read_layers()
        else:
            taken = {"rng": "seed", "loss": "[loss]"}
            self.calls = [reader.component("network", table, "[model]", taken)]

    def make(
        self, data: Data | None, loss: Loss | None, rng: np.random.Generator
    ) -> Network | None:
        """Make the network, and run two samples through it and the loss.

        Without data, the layers are made with sizes of no meaning, to find their faults.
        """
        calls = [call for call in self.calls if call is not None]
        if data is None or len(calls) < len(self.calls):
            sizes = dict.fromkeys((*_BY_DATA, "out_channels"), 1) | {"unflattened_size": [1]}
            for call in calls:
                call.make(self.faults, {**sizes, "out_features": 1, "rng": rng, "loss": loss})
            return None
        outputs = data.outputs
        if isinstance(loss, BCEWithLogitsLoss) and outputs == 2:
            outputs = 1  # yes or no needs one number
        x, t = data.x_train[:2], data.t_train[:2]
        network: Network | None = None
        if self.stacked:
            two = x.astype(np.float64)  # pictures may be kept in less
            layers = self._layers(calls, two, {"out_features": outputs}, rng, data)
            network = Sequential(layers, loss) if layers else None
            self.resolved = {"layers": [call.document() for call in calls]}
        else:
            sizes = {"input_size": x.shape[1]} if x.ndim == 2 else {}
            given = sizes | {"output_size": outputs, "rng": rng, "loss": loss}
            network = calls[0].make(self.faults, given)
            self.resolved = calls[0].document()
        if network is not None:
            self._try(network, x, t, data)
        return network

    def _read_layers(self) -> None:
        items = self.table["layers"]
        extra = [key for key in self.table if key not in ("type", "layers")]
        if extra:
            self.faults.append(f"[model]: unknown key {extra[0]!r} beside layers")
        if not isinstance(items, list) or not items:
            self.faults.append(f"[model] layers: expected a list of tables, got {items!r}")
            return
        for place, item in enumerate(items):
            where = f"[model] layers.{place}"
            self.calls.append(self.reader.component("layer", item, where, {"rng": "seed"}))

    def _layers(
        self,
        calls: list[Call],
        z: Array,
        last: Table,
        rng: np.random.Generator,
        data: Data,
        each: Table | None = None,
    ) -> list[Layer] | None:
        """Return the layers, each sized by what the one before gives to two samples.

        `last` sizes what the last of them gives that has a size to give, `each` all of them.
        """
        sized = [call for call in calls if any(key in options(call.target) for key in last)]
        layers: list[Layer] = []
        for call in calls:
            given = _sizes(z, data) | {"rng": rng} | (each or {})
            if sized and call is sized[-1]:
                given |= last
            inside = call.arguments.get("layers")
            made: Table = {}
            if isinstance(inside, list):  # a block, which gives back what it gets
                same = dict.fromkeys(("out_features", "out_channels"), int(z.shape[1]))
                found = self._layers(inside, z, {}, rng, data, same)
                if found is None:
                    return None
                made["layers"] = found
            layer = call.make(self.faults, given, made)
            if layer is None:
                return None
            layers.append(layer)
            try:
                z = run([layer], z)
            except NudgeError as error:
                what = str(error).removeprefix("layer 0, ").removeprefix("layer 0.")
                self.faults.append(f"{call.where}: {what}")
                return None
            except Exception as error:  # the layer is code of the user's
                self.faults.append(
                    f"{call.where}: {layer!r} fails on an input of shape (N, "
                    f"{', '.join(map(str, z.shape[1:]))}): {blame(error)}"
                )
                return None
        return layers

    def _try(self, network: Network, x: Array, t: Array, data: Data) -> None:
        where = "[model]"
        try:
            z = network.forward(x)
            if isinstance(network.loss_function, CrossEntropyLoss) and z.shape[1:] != (
                data.outputs,
            ):
                self.faults.append(
                    f"[model]: gives outputs of shape (N, {', '.join(map(str, z.shape[1:]))}) for"
                    f" the {data.outputs} classes of the data"
                )
            where = f"[loss]: does not fit the data, a {data.task}"
            network.loss_function(z, t)
        except NudgeError as error:
            self.faults.append(f"{where}: {error}")
        except Exception as error:  # a layer or loss of the user's
            self.faults.append(f"{where}: {blame(error)}")


def _sizes(z: Array, data: Data) -> Table:
    """Return the sizes that a layer may leave out, by what it is given."""
    if z.ndim < 2:
        return {}
    found: Table = {"num_features": z.shape[1], "normalized_shape": list(z.shape[1:])}
    if z.ndim == 2:
        found["in_features"] = z.shape[1]
        if data.image_shape is not None:
            found["unflattened_size"] = [1, *data.image_shape]
    if z.ndim == 4:
        found["in_channels"] = z.shape[1]
    return found
