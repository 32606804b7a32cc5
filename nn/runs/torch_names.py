"""Trained weights as torch would call them and lay them out, in a file torch users can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ArgumentError, InputError
from nn.layers import Layer, Linear, leaves, ours
from nn.networks import Network
from nn.runs.exports import library, write_whole

Array = NDArray[np.float64]
_NAMES = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias"}


def torch_tensors(network: Network) -> dict[str, Array]:
    """Return copies of parameters and buffers, as the state_dict of a torch.nn.Sequential has them.

    A Linear at place 2 gives "2.weight", (out_features, in_features), which is W transposed, and
    "2.bias". Of our other layers, W and gamma become "weight", b and beta "bias", in their shapes;
    those of a block at place 3 are "3.0.weight", …. Layers of one's own keep their names: "4.w". A
    TwoLayerNet is its layers 0, 1 and 2. An array that several layers share is there for each.

    Parameters
    ----------
    network : Network

    Returns
    -------
    dict of name -> float64 array

    Raises
    ------
    ArgumentError
        If it is no network.
    InputError
        If two parameters of a layer would have the same name.

    Examples
    --------
    >>> from nn import Linear, ReLU, Sequential
    >>> net = Sequential([Linear(2, 8), ReLU(), Linear(8, 3)])
    >>> {name: tensor.shape for name, tensor in torch_tensors(net).items()}
    {'0.weight': (8, 2), '0.bias': (8,), '2.weight': (3, 8), '2.bias': (3,)}
    """
    if not isinstance(network, Network):
        raise ArgumentError("network", "a Network, such as Sequential", network)
    tensors: dict[str, Array] = {}
    for place, layer in leaves(network.layers):
        for name, p in (*layer.params.items(), *layer.buffers.items()):
            given, tensor = _as_torch(layer, name, p)
            key = f"{place}.{given}"
            if key in tensors:
                raise InputError(f"two parameters of layer {place}, {layer!r}, would be {key!r}")
            tensors[key] = np.array(tensor, np.float64, order="C")  # torch knows no other order
    return tensors


def export_safetensors(network: Network, path: str | Path) -> Path:
    """Write `torch_tensors` as a safetensors file, whole or not at all.

    In torch, `model.double().load_state_dict(safetensors.torch.load_file(path))` reads them into a
    Sequential of the same layers.

    Parameters
    ----------
    network : Network
    path : str or Path
        A file that is there already is replaced.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the library safetensors is missing, or the file cannot be written.
    """
    tensors = torch_tensors(network)
    numpy = library("safetensors.numpy", "safetensors")
    content: bytes = numpy.save(tensors, {"format": "pt", "framework": "nudge"})
    return write_whole(Path(path), content)


def _as_torch(layer: Layer, name: str, p: Any) -> tuple[str, Any]:
    """Return the name and the array in torch; a forward of one's own may use W in its own way."""
    if not ours(type(layer), "forward"):
        return name, p
    turned = p.T if isinstance(layer, Linear) and name == "W" else p
    return _NAMES.get(name, name), turned
