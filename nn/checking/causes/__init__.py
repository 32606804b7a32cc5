"""Why a gradient is wrong, told by the pattern of its errors; named only where it fits.

evidence   what patterns are held against: the gradient given, the true one, and a Jacobian
whole      nothing, a sign, a factor, digits that are lost
shapes     transposed, not summed, shifted, swapped
regions    wrong on one side, where a unit is off, for one sample; not in proportion to dout
caches     what forward kept is not what backward reads
terms      a term or a factor that is missing
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nn.checking.causes import caches, regions, shapes, terms, whole
from nn.checking.causes.evidence import Evidence
from nn.checking.report import Cause

# The first that fits is the cause: what leaves least to chance comes first.
PATTERNS: tuple[Callable[[Evidence], Cause | None], ...] = (
    whole.accumulated,
    shapes.wrong_shape,
    regions.ignores_dout,
    regions.one_side,
    whole.precision,
    regions.not_linear,
    whole.never_written,
    caches.stale,
    caches.overwritten,
    caches.used_twice,
    whole.left_out,
    whole.factor,
    shapes.swapped,
    shapes.transposed,
    shapes.shifted,
    shapes.wrong_axis,
    regions.of_samples,
    regions.of_positions,
    regions.unit_off,
    whole.not_finite,
    terms.missing_slope,
    terms.around,
    terms.missing_paths,
    caches.kept_twice,
    caches.deaf,
    terms.missing_term,
)


# These hold for an error of any size; the others compare numbers, all alike if it is tiny.
PRECISE = (
    whole.accumulated,
    regions.one_side,
    whole.precision,
    regions.not_linear,
    caches.stale,
    caches.overwritten,
    whole.left_out,
    whole.factor,
)


def find_cause(seen: Evidence) -> Cause | None:
    """Return the first cause that fits, or None."""
    with np.errstate(all="ignore"):
        for pattern in PATTERNS:
            if seen.slight and pattern not in PRECISE:
                continue
            try:
                found = pattern(seen)
            except Exception:  # it asks code of others in states that was not written for
                continue
            if found is not None:
                return found
    return None


__all__ = ["PATTERNS", "Evidence", "find_cause"]
