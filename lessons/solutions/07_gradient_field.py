# %% [markdown]
"""
# Solutions to lesson 7, the gradient field

Run them from the root of the repository: `python -m lessons.solutions.07_gradient_field`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: stretching
#
# The gradient is (2 x₀/s, 2 x₁). The longer the valley, the more −∇f points straight across, and
# the angle goes to half a right angle, that between (0, −1) and the way (−1, −1).

# %%
x = np.array([3.0, 3.0])
for s in (1, 2, 5, 20, 100):
    down = -nn.numerical_gradient(lambda x, s=s: x[0] ** 2 / s + x[1] ** 2, x)
    cosine = down @ -x / (np.linalg.norm(down) * np.linalg.norm(x))
    print(s, abs(round(np.degrees(np.arccos(min(cosine, 1.0))), 1)))
# > 1 0.0
# > 2 18.4
# > 5 33.7
# > 20 42.1
# > 100 44.4

# %% [markdown]
# ## Exercise 2: the saddle
#
# Along x₀ they lead to the middle, along x₁ away from it and down for ever. Only a start on the
# line x₁ = 0 exactly would come to rest, at a place that is no minimum.


# %%
def saddle(x):
    return x[0] ** 2 - x[1] ** 2


picture = nn.plot_gradient_field(saddle, (-2, 2), (-2, 2))
nn.show(picture, "runs/lessons/solutions/07_gradient_field.png")
path = nn.gradient_descent(saddle, [1.0, 1e-6], lr=0.1, steps=100)
print(abs(path[-1, 0]) < 1e-6, abs(path[-1, 1]) > 10)  # True True

# %% [markdown]
# ## Exercise 3: a hundred points

# %%
points = np.random.default_rng(0).normal(size=(100, 2))
gradients = nn.numerical_gradient(lambda x: x[0] * x[1], points, batch=True)
np.testing.assert_allclose(gradients, points[:, ::-1], atol=1e-8)
print(gradients.shape)  # (100, 2)
