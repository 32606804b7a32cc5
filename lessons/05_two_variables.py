# %% [markdown]
"""
# 5. Functions of two variables

After this lesson you can read a surface and its contours, and find a partial derivative by
cutting the surface open.

Run it from the root of the repository: `python -m lessons.05_two_variables`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn

# %% [markdown]
# Most things depend on more than one number. The simplest function of two is a bowl, x₀² + x₁². We
# give it both numbers in one array, x = [x₀, x₁]:


# %%
def bowl(x):
    return x[0] ** 2 + x[1] ** 2


a = np.array([3.0, 4.0])
print(bowl(a))  # 25.0

# %% [markdown]
# Its graph is a surface above a plane: go to (x₀, x₁), and the height is f(x). Seen from above one
# draws *contours*, lines along which f does not change, as on a hiking map. Where they are close
# together, it is steep.
#
# What is its slope at (3, 4)? The question has no answer yet: which way do we walk? Let us first
# go along x₀ and hold x₁ = 4 still. What is left is a function of one variable, and for that we
# have the difference:


# %%
def along_x0(x0):
    return bowl([x0, 4.0])


print(round(nn.numerical_diff(along_x0, 3.0), 6))  # 6.0

# %% [markdown]
# This is the *partial derivative* ∂f/∂x₀, "partial" because just a part of x moves. To hold x₁
# still is to cut the surface along the plane x₁ = 4; the cut is the curve x₀² + 4², and 6 is the
# slope of its tangent. The other one, with x₀ = 3 held still:

# %%
print(round(nn.numerical_diff(lambda x1: bowl([3.0, x1]), 4.0), 6))  # 8.0

# %% [markdown]
# `nn.partial_derivative` spares us the function in between. It nudges one entry of x up and down,
# asks f both times, and puts the entry back to the very same bits. (It asks f twice more at x
# itself, to see that f answers the same: four calls in all.)

# %%
print(round(nn.partial_derivative(bowl, a, 0), 6))  # 6.0
print(round(nn.partial_derivative(bowl, a, 1), 6))  # 8.0
print(a)  # [3. 4.]

# %% [markdown]
# On paper one treats the other variable as a constant: ∂(x₀² + x₁²)/∂x₀ = 2 x₀, which is 6, and
# ∂f/∂x₁ = 2 x₁, which is 8.
#
# All partial derivatives together, one for each entry of x, are the *gradient* ∇f. It has the
# shape of x, and it costs two evaluations for each entry, besides those two at x itself:

# %%
print(nn.numerical_gradient(bowl, a).round(6))  # [6. 8.]

# %% [markdown]
# The picture: the surface with both cuts, the same from above, and the two cuts with their
# tangents.

# %%
figure = plt.figure(figsize=(11, 9), layout="constrained")
area = (-6, 6)
surface = figure.add_subplot(2, 2, 1, projection="3d")
nn.plot_surface(bowl, area, area, surface, point=a)
nn.plot_contours(bowl, area, area, figure.add_subplot(2, 2, 2), point=a)
nn.plot_partials(bowl, a, [figure.add_subplot(2, 2, 3), figure.add_subplot(2, 2, 4)])
nn.show(figure, "runs/lessons/05_two_variables.png")

# %% [markdown]
# ## Exercises
#
# 1. f(x) = x₀² x₁ + sin(x₁) at (2, 0): both partial derivatives, by nudging and on paper.
# 2. Draw the surface and the contours of the saddle x₀² − x₁². What are its partial derivatives at
#    (0, 0)? Is it a minimum?
# 3. A function of 1000 numbers, np.sum(x**2): how many times does `nn.numerical_gradient` call it?
#    Count.
#
# Solutions: `lessons/solutions/05_two_variables.py`
