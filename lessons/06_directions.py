# %% [markdown]
"""
# 6. The slope in every direction

After this lesson you know what the gradient *is*: the direction in which f grows fastest, and how
fast. And you know why its two entries are enough to tell the slope in every direction.

Run it from the root of the repository: `python -m lessons.06_directions`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# A partial derivative is the slope along one axis. But one may walk in any direction v. Go a short
# way h along v, where v has length 1, and see how f changes: the *directional derivative*.
#
#     (f(x + h v) − f(x − h v)) / 2h        with |v| = 1
#
# Only where v points should matter, not how long it is, so it is divided by its length |v| first.


# %%
def bowl(x):
    return x[0] ** 2 + x[1] ** 2


a = np.array([3.0, 4.0])
for v in ([1, 0], [0, 1], [1, 1], [10, 10], [-1, 0]):
    print(v, round(nn.directional_derivative(bowl, a, v), 4))
# > [1, 0] 6.0
# > [0, 1] 8.0
# > [1, 1] 9.8995
# > [10, 10] 9.8995
# > [-1, 0] -6.0

# %% [markdown]
# Along the axes we find the partial derivatives of the last lesson again; in the opposite
# direction the sign changes. Which direction is the steepest? Try them all, degree by degree:

# %%
angles = np.arange(360)
ways = np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))], axis=1)
slopes = np.array([nn.directional_derivative(bowl, a, v) for v in ways])
print(angles[slopes.argmax()], slopes.max().round(2))  # 53 10.0
print(angles[slopes.argmin()], slopes.min().round(2))  # 233 -10.0

# %% [markdown]
# It grows fastest at 53°, by 10, and falls fastest at the opposite, 233°. Now the gradient, which
# knows only two of all these slopes:

# %%
gradient = nn.numerical_gradient(bowl, a)
print(gradient.round(6))  # [6. 8.]
print(round(np.degrees(np.arctan2(gradient[1], gradient[0])), 2))  # 53.13
print(round(np.linalg.norm(gradient), 6))  # 10.0

# %% [markdown]
# The gradient *points* where f grows fastest, and its *length* is that slope. It does not point to
# where f falls: that is −∇f, and this sign is what learning lives on.

# %%
print(bowl(a + 1e-3 * gradient) > bowl(a) > bowl(a - 1e-3 * gradient))  # True

# %% [markdown]
# Why? Close to x the function is its tangent plane, and on a plane a step v makes f rise by the
# steps along the axes together, ∂f/∂x₀ v₀ + ∂f/∂x₁ v₁. That is a dot product:
#
#     slope along v  =  ∇f · v  =  |∇f| cos(angle between them)
#
# A cosine is largest at 0°, where v points as ∇f does; it is 0 at 90°: across the gradient, along
# the contour, nothing changes; and it is −1 at 180°, the steepest way down.

# %%
np.testing.assert_allclose(slopes, ways @ gradient, atol=1e-8)
for turn in (0, 90, 180):
    angle = np.arctan2(gradient[1], gradient[0]) + np.radians(turn)
    v = [np.cos(angle), np.sin(angle)]
    print(turn, round(nn.directional_derivative(bowl, a, v), 6) + 0.0)
# > 0 10.0
# > 90 0.0
# > 180 -10.0

# %% [markdown]
# The same dot product makes the *tangent plane*, which stands in for f near a as the tangent line
# does in lesson 4:
#
#     f(a) + ∇f(a) · (s − a)
#
# It has to be a dot product. Multiplied entry by entry, the gradient gives two numbers where one
# height is wanted, and neither is a height of anything:

# %%
s = np.array([3.1, 4.1])
print(round(bowl(a) + gradient @ (s - a), 6), round(bowl(s), 6))  # 26.4 26.42
print((bowl(a) + gradient * (s - a)).round(6))  # [25.6 25.8]

# %%
picture = nn.plot_directions(bowl, a)
nn.show(picture, "runs/lessons/06_directions.png")

# %% [markdown]
# ## Exercises
#
# 1. You stand at (1, 2) on the surface f(x) = x₀ x₁. In which direction, in degrees, is the way
#    level?
# 2. f(x) = |x₀| + |x₁| at (1, 0), on a crease: find the directional derivatives along (0, 1), (0,
#    −1) and (1, 1) with scheme="forward", and compare them with ∇f · v / |v|, where
#    `nn.numerical_gradient` gives ∇f. Why does the dot product fail?
# 3. In 1000 dimensions, draw v at random. How large is the slope of np.sum(x**2) along it, as a
#    share of |∇f|? Repeat it 200 times. What does that say of walking in random directions?
#
# Solutions: `lessons/solutions/06_directions.py`
