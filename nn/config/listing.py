"""Everything a config can name, with its options: what `train.py --list` prints."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from nn.config.options import GradientOptions, TrainOptions
from nn.config.signature import options
from nn.early_stopping import EarlyStopping
from nn.gradients import METHODS
from nn.registry import registered

_NOT_HERE = ("rng", "loss", "validation")  # given by the rest of the config
_HEAD: dict[str, Any] = {"width": 100, "initial_indent": "  ", "subsequent_indent": "    "}
_BODY: dict[str, Any] = {"width": 100, "initial_indent": "      ", "subsequent_indent": "      "}
_NOTES = """
An option without a default must be given, but for those that the rest of the config decides:
input_size and output_size of a model, in_features, in_channels, num_features, normalized_shape and
unflattened_size of a layer, out_features of the last one, lr and steps of a schedule. Layers in a
row: layers = [{ type = "Linear", out_features = 32 }, …].
A dataset also takes a seed of its own: data and split then stay while the config's seed changes.
A class of your own: type = "mylayers.py:Scale"."""
_PLURAL = {"network": "models", "loss": "losses"}


def listing(loaders: Mapping[str, Callable[..., Any]]) -> str:
    """Return all names by kind, each with the options of its signature and its first sentence."""
    groups: dict[str, Mapping[str, Callable[..., Any]]] = {"datasets": loaders}
    for kind in ("network", "layer", "loss", "optimizer", "schedule", "initializer"):
        groups[_PLURAL.get(kind, f"{kind}s")] = registered(kind)
    groups["tables without a type"] = {
        "[gradient]": GradientOptions, "[train]": TrainOptions, "[early_stopping]": EarlyStopping,
    }  # fmt: skip
    text = []
    for title, members in groups.items():
        text.append(f"\n{title}")
        for name in members if title.startswith("tables") else sorted(members):
            target = members[name]
            hidden = () if name == "[train]" else _NOT_HERE
            if title == "datasets":
                hidden = (*hidden, "seed")  # decided by the config's seed unless it is given
            known = [o.describe() for o in options(target).values() if o.name not in hidden]
            text.append(textwrap.fill(f"{name}({', '.join(known)})", **_HEAD))
            text.append(textwrap.fill(_first_line(target), **_BODY))
    text.append("\ngradient methods")
    text += [f"  {name}\n      {_first_line(method)}" for name, method in METHODS.items()]
    text.append(_NOTES)
    return "\n".join(text).lstrip()


def _first_line(target: Callable[..., Any]) -> str:
    return (inspect.getdoc(target) or "").partition("\n")[0]
