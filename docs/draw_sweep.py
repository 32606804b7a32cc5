"""Draw step-sweep.png: python docs/draw_sweep.py."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

import nn

if __name__ == "__main__":
    mpl.use("agg")
    nn.plot_step_sweep(nn.step_sweep(np.sin, 1.0, exact=np.cos))
    path = Path(__file__).with_name("step-sweep.png")
    plt.gcf().savefig(path, dpi=110)
    print(path)
