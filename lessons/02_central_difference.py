# %% [markdown]
"""
# 2. From one side or from both

After this lesson you know why the central difference is so much better than the forward one, can
prove it in four lines, and can measure the *order* of an error.

Run it from the root of the repository: `python -m lessons.02_central_difference`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# The slope of sin at x is cos x, so here we know the truth and can see what a difference gets
# wrong. The forward difference looks to the right alone. The central one looks to both sides:
#
#     forward   (f(x + h) − f(x)) / h
#     central   (f(x + h) − f(x − h)) / 2h

# %%
x, truth = 1.0, np.cos(1.0)
for h in (0.1, 0.01, 0.001):
    forward = nn.numerical_diff(np.sin, x, h, scheme="forward")
    central = nn.numerical_diff(np.sin, x, h)
    print(f"{h:<5}  forward {forward - truth:+.1e}  central {central - truth:+.1e}")
# > 0.1    forward -4.3e-02  central -9.0e-04
# > 0.01   forward -4.2e-03  central -9.0e-06
# > 0.001  forward -4.2e-04  central -9.0e-08

# %% [markdown]
# With an h ten times smaller, the forward difference is ten times better and the central one a
# hundred times. Both formulas evaluate f twice. Why is one so much better?
#
# The proof takes four lines, for an f with three derivatives. The first two are Taylor's series,
# to the right and to the left:
#
#     f(x + h) = f(x) + h f′(x) + h²/2 f″(x) + h³/6 f‴(x) + …
#     f(x − h) = f(x) − h f′(x) + h²/2 f″(x) − h³/6 f‴(x) + …
#     (f(x + h) − f(x)) / h        = f′(x) + h/2 f″(x) + …         error ~ h
#     (f(x + h) − f(x − h)) / 2h   = f′(x) + h²/6 f‴(x) + …        error ~ h²
#
# Subtracting the two sides cancels what is the same on both, and that is the bend of the curve,
# f″. The forward difference pays for the bend; the central one only for a change of it.
#
# The formulas give the errors themselves, not only their order. For sin, f″ = −sin and f‴ = −cos:

# %%
h = 0.01
print(f"{nn.numerical_diff(np.sin, x, h, scheme='forward') - truth:+.3e}")  # -4.216e-03
print(f"{h / 2 * -np.sin(x):+.3e}")  # -4.207e-03
print(f"{nn.numerical_diff(np.sin, x, h) - truth:+.3e}")  # -9.005e-06
print(f"{h**2 / 6 * -np.cos(x):+.3e}")  # -9.005e-06

# %% [markdown]
# The *order* is the power of h that an error follows. If error = c hᵖ, then log(error) = log(c) +
# p log(h): on paper with two logarithmic axes, a straight line of slope p. So p can be measured,
# by the line that fits best:

# %%
steps = np.logspace(-1, -3, 9)
for scheme in ("forward", "central"):
    slopes = np.array([nn.numerical_diff(np.sin, x, h, scheme) for h in steps])
    order, _ = np.polyfit(np.log(steps), np.log(abs(slopes - truth)), 1)
    print(scheme, round(order, 2))
# > forward 1.0
# > central 2.0

# %% [markdown]
# What still spoils the central difference is a bend that differs between the two sides. A parabola
# bends the same everywhere, f‴ = 0, and the difference is right for every h, up to rounding:

# %%
print(nn.numerical_diff(lambda x: x**2 / 4, 2.0, h=1.0))  # 1.0

# %%
picture = nn.plot_orders(np.sin, x, np.cos)
nn.show(picture, "runs/lessons/02_central_difference.png")

# %% [markdown]
# ## Exercises
#
# 1. Measure the order of the backward difference, (f(x) − f(x − h)) / h. Why is it the same as that
#    of the forward one? What do you get from the mean of both?
# 2. At x = 0, measure the order of the forward difference of sin. Why is it 2?
# 3. From the central differences C of h and of 2h make a better one, (4 C(h) − C(2h)) / 3. What is
#    its order? Measure with h from 0.3 down to 0.01. (This is Richardson's extrapolation.)
#
# Solutions: `lessons/solutions/02_central_difference.py`
