# %% [markdown]
"""
# Solutions to lesson 6, the slope in every direction

Run them from the root of the repository: `python -m lessons.solutions.06_directions`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: the level way
#
# The gradient of x₀ x₁ is (x₁, x₀), (2, 1) here. Across it lies (−1, 2), at 117°, and its
# opposite.


# %%
def product(x):
    return x[0] * x[1]


x = np.array([1.0, 2.0])
g = nn.numerical_gradient(product, x)
across = np.array([-g[1], g[0]])
print(round(np.degrees(np.arctan2(across[1], across[0]))))  # 117
print(abs(nn.directional_derivative(product, x, across)) < 1e-8)  # True

# %% [markdown]
# ## Exercise 2: on a crease
#
# The central difference looks to both sides of the crease and finds (1, 0): averaged over both
# sides f does not change along x₁. But from the crease it *grows* in both directions, (0, 1) and
# (0, −1). No plane touches a crease, and the dot product is the plane's.


# %%
def creased(x):
    return abs(x[0]) + abs(x[1])


x = np.array([1.0, 0.0])
g = nn.numerical_gradient(creased, x)
for v in ([0, 1], [0, -1], [1, 1]):
    slope = nn.directional_derivative(creased, x, v, scheme="forward")
    print(v, round(slope, 4), round(g @ v / np.linalg.norm(v), 4) + 0.0)
# > [0, 1] 1.0 0.0
# > [0, -1] 1.0 0.0
# > [1, 1] 1.4142 0.7071

# %% [markdown]
# ## Exercise 3: a random direction in a large space
#
# The share is the cosine of the angle between v and ∇f. In 1000 dimensions nearly all directions
# are nearly across: the cosine is about 1/√1000, 0.032. A random step is a poor guide, unless it
# is nearly free; the method "direction" of lesson 11 lives with that.


# %%
def large_bowl(x):
    return np.sum(x**2)


rng = np.random.default_rng(0)
x = rng.normal(size=1000)
g = nn.numerical_gradient(large_bowl, x)
shares = [
    nn.directional_derivative(large_bowl, x, rng.normal(size=1000)) / np.linalg.norm(g)
    for _ in range(200)
]
print(round(1 / np.sqrt(1000), 3))  # 0.032
print(0.025 < np.std(shares) < 0.04, np.abs(shares).max() < 0.15)  # True True
