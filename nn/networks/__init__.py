"""Networks: layers in a row, a loss at the end, and parameters that answer by name.

base            what a network is, and what is asked of it
stacks          any layers in a row, and the two-layer net of the book
"""

from nn.networks.base import Network, Row
from nn.networks.stacks import Sequential, TwoLayerNet

__all__ = ["Network", "Row", "Sequential", "TwoLayerNet"]
