"""*Deep Learning from Scratch*, chapters 4 to 7, as its readers would write it.

The book's script has the line `network.numerical_gradient(...)` commented out for its cost. Here
it is the one that trains. A reader changes the two imports. The rest holds what
docs/deep-learning-from-scratch.md says, with the book's rules in a few lines of our own.
"""

import re
import tomllib
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

import datasets
import nn
from nn import TwoLayerNet
from nn.functional import softmax

from .conftest import ROOT

PAGE = (ROOT / "docs/deep-learning-from-scratch.md").read_text(encoding="utf-8")


def load_mnist(normalize=True, flatten=True, one_hot_label=False, path=None):
    """The book's loader, by ours."""
    data = datasets.load("mnist", path=path)
    x_train, x_test = (x if normalize else x * 255 for x in (data.x_train, data.x_test))
    if not flatten:
        x_train, x_test = (x.reshape(-1, 1, 28, 28) for x in (x_train, x_test))
    t_train, t_test = data.t_train, data.t_test
    if one_hot_label:
        t_train, t_test = np.eye(10)[t_train], np.eye(10)[t_test]
    return (x_train, t_train), (x_test, t_test)


# The book's rules.


def book_diff(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / (2 * h)


def book_gradient(f, x, h=1e-4):
    """Nudges x in place, answers in the dtype of x, puts nothing back when f raises."""
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        was = x[i]
        x[i] = was + h
        upper = f(x)
        x[i] = was - h
        grad[i] = (upper - f(x)) / (2 * h)
        x[i] = was
    return grad


def book_cross_entropy(y, t, delta=1e-7):
    """The mean of -log(y + delta) of the right class; y (N, classes), t labels or one-hot."""
    right = t.argmax(axis=1) if t.shape == y.shape else t
    return -np.log(y[np.arange(len(y)), right] + delta).mean()


class BookSoftmaxWithLoss:
    delta = 1e-7

    def forward(self, x, t):
        self.y, self.t = softmax(x), t
        return book_cross_entropy(self.y, t, self.delta)

    def backward(self, dout=1):
        return (self.y - np.eye(self.y.shape[1])[self.t]) / len(self.t)


class BookRelu:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class BookAffine:
    def __init__(self, W, b):
        self.W, self.b, self.dW, self.db = W, b, None, None

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return self.x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return (dout @ self.W.T).reshape(self.shape)


def book_windows(shape, high, wide, stride):
    """Yield where each window of images of that shape begins and ends, row by row."""
    for top in range(0, shape[2] - high + 1, stride):
        for left in range(0, shape[3] - wide + 1, stride):
            yield slice(top, top + high), slice(left, left + wide)


def book_im2col(x, high, wide, stride=1, pad=0):
    """A row for each window, sample after sample: (N · H' · W', C · high · wide)."""
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = [
        x[:, :, rows, columns] for rows, columns in book_windows(x.shape, high, wide, stride)
    ]
    return np.stack(windows, axis=1).reshape(len(x) * len(windows), -1)


def book_col2im(col, shape, high, wide, stride=1, pad=0):
    """Add each row where its window was."""
    x = np.zeros((*shape[:2], shape[2] + 2 * pad, shape[3] + 2 * pad))
    col = col.reshape(len(x), -1, shape[1], high, wide)
    for n, (rows, columns) in enumerate(book_windows(x.shape, high, wide, stride)):
        x[:, :, rows, columns] += col[:, n]
    return x[:, :, pad : pad + shape[2], pad : pad + shape[3]]


class BookConvolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad
        self.dW = self.db = None

    def forward(self, x):
        (outputs, _, *size), self.shape = self.W.shape, x.shape
        high, wide = ((n + 2 * self.pad - k) // self.stride + 1
                      for n, k in zip(x.shape[2:], size, strict=True))  # fmt: skip
        self.col = book_im2col(x, *size, self.stride, self.pad)
        z = self.col @ self.W.reshape(outputs, -1).T + self.b
        return z.reshape(len(x), high, wide, outputs).transpose(0, 3, 1, 2)

    def backward(self, dout):
        outputs, _, *size = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, outputs)
        self.dW, self.db = (dout.T @ self.col).reshape(self.W.shape), dout.sum(axis=0)
        col = dout @ self.W.reshape(outputs, -1)
        return book_col2im(col, self.shape, *size, self.stride, self.pad)


class BookPooling:
    """Counts its windows as if there were no pad."""

    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.size, self.stride, self.pad = (pool_h, pool_w), stride, pad

    def forward(self, x):
        samples, channels, *image = self.shape = x.shape
        high, wide = ((n - k) // self.stride + 1 for n, k in zip(image, self.size, strict=True))
        col = book_im2col(x, *self.size, self.stride, self.pad).reshape(-1, np.prod(self.size))
        self.largest = col.argmax(axis=1)
        return col.max(axis=1).reshape(samples, high, wide, channels).transpose(0, 3, 1, 2)

    def backward(self, dout):
        col = np.zeros((dout.size, np.prod(self.size)))
        col[np.arange(dout.size), self.largest] = dout.transpose(0, 2, 3, 1).ravel()
        return book_col2im(col, self.shape, *self.size, self.stride, self.pad)


class BookDropout:
    def __init__(self, dropout_ratio=0.5, rng=None):
        self.dropout_ratio, self.rng = dropout_ratio, np.random.default_rng(rng)

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x * (1 - self.dropout_ratio)
        self.mask = self.rng.random(x.shape) > self.dropout_ratio
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class BookBatchNormalization:
    eps = 10e-7

    def __init__(self, gamma, beta, momentum=0.9):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.running_mean = self.running_var = None

    def forward(self, x, train_flg=True):
        rows, keep = x.reshape(len(x), -1), self.momentum
        if self.running_mean is None:
            self.running_mean, self.running_var = np.zeros((2, rows.shape[1]))
        mean, var = self.running_mean, self.running_var
        if train_flg:
            mean, var = rows.mean(axis=0), rows.var(axis=0)
            self.running_mean = keep * self.running_mean + (1 - keep) * mean
            self.running_var = keep * self.running_var + (1 - keep) * var
        self.std = np.sqrt(var + self.eps)
        self.normal = (rows - mean) / self.std
        return (self.gamma * self.normal + self.beta).reshape(x.shape)

    def backward(self, dout):
        rows = dout.reshape(len(dout), -1)
        self.dgamma, self.dbeta = (rows * self.normal).sum(axis=0), rows.sum(axis=0)
        dx = rows - rows.mean(axis=0) - self.normal * (rows * self.normal).mean(axis=0)
        return (self.gamma * dx / self.std).reshape(dout.shape)


class BookSimpleConvNet:
    """Of convolution, relu, pooling, affine, relu, affine; `delta` is that in its log."""

    def __init__(self, input_dim, filter_num, filter_size, hidden_size, output_size, delta=1e-7):
        rng = np.random.default_rng(0)
        pooled = (input_dim[1] - filter_size + 1) // 2
        shapes = [
            (filter_num, input_dim[0], filter_size, filter_size),
            (filter_num * pooled**2, hidden_size),
            (hidden_size, output_size),
        ]
        self.params = {}
        for n, shape in enumerate(shapes, start=1):
            self.params[f"W{n}"] = 0.5 * rng.normal(size=shape)
            self.params[f"b{n}"] = 0.1 * rng.normal(size=shape[0] if n == 1 else shape[1])
        W1, b1, W2, b2, W3, b3 = self.params.values()
        self.layers = [BookConvolution(W1, b1), BookRelu(), BookPooling(2, 2, stride=2)]
        self.layers += [BookAffine(W2, b2), BookRelu(), BookAffine(W3, b3)]
        self.last, self.last.delta = BookSoftmaxWithLoss(), delta

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)

    def accuracy(self, x, t, batch_size=100):
        right = 0
        for first in range(0, len(x) // batch_size * batch_size, batch_size):
            part = slice(first, first + batch_size)
            right += np.sum(self.predict(x[part]).argmax(axis=1) == t[part])
        return right / len(x)

    def numerical_gradient(self, x, t):
        return {
            name: book_gradient(lambda _: self.loss(x, t), p) for name, p in self.params.items()
        }

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        with_weights = (layer for layer in self.layers if hasattr(layer, "dW"))
        return {
            f"{name}{n}": slopes
            for n, layer in enumerate(with_weights, start=1)
            for name, slopes in (("W", layer.dW), ("b", layer.db))
        }


def function_1(x):
    return 0.01 * x**2 + 0.1 * x


def function_2(x):
    return np.sum(x**2)


def test_every_name_on_the_page_is_there():
    for path in re.findall(r"\bnn((?:\.\w+)+)", PAGE):
        found = nn
        for name in path.strip(".").split("."):
            found = getattr(found, name)


def test_what_the_page_says_is_not_here_is_not_here():
    absent = {"im2col", "col2im", "multilayernet", "convnet", "train_flg", "smooth_curve"}
    assert not [name for name in dir(nn) for word in absent if word in name.lower()]
    assert not hasattr(nn.Sequential, "gradient")
    assert not hasattr(TwoLayerNet, "gradient")


class TestDerivatives:
    def test_h_of_the_book_gives_its_figures_to_the_last_bit(self):
        assert nn.numerical_diff(function_1, 5, h=1e-4) == 0.1999999999990898
        assert nn.numerical_diff(function_1, 10, h=1e-4) == 0.2999999999986347
        rng = np.random.default_rng(0)
        for x in rng.normal(size=20) * 5:
            assert nn.numerical_diff(function_1, x, h=1e-4) == book_diff(function_1, x)
            assert nn.numerical_diff(np.sin, x, h=1e-4) == book_diff(np.sin, x)
        x = rng.normal(size=(3, 4))
        for f in (function_2, lambda x: np.sin(x).prod()):
            np.testing.assert_array_equal(nn.numerical_gradient(f, x, h=1e-4), book_gradient(f, x))

    def test_partial_derivatives(self):
        x = np.array([3.0, 4.0])

        def f(x):
            return x[0] ** 2 + x[1] ** 2

        assert nn.partial_derivative(f, x, 0, h=1e-4) == 6.00000000000378
        assert nn.partial_derivative(f, x, 1, h=1e-4) == 7.999999999999119

    def test_the_default_step_goes_by_dtype_and_size(self):
        at_ten, at_thousand = nn.default_step(10.0), nn.default_step(1000.0)
        assert at_thousand == pytest.approx(100 * at_ten)
        assert nn.default_step(np.float32(10)) > 100 * at_ten

    def test_a_step_that_vanishes_is_refused(self):
        assert book_diff(function_1, 5, h=10e-50) == 0
        with pytest.raises(nn.StepTooSmallError, match="vanishes"):
            nn.numerical_diff(function_1, 5, h=10e-50)

    def test_integers(self):
        x = np.array([3, 4])
        np.testing.assert_array_equal(book_gradient(function_2, x), [25000, 35000])
        for h in (1e-4, None):
            gradient = nn.numerical_gradient(function_2, x, h=h)
            np.testing.assert_allclose(gradient, [6, 8], rtol=1e-9)
            assert gradient.dtype == np.float64
        np.testing.assert_array_equal(x, [3, 4])

    def test_x_is_given_back_when_f_raises(self):
        def f(x):
            if x[1] > 4:
                raise ZeroDivisionError
            return function_2(x)

        x = np.array([3.0, 4.0])
        with pytest.raises(ZeroDivisionError):
            book_gradient(f, x)
        assert x[1] == 4 + 1e-4
        x = np.array([3.0, 4.0])
        with pytest.raises(ZeroDivisionError):
            nn.numerical_gradient(f, x, h=1e-4)
        np.testing.assert_array_equal(x, [3.0, 4.0])

    def test_in_several_variables_the_tangent_is_a_plane(self):
        x, t = np.array([3.0, 4.0]), np.array([3.5, 4.5])
        g = nn.numerical_gradient(function_2, x)
        entrywise = g * t + (function_2(x) - g * x)
        np.testing.assert_allclose(entrywise, [28, 29])  # two heights, neither that of the plane
        assert function_2(x) + g @ (t - x) == pytest.approx(32)
        with pytest.raises(nn.ShapeError, match="plane"):
            nn.tangent_line(function_2, x)

    def test_rows_are_points(self):
        """Coordinates in rows are taken for points: right for sums over the entries alone."""
        points = np.random.default_rng(0).normal(size=(5, 2))

        def coupled(x):
            return x[0] * x[1]

        def gradients(f, rows):
            return nn.numerical_gradient(f, rows, batch=True)

        np.testing.assert_allclose(gradients(function_2, points), 2 * points, rtol=1e-7)
        np.testing.assert_allclose(gradients(function_2, points.T), 2 * points.T, rtol=1e-7)
        np.testing.assert_allclose(gradients(coupled, points), points[:, ::-1], rtol=1e-7)
        wrong = gradients(coupled, points.T.copy())
        assert np.abs(wrong - points[:, ::-1].T).max() > 0.1

    def test_the_gradient_points_where_f_grows(self):
        x = np.array([3.0, 4.0])
        step = 0.01 * nn.numerical_gradient(function_2, x)
        assert function_2(x - step) < function_2(x) < function_2(x + step)


class TestDescent:
    @staticmethod
    def walk(lr, steps=100):
        x = np.array([-3.0, 4.0])
        return np.array([x.copy(), *(step(x, lr) for _ in range(steps))])

    def test_figures_of_the_book(self):
        start = np.array([-3.0, 4.0])
        for lr, last in (
            (0.1, [-6.11110793e-10, 8.14814391e-10]),
            (1e-10, [-2.99999994, 4 - 8e-8]),
        ):
            path = nn.gradient_descent(function_2, start, lr=lr, steps=100, h=1e-4)
            np.testing.assert_array_equal(path, self.walk(lr))
            np.testing.assert_allclose(path[-1], last, rtol=1e-8)
            assert path.shape == (101, 2)
        np.testing.assert_array_equal(start, [-3.0, 4.0])

    def test_with_too_large_a_rate_the_book_is_stopped_by_rounding(self):
        path = self.walk(lr=10.0)
        np.testing.assert_allclose(path[-1], [-2.58983747e13, -1.29524862e12], rtol=1e-8)
        np.testing.assert_array_equal(path[12:], path[[-1] * 89])  # it moves no more
        with pytest.raises(nn.StepTooSmallError, match="too large"):
            nn.gradient_descent(function_2, path[0], lr=10.0, h=1e-4)
        assert np.abs(nn.gradient_descent(function_2, path[0], lr=10.0)[-1]).max() > 1e100


def step(x, lr):
    """Walk in x itself, as the book does; return where it is now."""
    x -= lr * book_gradient(function_2, x)
    return x.copy()


class TestLosses:
    y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
    t = np.eye(10)[2]

    def test_half_the_sum_of_squares(self):
        assert 0.5 * np.sum((self.y - self.t) ** 2) == pytest.approx(0.0975, abs=1e-15)
        assert nn.MSELoss()(self.y[None], self.t[None]) * 10 / 2 == pytest.approx(0.0975)
        rng = np.random.default_rng(0)
        z, t = rng.normal(size=(2, 6, 3))
        assert nn.MSELoss()(z, t) * z.size / 2 == pytest.approx(0.5 * np.sum((z - t) ** 2))

    def test_cross_entropy(self):
        loss = nn.CrossEntropyLoss()
        assert book_cross_entropy(self.y[None], self.t[None]) == pytest.approx(0.510825457099338)
        z = np.log(np.array([[0.1, 0.3, 0.6], [0.2, 0.2, 0.6]]))
        t = np.array([2, 0])
        assert loss(z, t) == pytest.approx(-np.log([0.6, 0.2]).mean(), rel=1e-14)
        assert loss(z, np.eye(3)[t]) == loss(z, t)
        assert 1e-8 < loss(z, t) - book_cross_entropy(softmax(z), t) < 1e-6
        soft = np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]])
        mixed = -(0.25 * np.log(0.3) + 0.75 * np.log(0.6) + np.log(0.2)) / 2
        assert loss(z, soft) == pytest.approx(mixed, rel=1e-14)

    def test_from_scores_it_is_finite_without_a_delta(self):
        far = np.array([[1000.0, 0.0]])
        assert nn.CrossEntropyLoss()(far, [1]) == 1000
        assert book_cross_entropy(softmax(far), np.array([1])) == pytest.approx(-np.log(1e-7))

    def test_batches_alone(self):
        with pytest.raises(nn.ShapeError):
            nn.CrossEntropyLoss()(self.y, self.t)
        with pytest.raises(nn.ShapeError):
            TwoLayerNet(10, 3, 10, rng=0).predict(self.y)

    def test_simple_net(self):
        W = np.array([[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]])
        x, t = np.array([[0.6, 0.9]]), np.array([[0, 0, 1]])
        np.testing.assert_allclose(x @ W, [[1.05414809, 0.63071653, 1.1328074]], rtol=1e-8)
        # printed before there was a 1e-7 in the log, of a W with more digits
        assert nn.CrossEntropyLoss()(x @ W, t) == pytest.approx(0.92806853663411326, rel=1e-8)
        expected = [[0.21924763, 0.14356247, -0.36281009], [0.32887144, 0.2153437, -0.54421514]]
        book = book_gradient(lambda w: book_cross_entropy(softmax(x @ W), t, delta=0), W)
        ours = nn.numerical_gradient(lambda w: nn.CrossEntropyLoss()(x @ W, t), W)
        np.testing.assert_allclose(book, expected, atol=1e-8)
        np.testing.assert_allclose(ours, book, rtol=1e-8)


class TestBatches:
    def test_choice_leaves_a_third_of_an_epoch_out(self):
        rng = np.random.default_rng(0)
        seen = np.unique([rng.choice(10_000, 100) for _ in range(100)])
        assert len(seen) / 10_000 == pytest.approx(0.63, abs=0.02)
        seen = np.concatenate(list(nn.minibatches(10_000, 100, rng)))
        np.testing.assert_array_equal(np.sort(seen), np.arange(10_000))

    def test_epochs_by_a_float_modulo(self):
        per_epoch = max(1000 / 64, 1)
        hits = [i for i in range(1000) if i % per_epoch == 0]
        assert hits == [int(8 * per_epoch) * n for n in range(8)]

    def test_the_loader(self, mnist):
        (x, t), (x_test, t_test) = load_mnist(normalize=False, flatten=False, path=mnist)
        assert x.shape == (60_000, 1, 28, 28)
        assert x.max() == x_test.max() == 255
        assert t_test[:5].tolist() == [7, 2, 1, 0, 4]  # in the order of the file
        assert t[:5].tolist() != [5, 0, 4, 1, 9]  # shuffled
        plain = datasets.load("mnist", path=mnist, samples=100)
        assert plain.x_train.shape == (100, 784)
        assert (plain.x_train.dtype, plain.x_train.min(), plain.x_train.max()) == (np.float32, 0, 1)


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


def test_the_gradient_of_the_net_is_that_of_the_book():
    """But for the 1e-7, and for rounding."""
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(8, 4)), rng.integers(0, 3, 8)
    net = TwoLayerNet(4, 5, 3, weight_init_std=0.5, rng=rng)
    W1, b1, W2, b2 = (net.params[name] for name in ("W1", "b1", "W2", "b2"))

    def predict():
        return softmax(1 / (1 + np.exp(-(x @ W1 + b1))) @ W2 + b2)

    np.testing.assert_allclose(net.predict(x), predict(), rtol=1e-12)
    np.testing.assert_array_equal(net.predict(x), softmax(net.forward(x)))
    grads = net.numerical_gradient(x, t)
    for name, p in net.params.items():
        book = book_gradient(lambda _: book_cross_entropy(predict(), t), p)
        np.testing.assert_allclose(grads[name], book, rtol=1e-5, atol=1e-8)
        ours = nn.numerical_gradient(lambda _: net.loss(x, t), p, h=1e-4)
        np.testing.assert_allclose(grads[name], ours, atol=1e-10)
    assert net.accuracy(x, t) == net.accuracy(x, np.eye(3)[t])


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


class TestLayers:
    x = np.random.default_rng(0).normal(size=(4, 5))
    t = np.array([0, 1, 2, 4])

    def test_apples_and_oranges(self):
        def price(x):  # apple, how many, orange, how many, tax
            return (x[0] * x[1] + x[2] * x[3]) * x[4]

        at = np.array([100, 2, 150, 3, 1.1])
        assert price(at) == pytest.approx(715)
        slopes = nn.numerical_gradient(price, at)
        np.testing.assert_allclose(slopes, [2.2, 110, 3.3, 165, 650], rtol=1e-7)
        apples = nn.numerical_gradient(lambda x: x[0] * x[1] * x[2], [100, 2, 1.1])
        np.testing.assert_allclose(apples, [2.2, 110, 200], rtol=1e-7)

    def test_layers_of_the_book_are_checked_as_they_are(self):
        class MulLayer:
            def forward(self, x, y):
                self.x, self.y = x, y
                return x * y

            def backward(self, dout):
                return dout * self.y, dout * self.x

        W = np.random.default_rng(1).normal(size=(5, 3))
        report = nn.gradcheck(BookAffine(W, np.zeros(3)), self.x)
        assert [part.name for part in report.table] == ["x", "W", "b"]
        assert report
        assert nn.gradcheck(MulLayer(), (np.array([100.0]), np.array([2.0])))

    def test_relu_writes_into_what_it_is_given(self):
        report = nn.gradcheck(BookRelu(), self.x)
        assert report.verdict == "unstable"
        assert [found.tag for found in report.violations] == ["backward changes dout"]

    def test_the_loss_has_a_delta_that_its_gradient_has_not(self):
        report = nn.gradcheck(BookSoftmaxWithLoss(), self.x, self.t)
        assert report.verdict == "wrong"
        sample = int(re.match(r"x\[(\d)", report.worst.place).group(1))
        y = softmax(self.x)[sample, self.t[sample]]
        assert report.worst.ratio - 1 == pytest.approx(1e-7 / y, rel=1e-3)

        exact = BookSoftmaxWithLoss()
        exact.delta = 0
        assert nn.gradcheck(exact, self.x, self.t)

    def test_the_network_of_the_book_is_checked_as_it_is(self):
        class Net:
            def __init__(self, delta):
                rng = np.random.default_rng(0)
                self.params = {"W1": rng.normal(size=(5, 4)), "b1": np.zeros(4)}
                self.params |= {"W2": rng.normal(size=(4, 5)), "b2": np.zeros(5)}
                self.first = BookAffine(self.params["W1"], self.params["b1"])
                self.last = BookAffine(self.params["W2"], self.params["b2"])
                self.layers = [self.first, BookRelu(), self.last]
                self.end = BookSoftmaxWithLoss()
                self.end.delta = delta

            def loss(self, x, t):
                for layer in self.layers:
                    x = layer.forward(x)
                return self.end.forward(x, t)

            def gradient(self, x, t):
                self.loss(x, t)
                dout = self.end.backward()
                for layer in reversed(self.layers):
                    dout = layer.backward(dout)
                first, last = self.first, self.last
                return {"W1": first.dW, "b1": first.db, "W2": last.dW, "b2": last.db}

        assert nn.gradcheck(Net(delta=0), self.x, self.t)
        assert nn.gradcheck(Net(delta=1e-7), self.x, self.t).verdict == "wrong"

    def test_pictures_are_flattened_first(self):
        images = np.zeros((2, 1, 3, 3))
        with pytest.raises(nn.ShapeError, match="Flatten"):
            nn.Linear(9, 2)(images)
        assert nn.Sequential([nn.Flatten(), nn.Linear(9, 2)]).forward(images).shape == (2, 2)

    def test_a_layer_that_normalizes_over_the_batch_trains(self):
        class Normalize(nn.Layer):
            def forward(self, x):
                return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-7)

        net = nn.Sequential([nn.Linear(5, 4, rng=0), Normalize(), nn.Linear(4, 5, rng=1)])
        grads = net.numerical_gradient(self.x, self.t)
        with pytest.warns(nn.FallbackWarning, match=r"Linear\(5, 4\), is found by weight"):
            net.numerical_gradient(self.x, self.t, "node")
        loop = net.numerical_gradient(self.x, self.t, method="loop")
        for name in grads:
            np.testing.assert_allclose(grads[name], loop[name], atol=1e-10)

    def test_a_layer_that_draws_anew_is_refused(self):
        class Dropout(nn.Layer):
            rng = np.random.default_rng(0)

            def forward(self, x):
                return x * (self.rng.random(x.shape) > 0.5)

        net = nn.Sequential([Dropout(), nn.Linear(5, 5, rng=0)])
        with pytest.raises(nn.ImpureFunctionError, match="two calls"):
            net.numerical_gradient(self.x, self.t)

    def test_one_that_draws_once_a_step_trains(self):
        class Dropout(nn.TwoMode):
            rng = np.random.default_rng(0)

            def begin(self, x):
                self.mask = self.rng.random(x.shape) > 0.5

            def forward(self, x):
                return x * self.mask if self.training else x * 0.5

        class Mean(nn.TwoMode):
            def __init__(self):
                self.buffers = {"mean": np.zeros(5)}

            def forward(self, x):
                return x - (x.mean(axis=0) if self.training else self.buffers["mean"])

            def end(self, x):
                self.buffers["mean"] += 0.5 * (x.mean(axis=0) - self.buffers["mean"])

        dropout = Dropout()
        net = nn.Sequential([Mean(), dropout, nn.Linear(5, 5, rng=0)])
        grads = net.numerical_gradient(self.x, self.t)
        rows = (self.x - self.x.mean(axis=0)) * dropout.mask
        plain = nn.Sequential([net.layers[-1]]).numerical_gradient(rows, self.t)
        for name in ("W", "b"):
            np.testing.assert_allclose(grads[f"2.{name}"], plain[f"0.{name}"], atol=1e-10)
        np.testing.assert_allclose(net.buffers["0.mean"], self.x.mean(axis=0) / 2)


class TestOptimizers:
    """Each rule of the book against ours, over steps with gradients of changing size."""

    start = np.random.default_rng(0).normal(size=5)
    grads = np.random.default_rng(1).normal(size=(9, 5)) * 3

    def ours(self, optimizer, rates=None):
        params = {"W": self.start.copy()}
        for n, g in enumerate(self.grads):
            if rates is not None:
                optimizer.lr = rates[n]
            optimizer.update(params, {"W": g})
        return params["W"]

    def momentum(self, rates, momentum=0.9):
        p, v = self.start.copy(), np.zeros(5)
        for lr, g in zip(rates, self.grads, strict=True):
            v = momentum * v - lr * g
            p += v
        return p

    def nesterov(self, lr=0.1, momentum=0.9, old=True):
        p, v = self.start.copy(), np.zeros(5)
        for g in self.grads:
            before, v = v, momentum * v - lr * g
            p += momentum**2 * (before if old else v) - (1 + momentum) * lr * g
        return p

    def adam(self, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-7, scale=1.0):
        p, m, v = self.start.copy(), np.zeros(5), np.zeros(5)
        for n, g in enumerate(self.grads * scale, start=1):
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g**2 - v)
            p -= lr * np.sqrt(1 - beta2**n) / (1 - beta1**n) * m / (np.sqrt(v) + eps)
        return p

    def test_sgd(self):
        p = self.start.copy()
        for g in self.grads:
            p -= 0.1 * g
        np.testing.assert_array_equal(self.ours(nn.SGD(0.1)), p)

    def test_momentum(self):
        np.testing.assert_allclose(
            self.ours(nn.SGD(0.1, momentum=0.9)), self.momentum([0.1] * 9), rtol=1e-12
        )

    def test_momentum_where_the_rate_changes(self):
        rates = [0.1] * 4 + [0.01] * 5
        ours = self.ours(nn.SGD(0.1, momentum=0.9), rates)
        assert np.abs(ours - self.momentum(rates)).max() > 0.1
        p, v = self.start.copy(), np.zeros(5)
        for lr, g in zip(rates, self.grads, strict=True):
            v = 0.9 * v + g
            p -= lr * v
        np.testing.assert_allclose(ours, p, rtol=1e-12)

    def test_nesterov(self):
        ours = self.ours(nn.SGD(0.1, momentum=0.9, nesterov=True))
        np.testing.assert_allclose(ours, self.nesterov(), rtol=1e-12)
        assert np.abs(ours - self.nesterov(old=False)).max() > 0.1

    @pytest.mark.parametrize("keep, add", [(1, 1), (0.99, 1 - 0.99)], ids=["AdaGrad", "RMSprop"])
    def test_divided_by_the_root_of_squares(self, keep, add):
        p, h = self.start.copy(), np.zeros(5)
        for g in self.grads:
            h = keep * h + add * g * g
            p -= 0.1 * g / (np.sqrt(h) + 1e-7)
        ours = nn.AdaGrad(0.1, eps=1e-7) if keep == 1 else nn.RMSprop(0.1, alpha=0.99, eps=1e-7)
        np.testing.assert_allclose(self.ours(ours), p, rtol=1e-13)

    def test_adam_is_nearly_the_same(self):
        ours = self.ours(nn.Adam(0.1))
        assert 1e-9 < np.abs(ours - self.adam()).max() < 1e-5
        np.testing.assert_allclose(self.ours(nn.Adam(0.1, eps=1e-300)), self.adam(eps=0))

    def test_adam_differs_for_tiny_gradients(self):
        tiny = TestOptimizers()
        tiny.grads = self.grads * 1e-6
        assert np.abs(tiny.ours(nn.Adam(0.1)) - self.adam(scale=1e-6)).max() > 0.01

    def test_defaults(self):
        assert nn.AdaGrad().eps == 1e-10
        assert nn.RMSprop().eps == nn.Adam().eps == 1e-8
        assert nn.RMSprop().alpha == 0.99
        assert nn.Adam().betas == (0.9, 0.999)

    def test_numbers_are_to_be_arrays(self):
        with pytest.raises(nn.InputError, match="floating-point array"):
            nn.SGD(0.1).update({"x": -7.0}, {"x": 1.0})
        params = {"x": np.array(-7.0)}
        nn.SGD(0.1).update(params, {"x": 1.0})
        assert params["x"] == pytest.approx(-7.1)


class TestRegularization:
    def test_first_weights(self):
        rng = np.random.default_rng(0)
        shape = (400, 100)
        assert nn.He()(shape, rng).std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
        assert nn.Xavier()(shape, rng).std() == pytest.approx(np.sqrt(2 / 500), rel=0.02)
        for same in (nn.Xavier(), nn.Normal(1 / np.sqrt(200))):
            assert same((200, 200), rng).std() == pytest.approx(1 / np.sqrt(200), rel=0.02)
        net = TwoLayerNet(400, 100, 2, weight_init_std=nn.He(), rng=0)
        assert net.params["W1"].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)

    def test_weight_decay_is_a_penalty_that_is_not_shown(self):
        """The same step for W as from a loss with decay / 2 * sum of squares; for b, too."""
        rng = np.random.default_rng(0)
        x, t = rng.normal(size=(6, 3)), rng.integers(0, 2, 6)
        net = TwoLayerNet(3, 4, 2, weight_init_std=1.0, rng=rng)
        net.params["b1"] += 1.0
        plain, decay = net.loss(x, t), 0.1
        before = {name: p.copy() for name, p in net.params.items()}
        grads = {
            name: nn.numerical_gradient(
                lambda p: net.loss(x, t) + decay / 2 * np.sum(p**2), p, h=1e-4
            )
            for name, p in net.params.items()
        }
        nn.SGD(0.5, weight_decay=decay).update(net.params, net.numerical_gradient(x, t))
        for name, p in net.params.items():
            np.testing.assert_allclose(p, before[name] - 0.5 * grads[name], atol=1e-9)
        net.params.update(before)
        trainer = nn.Trainer(net, None, nn.SGD(0.5, weight_decay=decay), rng=0)
        trainer.fit(x, t, epochs=1, batch_size=6, progress=False)
        assert trainer.history.steps[0]["loss"] == pytest.approx(plain)

    def test_dropout_is_the_same_in_the_mean(self):
        """With the same mask a factor of 1 - p apart; each in the mean what it is without."""
        x = np.random.default_rng(0).normal(size=(2000, 3))
        ours, book = nn.Dropout(0.3, rng=1), BookDropout(0.3, rng=1)
        ours.begin(x)
        ours.training = True
        trained, books = ours.forward(x), book.forward(x)
        np.testing.assert_array_equal(trained != 0, book.mask)
        np.testing.assert_allclose(books, 0.7 * trained, rtol=1e-15)
        ours.training = False
        np.testing.assert_array_equal(ours.forward(x), x)
        np.testing.assert_allclose(book.forward(x, train_flg=False), 0.7 * x, rtol=1e-15)
        ones, book = np.ones(100_000), BookDropout(0.3, rng=2)
        assert book.forward(ones).mean() == pytest.approx(0.7, abs=0.01)
        assert book.forward(ones, train_flg=False).mean() == pytest.approx(0.7)

    def test_a_mask_drawn_at_each_call_makes_nonsense_of_differences(self):
        rng = np.random.default_rng(0)
        x, t = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
        dropout = nn.Dropout(0.5, rng=3)
        net = nn.Sequential([nn.Linear(4, 6, rng=1), nn.ReLU(), dropout, nn.Linear(6, 3, rng=2)])
        first, relu, _, last = net.layers
        book = BookDropout(0.5, rng=4)

        def loss(drop):
            return nn.CrossEntropyLoss()(last(drop(relu(first(x)))), t)

        grads = net.numerical_gradient(x, t)
        dropout.training = True  # with the mask of that step
        for name, p in net.params.items():
            kept = book_gradient(lambda _: loss(dropout), p)
            np.testing.assert_allclose(grads[name], kept, atol=1e-10)
            assert np.abs(grads[name]).max() < 1
            drawn = book_gradient(lambda _: loss(book.forward), p)
            assert 100 < np.median(np.abs(drawn)) < 1000
        with pytest.raises(nn.ImpureFunctionError):
            nn.numerical_gradient(lambda _: loss(book.forward), first.params["W"])
        assert nn.gradcheck(book, x).violations[0].tag == "random forward"

    def test_batch_normalization(self):
        """Equal in training; what it remembers is not."""
        rng = np.random.default_rng(0)
        x, gamma, beta = rng.normal(size=(9, 4)) * 3 + 1, *rng.normal(size=(2, 4))
        book = BookBatchNormalization(gamma, beta)
        ours = nn.BatchNorm1d(4, eps=1e-6)
        assert ours.params["gamma"].tolist() == [1] * 4
        assert not ours.params["beta"].any()
        assert (nn.BatchNorm1d(4).eps, nn.BatchNorm1d(4).momentum) == (1e-5, 0.1)
        ours.params["gamma"][...], ours.params["beta"][...] = gamma, beta
        ours.training = True
        np.testing.assert_allclose(ours.forward(x), book.forward(x), rtol=1e-12)
        ours.end(x)
        mean, var = ours.buffers["running_mean"], ours.buffers["running_var"]
        np.testing.assert_allclose(mean, book.running_mean)
        np.testing.assert_allclose(var, 0.9 + book.running_var * 9 / 8)
        ours.training = False
        mean[...], var[...] = book.running_mean, book.running_var
        np.testing.assert_allclose(ours.forward(x), book.forward(x, train_flg=False), rtol=1e-12)
        assert nn.gradcheck(BookBatchNormalization(gamma, beta), x)

    def test_the_running_mean_of_the_book_moves_at_every_forward(self):
        rng = np.random.default_rng(0)
        x, t = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
        norm = nn.BatchNorm1d(6, eps=1e-6)
        net = nn.Sequential([nn.Linear(4, 6, rng=1), norm, nn.ReLU(), nn.Linear(6, 3, rng=2)])
        first, _, relu, last = net.layers
        book = BookBatchNormalization(*norm.params.values())

        def loss():
            return nn.CrossEntropyLoss()(last(relu(book.forward(first(x)))), t)

        grads = net.numerical_gradient(x, t)
        mean, var = first(x).mean(axis=0), first(x).var(axis=0)
        np.testing.assert_allclose(norm.buffers["running_mean"], 0.1 * mean, rtol=1e-12)
        np.testing.assert_allclose(norm.buffers["running_var"], 0.9 + 0.1 * var * 20 / 19)
        for name, p in net.params.items():
            np.testing.assert_allclose(grads[name], book_gradient(lambda _: loss(), p), atol=1e-10)
        assert net.size == 63
        share = 1 - 0.9 ** (2 * net.size)
        assert round(100 * share, 4) == 99.9998
        np.testing.assert_allclose(book.running_mean / mean, share, rtol=1e-7)
        np.testing.assert_allclose(book.running_var / var, share, rtol=1e-7)

    def test_of_images_the_book_normalizes_each_pixel_alone(self):
        x = np.random.default_rng(0).normal(size=(5, 2, 3, 3))
        book = BookBatchNormalization(np.ones(18), np.zeros(18)).forward(x)
        np.testing.assert_allclose(book.mean(axis=0), 0, atol=1e-15)
        layers = nn.BatchNorm1d(18, eps=1e-6), nn.BatchNorm2d(2)
        for layer in layers:
            layer.training = True
        pixels, channels = layers
        np.testing.assert_allclose(book.reshape(5, 18), pixels(x.reshape(5, 18)), rtol=1e-12)
        np.testing.assert_allclose(channels(x).mean(axis=(0, 2, 3)), 0, atol=1e-15)
        assert np.abs(channels(x).mean(axis=0)).max() > 0.1

    def test_who_trains_and_who_does_not(self):
        """No train_flg: the loss kept of a step is with its mask, all else is without."""
        x = np.random.default_rng(0).normal(size=(6, 4))
        t = np.arange(6) % 3
        dropout, norm, last = nn.Dropout(0.5, rng=1), nn.BatchNorm1d(4), nn.Linear(4, 3, rng=2)
        net = nn.Sequential([norm, dropout, last])
        at_rest = last(x / np.sqrt(1 + norm.eps))
        np.testing.assert_allclose(net.forward(x), at_rest, rtol=1e-12)
        np.testing.assert_allclose(net.predict(x), softmax(at_rest), rtol=1e-12)
        plain = net.loss(x, t)
        assert plain == pytest.approx(nn.CrossEntropyLoss()(at_rest, t), rel=1e-12)
        assert net.accuracy(x, t) == np.mean(at_rest.argmax(axis=1) == t)
        assert not norm.buffers["running_mean"].any()
        trainer = nn.Trainer(net, None, nn.SGD(1e-300), rng=0)
        trainer.fit(x, t, epochs=1, batch_size=6, progress=False)
        norm.training = dropout.training = True
        rows, labels = x[order := next(nn.minibatches(6, 6, rng=0))], t[order]
        trained = nn.CrossEntropyLoss()(net.forward(rows), labels)
        assert trainer.history.steps[0]["loss"] == pytest.approx(trained, rel=1e-12)
        assert abs(trained - plain) > 0.01

    def test_the_trainer_keeps_what_the_lists_held(self):
        data = datasets.load("moons", samples=60, validation=0.2)
        assert (len(data.x_train), len(data.x_validation), len(data.x_test)) == (38, 10, 12)
        trainer = nn.Trainer(TwoLayerNet(2, 3, 2, rng=0), None, nn.SGD(0.1), rng=0)
        history = trainer.fit(
            data.x_train, data.t_train, epochs=2, batch_size=10, progress=False,
            validation=(data.x_validation, data.t_validation), test=(data.x_test, data.t_test),
        )  # fmt: skip
        assert all({"loss", "accuracy"} <= step.keys() for step in history.steps)
        assert len(history.steps) == 8
        assert all(
            {"validation_loss", "validation_accuracy", "test_accuracy"} <= found.keys()
            for found in history.evaluations
        )
        assert len(history.evaluations) == 2


class TestConvolutions:
    @staticmethod
    def images(order, samples=3, channels=2):
        """Images of 8 x 7, their memory in some order."""
        rng = np.random.default_rng(0)
        if order == "contiguous":
            return rng.normal(size=(samples, channels, 8, 7))
        if order == "transposed":
            return rng.normal(size=(7, 8, samples, channels)).transpose(2, 3, 1, 0)
        return rng.normal(size=(samples, channels, 16, 7))[:, :, ::2, ::-1]

    @staticmethod
    def ours_and_the_book(delta=1e-7, filter_num=2):
        """SimpleConvNet of 1 x 6 x 6 pixels, and ours with its numbers."""
        book = BookSimpleConvNet((1, 6, 6), filter_num, 3, 4, 3, delta)
        names = dict(zip(("0.W", "0.b", "4.W", "4.b", "6.W", "6.b"), book.params, strict=True))
        net = nn.Sequential(
            [nn.Conv2d(1, filter_num, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
             nn.Linear(filter_num * 4, 4), nn.ReLU(), nn.Linear(4, 3)]
        )  # fmt: skip
        for ours, theirs in names.items():
            assert net.params[ours].shape == book.params[theirs].shape
            net.params[ours] = book.params[theirs]
        rng = np.random.default_rng(1)
        return net, book, names, rng.normal(size=(5, 1, 6, 6)), rng.integers(0, 3, 5)

    @pytest.mark.parametrize("order", ["contiguous", "transposed", "reversed"])
    @pytest.mark.parametrize("stride, pad", [(1, 0), (2, 0), (1, 1), (3, 2)])
    def test_convolution(self, order, stride, pad):
        x = self.images(order)
        ours = nn.Conv2d(2, 4, (3, 2), stride=stride, padding=pad, rng=0)
        ours.params["b"] += np.arange(4)
        assert ours.params["W"].shape == (4, 2, 3, 2)
        book = BookConvolution(ours.params["W"], ours.params["b"], stride, pad).forward(x)
        np.testing.assert_allclose(ours(x), book, rtol=1e-12, atol=1e-14)

    @pytest.mark.parametrize("order", ["contiguous", "transposed", "reversed"])
    @pytest.mark.parametrize("size, stride", [((2, 2), 1), ((2, 2), 2), ((2, 3), 2), ((3, 3), 3)])
    def test_pooling(self, order, size, stride):
        x = self.images(order)
        ours = nn.MaxPool2d(size, stride=stride, floor=True)
        np.testing.assert_array_equal(ours(x), BookPooling(*size, stride).forward(x))

    def test_pooling_of_what_fills_no_window(self):
        x = np.random.default_rng(0).normal(size=(1, 1, 5, 4))
        x[0, 0, 4] = 100
        book = BookPooling(2, 2, stride=2).forward(x)
        assert book.max() < 100
        with pytest.raises(nn.ShapeError, match="floor=True"):
            nn.MaxPool2d(2)(x)
        np.testing.assert_array_equal(nn.MaxPool2d(2, floor=True)(x), book)
        assert nn.MaxPool2d((2, 3)).windows.stride == (2, 3)

    def test_pooling_with_a_border(self):
        x = -np.ones((1, 1, 4, 4))
        with pytest.raises(ValueError, match="cannot reshape array of size 9"):
            BookPooling(2, 2, stride=2, pad=1).forward(x)
        assert (book_im2col(x, 2, 2, stride=2, pad=1).max(axis=1) == 0).any()
        np.testing.assert_array_equal(nn.MaxPool2d(2, padding=1)(x), -np.ones((1, 1, 3, 3)))

    def test_im2col_of_numpy(self):
        x = self.images("contiguous")
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 2), axis=(2, 3))
        windows = windows[:, :, ::2, ::2].transpose(0, 2, 3, 1, 4, 5)
        np.testing.assert_array_equal(windows.reshape(-1, 12), book_im2col(x, 3, 2, stride=2))

    def test_windows_are_cut_out_of_some_samples_at_a_time(self):
        x, conv = np.zeros((400, 1, 28, 28)), nn.Conv2d(1, 1, 5, rng=0)
        tracemalloc.start()
        conv(x)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 0.6 * 8 * len(x) * 24 * 24 * 25  # bytes of im2col

    def test_layers_and_the_network_are_checked_as_they_are(self):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(2, 2, 4, 4))
        report = nn.gradcheck(BookConvolution(rng.normal(size=(2, 2, 3, 3)), np.zeros(2), pad=1), x)
        assert [part.name for part in report.table] == ["x", "W", "b"]
        assert report
        assert nn.gradcheck(BookPooling(2, 2, stride=2), x)
        for delta, verdict in ((0, "right"), (1e-7, "wrong")):
            _, book, _, x, t = self.ours_and_the_book(delta, filter_num=1)
            assert nn.gradcheck(book, x[:1], t[:1]).verdict == verdict

    @pytest.mark.parametrize("method, atol", [("weight", 1e-10), ("auto", 1e-7), ("loop", 1e-10)])
    def test_simple_conv_net(self, method, atol):
        net, book, names, x, t = self.ours_and_the_book(delta=0)
        np.testing.assert_allclose(net.forward(x), book.predict(x), rtol=1e-12)
        assert net.loss(x, t) == pytest.approx(book.loss(x, t))
        grads = net.numerical_gradient(x, t, method=method)
        books = book.numerical_gradient(x, t)
        for ours, theirs in names.items():
            assert np.abs(books[theirs]).max() > 0.01
            np.testing.assert_allclose(grads[ours], books[theirs], atol=atol)

    def test_kernels_weight_by_weight_and_the_rest_unit_by_unit(self):
        net, _, _, x, t = self.ours_and_the_book(filter_num=6)
        ways = nn.gradients.Auto().ways(net.problem(x, t))
        assert [str(way) for way in ways.values()] == ["weight", "node", "node"]

    def test_accuracy_of_what_fills_no_batch(self):
        net, book, _, x, _ = self.ours_and_the_book()
        x = np.tile(x, (30, 1, 1, 1))
        t = book.predict(x).argmax(axis=1)
        assert book.accuracy(x, t) == pytest.approx(100 / 150)
        assert net.accuracy(x, t) == 1

    def test_a_test_part_is_looked_at_in_pieces(self, monkeypatch):
        seen = []

        def run(layers, x):
            seen.append(len(x))
            return nn.layers.run(layers, x)

        monkeypatch.setattr("nn.networks.base.run", run)
        net = nn.Sequential([nn.Linear(2, 2, rng=0)])
        net.accuracy(np.zeros((3000, 2)), np.zeros(3000, int))
        assert seen == [1024, 1024, 952]

    def test_weights_are_kept(self, tmp_path):
        net = nn.Sequential([nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2)])
        net.buffers["1.running_mean"][...] = 5
        nn.save_params(tmp_path / "params.npz", net.state_dict())
        other = nn.Sequential([nn.Conv2d(1, 2, 3, rng=1), nn.BatchNorm2d(2)])
        other.load_state_dict(nn.load_params(tmp_path / "params.npz"))
        np.testing.assert_array_equal(other.params["0.W"], net.params["0.W"])
        assert other.buffers["1.running_mean"].tolist() == [5, 5]

    def test_pictures(self):
        """One scale for all kernels, all input channels; zero in the middle."""
        kernels = np.random.default_rng(0).normal(size=(4, 2, 3, 3))
        kernels[0] /= 100
        ax = nn.plot_kernels(kernels, Figure())
        mesh = ax.collections[0]
        drawn = mesh.get_array().compressed()
        np.testing.assert_allclose(np.sort(drawn), np.sort(kernels, axis=None))
        assert mesh.norm.vmin == -mesh.norm.vmax
        conv = nn.Conv2d(1, 2, 3, rng=0)
        image = np.random.default_rng(0).random((1, 1, 6, 6))
        assert len(nn.plot_activations(image[0], [("Conv2d", conv(image)[0])], Figure())) == 2

    def test_images_or_rows(self):
        net, _, _, x, _ = self.ours_and_the_book()
        rows = nn.Sequential([nn.Unflatten((1, 6, 6)), *net.layers])
        np.testing.assert_array_equal(rows.forward(x.reshape(len(x), 36)), net.forward(x))

    def test_sizes(self):
        """SimpleConvNet and DeepConvNet as they are in the book."""
        layers = [nn.Conv2d(1, 30, 5), nn.MaxPool2d(2), nn.Flatten()]
        net = nn.Sequential([*layers, nn.Linear(4320, 100), nn.ReLU(), nn.Linear(100, 10)])
        assert net.forward(np.zeros((1, 1, 28, 28))).shape == (1, 10)
        assert (net.size, 2 * net.size) == (433_890, 867_780)

        channels, deep = [1, 16, 16, 32, 32, 64, 64], []
        for n, (inputs, outputs) in enumerate(pairwise(channels)):
            padding = 2 if n == 3 else 1
            deep += [nn.Conv2d(inputs, outputs, 3, padding=padding, init=nn.He()), nn.ReLU()]
            deep += [nn.MaxPool2d(2)] * (n % 2)
        assert nn.Sequential(deep).size == 71_792
        deep += [nn.Flatten(), nn.Linear(1024, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 10)]
        net = nn.Sequential([*deep, nn.Dropout(0.5)])
        assert net.size == 123_552
        problem = net.problem(np.random.default_rng(0).random((2, 1, 28, 28)), [0, 9])
        ways = nn.gradients.Auto().ways(problem)
        assert list(ways.values()) == ["weight"] * 6 + ["node"] * 2

    def test_first_weights(self):
        rng = np.random.default_rng(0)
        assert nn.He()((50, 8, 5, 5), rng).std() == pytest.approx(np.sqrt(2 / 200), rel=0.03)
        small = nn.Conv2d(8, 50, 5, init=nn.Normal(0.01), rng=0).params["W"]
        assert small.std() == pytest.approx(0.01, rel=0.03)

    def test_the_configs_named_have_convolutions(self):
        named = re.findall(r"configs/([\w-]+)\.toml", PAGE.partition("## Chapter 7")[2])
        assert named == ["conv-digits", "lenet-mnist"]
        for name in named:
            document = tomllib.loads((ROOT / f"configs/{name}.toml").read_text(encoding="utf-8"))
            layers = document["model"]["layers"]
            assert "Conv2d" in {layer["type"] for layer in layers}
            assert layers[0] == {"type": "Unflatten"}  # a config needs no size there


def test_the_search_shown_trains(moons):
    """The keys that the page sets are those of the config; "best" is in the summary."""
    (line,) = re.findall(r"train\.py (--config .* --set .*)", PAGE)
    path, key = re.search(r"--config (\S+) --set (\S+)=\$lr", line).groups()
    table, option = key.split(".")
    document = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))
    assert document[table][option] in (0.03, 0.1, 0.3)
    assert "validation_loss" in moons.summary["best"]
