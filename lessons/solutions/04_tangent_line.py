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
# The line f(a) + f′(a) (t − a) is 0 at t = a − f(a) / f′(a). Each round about doubles the number
# of right digits of √2.


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
# The slope of √x at 4 is 1 / (2 √4) = 1/4, so √4.1 is about 2 + 0.1/4. Between the curve and its
# tangent lies the bend, f″/2 · 0.1². With f″(4) = −1/32 that is little, because 0.1² is.

# %%
line = nn.tangent_line(np.sqrt, 4.0)
print(round(line.slope, 6), round(line(4.1), 6))  # 0.25 2.025
print(f"{line(4.1) - np.sqrt(4.1):.1e}")  # 1.5e-04
print(f"{0.1**2 / 32 / 2:.1e}")  # 1.6e-04

# %% [markdown]
# ## Exercise 3: a tangent plane


# %%
def bowl(x):
    return x[0] ** 2 + x[1] ** 2


a, t = np.array([1.0, 2.0]), np.array([1.1, 2.1])
gradient = nn.numerical_gradient(bowl, a)
print(gradient.round(6))  # [2. 4.]
print(round(bowl(a) + gradient @ (t - a), 6), round(bowl(t), 6))  # 5.6 5.62
print(round(0.1**2 + 0.1**2, 6))  # 0.02

# %% [markdown]
# The plane is off by 0.02 = 0.1² + 0.1², the bend again. Entry by entry there are two numbers,
# each with one of the two rises alone, and neither is a height of anything:

# %%
print((bowl(a) + gradient * (t - a)).round(6))  # [5.2 5.4]
