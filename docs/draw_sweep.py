"""The V of error against step: python -m docs.draw step-sweep."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import nn


def draw(path: Path) -> None:
    """Draw the sweep of sin at 1."""
    nn.plot_step_sweep(nn.step_sweep(np.sin, 1.0, exact=np.cos))
    plt.gcf().savefig(path, dpi=110)
