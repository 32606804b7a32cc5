# %% [markdown]
"""
# Solutions to lesson 13, when differences lie

Run them from the root of the repository: `python -m lessons.solutions.13_when_differences_lie`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: kinks in a network
#
# Most weights agree to rounding. For a few, the nudge of 1e-4 pushes some unit of some sample
# across its kink, and the two steps give different numbers. The difference is small, since only
# one sample of 1000 is affected, and training does not notice.

# %%
rng = np.random.default_rng(0)
x, t = rng.normal(size=(1000, 10)), rng.integers(0, 2, 1000)
net = nn.TwoLayerNet(10, 50, 2, weight_init_std=1.0, activation=nn.ReLU(), rng=0)
wide = net.numerical_gradient(x, t, h=1e-4)["W1"]
narrow = net.numerical_gradient(x, t, h=1e-7)["W1"]
off = np.abs(wide - narrow) > 1e-6
print(off.sum(), "of", off.size)  # 14 of 500
print(np.abs(wide - narrow).max() / np.abs(narrow).max() < 0.01)  # True

# %% [markdown]
# A nudge of W1[i, j] by h moves the sum that unit j forms of sample n by h·x[n, i]. For 27 of the
# weights this carries a unit across its kink. With 13 of them nothing shows: the sample is already
# classified with certainty, and its loss is flat.

# %%
z1 = (x @ net.params["W1"] + net.params["b1"])[:, None, :]  # (samples, 1, units)
moved = 1e-4 * x[:, :, None]  # (samples, features, 1)
crosses = (z1 + moved > 0) != (z1 - moved > 0)
print(crosses.any(axis=0).sum(), (crosses.any(axis=0) & ~off).sum())  # 27 13
unseen = (crosses & ~off).any(axis=(1, 2))  # the samples in which nothing shows
certainty = net.predict(x)[np.arange(1000), t]
print(certainty[unseen].min() > 1 - 1e-8)  # True

# %% [markdown]
# ## Exercise 2: a function that remembers
#
# The second call answers 1e-3 more than it should. Divided by h = 1e-4 this is 10, by 2h it is 5.
# The order of the calls decides the sign. `nn` asks again at the end and sees another answer.

# %%
calls = 0


def remembers(x):
    global calls
    calls += 1
    return x**2 + 1e-3 * (calls - 1)


h = 1e-4
print(round((remembers(3 + h) - remembers(3)) / h))  # -4
print(round((remembers(3 + h) - remembers(3 - h)) / (2 * h)))  # 1
try:
    nn.numerical_diff(remembers, 3.0, h)
except nn.ImpureFunctionError as error:
    print(str(error)[:25])  # f answers the same x with

# %% [markdown]
# ## Exercise 3: a staircase
#
# Between two steps of the stair the slope is 0, and that is the truth. Of the slope one has in
# mind, 1, only an h much larger than a step of the stair knows anything.


# %%
def staircase(x):
    return round(x, 3)


print(nn.numerical_diff(staircase, 0.5002, h=1e-5))  # 0.0
print(round(nn.numerical_diff(staircase, 0.5002, h=0.1), 2))  # 1.0
