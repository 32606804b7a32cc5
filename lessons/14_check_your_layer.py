# %% [markdown]
"""
# 14. Check a layer of your own

After this lesson you can write a layer, train it with `forward` alone, give it a `backward`, and
have a report say what is wrong with it, where and why.

Run it from the root of the repository: `python -m lessons.14_check_your_layer`
"""

# %%
import numpy as np

import datasets
import nn

# %% [markdown]
# ### Write it
#
# A layer is a class with `params`, a dict of arrays, and `forward`. Ours is called Swish: x ·
# sigmoid(β x), a smooth relative of relu, where each feature learns a β of its own (Ramachandran,
# Zoph and Le, Searching for Activation Functions, 2017). `forward` takes a batch, samples along
# the first axis:


# %%
class Swish(nn.Layer):
    def __init__(self, size, beta=1.0):
        self.params = {"beta": np.full(size, beta)}

    def forward(self, x):
        return x / (1 + np.exp(-self.params["beta"] * x))


# %% [markdown]
# ### Train it
#
# That is all a network needs in order to learn by differences. `nn.Linear` is the layer x W + b,
# and `nn.Sequential` is a network of layers in a row, each taking what the one before it returns:

# %%
data = datasets.load("moons", samples=300, noise=0.15, standardize=True, seed=0)
swish = Swish(12)
net = nn.Sequential([nn.Linear(2, 12, rng=0), swish, nn.Linear(12, 2, rng=1)])
trainer = nn.Trainer(net, nn.CrossEntropyLoss(), nn.SGD(lr=0.1, momentum=0.9), rng=0)
trainer.fit(data.x_train, data.t_train, epochs=60, progress=False)
print(net.accuracy(data.x_test, data.t_test) >= 0.95)  # True
print(np.ptp(swish.params["beta"]) > 0.1)  # True

# %% [markdown]
# It has learnt, and the β, which all began at 1, have moved apart. Suppose now that we want to use
# the layer elsewhere, in a large net with backpropagation, and write its `backward`. With s =
# sigmoid(β x), lesson 12 gives
#
#     ∂y/∂x = s + β x s (1 − s)          ∂y/∂β = x² s (1 − s)
#
# A first attempt:


# %%
class FirstAttempt(Swish):
    def forward(self, x):
        self.x, self.s = x, 1 / (1 + np.exp(-self.params["beta"] * x))
        return x * self.s

    def backward(self, dout):
        slope = self.s * (1 - self.s)
        self.grads = {"beta": (dout * self.x**2 * slope).mean(axis=0)}
        return dout * (self.s + self.x * slope)


# %% [markdown]
# ### Check it
#
# Give the check a layer and a batch. β should not be all ones: where a number is 1, forgetting to
# multiply by it goes unnoticed.

# %%
x = np.random.default_rng(0).normal(size=(8, 5))


def checked(kind):
    layer = kind(5)
    layer.params["beta"] = np.array([0.5, 1.0, 1.5, 2.0, 2.5])
    return nn.gradcheck(layer, x)


report = checked(FirstAttempt)
print(report)
# > FirstAttempt(): wrong, in 37 of 45 entries
# >   constant factor: the gradient of beta is 1/8 times what it should be, …
# >   missing term, perhaps: the gradient of x correlates with the true one, …
# >   beta[2]: analytic -0.094826281, numeric -0.75861025 …
# >   beta[0]: analytic 0.040332783, numeric 0.32266226 …
# >   beta[1]: analytic 0.039863481, numeric 0.31890785 …
# >   beta[4]: analytic 0.018357333, numeric 0.14685867 …
# >   beta[3]: analytic 0.015374523, numeric 0.12299619 …
# >   x[0, 4] (sample 0): analytic 0.15695259, numeric -0.016661521 …
# >   x[7, 3] (sample 7): analytic 1.3471453, numeric 1.5076321 …
# >   x[6, 0] (sample 6): analytic 0.16570244, numeric 0.30652354 …
# >   … and 29 more
# >
# >   gradient of  shape   entries  looked at  right  wrong  undecided
# >   x            (8, 5)       40         40      8     32          0  wrong
# >   beta         (5,)          5          5      0      5          0  wrong
# >   slopes of sum(dout * forward(x)) for a random dout; …

# %% [markdown]
# Read it from the top. It is *wrong*, not merely inaccurate: the differences know their own error,
# and what is off by more than that cannot be rounding. Then come the *causes*, where the pattern
# of the errors fits one; then the *places*, worst first, measured against the largest gradient of
# their array; then a line for each array.
#
# The gradient of β is 1/8 of what it should be: the mean over the eight samples, where the sum is
# meant. (The mean belongs to the loss, which divides by N once and for all.) We mend that first:


# %%
class SecondAttempt(FirstAttempt):
    def backward(self, dout):
        slope = self.s * (1 - self.s)
        self.grads = {"beta": (dout * self.x**2 * slope).sum(axis=0)}
        return dout * (self.s + self.x * slope)


second = checked(SecondAttempt)
for row in second.table:
    print(row.name, row.verdict)
# > x wrong
# > beta right

# %% [markdown]
# Now β is right. Of x, 8 of 40 entries are right, and the report says "missing term, perhaps":
# *perhaps* is its word for a cause that is a guess. Where are the right ones? A row is a sample, a
# column a feature:

# %%
right = (second.table[0].verdicts == "right").reshape(8, 5)
print(second.cause.tag, second.cause.guess)  # missing term True
print(right.all(axis=0))  # [False  True False False False]

# %% [markdown]
# Exactly the second feature, the one whose β is 1. So a factor β is missing, the inner derivative:


# %%
class Mended(SecondAttempt):
    def backward(self, dout):
        beta, slope = self.params["beta"], self.s * (1 - self.s)
        self.grads = {"beta": (dout * self.x**2 * slope).sum(axis=0)}
        return dout * (self.s + beta * self.x * slope)


print(checked(Mended).verdict)  # right

# %% [markdown]
# ### Keep it right
#
# In the tests of a project one line does the same, and fails with the report. Mind β here too: with
# the default 1 even the second attempt would pass, and the report only notes that β is all ones.

# %%
nn.testing.assert_gradients(Mended(5, beta=1.7), x)
try:
    nn.testing.assert_gradients(SecondAttempt(5, beta=1.7), x)
except nn.GradientMismatch as error:
    print(str(error)[:16])  # SecondAttempt():
print(nn.gradcheck(SecondAttempt(5), x).notes[0])
# > beta is all ones: a forgotten factor beta would not show; give it other numbers

# %% [markdown]
# In a shell it is `python -m nn check mylayers.py:Mended --input 8x5 --set size=5 --set beta=1.7`.
#
# The picture: analytic against numeric gradients, one dot for each entry. What is right lies on the
# diagonal.

# %%
picture = report.plot()
nn.show(picture, "runs/lessons/14_check_your_layer.png")

# %% [markdown]
# ## Exercises
#
# 1. Flip one sign among the gradients of a `Linear`-like layer, z = x W + b, with 20 × 10 weights,
#    and have it found.
# 2. Write a leaky relu whose slope below zero is learnt, one number for all features: `forward`,
#    `backward`, check. What does the check say where x is exactly 0?
# 3. Write a dropout layer that draws a new mask in each `forward`. What does the check say, and
#    what would you change so that it can be checked?
#
# Solutions: `lessons/solutions/14_check_your_layer.py`
