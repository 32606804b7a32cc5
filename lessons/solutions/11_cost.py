# %% [markdown]
"""
# Solutions to lesson 11, what a gradient costs

Run them from the root of the repository: `python -m lessons.solutions.11_cost`
"""

# %%
import numpy as np

import datasets
import nn

# %% [markdown]
# ## Exercise 1: counting
#
# 784·50 + 50 + 50·10 + 10 = 39 760 weights, each nudged up and down: 79 520 forward passes for one
# step. `node` nudges 50 hidden and 10 output units, up and down: 120 rows for each sample to
# follow, most of them through the last layer and the loss alone.

# %%
net = nn.TwoLayerNet(784, 50, 10, rng=0)
print(net.size, 2 * net.size, 2 * (50 + 10))  # 39760 79520 120

# %% [markdown]
# ## Exercise 2: random directions
#
# The relative error is about √(P/k), with P = 2410 weights: ten times less takes a hundred times
# as many directions. With k = P directions it is still as large as the gradient, and costs as much
# as nudging every weight, which is right to ten digits. Dimension is what makes it expensive.

# %%
data = datasets.load("digits", standardize=True, seed=0)
x, t = data.x_train[:50], data.t_train[:50]
net = nn.TwoLayerNet(64, 32, 10, weight_init_std=0.1, rng=0)
print(net.size)  # 2410


def flat(grads):
    return np.concatenate([g.ravel() for g in grads.values()])


true = flat(net.numerical_gradient(x, t))
for k in (10, 100, 1000):
    noisy = flat(net.numerical_gradient(x, t, method=nn.gradients.Direction(k, rng=0)))
    error = np.linalg.norm(noisy - true) / np.linalg.norm(true)
    print(k, f"{error:.2g}", f"{np.sqrt(net.size / k):.2g}")
# > 10 15 16
# > 100 5.1 4.9
# > 1000 1.6 1.6

# %% [markdown]
# ## Exercise 3: two ways, one path
#
# `node` and `weight` differ by O(h²), which is next to nothing. After 20 steps the losses still
# agree to eight digits.


# %%
def losses(method):
    net = nn.TwoLayerNet(64, 32, 10, weight_init_std=0.1, rng=0)
    optimizer, found = nn.SGD(lr=0.3), []
    for _ in range(20):
        optimizer.update(net.params, net.numerical_gradient(x, t, method=method))
        found.append(net.loss(x, t))
    return np.array(found)


weight, node = losses("weight"), losses("node")
print(weight[0] > weight[-1], np.abs(weight - node).max() < 1e-8)  # True True
