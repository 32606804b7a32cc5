"""Networks: layers in a row, a loss at the end, and parameters that answer by name.

table           a line for each layer
base            what a network is, and what is asked of it
stacks          any layers in a row, and the two-layer net of the book
"""

from nn.networks.base import Network
from nn.networks.stacks import Sequential, TwoLayerNet
from nn.networks.table import Row

__all__ = ["Network", "Row", "Sequential", "TwoLayerNet"]
