"""Points at which slopes are known: what derivatives are judged on.

words       how a function is written, so that it can be read in float64 or in any precision
problem     Problem: a smooth function, a point, its gradient; Point: a kink, its two slopes
nets        losses of networks, and layers
classics    functions of textbooks
scales      lengths that are nothing like |x|, huge and tiny numbers
edges       beside a pole, beside and at the end of the domain
levels      slopes of zero, small functions on huge constants, cancellation
noisy       float32 inside, tolerances, rounded answers
kinks       relu, max, round and their like, with the slopes of both sides
sharp       smooth functions that look like kinks from afar
exact       the exact gradients, by mpmath; kept in exact.json
"""

from benchmarks.points import classics, edges, levels, nets, noisy, scales
from benchmarks.points.kinks import KINKS
from benchmarks.points.problem import Place, Point, Problem
from benchmarks.points.sharp import SHARP

SMOOTH: list[Problem] = [
    *nets.PROBLEMS,
    *classics.PROBLEMS,
    *scales.PROBLEMS,
    *edges.PROBLEMS,
    *levels.PROBLEMS,
    *noisy.PROBLEMS,
]

__all__ = ["KINKS", "SHARP", "SMOOTH", "Place", "Point", "Problem"]
