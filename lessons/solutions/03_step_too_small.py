# %% [markdown]
"""
# Solutions to lesson 3, too small an h

Run them from the root of the repository: `python -m lessons.solutions.03_step_too_small`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: where h vanishes beside x
#
# The gap between x and the next number grows with x: eps at 1, and 512 times as much at 1000,
# since 512 is the power of two below it. Half a gap is rounded away here (a tie goes to the even
# neighbour).

# %%
for x in (1.0, 1000.0):
    h = 1.0
    while x + h != x:
        h /= 2
    print(x, f"{h:.1e}", h == np.spacing(x) / 2)
# > 1.0 1.1e-16 True
# > 1000.0 5.7e-14 True
print(np.spacing(1000.0) / np.spacing(1.0))  # 512.0

# %% [markdown]
# ## Exercise 2: the forward difference
#
# The slope of the sum, |f″|/2 − eps |f| / h², is 0 at h = √(2 eps |f| / |f″|). For sin |f| = |f″|,
# so that is √(2 eps). The error there is about as large: half of the digits are right. The sweep's
# own theory also counts the rounding of x + h, and names a slightly larger h.

# %%
print(f"{np.sqrt(2 * np.finfo(float).eps):.1e}")  # 2.1e-08
sweep = nn.step_sweep(np.sin, 1.0, exact=np.cos)
curve = sweep.schemes["forward"][0]
print(f"{curve.predicted.h:.1e}")  # 2.4e-08
best = curve.measured
print(1e-9 < best.h < 1e-7, 1e-10 < best.error < 1e-7)  # True True

# %% [markdown]
# ## Exercise 3: far from 0
#
# sin is no larger at 1e6 than at 1 and bends no more, so truncation is the same. But x itself is
# rounded to a coarser grid, of gaps of 1e-10: an h of 1e-9 is fewer than ten of them, and x + h is
# off by up to half a gap. The default step grows with |x| for that reason.

# %%
x, truth = 1e6, np.cos(1e6)
print(f"{np.spacing(x):.0e}")  # 1e-10
for h in (1e-4, 1e-9):
    print(h, abs(nn.numerical_diff(np.sin, x, h) - truth) < 1e-5)
# > 0.0001 True
# > 1e-09 False
print(nn.default_step(x) > 1e3 * nn.default_step(1.0))  # True
