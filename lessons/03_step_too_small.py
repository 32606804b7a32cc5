# %% [markdown]
"""
# 3. Too small an h

After this lesson you know what rounding does to a difference, where the best h lies and why, and
how to see it for a function of your own.

Run it from the root of the repository: `python -m lessons.03_step_too_small`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# The limit wants h as small as can be. So why not 1e-50? Because a computer's numbers reach only so
# far down, and have only so many digits:

# %%
print(np.float16(1e-50), np.float32(1e-50))  # 0.0 0.0
print(1.0 + 1e-50 == 1.0)  # True

# %% [markdown]
# In float16 and float32 such a number is simply 0, and the difference would divide 0 by 0. In
# float64 it exists, but beside 1 it vanishes: x + h *is* x, f does not change, and the slope of
# every function would be 0. `nn.numerical_diff` does not let that pass:

# %%
try:
    nn.numerical_diff(np.sin, 1.0, h=1e-50)
except nn.StepTooSmallError as error:
    print(error)
# > h = 1e-50 vanishes, x + h or x - h rounds to x, in float64 at x = 1.0; …

# %% [markdown]
# That is the extreme; a difference is spoilt long before that. Watch the slope of x³ at 1.1, which
# is 3 · 1.1² = 3.63, as h shrinks; in float64, so with some 16 digits:


# %%
def cube(x):
    return x * x * x


for h in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13, 1e-15):
    slope = nn.numerical_diff(cube, 1.1, h)
    print(f"{h:.0e}  {slope:.12f}  error {abs(slope - 3.63):.0e}")
# > 1e-01  3.640000000000  error 1e-02
# > 1e-03  3.630001000000  error 1e-06
# > 1e-05  3.630000000132  error 1e-10
# > 1e-07  3.630000002808  error 3e-09
# > 1e-09  3.630000300348  error 3e-07
# > 1e-11  3.629996303545  error 4e-06
# > 1e-13  3.627098621450  error 3e-03
# > 1e-15  4.107825191113  error 5e-01

# %% [markdown]
# First the error falls as h², as the last lesson had it. Then it turns and *grows*, and at 1e-15
# not one digit is right.
#
# Each value of f is rounded to a number the computer has, which moves it by up to eps/2 · |f|. eps
# is the gap between 1 and the next number:

# %%
for dtype in ("float64", "float32", "float16"):
    print(dtype, f"{np.finfo(dtype).eps:.0e}")
# > float64 2e-16
# > float32 1e-07
# > float16 1e-03

# %% [markdown]
# f(x + h) and f(x − h) share nearly all of their digits. Subtracting them cancels these, and what
# is left are the last ones, the rounded ones. Two such roundings, divided by 2h, are blown up:
#
#     error  ≲  |f‴| h² / 6   +   eps |f| / 2h
#               truncation        rounding
#
# One part falls with h, the other grows. Their sum is least where its slope is 0, and that is at
#
#     h³  =  1.5 eps |f| / |f‴|

# %%
f, f3 = np.sin(1.0), np.cos(1.0)  # for sin at 1
for dtype in ("float64", "float32", "float16"):
    print(dtype, f"{np.cbrt(1.5 * np.finfo(dtype).eps * f / f3):.0e}")
# > float64 8e-06
# > float32 7e-03
# > float16 1e-01

# %% [markdown]
# So the best h goes as the cube root of eps. `nn.step_sweep` tries all h, in three precisions:

# %%
sweep = nn.step_sweep(np.sin, 1.0, exact=np.cos)
print(sweep)
# > sin at x = 1: …
# >                   best step h           error there           slopes          error at
# > scheme   dtype    theory     measured   theory     measured   right   left    h = 1e-4
# > forward  float64  …
# > forward  float32  …
# > forward  float16  …
# > central  float64  …
# > central  float32  …
# > central  float16  …
best = sweep.schemes["central"][0].measured  # in float64
print(1e-6 < best.h < 1e-4, -np.log10(best.error) > 10)  # True True

# %% [markdown]
# The "theory" of the sweep also counts the rounding of x ± h, up to eps/2 · |x f′| / h, and so
# names a slightly larger h than the formula above.
#
# In float64 at its best the central difference gets more than 10 of 16 digits, about two thirds of
# what there are. A single difference cannot give more. The 1e-4 of the book that these lessons
# follow (K. Saito, *Deep Learning from Scratch*) is larger than best, and on the safe side; for
# float32 it is much too small.
#
# Without an h, `nn.numerical_diff` takes one that fits the dtype and the size of x: a cautious half
# of the cube root of eps, times |x|, or times 0.1 where |x| is less. `nn.differentiate` does more:
# it tries several h, combines their differences so that truncation cancels, and says how far to
# trust the result:

# %%
print(f"{nn.default_step(1.0):.1e}", f"{np.cbrt(np.finfo(float).eps) / 2:.1e}")  # 3.0e-06 3.0e-06
found = nn.differentiate(np.sin, 1.0)
print(abs(found.value - np.cos(1.0)) <= found.error < 1e-12)  # True

# %% [markdown]
# The picture is the V of error against h. On the left, where h vanishes beside x, the sweep shows
# what would come of it: a slope of 0.

# %%
picture = nn.plot_step_sweep(sweep)
nn.show(picture, "runs/lessons/03_step_too_small.png")

# %% [markdown]
# ## Exercises
#
# 1. Below which h does x + h equal x at x = 1, and at x = 1000, in float64? Find it by halving.
# 2. Where is the best h of the *forward* difference, and how many digits does it get? Find where
#    |f″| h / 2 + eps |f| / h is least, then look at the sweep.
# 3. The slope of sin(x) at x = 1e6: why is h = 1e-4 still fine, and h = 1e-9 not as good as at 1?
#
# Solutions: `lessons/solutions/03_step_too_small.py`
