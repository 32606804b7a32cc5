# %% [markdown]
"""
# 8. Gradient descent

After this lesson you can walk to a minimum, tell from the path whether the learning rate is too
small or too large, and say what momentum, AdaGrad and Adam change.

Run it from the root of the repository: `python -m lessons.08_gradient_descent`
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn

# %% [markdown]
# −∇f is the steepest way down from where we stand. So: take a step that way, look again, repeat.
#
#     x  ←  x − lr · ∇f(x)
#
# lr is the *learning rate*: how far to trust the slope. That is the whole algorithm:


# %%
def bowl(x):
    return x[0] ** 2 + x[1] ** 2


x = np.array([-3.0, 4.0])
for _ in range(100):
    x -= 0.1 * nn.numerical_gradient(bowl, x)
print(np.abs(x).max() < 1e-8)  # True

# %% [markdown]
# `nn.gradient_descent` does the same and returns the path. On an oval bowl, four learning rates
# tell four stories. We know what must happen: a step multiplies x₀ by 1 − lr/2 and x₁ by 1 − 2 lr.


# %%
def oval(x):
    return x[0] ** 2 / 4 + x[1] ** 2


rates = {"too small": 0.02, "right": 0.4, "nearly too large": 0.95, "too large": 1.05}
paths = {}
for name, lr in rates.items():
    path = nn.gradient_descent(oval, [-5.0, 3.0], lr=lr, steps=30)
    paths[f"lr = {lr}, {name}"] = path
    print(f"{name:<17} {np.linalg.norm(path[-1]):.4f}")
    predicted = [-5 * (1 - lr / 2) ** 30, 3 * (1 - 2 * lr) ** 30]
    np.testing.assert_allclose(path[-1], predicted, rtol=1e-6, atol=1e-6)
# > too small         3.8021
# > right             0.0062
# > nearly too large  0.1272
# > too large         52.3482

# %% [markdown]
# Those are the distances from the minimum after 30 steps. Too small a rate creeps. One that is
# nearly too large jumps across the minimum, back and forth. Beyond that, each jump lands farther
# up the other side, and the numbers grow until they overflow; `nn` then says why:

# %%
try:
    nn.gradient_descent(oval, [-5.0, 3.0], lr=10.0, steps=1000)
except nn.NotFiniteError as error:
    print(error)
# > f returned inf at x itself, in step 122; is lr = 10.0 too large?

# %% [markdown]
# In the valley x₀²/20 + x₁² no rate is right for both directions, since it bends differently along
# and across. The bend is the second derivative, f″; `nn.second_derivative` finds it.


# %%
def valley(x):
    return x[0] ** 2 / 20 + x[1] ** 2


print(round(nn.second_derivative(lambda x0: valley([x0, 0]), 0.0).value, 6))  # 0.1
print(round(nn.second_derivative(lambda x1: valley([0, x1]), 0.0).value, 6))  # 2.0

# %% [markdown]
# Across, it bends 20 times as much as along: at a rate above 1 the walk is thrown out, and below
# it creeps along the floor. *Optimizers* are answers to that. All take the same gradient, and
# differ in what they make of it:
#
# * `SGD`, stochastic gradient descent, follows it as it is. (Why "stochastic", lesson 10 will
#   say.)
# * With `momentum` the step remembers the steps before: it picks up speed along the valley, and
#   what changes sign across it cancels.
# * `AdaGrad` divides each entry by the root of the sum of its squares so far: each gets its own
#   rate, and the rates shrink.
# * `Adam` has a momentum and rates of its own for each entry, and forgets what was long ago.
#
# They change a dict of arrays in place, as a network has them. The walk:


# %%
def walk(optimizer, steps=30):
    params = {"x": np.array([-7.0, 2.0])}
    path = [params["x"].copy()]
    for _ in range(steps):
        grads = {"x": nn.numerical_gradient(valley, params["x"])}
        optimizer.update(params, grads)
        path.append(params["x"].copy())
    return np.array(path)


races = {
    "SGD, lr = 0.95": walk(nn.SGD(lr=0.95)),
    "momentum, lr = 0.1": walk(nn.SGD(lr=0.1, momentum=0.9)),
    "AdaGrad, lr = 1.5": walk(nn.AdaGrad(lr=1.5)),
    "Adam, lr = 0.3": walk(nn.Adam(lr=0.3)),
}
for name, path in races.items():
    print(f"{name:<20} {valley(path[-1]):.4f}")
# > SGD, lr = 0.95       0.0133
# > momentum, lr = 0.1   0.0479
# > AdaGrad, lr = 1.5    0.0007
# > Adam, lr = 0.3       0.1022

# %% [markdown]
# Plain SGD, close to the rate at which it would be thrown out, zigzags. Momentum swings from side
# to side and has just overshot the minimum, Adam swings less wide, AdaGrad does not swing at all.
# The rates are those of the book; with others the order changes. So this is one race and no
# ranking: which optimizer wins depends on the surface, the start and the rates.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5.6), layout="constrained")
nn.plot_descent(oval, paths, (-6, 6), (-4, 4), left, minimum=[0, 0])
nn.plot_descent(valley, races, (-8, 8), (-4, 4), right, minimum=[0, 0])
nn.show(figure, "runs/lessons/08_gradient_descent.png")

# %% [markdown]
# ## Exercises
#
# 1. Descent on x² (one variable, x ← x − lr · 2x): up to which lr does it converge? Find it by
#    trying, then on paper.
# 2. Write momentum yourself, v ← 0.9 v − lr ∇f and x ← x + v, and check that
#    `nn.SGD(momentum=0.9)` walks the same way.
# 3. Walk to the minimum of Rosenbrock's function, (1 − x₀)² + 100 (x₁ − x₀²)², from (−1, 2), with
#    `nn.SGD(lr=0.001)` and with `nn.Adam(lr=0.1)`. How many steps until f < 1e-3? Then try
#    `nn.SGD(lr=0.002)`.
#
# Solutions: `lessons/solutions/08_gradient_descent.py`
