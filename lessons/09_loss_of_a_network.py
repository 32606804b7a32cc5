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
# A network is a function of x with many numbers in it, the weights. Ours has 2 inputs, 3 hidden
# units and 2 outputs, one for each of two classes. Each hidden unit forms a weighted sum of the
# inputs, adds a bias, and squeezes the result by tanh into (−1, 1). Each output is a weighted sum
# of the hidden units, with a bias too:
#
#     z = tanh(x W1 + b1) W2 + b2

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
# The data: 60 points near the corners of a square, 48 of them to train on. The class t is 1 where
# exactly one coordinate is near 1 ("exclusive or", xor), else 0.

# %%
data = datasets.load("xor", samples=60, noise=0.15, seed=0)
x, t = data.x_train, data.t_train
print(len(x))  # 48
for k in range(5):
    print(x[k].round(1), t[k])
# > [ 1.  -0.1] 1
# > [ 1. -0.] 1
# > [-0.2  0.8] 1
# > [0.1 0.1] 0
# > [0.9 1.1] 0

# %% [markdown]
# To get from outputs to one number that says how bad they are takes two steps. *Softmax* turns the
# outputs of a sample into probabilities: pₖ = exp(zₖ) / Σ exp(z). *Cross-entropy* is −ln of the
# probability given to the right class, in the mean over all samples. Together they are the *loss*:


# %%
def loss_by_hand(W1, b1, W2, b2):
    z = np.tanh(x @ W1 + b1) @ W2 + b2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    right = p[np.arange(len(t)), t]
    return -np.log(right).mean()


print(round(loss_by_hand(**net.params), 3), round(net.loss(x, t), 3))  # 1.428 1.428

# %% [markdown]
# During training x and t stay as they are, and the weights move. So turn the view round: the loss
# is a *function of the weights*, of 17 variables here. All we have learnt about functions of
# several variables holds for it.
#
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
# A positive number says: make this weight a little smaller, and the loss falls; a negative one: a
# little larger. Now train, but only two of the weights, W1[0, 1] and W2[1, 0], so that one can see
# all there is to see: a surface over two variables and a path down, just as in the last lesson.
# `net.params.copy()` is a snapshot, in arrays of its own; `net.params.update(…)` puts one back.

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
# With all 17 one gets further down. Nobody can draw a surface over 17 variables, but nothing in
# the method minds:

# %%
net.params.update(start)
for _ in range(60):
    for name, g in net.numerical_gradient(x, t).items():
        net.params[name] -= 0.5 * g
print(round(net.loss(x, t), 3))  # 0.14

# %% [markdown]
# On the left the loss along W1[0, 1], at the start: smaller is better there. Yet on the right the
# path soon turns towards larger ones. As W2[1, 0] changed, so did the slope along W1[0, 1]: a
# gradient holds where it was taken.

# %%
print(path[1]["W1"][0, 1] < path[0]["W1"][0, 1] < path[-1]["W1"][0, 1])  # True

# %%
figure = plt.figure(figsize=(13, 5.6), layout="constrained")
line = figure.add_subplot(1, 2, 1)
surface = figure.add_subplot(1, 2, 2, projection="3d")
net.params.update(start)
nn.plot_loss_line(net, x, t, "W1", (0, 1), line)
nn.plot_loss_surface(net, x, t, path, surface, weights=weights)
nn.show(figure, "runs/lessons/09_loss_of_a_network.png")

# %% [markdown]
# ## Exercises
#
# 1. The loss of a network that knows nothing: set all weights to 0. Which number comes out, and
#    why is it ln 2? What are the gradients of W1 and W2, and can it learn from there?
# 2. Add up the entries of the gradient of b2. Why is the sum 0, for any weights and data?
# 3. Train all 17 weights for 200 steps, keeping `net.params.copy()` after each. Draw the path with
#    `nn.plot_loss_surface(net, x, t, path)`, without `weights=`. What do its axes say?
#
# Solutions: `lessons/solutions/09_loss_of_a_network.py`
