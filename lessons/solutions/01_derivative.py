# %% [markdown]
"""
# Solutions to lesson 1, what a derivative is

Run them from the root of the repository: `python -m lessons.solutions.01_derivative`
"""

# %%
import nn


def average_slope(f, x, h):
    return (f(x + h) - f(x)) / h


# %% [markdown]
# ## Exercise 1: from the left
#
# Nothing in the formula asks h to be positive. With h < 0 the second point lies on the left.


# %%
def f(x):
    return x**2 / 4


for h in (-1, -0.1, -0.01):
    print(h, round(average_slope(f, 2.0, h), 6))
# > -1 0.75
# > -0.1 0.975
# > -0.01 0.9975

# %% [markdown]
# It comes from below, x/2 + h/4 again, and the limit is the same 1. Only because both sides agree
# may one speak of *the* slope.

# %% [markdown]
# ## Exercise 2: a corner

# %%
print(average_slope(abs, 0.0, 1e-4), average_slope(abs, 0.0, -1e-4))  # 1.0 -1.0

# %% [markdown]
# The two sides do not agree, however small h is: there is no derivative at 0. The graph has a
# corner, and a corner has no tangent. `nn.differentiate` knows such places:

# %%
found = nn.differentiate(abs, 0.0)
print(found.state, found.left, found.right)  # kink -1.0 1.0

# %% [markdown]
# ## Exercise 3: the falling stone
#
# On paper: 4.9 ((t + h)² − t²) / h = 9.8 t + 4.9 h, which goes to 9.8 t: after 3 s 29.4 metres a
# second, 106 km/h.


# %%
def fallen(t):
    return 4.9 * t**2


speed = average_slope(fallen, 3.0, h=1e-4)
print(round(speed, 3), "m/s")  # 29.4 m/s
print(round(speed * 3.6), "km/h")  # 106 km/h
assert abs(speed - 9.8 * 3) < 1e-3
