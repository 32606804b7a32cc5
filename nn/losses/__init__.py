"""Losses: how wrong the raw outputs z of a network are, one number a sample, and their mean.

A loss works on raw outputs because it is stable there, and knows what turns them into
predictions: probabilities for classes, the numbers themselves for regression.

base            what a loss is
classes         one of several classes
outputs         each output alone: yes or no, or a number
"""

from nn.losses.base import Loss
from nn.losses.classes import CrossEntropyLoss
from nn.losses.outputs import BCEWithLogitsLoss, HuberLoss, L1Loss, MSELoss, OutputwiseLoss

__all__ = [
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "HuberLoss",
    "L1Loss",
    "Loss",
    "MSELoss",
    "OutputwiseLoss",
]
