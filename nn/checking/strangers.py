"""Arrays that move the answer and are no parameters, as far as anyone has said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.careful.levels import typical_length
from nn.checking.attributes import attributes
from nn.checking.behaviour import Behaviour
from nn.checking.slots import parts
from nn.checking.subject import Subject

Array = NDArray[Any]

_MOST = 1 << 22  # numbers in an array that is moved to see
_STEP = 2.0**-7  # of the length over which the answer may change


def strangers(subject: Subject, held: set[int], found: Behaviour) -> list[str]:
    """Return the names of arrays that a thing holds, that move its answer and are not checked.

    `held` are the arrays it had before it was asked anything: what came later is a cache.
    """
    thing = getattr(subject, "thing", None)
    known = {id(array) for array in subject.tensors.values()}
    names = []
    for prefix, part in [("", thing), *((f"{name}.", part) for name, part in parts(thing))]:
        for name, array in attributes(part).items():
            able = isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.size
            if not able or id(array) in known or id(array) not in held:
                continue
            if array.size <= _MOST and array.flags.writeable and _moves(subject, array, found.z):
                names.append(f"{prefix}{name}")
            known.add(id(array))
    return names


def _moves(subject: Subject, array: Array, z: Array) -> bool:
    """Whether moving an array moves the answer."""
    saved = array.copy()
    try:
        finite = np.where(np.isfinite(array), array, 0).astype(np.float64)
        array += (_STEP * typical_length(finite)).astype(array.dtype)
        return not np.array_equal(subject.forward(), z, equal_nan=True)
    except Exception:  # a mask of ones, say, that must stay one
        return False
    finally:
        array[...] = saved
