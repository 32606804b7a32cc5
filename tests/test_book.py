"""*Deep Learning from Scratch*, chapters 4 to 6, as its readers would write it.

The book's script has the line `network.numerical_gradient(...)` commented out for its cost. Here
it is the one that trains. A reader changes the two imports. The rest holds what
docs/deep-learning-from-scratch.md says, with the book's rules in a few lines of our own.
"""

import re
import tomllib

import numpy as np
import pytest

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
        self.x = x.reshape(len(x), -1)
        return self.x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


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
    absent = {"batchnorm", "dropout", "conv", "pool", "im2col", "multilayernet", "smooth_curve"}
    assert not [name for name in dir(nn) for word in absent if word in name.lower()]
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
        with pytest.warns(nn.FallbackWarning, match=r"Linear\(5, 4\), is found by loop"):
            grads = net.numerical_gradient(self.x, self.t)
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


def test_the_search_shown_trains(moons):
    """The keys that the page sets are those of the config; "best" is in the summary."""
    (line,) = re.findall(r"train\.py (--config .*)", PAGE)
    path, key = re.search(r"--config (\S+) --set (\S+)=\$lr", line).groups()
    table, option = key.split(".")
    document = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))
    assert document[table][option] in (0.03, 0.1, 0.3)
    assert "validation_loss" in moons.summary["best"]
