"""A run from beginning to end, in a folder of its own.

folder      Run: the files, and a summary that always tells the state
perform     train, evaluate, save; keep what there is when stopped
story       what is said and drawn: before the first step, and after the last
"""

from nn.runs.folder import Run
from nn.runs.perform import perform
from nn.runs.story import describe, draw, outcome, price

__all__ = ["Run", "describe", "draw", "outcome", "perform", "price"]
