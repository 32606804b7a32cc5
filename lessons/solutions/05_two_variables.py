# %% [markdown]
"""
# Solutions to lesson 5, functions of two variables

Run them from the root of the repository: `python -m lessons.solutions.05_two_variables`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: by nudging and on paper
#
# On paper ∂f/∂x₀ = 2 x₀ x₁, which is 0 at (2, 0), and ∂f/∂x₁ = x₀² + cos(x₁), which is 5.


# %%
def f(x):
    return x[0] ** 2 * x[1] + np.sin(x[1])


x = np.array([2.0, 0.0])
print(abs(round(nn.partial_derivative(f, x, 0), 6)))  # 0.0
print(round(nn.partial_derivative(f, x, 1), 6))  # 5.0

# %% [markdown]
# ## Exercise 2: the saddle
#
# Both partial derivatives are 0 at the origin. The cut along x₀ has its lowest point there and the
# cut along x₁ its highest: level ground, and no minimum. A gradient of 0 is not enough.


# %%
def saddle(x):
    return x[0] ** 2 - x[1] ** 2


origin = np.zeros(2)
print(np.abs(nn.numerical_gradient(saddle, origin)).max() < 1e-9)  # True
print(saddle([0.1, 0.0]) > saddle(origin) > saddle([0.0, 0.1]))  # True

figure = plt.figure(figsize=(11, 4.8), layout="constrained")
surface = figure.add_subplot(1, 2, 1, projection="3d")
nn.plot_surface(saddle, (-2, 2), (-2, 2), surface, point=origin)
nn.plot_contours(saddle, (-2, 2), (-2, 2), figure.add_subplot(1, 2, 2))
nn.show(figure, "runs/lessons/solutions/05_two_variables.png")

# %% [markdown]
# ## Exercise 3: what a gradient costs
#
# Two for each entry, and two more: one before the first nudge and one after the last, at x itself,
# to see that f answers the same both times.

# %%
calls = 0


def counted(x):
    global calls
    calls += 1
    return np.sum(x**2)


nn.numerical_gradient(counted, np.ones(1000))
print(calls)  # 2002

# %% [markdown]
# So a thousand weights cost two thousand forward passes. Remember this number for lesson 11.
