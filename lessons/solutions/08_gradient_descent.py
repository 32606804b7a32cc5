# %% [markdown]
"""
# Solutions to lesson 8, gradient descent

Run them from the root of the repository: `python -m lessons.solutions.08_gradient_descent`
"""

# %%
import numpy as np

import nn

# %% [markdown]
# ## Exercise 1: where it converges
#
# x − lr · 2x = (1 − 2 lr) x: each step multiplies by 1 − 2 lr. It shrinks while that is between −1
# and 1, for lr between 0 and 1. At exactly 1 it jumps back and forth for ever; at 0.5 it is there
# at once.

# %%
for lr in (0.01, 0.5, 0.99, 1.0, 1.001):
    end = nn.gradient_descent(lambda x: x**2, 1.0, lr=lr, steps=2000)[-1]
    print(lr, abs(end) < 1e-6, abs(end) > 10)
# > 0.01 True False
# > 0.5 True False
# > 0.99 True False
# > 1.0 False False
# > 1.001 False True

# %% [markdown]
# ## Exercise 2: momentum by hand


# %%
def valley(x):
    return x[0] ** 2 / 20 + x[1] ** 2


x, v = np.array([-7.0, 2.0]), np.zeros(2)
params = {"x": x.copy()}
optimizer = nn.SGD(lr=0.1, momentum=0.9)
for _ in range(30):
    v = 0.9 * v - 0.1 * nn.numerical_gradient(valley, x)
    x = x + v
    optimizer.update(params, {"x": nn.numerical_gradient(valley, params["x"])})
np.testing.assert_allclose(params["x"], x, rtol=1e-10)
print(x.round(4))  # [0.8964 0.0881]

# %% [markdown]
# ## Exercise 3: the banana
#
# The narrow valley throws plain descent out at 0.0021; at 0.001 it creeps along the floor. Adam
# gives each entry a rate of its own.


# %%
def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def steps_needed(optimizer):
    params = {"x": np.array([-1.0, 2.0])}
    for step in range(20_000):
        if rosenbrock(params["x"]) < 1e-3:
            return step
        optimizer.update(params, {"x": nn.numerical_gradient(rosenbrock, params["x"])})
    return None


plain, adam = steps_needed(nn.SGD(lr=0.001)), steps_needed(nn.Adam(lr=0.1))
print(round(plain, -3), round(adam, -2))  # 7000 1200
print(steps_needed(nn.SGD(lr=0.002)) < 200)  # True
try:
    nn.gradient_descent(rosenbrock, [-1.0, 2.0], lr=0.0021, steps=200)
except nn.NotFiniteError as error:
    print(error)
# > … is lr = 0.0021 too large?

# %% [markdown]
# Just short of being thrown out, plain descent needs fewer than 200: a lucky jump lands near the
# minimum. Such counts hold for their rates and their start, and say little of the next problem.
