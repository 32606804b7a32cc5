# %% [markdown]
"""
# Solutions to lesson 12, one step from backpropagation

Run them from the root of the repository: `python -m lessons.solutions.12_backpropagation`
"""

# %%
import numpy as np

import nn

rng = np.random.default_rng(0)
x, t = rng.normal(size=(6, 3)), np.array([0, 1, 0, 1, 1, 0])

# %% [markdown]
# ## Exercise 1: sigmoid
#
# y = 1 / (1 + e⁻ˣ) has the slope e⁻ˣ / (1 + e⁻ˣ)² = y (1 − y), as 1 − y = e⁻ˣ / (1 + e⁻ˣ).


# %%
class Sigmoid(nn.Layer):
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y)


print(nn.gradcheck(Sigmoid(), x).verdict)  # right

# %% [markdown]
# ## Exercise 2: the whole gradient

# %%
net = nn.TwoLayerNet(3, 4, 2, weight_init_std=1.0, activation=nn.Tanh(), rng=0)
W1, b1, W2, b2 = (net.params[name] for name in ("W1", "b1", "W2", "b2"))

a = np.tanh(x @ W1 + b1)
D2 = (nn.functional.softmax(a @ W2 + b2) - np.eye(2)[t]) / len(t)
D1 = (D2 @ W2.T) * (1 - a**2)
by_rule = {"W1": x.T @ D1, "b1": D1.sum(axis=0), "W2": a.T @ D2, "b2": D2.sum(axis=0)}

for method in ("loop", "weight", "node"):
    nudged = net.numerical_gradient(x, t, method=method)
    print(method, all(np.allclose(nudged[k], g, atol=1e-8) for k, g in by_rule.items()))
# > loop True
# > weight True
# > node True

# %% [markdown]
# ## Exercise 3: subtracting the mean
#
# Nudging x[n, i] by h raises y[n, i] by h, and lowers all F entries of the sample by h/F, since it
# raises their mean by that. So D of x[n, i] is dout[n, i] minus the mean of dout over the sample.
# Subtracting the mean is its own backward.


# %%
class Centre(nn.Layer):
    def forward(self, x):
        return x - x.mean(axis=1, keepdims=True)

    def backward(self, dout):
        return dout - dout.mean(axis=1, keepdims=True)


nn.testing.assert_gradients(Centre(), x)
print(nn.gradcheck(Centre(), x).verdict)  # right
