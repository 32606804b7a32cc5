# %% [markdown]
"""
# Solutions to lesson 4, the tangent line

Run them from the root of the repository: `python -m lessons.solutions.04_tangent_line`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: tangents that find a root
#
# The line f(a) + f′(a) (s − a) is 0 at s = a − f(a) / f′(a). Each round roughly doubles the number
# of correct digits of √2.


# %%
def f(x):
    return x**2 - 2


x = 1.5
for _ in range(4):
    line = nn.tangent_line(f, x)
    x = line.x - line.value / line.slope
    print(f"{x:.12f}")
# > 1.416666666667
# > 1.414215686275
# > 1.414213562375
# > 1.414213562373
assert abs(x - np.sqrt(2)) < 1e-12

# %% [markdown]
# ## Exercise 2: a root by a line
#
# The slope of √x at 4 is 1 / (2 √4), a quarter, so √4.1 is about 2 + 0.25 · 0.1. Between the curve
# and its tangent lies the bend, f″/2 · 0.1². With f″(4) = −1/32 that is little, because 0.1² is.

# %%
line = nn.tangent_line(np.sqrt, 4.0)
print(round(line.slope, 6), round(line(4.1), 6))  # 0.25 2.025
print(f"{line(4.1) - np.sqrt(4.1):.1e}")  # 1.5e-04
print(f"{1 / 32 / 2 * 0.1**2:.1e}")  # 1.6e-04

# %% [markdown]
# ## Exercise 3: how far the sine is straight
#
# s − sin(s) = s³/6 − …, so s = ∛0.06.

# %%
line = nn.tangent_line(np.sin, 0.0)
s = 0.0
while abs(np.sin(s) - line(s)) < 0.01:
    s += 0.01
print(round(s, 2), round(np.cbrt(0.06), 2))  # 0.4 0.39
