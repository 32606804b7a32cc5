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
# The function of the book, a parabola that starts gently:


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
# For a parabola the central difference has no truncation error at all (lesson 2). What is missing
# is rounding alone (lesson 3): f is known up to its last digit, and dividing by 2h blows that
# digit up. The forward difference is off by h/2 f″ = 1e-6, a million times as much:

# %%
print(f"{abs(nn.numerical_diff(f, 5, h=1e-4) - 0.2):.0e}")  # 9e-13
print(f"{abs(nn.numerical_diff(f, 5, h=1e-4, scheme='forward') - 0.2):.0e}")  # 1e-06

# %% [markdown]
# The tangent at a is the line with that slope through (a, f(a)):
#
#     y = f(a) + f′(a) (t − a)
#
# `nn.tangent_line` returns it as a function of t. Some write it y = d t + (f(a) − d a) with the
# slope d: the same line, and the number in brackets is where it crosses the y axis.

# %%
line = nn.tangent_line(f, 5)
print(line(5), round(line.slope, 9))  # 0.75 0.2
print(round(line(0), 9), round(f(5) - 0.2 * 5, 9))  # -0.25 -0.25

# %% [markdown]
# How good a stand-in for f is it? Between the two lies exactly the bend, 0.01 (t − 5)²:

# %%
for t in (5, 6, 10, 20):
    print(t, round(f(t) - line(t), 9))
# > 5 0.0
# > 6 0.01
# > 10 0.25
# > 20 2.25

# %% [markdown]
# Near 5 the tangent may take the place of f; far away it may not. All the learning in these
# lessons rests on that: take a small step, trust the line for that step, look again.
#
# For a function of several variables the tangent is a plane, and its formula needs a *dot
# product*, f(a) + ∇f(a) · (t − a). Multiplying entry by entry gives a vector where a height is
# meant. `nn.tangent_line` refuses such an x and says so. The gradient ∇f is the subject of the
# next lessons.

# %%
picture = nn.plot_tangent(f, [5, 10], span=(0, 20))
nn.show(picture, "runs/lessons/04_tangent_line.png")

# %% [markdown]
# ## Exercises
#
# 1. Where does the tangent of x² − 2 at x = 1.5 cross 0? Draw the next tangent there, and so on.
#    Which number do you find? (This is Newton's method.)
# 2. Estimate √4.1 without a root: by the tangent of √x at 4. How wrong is it, and why so little?
# 3. f(x₀, x₁) = x₀² + x₁² at (1, 2). Write the tangent plane with `nn.numerical_gradient` and a
#    dot product. How far is it from f at (1.1, 2.1)? What comes out if you multiply entry by
#    entry?
#
# Solutions: `lessons/solutions/04_tangent_line.py`
