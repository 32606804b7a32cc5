"""A run from beginning to end, in a folder of its own; and what can be done with it later.

files       what they are written and told with
folder      Run: the files, and a summary that always tells the state
kernels     what a convolution looks like as it learns
keeper      every record at once, and checkpoints as often as they cost little
perform     train, evaluate, save; keep what there is when stopped
loading     the trained network read back, and its figures
resume      go on with a run that was stopped
story       what is said and drawn: before the first step, and after the last
forecast, advice, overfit           what it would cost, what would cost less, can it learn at all
predicting, exports, torch_names    predictions for new samples; CSV, TensorBoard, safetensors
use         which of these the command line asks for
"""

from nn.runs.advice import advice
from nn.runs.folder import Run
from nn.runs.forecast import forecast
from nn.runs.loading import load_network
from nn.runs.overfit import overfit
from nn.runs.perform import perform
from nn.runs.resume import find_run, go_on, has_finished
from nn.runs.story import describe, draw, farewell, outcome, price
from nn.runs.use import use

__all__ = [
    "Run", "advice", "describe", "draw", "farewell", "find_run", "forecast", "go_on",
    "has_finished", "load_network", "outcome", "overfit", "perform", "price", "use",
]  # fmt: skip
