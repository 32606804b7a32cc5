"""The attributes of an object, and which of them is the gradient of another by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

USUAL = ("W", "b", "weight", "bias", "gamma", "beta")  # parameters, whatever else is there
_FORMS = (
    "d{}", "d_{}", "grad_{}", "grad{}", "{}_grad", "{}grad", "{}_gradient", "gradient_{}", "g{}",
    "{}_g", "delta_{}", "dl_d{}", "nabla_{}",
)  # fmt: skip


def attributes(thing: Any) -> dict[str, Any]:
    """Return the attributes that an object itself holds, slots among them."""
    own = dict(getattr(thing, "__dict__", {}))
    return own | {name: getattr(thing, name) for name in slot_names(thing)}


def slot_names(thing: Any) -> list[str]:
    """Return the names of the slots of an object that hold something."""
    found: list[str] = []
    for base in type(thing).__mro__:
        slots = vars(base).get("__slots__", ())
        found += [slots] if isinstance(slots, str) else list(slots)
    kept = [name for name in found if name not in ("__dict__", "__weakref__")]
    return [name for name in kept if hasattr(thing, name)]


def gradient_name(name: str, others: Iterable[str]) -> str | None:
    """Return which of other names says that it is the gradient of `name`: dW, W_grad, _grad_w."""
    wanted = {form.format(_plain(name)) for form in _FORMS}
    return next((other for other in others if other != name and _plain(other) in wanted), None)


def key_of(name: str, grads: Mapping[str, Any]) -> str | None:
    """Return the key under which a dict of gradients has that of `name`: itself, or "dW"."""
    if name in grads:
        return name
    return gradient_name(name, [key for key in grads if isinstance(key, str)])


def is_numbers(value: Any) -> bool:
    """Whether something is an array of real numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _plain(name: str) -> str:
    return name.strip("_").lower()
