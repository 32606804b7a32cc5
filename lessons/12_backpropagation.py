# %% [markdown]
"""
# 12. One step from backpropagation

After this lesson you know why nudging units gives the gradient of the weights, can derive the chain
rule from it, write `backward` by hand and have it checked.

Run it from the root of the repository: `python -m lessons.12_backpropagation`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# A net with a hidden layer, written out. Six samples, three inputs, four hidden units, two
# classes:

# %%
rng = np.random.default_rng(0)
x, t = rng.normal(size=(6, 3)), np.array([0, 1, 0, 1, 1, 0])
W1, b1 = rng.normal(size=(3, 4)), np.zeros(4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
cross_entropy = nn.CrossEntropyLoss()


def loss_from_z1(z1):
    return loss_from_z2(np.tanh(z1) @ W2 + b2)


def loss_from_z2(z2):
    return cross_entropy(z2, t)


z1 = x @ W1 + b1
z2 = np.tanh(z1) @ W2 + b2

# %% [markdown]
# ### From weights to units
#
# Where can a weight W1[i, j] make itself felt? Only in z1[n, j], the sum that unit j forms of
# sample n: nudging the weight by h moves that by h·x[n, i], and everything later sees nothing but
# z1. So let us nudge z1 itself, every unit of every sample, and write D for the slopes:
#
#     D1[n, j]  =  slope of the loss along z1[n, j]
#
# A weight moves all samples at once, each by x[n, i] times as much. Slopes along several things
# add up (lesson 6, the dot product):
#
#     slope along W1[i, j]  =  Σₙ x[n, i] D1[n, j]        that is, dW1 = xᵀ D1
#     slope along b1[j]     =  Σₙ D1[n, j]

# %%
D1 = nn.numerical_gradient(loss_from_z1, z1)
by_units = x.T @ D1
by_weights = nn.numerical_gradient(lambda W: loss_from_z1(x @ W + b1), W1)
print(np.abs(by_units - by_weights).max() < 1e-8)  # True
print(by_weights.size, D1.size)  # 12 24

# %% [markdown]
# Is that a gain? z1[n, j] concerns sample n alone, so for each nudge of it only that sample need
# be followed to the loss: 24 rows up and 24 down. A weight moves all six samples: 12 weights make
# 72 rows. And a unit has as many weights as there are inputs, hundreds for an image; all of them
# share one D. This is the method `node` of lesson 11, *node perturbation*.

# %%
print(W1.size * len(x))  # 72

# %% [markdown]
# ### From units to units
#
# Now ask the same question of z1 itself. Where can z1[n, j] make itself felt? In a[n, j] = tanh of
# it, which moves tanh′(z1[n, j]) times as much, and through it in each z2[n, k], which moves W2[j,
# k] times as much as that. Again slopes add up:
#
#     D1[n, j]  =  tanh′(z1[n, j]) · Σₖ W2[j, k] D2[n, k]
#
# So D1 need not be nudged: it follows from D2. In matrices, with tanh′ = 1 − tanh²:

# %%
D2 = nn.numerical_gradient(loss_from_z2, z2)
D1_by_rule = (D2 @ W2.T) * (1 - np.tanh(z1) ** 2)
print(np.abs(D1_by_rule - D1).max() < 1e-8)  # True

# %% [markdown]
# That is the *chain rule*, found by following a nudge. With ten layers one would go from D10 to D9
# and so on to D1, always towards the input: *back*propagation.
#
# What remains is D2 at the end, the slopes of the loss along the outputs. The loss of a sample of
# class t is −ln pₜ = −zₜ + ln Σ exp(z). Its slope along zₖ is exp(zₖ) / Σ exp(z) = pₖ, less 1
# where k = t; and the loss is the mean over the samples. `np.eye(2)[t]` has a row for each sample,
# with a 1 at its class:

# %%
p = nn.functional.softmax(z2)
D2_by_rule = (p - np.eye(2)[t]) / len(t)
print(np.abs(D2_by_rule - D2).max() < 1e-8)  # True

# %% [markdown]
# Now nothing is nudged any more. The differences have shown the way to the formula, and at each
# turn they have said whether it is right. This is what they are best at.
#
# ### A layer with a backward
#
# Put into a class: `forward` keeps what `backward` needs; `backward` is given D of its output (its
# usual name is dout), fills `grads` and returns D of its input.


# %%
class TanhLinear(nn.Layer):
    """tanh(x W + b)."""

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}

    def forward(self, x):
        self.x = x
        self.y = np.tanh(x @ self.params["W"] + self.params["b"])
        return self.y

    def backward(self, dout):
        D = dout * (1 - self.y**2)
        self.grads = {"W": self.x.T @ D, "b": D.sum(axis=0)}
        return D @ self.params["W"].T


report = nn.gradcheck(TanhLinear(W1, b1), x)
print(report.verdict, [row.name for row in report.table])  # right ['x', 'W', 'b']

# %% [markdown]
# Right, for the input and both parameters. Lesson 14 shows what the check says when it is not.
#
# The picture: from the slopes along the outputs to those along the hidden units, by the chain rule
# and by nudging each. A row is a sample.

# %%
picture = nn.plot_weights(
    {"D2, outputs": D2, "D1, by the chain rule": D1_by_rule, "D1, by nudging": D1}
)
nn.show(picture, "runs/lessons/12_backpropagation.png")

# %% [markdown]
# ## Exercises
#
# 1. Derive and check `backward` of a sigmoid layer, y = 1 / (1 + e⁻ˣ). How is its slope written
#    with y alone?
# 2. Write the whole gradient of the net above by the chain rule, with W2, b2, W1 and b1, and
#    compare it with `nn.TwoLayerNet(3, 4, 2, activation=nn.Tanh())` holding the same weights.
# 3. Layer normalization subtracts from each sample the mean of its features (leave out the
#    division). Follow a nudge through it and derive `backward`.
#
# Solutions: `lessons/solutions/12_backpropagation.py`
