# %% [markdown]
"""
# 11. Why nobody trains like this, and how one can

After this lesson you know what a gradient by differences costs, why the plain loop is hopeless for
large networks, two ways to the same gradient for far less, and one to a noisy estimate of it.

Run it from the root of the repository: `python -m lessons.11_cost`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import datasets
import nn

# %% [markdown]
# The loop of lesson 9 runs the whole network twice for every weight. A network of P weights needs
# 2P forward passes for one step. A forward pass does about P multiplications for each sample, so
# the work grows as P². For handwritten digits of 784 pixels a net with 50 hidden units has 39 760
# weights, and one step on 100 samples takes the loop ten to twenty seconds. So books show it, and
# go on to backpropagation.
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
# The methods:
#
# * `loop`: nudge each weight, run the whole network. 2P forward passes.
# * `weight`: nudge each weight, follow only what changed. The *same* numbers, to rounding.
# * `node`: nudge each unit of each sample. All weights that lead into a unit act through it alone,
#   so its one slope serves them all; why, the next lesson shows.
# * `auto`: for each layer the cheaper of the last two.
# * `direction`: nudge all weights at once along a random direction. Two passes a direction, ten
#   directions by default, whatever P is; right on average, and very noisy (the last exercise of
#   lesson 6).
#
# What each is going to do for a batch can be asked; a row is one sample to follow:

# %%
problem = net.problem(x, t)
for method in ("loop", "weight", "node", "direction"):
    work = nn.gradients.get_method(method).work(problem)
    print(f"{method:<10} {work.number:>7} {work.unit}")
# > loop          4822 loss evaluations
# > weight      231400 rows
# > node          4200 rows
# > direction       20 loss evaluations

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
# Equal numbers, but for `direction`: `weight` to rounding, `node` up to h². The noise of
# `direction` is no bias. Averaged over many estimates, it fades:

# %%
for k in (1, 100, 10_000):
    grads = net.numerical_gradient(x, t, method=nn.gradients.Direction(k, rng=0))
    print(k, round(largest_difference(grads), 1))
# > 1 4.3
# > 100 2.0
# > 10000 0.2

# %% [markdown]
# Now the time a step takes, measured on your machine just now (where the loop takes too long, one
# pass is measured, times 2P):

# %%
methods = ("loop", "weight", "node", "auto", "direction")
seconds = {m: nn.seconds_per_gradient(problem, m) for m in methods}
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
# From the smallest net to the largest there are 63 times as many weights. `weight` takes about as
# many times as long; `node` much less at these sizes, where the fixed cost of a call still hides
# its growth. The loop takes some hundreds of times as long: P² would be 3969 times, but small nets
# are slowed by what each numpy call costs, so its measured exponent is below 2 and still rising.
# It not only starts behind, it falls further behind:

# %%
print(round(sizes[-1] / sizes[0]), round(sizes[-1] / sizes[0]) ** 2)  # 63 3969
growth = {method: row[-1] / row[0] for method, row in times.items()}
print(growth["loop"] > 2 * growth["weight"] > 2 * growth["node"])  # True
late = {method: row[-1] / row[-2] for method, row in times.items()}
print(late["loop"] > times["loop"][1] / times["loop"][0])  # True

# %% [markdown]
# With `weight` and `node` a network learns the digits of MNIST in minutes; see
# `configs/mnist.toml`.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5), layout="constrained")
nn.plot_times(seconds, left)
nn.plot_growth(sizes, times, right)
left.set_title("seconds a step, 64-32-10 net, batch of 50")
right.set_title("the same, 64-N-10 nets")
nn.show(figure, "runs/lessons/11_cost.png")

# %% [markdown]
# ## Exercises
#
# 1. Count: how many forward passes does the loop need for a 784-50-10 net? How many hidden and
#    output units does `node` nudge in each sample?
# 2. Take `method=nn.gradients.Direction(k, rng=0)` for k = 10, 100, 1000 directions. How far is
#    the estimate from the true gradient, as a share of its length? How does that fall with k?
# 3. Train the net above for 20 steps by `weight` and 20 by `node`, from the same start. Are the
#    losses the same?
#
# Solutions: `lessons/solutions/11_cost.py`
