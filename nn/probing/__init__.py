"""Asking f: the arrays it reads are nudged in place, its answers are checked, all is put back.

f may be careless in many ways: answer with an array or with nan, write into its input, draw
random numbers, or ignore its argument and read an array it captured. Each is either made to work
or told apart here, so that `nn.differences` can be written as it stands in a textbook.

    answers  what f answers, and the slopes made of it, as finite numbers
    subject  what is nudged: the arrays of x, and back
"""

from nn.probing.answers import Function, check_steady, fitted, one_number, values
from nn.probing.subject import Subject, check_apart

__all__ = ["Function", "Subject", "check_apart", "check_steady", "fitted", "one_number", "values"]
