# %% [markdown]
"""
# 11. Why nobody trains like this, and how one can

After this lesson you know what a gradient by differences costs, why the plain loop is hopeless for
large networks, and three ways to have the same gradient for less.

Run it from the root of the repository: `python -m lessons.11_cost`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import datasets
import nn

# %% [markdown]
# The loop of lesson 9 runs the whole network twice for every weight. A network of P weights needs
# 2P forward passes for one step, and a forward pass itself grows with P: the cost grows as P².
# Handwritten digits of 784 pixels and 50 hidden units make 39 760 weights, and half a minute a
# step. So books show it, and go on to backpropagation.
#
# But the loop wastes nearly all it does. Nudge one weight of the first layer, W1[i, j], by h: what
# changes? Only unit j, in each sample by h·x[n, i]. All other units stay as they are, and where
# x[n, i] is 0 nothing changes at all. `nn` computes the clean pass once, and then follows only
# what changed. It calls this a *perturbed row*.

# %%
print(nn.TwoLayerNet(784, 50, 10).size)  # 39760

data = datasets.load("digits", standardize=True, seed=0)
x, t = data.x_train[:50], data.t_train[:50]
net = nn.TwoLayerNet(64, 32, 10, weight_init_std=0.1, rng=0)
print(net.size)  # 2410

# %% [markdown]
# The methods, from the book's to the cheapest:
#
# * `loop`: nudge each weight, run the whole network. 2P forward passes.
# * `weight`: nudge each weight, follow only what changed. The *same* numbers, to rounding.
# * `node`: nudge each unit of each sample rather than each weight. All weights that lead into a
#   unit act through it, so far fewer nudges will do; why this is right is the next lesson.
# * `auto`: for each layer the cheaper of the last two.
# * `direction`: nudge all weights at once along a random direction. Two passes a direction,
#   whatever P is; right on average, and very noisy (the last exercise of lesson 6).

# %%
loop = net.numerical_gradient(x, t, method="loop")


def largest_difference(grads):
    size = max(np.abs(g).max() for g in loop.values())
    return max(np.abs(grads[name] - g).max() for name, g in loop.items()) / size


for method in ("weight", "node", "auto", nn.gradients.Direction(10, rng=0)):
    grads = net.numerical_gradient(x, t, method=method)
    print(getattr(method, "name", method), largest_difference(grads) < 1e-7)
# > weight True
# > node True
# > auto True
# > direction False

# %% [markdown]
# Equal numbers, but for `direction`: `weight` to rounding, `node` up to h². Now the time a step
# takes, measured on your machine just now:

# %%
methods = ("loop", "weight", "node", "auto", "direction")
seconds = {m: nn.seconds_per_gradient(net.problem(x, t), m) for m in methods}
for method, time in seconds.items():
    print(f"{method:<10} {1000 * time:8.2f} ms")
# > loop       …
# > weight     …
# > node       …
# > auto       …
# > direction  …
print(seconds["loop"] > seconds["weight"] > seconds["node"])  # True

# %% [markdown]
# How does it grow? We make the network wider and wider, and measure again:

# %%
sizes, times = [], {"loop": [], "weight": [], "node": []}
for width in (8, 32, 128, 512):
    wide = nn.TwoLayerNet(64, width, 10, weight_init_std=0.1, rng=0)
    sizes.append(wide.size)
    for method, row in times.items():
        row.append(nn.seconds_per_gradient(wide.problem(x, t), method, seconds=0.1))
print(sizes)  # [610, 2410, 9610, 38410]
for method, row in times.items():
    print(f"{method:<7} {row[0]:.1e} s to {row[-1]:.1e} s: {row[-1] / row[0]:.0f} times as long")
# > loop    …
# > weight  …
# > node    …

# %% [markdown]
# From the smallest net to the largest there are 62 times as many weights. `weight` takes about as
# many times as long, and `node` fewer, since it counts units and not weights. The loop takes some
# hundreds of times as long. It does not only start behind, it falls behind:

# %%
growth = {method: row[-1] / row[0] for method, row in times.items()}
print(sizes[-1] // sizes[0])  # 62
print(growth["loop"] > 2 * growth["weight"] > 2 * growth["node"])  # True

# %% [markdown]
# With `weight` and `node` a network learns the digits of MNIST in minutes; see
# `configs/mnist.toml`.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5), layout="constrained")
nn.plot_times(seconds, left)
nn.plot_growth(sizes, times, right)
left.set_title("seconds a step, 64-32-10 net, batch of 50")
right.set_title("the same, 64-N-10 nets")
nn.show([left, right], "runs/lessons/11_cost.png")

# %% [markdown]
# ## Exercises
#
# 1. Count: how many forward passes does the loop need for a 784-50-10 net? How many hidden and
#    output units does it have, that `node` nudges in each sample?
# 2. Take `nn.gradients.Direction(k, rng=0)` for k = 10, 100, 1000 directions. How far is it from
#    the true gradient, as a share of its length? How does that fall with k?
# 3. Train the net above for 20 steps by `weight` and 20 by `node`, from the same start. Are the
#    losses the same?
#
# Solutions: `lessons/solutions/11_cost.py`
