# %% [markdown]
"""
# 7. The gradient field

After this lesson you can find the gradient at many points at once, draw it as a field of arrows,
and say when −∇f points to the minimum and when it does not.

Run it from the root of the repository: `python -m lessons.07_gradient_field`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn


def bowl(x):
    return np.sum(x**2)


# %% [markdown]
# A gradient belongs to a point. To see how it changes from place to place we take many points, a
# *batch*: an array with a row for each point, (points, 2). `batch=True` says that f is a function
# of one row, and the answer has one gradient a row:

# %%
points = np.array([[3.0, 4.0], [0.0, 2.0], [3.0, 0.0]])
print(nn.numerical_gradient(bowl, points, batch=True).round(6))
# > [[6. 8.]
# >  [0. 4.]
# >  [6. 0.]]

# %% [markdown]
# Mind the layout. Some code hands over all x₀ as one row and all x₁ as another, (2, points). Each
# "point" then is made of coordinates of *different* points. For this bowl it makes no difference,
# because it is a sum of the *same* term for every number, however many there are, and each partial
# derivative needs its own number alone. For almost every other function the numbers are wrong,
# even for a separable one such as x₀²/20 + x₁²:


# %%
def valley(x):
    return x[0] ** 2 / 20 + x[1] ** 2


def product(x):
    return np.prod(x)  # x₀ x₁, whose gradient is (x₁, x₀)


def difference(f):
    """How far rows of coordinates are off from rows of points."""
    right = nn.numerical_gradient(f, points, batch=True)
    wrong = nn.numerical_gradient(f, points.T.copy(), batch=True).T
    return np.abs(right - wrong).max()


for name, f in {"bowl": bowl, "valley": valley, "product": product}.items():
    print(name, abs(difference(f).round(3)))
# > bowl 0.0
# > valley 7.6
# > product 7.0

# %% [markdown]
# Now the field. An arrow of −∇f at each point of a grid shows the way down and how steep it is.
# For the bowl all of them point to the minimum at (0, 0). To check, we measure the angle between
# −∇f and the straight way to the minimum:


# %%
def angle_off(f, minimum, x):
    """Degrees between −∇f(x) and the way from x to the minimum."""
    down, way = -nn.numerical_gradient(f, x), minimum - x
    cosine = down @ way / (np.linalg.norm(down) * np.linalg.norm(way))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


print(angle_off(bowl, np.zeros(2), np.array([3.0, 4.0])) < 1e-3)  # True

# %% [markdown]
# One might think it is always so. Stretch the bowl into the valley x₀²/20 + x₁², and go on to
# Rosenbrock's banana, (1 − x₀)² + 100 (x₁ − x₀²)², with its minimum at (1, 1) in a curved valley:


# %%
def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


print(round(angle_off(valley, np.zeros(2), np.array([-7.0, 2.0]))))  # 64
print(round(angle_off(rosenbrock, np.ones(2), np.array([-1.0, 2.0]))))  # 127

# %% [markdown]
# In the valley the arrow is 64 degrees off: it points across to the floor and hardly along it. In
# the banana at (−1, 2) it even leads away from the minimum, 127 degrees off.
#
# Why? −∇f is at right angles to the contour through x (lesson 6). Where contours are circles about
# the minimum, such a line passes through the centre. Where they are long ellipses or bananas, in
# general it does not. −∇f is the steepest way down *from here*; it knows the slope under its feet
# and has never seen the minimum.
#
# What it does promise: a short enough step that way goes down.

# %%
for f, x in ((valley, [-7.0, 2.0]), (rosenbrock, [-1.0, 2.0])):
    x = np.array(x)
    assert f(x - 1e-4 * nn.numerical_gradient(f, x)) < f(x)

# %%
figure, axes = plt.subplots(1, 3, figsize=(16, 5.2), layout="constrained")
nn.plot_gradient_field(bowl, (-4, 4), (-4, 4), axes[0], minimum=[0, 0])
nn.plot_gradient_field(valley, (-8, 8), (-4, 4), axes[1], minimum=[0, 0])
nn.plot_gradient_field(  # lengths="equal": long and short arrows alike, the slope by colour
    rosenbrock, (-2, 2), (-1, 3), axes[2], n=11, minimum=[1, 1], lengths="equal"
)
for ax, name in zip(axes, ("a bowl", "a valley", "Rosenbrock's banana"), strict=True):
    ax.set_title(name)
nn.show(figure, "runs/lessons/07_gradient_field.png")

# %% [markdown]
# ## Exercises
#
# 1. Stretch the valley yourself: x₀²/s + x₁² for s = 1, 2, 5, 20, 100. How far off is −∇f at (3,
#    3)?
# 2. Draw the field of x₀² − x₁². Where do the arrows lead?
# 3. Without a loop of your own: the gradients of x₀ x₁ at 100 random points, and the check that
#    they are (x₁, x₀).
#
# Solutions: `lessons/solutions/07_gradient_field.py`
