"""Where people keep parameters and gradients, and what becomes of arrays nobody named."""

import numpy as np
import pytest

import nn
from nn.checking.attributes import gradient_name
from nn.errors import InputError

X = np.random.default_rng(0).normal(size=(6, 4))
W0 = np.random.default_rng(1).normal(size=(4, 3))


def linear(weight, keep, wrong):
    """Make a class whose weight is called `weight` and whose gradient `keep` puts somewhere."""

    class Linear:
        def __init__(self):
            setattr(self, weight, W0.copy())

        def forward(self, x):
            self.x = x
            return x @ getattr(self, weight)

        def backward(self, dout):
            gradient = self.x.T @ dout
            if wrong:
                gradient[2, 1] *= -1
            extra = keep(self, gradient)
            dx = dout @ getattr(self, weight).T
            return dx if extra is None else (dx, extra)

    return Linear()


def attribute(name):
    return lambda layer, gradient: setattr(layer, name, gradient)


def in_dict(key):
    return lambda layer, gradient: setattr(layer, "grads", {key: gradient})


WAYS = [
    ("W", attribute("dW")), ("W", attribute("dw")), ("W", attribute("grad_W")),
    ("W", attribute("W_grad")), ("W", attribute("delta_W")), ("W", attribute("dL_dW")),
    ("_W", attribute("_dW")), ("_W", attribute("dW")), ("kernel", attribute("d_kernel")),
    ("weight", attribute("weight_grad")), ("weight", attribute("dweight")),
    ("W", in_dict("W")), ("W", in_dict("dW")), ("theta", in_dict("theta")),
    ("W", lambda layer, gradient: gradient),
]  # fmt: skip


@pytest.mark.parametrize(("weight", "keep"), WAYS)
def test_a_wrong_gradient_is_found_wherever_it_is_kept(weight, keep):
    assert nn.gradcheck(linear(weight, keep, wrong=False), X).verdict == "right"
    report = nn.gradcheck(linear(weight, keep, wrong=True), X)
    assert report.verdict == "wrong"
    assert report.worst.place == f"{weight}[2, 1]"


def test_a_gradient_that_is_nowhere_is_missed_where_the_name_is_usual():
    report = nn.gradcheck(linear("W", lambda *_: None, wrong=False), X)
    assert report.verdict == "wrong"
    assert report.cause.tag == "never written"


def test_other_arrays_that_move_the_answer_are_told():
    report = nn.gradcheck(linear("projection", lambda *_: None, wrong=False), X)
    assert report.verdict == "right"
    assert report.notes == [
        "projection moves the answer, and no gradient of that was looked for; if it is learnt, name"
        " it: params={...}, grads={...}"
    ]


def test_a_mask_that_forward_makes_and_keeps_is_a_cache():
    class Dropout(nn.Layer):
        mask = None

        def forward(self, x):
            if self.mask is None:
                self.mask = 2.0 * (np.random.default_rng(3).random(x.shape[1:]) > 0.5)
            return x * self.mask

        def backward(self, dout):
            return dout * self.mask

    report = nn.gradcheck(Dropout(), X)
    assert report.verdict == "right"
    assert report.notes == []


def test_grads_alone_name_the_parameters():
    layer = linear("projection", attribute("mine"), wrong=True)
    report = nn.gradcheck(layer, X, grads={"projection": "mine"})
    assert report.worst.place == "projection[2, 1]"


def test_slots_are_read_and_given_back():
    class Scale:
        __slots__ = ("dw", "w", "x")

        def __init__(self):
            self.w = np.linspace(1, 2, 4)

        def forward(self, x):
            self.x = x
            return x * self.w

        def backward(self, dout):
            self.dw = 2 * (dout * self.x).sum(0)
            return dout * self.w

    layer = Scale()
    w = layer.w
    report = nn.gradcheck(layer, X)
    assert [part.name for part in report.table] == ["x", "w"]
    assert report.worst.name == "w"
    assert layer.w is w
    assert not hasattr(layer, "x")
    assert not hasattr(layer, "dw")


@pytest.mark.parametrize("whole", [True, False])
def test_one_array_under_two_names_is_one_parameter(whole):
    class Tied(nn.Layer):
        def __init__(self):
            W = np.random.default_rng(2).normal(size=(4, 4))
            self.params = {"up": W, "down": W}

        def forward(self, x):
            self.x, W = x, self.params["up"]
            self.h = np.tanh(x @ W)
            return self.h @ W

        def backward(self, dout):
            W = self.params["up"]
            down, dh = self.h.T @ dout, dout @ W.T * (1 - self.h**2)
            up = self.x.T @ dh
            self.grads = {"up": up + down, "down": up + down} if whole else {"up": up, "down": down}
            return dh @ W.T

    report = nn.gradcheck(Tied(), X)
    assert report.verdict == "right"
    assert [part.name for part in report.table] == ["x", "up = down"]


def test_params_that_are_copies_are_told():
    class Copies:
        def __init__(self):
            self.own, self.grads = {"w": np.ones(4)}, {}

        @property
        def params(self):
            return {name: array.copy() for name, array in self.own.items()}

        def forward(self, x):
            return x * self.own["w"]

        def backward(self, dout):
            return dout * self.own["w"]

    with pytest.raises(InputError, match="gives another array each time it is asked for w"):
        nn.gradcheck(Copies(), X)


def test_several_outputs_are_refused_in_a_sentence():
    class Two:
        def forward(self, x):
            return 2 * x, x**2

        def backward(self, d1, d2):
            return 2 * d1

    with pytest.raises(InputError, match=r"answers with 2 things, and backward is not"):
        nn.gradcheck(Two(), X)


def test_too_few_inputs_are_told():
    class Add:
        def forward(self, a, b):
            return a + b

        def backward(self, dout):
            return dout, dout

    with pytest.raises(InputError, match=r"takes a, b, and 1 of that was given"):
        nn.gradcheck(Add(), X)


def test_names_of_gradients():
    assert gradient_name("W", ["W", "b", "dW"]) == "dW"
    assert gradient_name("running_mean", ["grad", "dW", "running_mean_grad"]) == "running_mean_grad"
    assert gradient_name("b", ["W", "dW"]) is None
