# %% [markdown]
"""
# 4. The tangent line, and what the computer says

After this lesson you can draw the tangent of any function at any point, and read a number like
0.1999999999990898 without worry.

Run it from the root of the repository: `python -m lessons.04_tangent_line`
"""

# %%
import nn

# %% [markdown]
# A parabola that starts gently, the function of the book:


# %%
def f(x):
    return 0.01 * x**2 + 0.1 * x


# %% [markdown]
# On paper its slope is f′(x) = 0.02 x + 0.1: 0.2 at x = 5, and 0.3 at x = 10. The computer does
# not know the rule. It tries, with h = 1e-4, and says:

# %%
print(round(0.02 * 5 + 0.1, 9), round(0.02 * 10 + 0.1, 9))  # 0.2 0.3
print(nn.numerical_diff(f, 5, h=1e-4))  # 0.1999999999990898
print(nn.numerical_diff(f, 10, h=1e-4))  # 0.2999999999986347

# %% [markdown]
# For a parabola the central difference has no truncation error at all (lesson 2). All that is off
# is rounding (lesson 3): f is known up to its last digit, and dividing by 2h blows that digit up.
# The forward difference is off by h/2 f″ = 1e-6, a million times as much:

# %%
print(f"{abs(nn.numerical_diff(f, 5, h=1e-4) - 0.2):.0e}")  # 9e-13
print(f"{abs(nn.numerical_diff(f, 5, h=1e-4, scheme='forward') - 0.2):.0e}")  # 1e-06

# %% [markdown]
# The tangent at a is the line with that slope through (a, f(a)):
#
#     y = f(a) + f′(a) (s − a)
#
# `nn.tangent_line` returns it as a function of s. Some write it y = d s + (f(a) − d a) with the
# slope d: the same line, and the number in brackets is where it crosses the y axis.

# %%
line = nn.tangent_line(f, 5)
print(line.x, line.value, round(line.slope, 9))  # 5.0 0.75 0.2
print(line(5))  # 0.75
print(round(line(0), 9), round(f(5) - 0.2 * 5, 9))  # -0.25 -0.25

# %% [markdown]
# How good a stand-in for f is it? Between the two lies exactly the bend, 0.01 (s − 5)²:

# %%
for s in (5, 6, 10, 20):
    print(s, round(f(s) - line(s), 9))
    assert abs(f(s) - line(s) - 0.01 * (s - 5) ** 2) < 1e-9
# > 5 0.0
# > 6 0.01
# > 10 0.25
# > 20 2.25

# %% [markdown]
# Near 5 the tangent may take the place of f; far away it may not. All the learning in these
# lessons rests on that: take a small step, trust the line for that step, look again.
#
# For a function of several variables the tangent is a plane, and it takes a dot product; lesson 6
# has it. `nn.tangent_line` is for one variable, and says so:

# %%
try:
    nn.tangent_line(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0])
except nn.ShapeError as error:
    print(error)
# > a tangent line touches at one number x, got an array of shape (2,); in several variables it is …

# %%
picture = nn.plot_tangent(f, [5, 10], span=(0, 20))
nn.show(picture, "runs/lessons/04_tangent_line.png")

# %% [markdown]
# ## Exercises
#
# 1. Where does the tangent of x² − 2 at x = 1.5 cross 0? Draw the next tangent there, and so on.
#    Which number do you find? (This is Newton's method.)
# 2. Estimate √4.1 without a root: by the tangent of √x at 4. How wrong is it, and why so little?
# 3. The tangent of sin at 0 is y = s. How far from 0 may one go until it is off by 0.01? Try steps
#    of 0.01, and compare with what Taylor's series says, s³/6 = 0.01.
#
# Solutions: `lessons/solutions/04_tangent_line.py`
