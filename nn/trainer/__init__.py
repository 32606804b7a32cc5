"""The loop: take a batch, get the gradient by differences, step the other way, write it down.

one_step        the gradient of a batch, or why there is none
standing        where training stands, as a checkpoint, and back
updates         what is trained how, and one update of it
loop            what comes next: a step, an evaluation, another epoch
training        Trainer: fit, checkpoint, restore
"""

from nn.trainer.loop import Callback
from nn.trainer.training import Trainer

__all__ = ["Callback", "Trainer"]
