# %% [markdown]
"""
# 10. A two-layer net learns

After this lesson you can train a network from first weights to a test accuracy, and watch how its
decision boundary forms, without a line of backpropagation.

Run it from the root of the repository: `python -m lessons.10_learning`
"""

# %%
import matplotlib.pyplot as plt

import datasets
import nn

# %% [markdown]
# Two half moons that interlock: no straight line separates them. `datasets.load` gives part of the
# samples to train on and keeps a part for the test, which the network never learns from.
# `standardize` gives each feature mean 0 and spread 1, so that one learning rate fits both.

# %%
data = datasets.load("moons", samples=300, noise=0.15, standardize=True, seed=0)
print(data.x_train.shape, data.x_test.shape)  # (240, 2) (60, 2)

# %% [markdown]
# The network is that of the last lesson with 12 hidden units. Before training it is no better than
# a guess:

# %%
net = nn.TwoLayerNet(2, 12, 2, weight_init_std=0.5, activation=nn.Tanh(), rng=0)
print(net.size, round(net.accuracy(data.x_test, data.t_test), 2))  # 62 0.4

# %% [markdown]
# Training is lesson 8 on the function of lesson 9. One thing is new: each step looks at a few
# samples only, a *mini-batch*, drawn at random. Its gradient is that of all samples on average,
# costs a fraction, and is noisy: hence *stochastic* gradient descent, SGD. One pass through all
# samples is an *epoch*. By hand that would be:
#
#     for epoch in range(epochs):
#         for batch in nn.minibatches(len(x), 32, rng):
#             grads = net.numerical_gradient(x[batch], t[batch])
#             optimizer.update(net.params, grads)
#
# `nn.Trainer` is this loop, with a progress bar and a record of what happened. The loss it takes,
# `nn.CrossEntropyLoss()`, is the softmax and cross-entropy of lesson 9 in one. At the end of each
# epoch it calls the function `on_epoch` with itself; ours keeps the weights, for the film.

# %%
path = [net.params.copy()]


def keep(trainer):
    path.append(net.params.copy())


trainer = nn.Trainer(net, nn.CrossEntropyLoss(), nn.SGD(lr=0.1, momentum=0.9), rng=0)
history = trainer.fit(
    data.x_train,
    data.t_train,
    epochs=30,
    batch_size=32,
    test=(data.x_test, data.t_test),
    on_epoch=keep,
    progress=False,
)

# %%
for epoch in (1, 15, 30):
    found = history.evaluations[epoch - 1]
    print(epoch, round(found["test_loss"], 2), round(found["test_accuracy"], 2))
# > 1 0.29 0.87
# > 15 0.2 0.92
# > 30 0.07 0.98

# %% [markdown]
# Every one of its 62 weights was nudged up and down at every step, and nothing else told it where
# to go.
#
# The film shows the boundary after each epoch: what it happened to be, soon nearly a line, then
# bent where the points ask for it. The still has the end of it, and the loss on the way.

# %%
film = nn.animate_decision_boundary(
    net, path, data.x_test, data.t_test, class_names=data.class_names
)
nn.show(film, "runs/lessons/10_learning.gif")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5), layout="constrained")
nn.plot_decision_boundary(net, data.x_test, data.t_test, left, data.class_names)
nn.plot_loss(history, right)
nn.show(figure, "runs/lessons/10_learning.png")

# %% [markdown]
# ## Exercises
#
# 1. Write the loop by hand, as above, and compare with the Trainer: the same seed, the same
#    weights?
# 2. How many hidden units are needed? Train with 1, 2, 3 and 12 for 40 epochs, and compare the
#    test accuracy. Then give the net with 2 units other first weights, `rng=3`.
# 3. A layer of your own is a class with a `forward(self, x)`. Let it inherit from
#    `nn.Elementwise`, which promises that it treats each number alone. Write one that returns
#    sin(x), and pass an instance as `activation=` in place of tanh.
#
# Solutions: `lessons/solutions/10_learning.py`
