"""The gradient check: a verdict, a place, a cause.

memory      what a thing holds, kept aside and given back
slots       where its parameters and their gradients lie
subject     whatever is checked, seen in one way
ways        which of its methods a thing answers with, and what they take
objects     layers, losses and networks
functions   a function and its gradient
behaviour   how it behaves: what must hold, and the gradients it gives
digits      how many digits numbers have
attributes  the attributes of an object, and which is the gradient of which
answers     asking for gradients; whether two answers are the same
forwards    what must hold of forward
backwards   what must hold of backward
samples     whether each sample is treated alone, and if not, whether that is batch norm
observing   all of that, before any verdict
asking      slopes by the entries of one array
verdicts    right, wrong or undecided
words       a report in words, and as JSON
table       what was looked at: entries, inputs, parameters
report      nn.checking.Report
coarse      a second look where answers have few digits
kinks       which outputs bend along an entry
entrywise   every entry of an array looked at alone
lines       slopes along random signs of many entries
directions  arrays too large for that: signed random directions, and the way to the place
beside      a gradient that is wrong at x alone, and right beside it
causes/     why a gradient is wrong, by the pattern of its errors
promotion   a layer in float32 checked in float64, where its code is the same in both
strangers   arrays that move the answer and are no parameters
comparing   all of that for every array: the table of a report
check       nn.gradcheck
"""

from nn.checking.behaviour import Violation
from nn.checking.check import gradcheck
from nn.checking.report import Cause, Report
from nn.checking.table import Bend, Checked, Entry
from nn.checking.words import describe

__all__ = [
    "Bend",
    "Cause",
    "Checked",
    "Entry",
    "Report",
    "Violation",
    "describe",
    "gradcheck",
]
