# %% [markdown]
"""
# Solutions to lesson 2, from one side or from both

Run them from the root of the repository: `python -m lessons.solutions.02_central_difference`
"""

# %%
import numpy as np

import nn

steps = np.logspace(-1, -3, 9)


def order(difference, truth):
    """The power of h that the error of difference(h) follows."""
    errors = [abs(difference(h) - truth) for h in steps]
    slope, _ = np.polyfit(np.log(steps), np.log(errors), 1)
    return slope


# %% [markdown]
# ## Exercise 1: backward, and the mean of both
#
# With −h for h, the forward formula is the backward one: the error is −h/2 f″, of the same order
# and the other sign. In the mean the two cancel, and what is left is the central difference.


# %%
def forward(h):
    return nn.numerical_diff(np.sin, 1.0, h, scheme="forward")


def backward(h):
    return nn.numerical_diff(np.sin, 1.0, h, scheme="backward")


print(round(order(backward, np.cos(1.0)), 2))  # 1.0
print(round(order(lambda h: (forward(h) + backward(h)) / 2, np.cos(1.0)), 2))  # 2.0

# %% [markdown]
# ## Exercise 2: where the curve does not bend
#
# The error is h/2 f″(x) + h²/6 f‴(x) + …, and f″(0) = −sin 0 = 0. The first term is not there, and
# the second decides. A high order at one point says nothing of the next.

# %%
print(round(order(lambda h: nn.numerical_diff(np.sin, 0.0, h, scheme="forward"), 1.0), 2))  # 2.0

# %% [markdown]
# ## Exercise 3: two differences, one better
#
# C(h) = f′ + c h² + d h⁴ + … and C(2h) = f′ + 4 c h² + 2⁴ d h⁴ + …: in 4 C(h) − C(2h) the term
# with h² cancels, three times f′ stays, and the error is of order 4.


# %%
def extrapolated(h):
    near, far = (nn.numerical_diff(np.sin, 1.0, step) for step in (h, 2 * h))
    return (4 * near - far) / 3


steps = np.geomspace(0.3, 0.01, 9)  # at smaller h there is rounding, see the next lesson
print(round(order(extrapolated, np.cos(1.0)), 2))  # 4.0
