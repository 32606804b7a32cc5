# %% [markdown]
"""
# Solutions to lesson 9, from a function to a network

Run them from the root of the repository: `python -m lessons.solutions.09_loss_of_a_network`
"""

# %%
import numpy as np

import datasets
import nn

data = datasets.load("xor", samples=60, noise=0.15, seed=0)
x, t = data.x_train, data.t_train

# %% [markdown]
# ## Exercise 1: a net that knows nothing
#
# All outputs are 0, softmax makes ½ and ½ of them, and −ln ½ = ln 2 = 0.6931. The hidden units are
# tanh(0) = 0, so nudging W2 changes nothing; W2 is 0, so nudging W1 changes nothing either. Only
# b2 could move, and the net would never learn more than how frequent each class is. This is why
# weights start at random.

# %%
net = nn.TwoLayerNet(2, 3, 2, weight_init_std=0.0, activation=nn.Tanh(), rng=0)
print(round(net.loss(x, t), 4))  # 0.6931
grads = net.numerical_gradient(x, t)
print(np.abs(grads["W1"]).max() < 1e-10, np.abs(grads["W2"]).max() < 1e-10)  # True True

# %% [markdown]
# ## Exercise 2: the bias of the outputs
#
# Adding the same number to both outputs changes nothing, softmax looks at their difference only.
# So the slope along (1, 1) is 0, and that slope, up to a factor, is the sum of both entries.

# %%
net = nn.TwoLayerNet(2, 3, 2, weight_init_std=1.0, activation=nn.Tanh(), rng=9)
print(abs(net.numerical_gradient(x, t)["b2"].sum()) < 1e-10)  # True

# %% [markdown]
# ## Exercise 3: the path of all weights
#
# Without `weights=` the plane is that in which the path moves most, its first two principal
# components: each is a mixture of all weights. The axes tell how much of the path each holds.

# %%
path = [net.params.copy()]
for _ in range(200):
    for name, g in net.numerical_gradient(x, t).items():
        net.params[name] -= 0.5 * g
    path.append(net.params.copy())
print(net.size, net.loss(x, t) < 0.1)  # 17 True
picture = nn.plot_loss_surface(net, x, t, path)
nn.show(picture, "runs/lessons/solutions/09_loss_of_a_network.png")
