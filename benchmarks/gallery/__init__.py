"""A gallery of layers, losses and networks, with what a checker of gradients must say of each.

case           Case: what is given, and what must be said of it
parts          right layers that others are made of
factors        wrong by a factor or a sign
shapes         wrong: right numbers in wrong places
windows        wrong in windows, sequences and edges
caches         wrong by what is kept between calls
terms          wrong by a term
sides          wrong in part
hard           right: norms, losses, sequences, weights used twice
hard_numbers   right: huge, tiny, of few digits, flat, steep
hard_kinks     right: at a kink, beside one, like one
ways           right: other names, functions, networks
unstable       not to be judged at all
"""

from benchmarks.gallery import (
    caches,
    factors,
    hard,
    hard_kinks,
    hard_numbers,
    shapes,
    sides,
    terms,
    unstable,
    ways,
    windows,
)
from benchmarks.gallery.case import Case, Given

CASES: list[Case] = [
    case
    for file in (
        factors,
        shapes,
        windows,
        caches,
        terms,
        sides,
        hard,
        hard_numbers,
        hard_kinks,
        ways,
        unstable,
    )
    for case in file.room.cases
]
NAMED: dict[str, Case] = {case.name: case for case in CASES}

__all__ = ["CASES", "NAMED", "Case", "Given"]
