"""Derivatives that know their own error, and the V of error against step.

structure      x as people pass it: numbers, arrays, arrays in dicts and lists
limits         how far each entry may be moved
asking         f at points that differ from x in one entry
nature         whether f answers x with the same number twice
levels         what has been asked: f at x ± h, for many h
extrapolation  from many differences to one slope, with the two parts of its error
sides          the slope from both sides, from above, from below
view           what is known of one entry
search         which h to try next
verdict        smooth, a kink, noise, an edge
walk           all of that for every entry, side by side
words          what was found, in a line or a few
derivative     nn.differentiate
points         f of many outputs, at points anywhere near x
outputs        nn.jacobian
bends          what second differences say: value, error, state
diagonal       second derivatives by one entry each
higher         nn.second_derivative
mixed          second derivatives by two directions, from the corners of rectangles
curvatures     nn.hessian, nn.hessian_vector_product
probe          one step for a whole array, for nn.numerical_gradient(h="probe")
lines          f in several precisions, and its first three derivatives, for the lines of theory
step_curves    one curve of error against step, and what theory says of it
sweep          nn.step_sweep: all of them
"""

from nn.careful.curvatures import hessian, hessian_vector_product
from nn.careful.derivative import Derivative, differentiate
from nn.careful.higher import Curvature, second_derivative
from nn.careful.outputs import jacobian
from nn.careful.sweep import StepSweep, step_sweep

__all__ = [
    "Curvature",
    "Derivative",
    "StepSweep",
    "differentiate",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "second_derivative",
    "step_sweep",
]
