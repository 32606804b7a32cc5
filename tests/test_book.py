"""The two-layer net of *Deep Learning from Scratch*, chapter 4, trained as its readers would.

The book's script has the line `network.numerical_gradient(...)` commented out for its cost. Here
it is the one that trains. A reader changes the two imports.
"""

import numpy as np
import pytest

import datasets
from nn import TwoLayerNet


def load_mnist(normalize=True, one_hot_label=False, path=None):
    """The book's loader, by ours."""
    data = datasets.load("mnist", path=path)
    x_train, x_test = (x if normalize else x * 255 for x in (data.x_train, data.x_test))
    t_train, t_test = data.t_train, data.t_test
    if one_hot_label:
        t_train, t_test = np.eye(10)[t_train], np.eye(10)[t_test]
    return (x_train, t_train), (x_test, t_test)


def test_names_and_shapes_are_those_of_the_book():
    net = TwoLayerNet(input_size=784, hidden_size=100, output_size=10)
    assert {name: p.shape for name, p in net.params.items()} == {
        "W1": (784, 100), "b1": (100,), "W2": (100, 10), "b2": (10,)
    }  # fmt: skip
    assert not net.params["b1"].any()
    assert net.params["W1"].std() == pytest.approx(0.01, rel=0.02)

    x = np.random.default_rng(0).random((100, 784))
    t = np.eye(10)[np.random.default_rng(1).integers(0, 10, 100)]
    y = net.predict(x)
    assert y.shape == (100, 10)
    np.testing.assert_allclose(y.sum(axis=1), 1)
    assert net.loss(x, t) == pytest.approx(np.log(10), abs=0.1)
    assert 0 <= net.accuracy(x, t) <= 0.3

    grads = net.numerical_gradient(x, t)
    assert {name: g.shape for name, g in grads.items()} == {
        name: p.shape for name, p in net.params.items()
    }


def test_the_training_script(mnist):
    (x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True, path=mnist)
    network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10, rng=0)
    rng = np.random.default_rng(0)

    iters_num = 200
    train_size = x_train.shape[0]
    batch_size = 100
    learning_rate = 0.1
    train_loss_list = []

    for _ in range(iters_num):
        batch_mask = rng.choice(train_size, batch_size)
        x_batch = x_train[batch_mask]
        t_batch = t_train[batch_mask]

        grad = network.numerical_gradient(x_batch, t_batch)

        for key in ("W1", "b1", "W2", "b2"):
            network.params[key] -= learning_rate * grad[key]

        train_loss_list.append(network.loss(x_batch, t_batch))

    first, last = np.mean(train_loss_list[:20]), np.mean(train_loss_list[-20:])
    # weights of 0.01 leave log(10) slowly: the book's own curve needs hundreds of steps, too
    assert first > 2.27
    assert last < 2.2
    before = TwoLayerNet(input_size=784, hidden_size=50, output_size=10, rng=0)
    assert network.accuracy(x_test, t_test) > 0.3 > before.accuracy(x_test, t_test)
