"""Numerical differentiation, the lesson: nudge x, see how f changes, divide.

    curve       numerical_diff: slope of a function of one variable; tangent_line
    directions  partial_derivative: along one entry of x; directional_derivative: along any v
    gradient    numerical_gradient: all partial derivatives; where f grows fastest, and how fast
    descent     gradient_descent: walk against it, to a minimum

Nothing here knows of layers or networks; f is any function of numbers.
"""

from nn.differences.curve import TangentLine, numerical_diff, tangent_line
from nn.differences.descent import gradient_descent
from nn.differences.directions import directional_derivative, partial_derivative
from nn.differences.gradient import numerical_gradient

__all__ = [
    "TangentLine",
    "directional_derivative",
    "gradient_descent",
    "numerical_diff",
    "numerical_gradient",
    "partial_derivative",
    "tangent_line",
]
