# %% [markdown]
"""
# 9. From a function to a network

After this lesson you can see the loss of a network as a function of its weights, and find the
gradient of every one of them with the difference you know.

Run it from the root of the repository: `python -m lessons.09_loss_of_a_network`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import datasets
import nn

# %% [markdown]
# A network is a function of x with many numbers in it, the weights. With 2 inputs, 3 hidden units
# and 2 outputs (one for each class) there are 2·3 + 3 + 3·2 + 2 = 17:

# %%
net = nn.TwoLayerNet(2, 3, 2, weight_init_std=1.0, activation=nn.Tanh(), rng=9)
for name, p in net.params.items():
    print(name, p.shape)
# > W1 (2, 3)
# > b1 (3,)
# > W2 (3, 2)
# > b2 (2,)
print(net.size)  # 17

# %% [markdown]
# The *loss* says with one number how bad its answers are for samples x whose classes t we know.
# During training x and t stay as they are, and the weights move. So turn the view round: the loss
# is a *function of the weights*, of 17 variables here. All we have learnt about functions of
# several variables holds for it.

# %%
data = datasets.load("xor", samples=60, noise=0.15, seed=0)
x, t = data.x_train, data.t_train
print(round(net.loss(x, t), 3))  # 1.428

# %% [markdown]
# Take one weight and nudge it up and down, all others held still. That is a partial derivative:

# %%
W1, h = net.params["W1"], 1e-4
saved = W1[0, 1]
W1[0, 1] = saved + h
up = net.loss(x, t)
W1[0, 1] = saved - h
down = net.loss(x, t)
W1[0, 1] = saved  # put back what was saved; += h and -= h would not be exact
slope = (up - down) / (2 * h)
print(round(slope, 6))  # 0.09806

# %% [markdown]
# `net.numerical_gradient` does this for all 17, and gives a dict with the names and shapes of the
# weights. Entry by entry:

# %%
grads = net.numerical_gradient(x, t)
for name, g in grads.items():
    for index in np.ndindex(g.shape):
        print(name, list(index), f"{g[index]:+.4f}")
# > W1 [0, 0] +0.0221
# > W1 [0, 1] +0.0981
# > W1 [0, 2] -0.1174
# > W1 [1, 0] +0.0219
# > W1 [1, 1] +0.0261
# > W1 [1, 2] -0.5865
# > b1 [0] +0.0149
# > b1 [1] +0.0557
# > b1 [2] -0.1879
# > W2 [0, 0] -0.0346
# > W2 [0, 1] +0.0346
# > W2 [1, 0] +0.2062
# > W2 [1, 1] -0.2062
# > W2 [2, 0] -0.2916
# > W2 [2, 1] +0.2916
# > b2 [0] +0.2535
# > b2 [1] -0.2535
assert abs(grads["W1"][0, 1] - slope) < 1e-9

# %% [markdown]
# A positive number says: make this weight smaller, and the loss falls; a negative one: larger. Now
# train, but only two of the weights, W1[0, 1] and W2[1, 0], so that one can see all there is to
# see: a surface over two variables and a path down, just as in the last lesson.

# %%
weights = (("W1", (0, 1)), ("W2", (1, 0)))
start = net.params.copy()
path = [start]
for _ in range(60):
    grads = net.numerical_gradient(x, t)
    for name, index in weights:
        net.params[name][index] -= 0.5 * grads[name][index]
    path.append(net.params.copy())
print(round(net.loss(x, t), 3))  # 0.576

# %% [markdown]
# With all 17 one gets further. Nobody can draw a surface over 17 variables, but nothing in the
# method minds:

# %%
net.params.update(start)
for _ in range(60):
    for name, g in net.numerical_gradient(x, t).items():
        net.params[name] -= 0.5 * g
print(round(net.loss(x, t), 3))  # 0.14

# %%
figure = plt.figure(figsize=(13, 5.6), layout="constrained")
line = figure.add_subplot(1, 2, 1)
surface = figure.add_subplot(1, 2, 2, projection="3d")
net.params.update(start)
nn.plot_loss_line(net, x, t, "W1", (0, 1), line)
nn.plot_loss_surface(net, x, t, path, surface, weights=weights)
nn.show([line, surface], "runs/lessons/09_loss_of_a_network.png")

# %% [markdown]
# ## Exercises
#
# 1. The loss of a network that knows nothing: set all weights to 0. Which number comes out, and
#    why is it ln 2? What are the gradients of W1 and W2, and can it learn from there?
# 2. Add up the entries of the gradient of b2. Why is the sum 0, for any weights and data?
# 3. Train all 17 weights for 200 steps, keeping `net.params.copy()` after each. Draw the path with
#    `nn.plot_loss_surface(net, x, t, path)`. What are its two directions?
#
# Solutions: `lessons/solutions/09_loss_of_a_network.py`
