"""Questions to functions of a batch: is a sample treated alone, and does anything else matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError, ShapeError

Array = NDArray[np.float64]
_ROUNDING = 500 * np.finfo(np.float64).eps  # BLAS rounds otherwise in a batch of another size


def mixes(ask: Callable[..., Any], whole: Array, *given: NDArray[Any]) -> bool:
    """Whether halves of a batch, asked alone, are answered otherwise; or not at all."""
    half = len(given[0]) // 2
    for part in (slice(0, half), slice(half, None)):
        try:
            alone = np.array(ask(*(g[part] for g in given)), np.float64)
        except (ShapeError, InputError):
            raise
        except (ValueError, IndexError):  # it wants what another has kept of the whole batch, say
            return True
        if len(given[0]) > 1 and not same_but_for_rounding(alone, whole[part]):
            return True
    return False


class Nudged:
    """Moves parameters, each entry by another distance, for as long as a `with` lasts."""

    def __init__(self, params: list[Array]) -> None:
        self.params, self.saved = params, [p.copy() for p in params]

    def __enter__(self) -> None:
        rng = np.random.default_rng(0)
        for p in self.params:
            p += 0.01 * rng.uniform(1, 2, p.shape)

    def __exit__(self, *_: object) -> None:
        for p, before in zip(self.params, self.saved, strict=True):
            p[...] = before


def same_but_for_rounding(a: Array, b: Array) -> bool:
    """Whether a and b are equal, up to what BLAS rounds otherwise in another batch."""
    if a.shape != b.shape:
        return False
    size = np.abs(b[np.isfinite(b)]).max(initial=0.0)
    return np.allclose(a, b, rtol=_ROUNDING, atol=_ROUNDING * size, equal_nan=True)
