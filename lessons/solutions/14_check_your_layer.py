# %% [markdown]
"""
# Solutions to lesson 14, check a layer of your own

Run them from the root of the repository: `python -m lessons.solutions.14_check_your_layer`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: one sign among two hundred


# %%
class Flipped(nn.Layer):
    def __init__(self, inputs, outputs):
        rng = np.random.default_rng(0)
        self.params = {"W": rng.normal(size=(inputs, outputs)), "b": np.zeros(outputs)}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(axis=0)}
        self.grads["W"][7, 3] *= -1
        return dout @ self.params["W"].T


rng = np.random.default_rng(1)
report = nn.gradcheck(Flipped(20, 10), rng.normal(size=(8, 20)))
print(report.verdict, report.cause.tag)  # wrong sign
print(report.worst.name, list(report.worst.index))  # W [7, 3]
print(round(report.worst.analytic / report.worst.numeric, 6))  # -1.0

# %% [markdown]
# ## Exercise 2: a learnt slope
#
# At x = 0 there is a kink, unless the slope happens to be 1. Any number between both slopes, here
# 0.25 and 1, is a valid answer there, and the check accepts it. Others it calls wrong:


# %%
class PReLU(nn.Layer):
    def __init__(self):
        self.params = {"slope": np.array([0.25])}

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.params["slope"] * x)

    def backward(self, dout):
        below = self.x <= 0
        self.grads = {"slope": np.array([np.sum(dout * self.x * below)])}
        return np.where(below, dout * self.params["slope"], dout)


x = rng.normal(size=(6, 4))
x[2, 1] = 0.0
print(nn.gradcheck(PReLU(), x).verdict)  # right


class Outside(PReLU):
    def backward(self, dout):
        return np.where(self.x == 0, 2 * dout, super().backward(dout))


print(nn.gradcheck(Outside(), x).verdict)  # wrong

# %% [markdown]
# ## Exercise 3: dropout
#
# Before it compares any gradient, the check asks `forward` twice. With two answers to one question
# there is no gradient to speak of, so the verdict is neither right nor wrong.


# %%
class Careless(nn.Layer):
    def forward(self, x):
        self.mask = (rng.random(x.shape) < 0.5) * 2.0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


print(nn.gradcheck(Careless(), x).verdict)  # unstable

# %% [markdown]
# The mask belongs to a *step* of training, not to a call: drawn once, outside of `forward`.


# %%
class Dropout(Careless):
    def draw(self, shape):
        self.mask = (rng.random(shape) < 0.5) * 2.0

    def forward(self, x):
        return x * self.mask


layer = Dropout()
layer.draw(x.shape)
report = nn.gradcheck(layer, x)
print(report.verdict)  # right
