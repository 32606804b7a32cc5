# %% [markdown]
"""
# 13. When differences lie

After this lesson you can tell when a difference is not to be believed, and why: at a kink, with
randomness, in low precision, with noise.

Run it from the root of the repository: `python -m lessons.13_when_differences_lie`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn

# %% [markdown]
# A difference always gives *a* number. Four cases in which that number is wrong, or means nothing.
#
# ### 1. At a kink
#
# relu, max(x, 0), has slope 0 below zero and 1 above. At 0 itself there is no derivative. The
# central difference looks to both sides and says ½, for every h; no smaller h helps:


# %%
def relu(x):
    return np.maximum(x, 0.0)


for scheme in ("backward", "central", "forward"):
    print(scheme, nn.numerical_diff(relu, 0.0, h=1e-4, scheme=scheme))
# > backward 0.0
# > central 0.5
# > forward 1.0

# %% [markdown]
# Not only *at* 0. If the kink lies anywhere between x − h and x + h, the difference mixes both
# sides:

# %%
print(round(nn.numerical_diff(relu, 2e-5, h=1e-4), 4))  # 0.6
print(round(nn.numerical_diff(relu, 2e-4, h=1e-4), 4))  # 1.0

# %% [markdown]
# In training this is harmless: it affects few weights, and any slope between both is a fair
# answer. In a gradient check it looks like a mistake where there is none. `nn.differentiate` says
# what it met, and both slopes:

# %%
found = nn.differentiate(relu, 0.0)
print(found.state, found.left, found.right)  # kink 0.0 1.0

# %% [markdown]
# ### 2. Dropout drawn anew
#
# Dropout sets a random half of its inputs to 0. If a new half is drawn for each of the two
# evaluations, the difference compares two different networks, and divides what makes them differ
# by a tiny h:

# %%
rng = np.random.default_rng(0)
x = rng.normal(size=20)


def careless(x):
    return np.sum(x * (rng.random(x.shape) < 0.5))


h, nudge = 1e-4, np.eye(20)[0]  # along the first entry
for _ in range(4):
    print(round((careless(x + h * nudge) - careless(x - h * nudge)) / (2 * h)))
# > -4770
# > 2067
# > 13727
# > -11948

# %% [markdown]
# The slope is 1 or 0, depending on the half, and none of these numbers has anything to do with it.
# `nn.numerical_gradient` asks f at the same x twice, notices, and says what to do about it:

# %%
try:
    nn.numerical_gradient(careless, x)
except nn.ImpureFunctionError as error:
    print(error)
# > f answers the same x with … and then with …; draw its random numbers once and outside, …

# %%
mask = rng.random(x.shape) < 0.5
kept = nn.numerical_gradient(lambda x: np.sum(x * mask), x)
print(np.abs(kept - mask).max() < 1e-9)  # True

# %% [markdown]
# ### 3. float32
#
# A float32 has some 7 digits. With h = 1e-4 near 1 about four of them cancel, and little is left
# to see f change. The step must be larger (lesson 3), and the default step knows the dtype:

# %%
x32, truth = np.float32(1.0), np.cos(1.0)
print(f"{abs(nn.numerical_diff(np.sin, x32, h=1e-4) - truth):.0e}")  # 8e-05
print(f"{abs(nn.numerical_diff(np.sin, x32) - truth):.0e}")  # 4e-06

# %% [markdown]
# How large one such error is, is partly luck: the sweep of lesson 3 divides by 2h instead of by the
# distance between the rounded points, and at the same h happens to come out nearer.
#
# Networks here compute in float64 throughout, for this reason.
#
# ### 4. Noise
#
# A simulation, a measurement, a sum in another order each time: f comes with noise. Let it be 1e-6
# in size. Divided by 2h that is much, however smooth f may be underneath. A larger h helps, until
# truncation takes over. The best h is now near the cube root of the *noise*, 0.01:

# %%
print(round(np.cbrt(1e-6), 6))  # 0.01
noise = np.random.default_rng(1)


def noisy(x):
    return np.sin(x) + 1e-6 * noise.normal()


for h in (1e-6, 1e-4, 1e-2):
    slopes = [(noisy(1.0 + h) - noisy(1.0 - h)) / (2 * h) for _ in range(200)]
    print(f"{h:.0e}", f"{np.sqrt(np.mean((np.array(slopes) - truth) ** 2)):.0e}")
# > 1e-06 7e-01
# > 1e-04 7e-03
# > 1e-02 7e-05

# %% [markdown]
# `nn.numerical_diff` refuses such an f, as it refused dropout: it cannot tell noise from a
# mistake. `nn.differentiate` measures the noise, takes a step that fits, and gives an honest error
# bound:

# %%
found = nn.differentiate(noisy, 1.0)
print(found.state, abs(found.value - truth) <= found.error < 1e-2)  # noisy True

# %% [markdown]
# The picture shows all four: what the difference says for each h. A plateau over several decades
# of h, on which forward, backward and central agree, is a good sign; where there is none, no h is
# good. It is no proof. At a kink each scheme has a plateau of its own. And in float32, on the left
# where h vanishes beside x, all three agree on 0, which is wrong.

# %%
figure, axes = plt.subplots(2, 2, figsize=(13, 9), layout="constrained")
nn.plot_quotients(relu, 0.0, axes[0, 0])
nn.plot_quotients(lambda x0: careless(np.append(x0, x[1:])), x[0], axes[0, 1])
nn.plot_quotients(np.sin, x32, axes[1, 0], exact=np.cos)
nn.plot_quotients(noisy, 1.0, axes[1, 1], exact=np.cos)
names = ("relu at its kink", "dropout drawn anew", "sin in float32", "sin with noise of 1e-6")
for ax, name in zip(axes.flat, names, strict=True):
    ax.set_title(name)
nn.show(figure, "runs/lessons/13_when_differences_lie.png")

# %% [markdown]
# ## Exercises
#
# 1. A network of relus: for how many of its weights does a kink spoil the difference with h = 1e-4?
#    Take 1000 random samples of 10 features, 50 hidden units and `weight_init_std=1.0`, and count
#    the entries of W1 whose gradients with h = 1e-4 and with h = 1e-7 differ by more than 1e-6.
# 2. A function that remembers: f(x) returns x² and adds 1e-3 for each call before. What do forward
#    and central differences say at x = 3 with h = 1e-4? What does `nn` say?
# 3. round(x, 3) is a staircase. What does a difference say of it with h = 1e-5, and with h = 0.1?
#
# Solutions: `lessons/solutions/13_when_differences_lie.py`
