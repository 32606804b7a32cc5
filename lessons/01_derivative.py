# %% [markdown]
"""
# 1. What a derivative is

After this lesson you can say what a slope *at a point* means, find one by trying, and see how
the secant turns into the tangent as h shrinks.

Run it from the root of the repository: `python -m lessons.01_derivative`
"""

# %%
import nn

# %% [markdown]
# A car that covers 30 km in half an hour goes 60 km/h on average:

# %%
print(30 / 0.5, "km/h")  # 60.0 km/h

# %% [markdown]
# How fast it goes *now* is the same question over a shorter time: how far does it get in the next
# minute, the next second?
#
# So it is with any function. From x to x + h it rises by f(x + h) − f(x). Rise by run,
#
#     (f(x + h) − f(x)) / h
#
# is its average slope on the way, the *difference quotient*. In the graph it is the slope of the
# *secant*, the line through both points.


# %%
def f(x):
    return x**2 / 4


def average_slope(f, x, h):
    return (f(x + h) - f(x)) / h


x = 2.0
print(average_slope(f, x, h=4.0))  # 2.0

# %% [markdown]
# Now let h shrink. The second point slides along the graph towards the first:

# %%
for h in (4.0, 2.0, 1.0, 0.5, 0.25, 0.125):
    print(h, average_slope(f, x, h))
# > 4.0 2.0
# > 2.0 1.5
# > 1.0 1.25
# > 0.5 1.125
# > 0.25 1.0625
# > 0.125 1.03125

# %% [markdown]
# Each time h is halved, so is the excess of the slope over 1. It comes as near to 1 as one likes,
# and that number, which no single h gives, is the *limit*: the *derivative* of f at x = 2.
#
#     f′(x) = lim (f(x + h) − f(x)) / h     as h → 0
#
# Here it can be worked out on paper. ((x + h)² − x²) / 4h = (2xh + h²) / 4h = x/2 + h/4, and as h
# goes to 0 that goes to x/2. At x = 2 it is 1, and h/4 is exactly that excess.

# %%
for h in (4.0, 0.5, 0.125):
    assert average_slope(f, x, h) == x / 2 + h / 4

# %% [markdown]
# A computer cannot take a limit. It can take a small h, and be content to be nearly right:

# %%
print(average_slope(f, x, h=1e-4))  # 1.0000250000019584
print(nn.numerical_diff(f, x, h=1e-4, scheme="forward"))  # 1.0000250000019584

# %% [markdown]
# `nn.numerical_diff` is this formula and a little care: with scheme="forward" it gives the very
# same number. How to do better with the same small h is the next lesson, and what happens when h
# is *too* small the one after.
#
# The tangent is the line through the point with that slope: of all lines through it, the one that
# the graph follows for a while.

# %%
tangent = nn.tangent_line(f, x)
print(tangent(2.0), round(tangent.slope, 6))  # 1.0 1.0
print(round(f(2.1) - tangent(2.1), 6))  # 0.0025
print(round(f(2.01) - tangent(2.01), 6))  # 2.5e-05

# %% [markdown]
# Ten times nearer, the graph is a hundred times closer to its tangent. No other line through the
# point does that: it is what *touching* means.
#
# The film: the secant turns about the point and becomes the tangent. A still is saved beside it.

# %%
film = nn.animate_secants(f, x, span=(-1, 7))
nn.show(film, "runs/lessons/01_derivative.gif")

still = nn.plot_secants(f, x, h=[4, 2, 1, 0.5], span=(-1, 7))
nn.show(still, "runs/lessons/01_derivative.png")

# %% [markdown]
# ## Exercises
#
# 1. With the `average_slope` above, let h be negative: −1, −0.1, −0.01. What is the slope at x = 2
#    from the left?
# 2. The same for the absolute value, abs(x), at x = 0: from the right and from the left. Does it
#    have a derivative there?
# 3. Drop a stone: after t seconds it has fallen 4.9 t² metres. How fast is it after 3 seconds?
#    First by a difference, then on paper.
#
# Solutions: `lessons/solutions/01_derivative.py`
