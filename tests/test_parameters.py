"""Parameters by name: live, shared where layers share them, and float64 whatever they were."""

from collections import OrderedDict

import numpy as np
import pytest

import nn
from nn import InputError, ShapeError
from nn.parameters import Parameters, adopt, live


class Scale(nn.Layer):
    def __init__(self, w):
        self.params = {"w": w}

    def forward(self, x):
        return x * self.params["w"]


class Keeps(nn.Layer):
    """Reads its parameter by an attribute."""

    def __init__(self, w):
        self.w = self.params["w"] = w
        self.size = 1

    def forward(self, x):
        return x * self.w


@pytest.fixture
def net():
    return nn.Sequential([nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 2, rng=1)])


class TestMapping:
    def test_names_and_arrays(self, net):
        assert list(net.params) == ["0.W", "0.b", "2.W", "2.b"]
        assert len(net.params) == 4
        assert net.params["2.W"] is net.layers[2].params["W"]
        assert "2.b" in net.params
        assert "1.W" not in net.params
        assert repr(net.params).startswith("Parameters({'0.W': (2, 3), '0.b': (3,)")
        assert isinstance(net.params, Parameters)

    def test_writing_changes_the_network(self, net):
        array, x = net.params["2.b"], np.ones((1, 2))
        before = net.forward(x)
        net.params["2.b"][0] += 1
        np.testing.assert_allclose(net.forward(x) - before, [[1, 0]], atol=1e-15)
        net.params["2.b"] -= np.array([1.0, 1.0])
        np.testing.assert_allclose(net.forward(x) - before, [[0, -1]], atol=1e-15)
        net.params["2.b"] = [5, 6]
        assert net.params["2.b"] is array is net.layers[2].params["b"]
        assert array.tolist() == [5, 6]

    def test_assigning_copies_the_numbers(self, net):
        W = np.ones((2, 3), np.float32)
        net.params["0.W"] = W
        W[:] = 9
        assert (net.params["0.W"] == 1).all()
        assert net.params["0.W"].dtype == np.float64
        net.params.update({"0.b": np.full(3, 2.0)})
        assert net.params["0.b"].tolist() == [2, 2, 2]

    @pytest.mark.parametrize("value", [1.0, [1.0], np.ones(3), np.ones((1, 3)), np.ones((3, 2))])
    def test_assigning_another_shape(self, net, value):
        before = net.params["0.W"].copy()
        with pytest.raises(ShapeError) as caught:
            net.params["0.W"] = value
        assert str(caught.value) == (
            f"0.W has shape (2, 3), got an array of shape {np.shape(value)}"
        )
        assert (net.params["0.W"] == before).all()

    @pytest.mark.parametrize("value", [[1j, 2, 3], ["1", "2", "3"], [None] * 3])
    def test_assigning_what_is_no_real_number(self, net, value):
        with pytest.raises(InputError, match=r"0\.b must be real numbers"):
            net.params["0.b"] = value

    def test_names_nobody_knows(self, net):
        with pytest.raises(KeyError, match=r"no parameter '0\.w'; did you mean '0\.W'\?"):
            net.params["0.w"]
        with pytest.raises(KeyError, match="no parameter"):
            net.params["3.W"] = 1

    def test_nothing_can_be_taken_away(self, net):
        with pytest.raises(TypeError, match="cannot be deleted"):
            del net.params["0.W"]
        with pytest.raises(TypeError, match="cannot be deleted"):
            net.params.clear()
        assert len(net.params) == 4


@pytest.mark.parametrize("w", [np.ones(2), np.ones((3, 2)).T, np.zeros(())], ids=["1d", "T", "0d"])
def test_live_arrays_stay_themselves(w):
    assert live(w, "w") is w


@pytest.mark.parametrize(
    "w",
    [
        3,
        True,
        2.5,
        np.float32(2.5),
        np.float64(2.5),
        [1, 2],
        (1.5, 2),
        np.array([1, 2]),
        np.array([1, 2], np.float32),
        np.array([1.5, 2], ">f8"),
        np.array([True, False]),
        np.broadcast_to(2.5, (2,)),
    ],
    ids=repr,
)
def test_everything_else_becomes_a_writable_float64_copy(w):
    array = live(w, "w")
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert array.flags.writeable
    assert array.shape == np.shape(w)
    assert (array == np.asarray(w)).all()
    assert not np.shares_memory(array, np.asarray(w))


@pytest.mark.parametrize("w", [1j, "abc", None, [1j], np.array([None]), {}], ids=repr)
def test_what_is_no_number_is_no_parameter(w):
    with pytest.raises(InputError, match=r"^w of Scale\(\) must be real numbers, got "):
        nn.Sequential([Scale(w)])


@pytest.mark.parametrize("w", [np.array([3, 4], np.float32), [3, 4], np.array([3, 4])], ids=repr)
def test_a_parameter_kept_as_an_attribute_is_the_same_array(w):
    layer = Keeps(w)
    net = nn.Sequential([layer], nn.MSELoss())
    assert layer.w is layer.params["w"] is net.params["0.w"]
    assert layer.size == 1
    net.params["0.w"] = [1, -1]
    assert net.predict([[5, 5]]).tolist() == [[5, -5]]


def test_numbers_that_happen_to_be_the_same_are_left_alone():
    layer = Keeps(1)
    adopt(layer)
    assert layer.params["w"].shape == ()
    assert layer.size == 1
    assert isinstance(layer.size, int)


def test_any_mapping_of_parameters_will_do():
    layer = Scale(1)
    layer.params = OrderedDict(w=[1, 2])
    assert list(nn.Sequential([layer], nn.MSELoss()).params) == ["0.w"]


class TestShared:
    def test_one_layer_twice_is_named_once(self):
        layer = Scale([2, 3])
        net = nn.Sequential([layer, layer], nn.MSELoss())
        assert list(net.params) == ["0.w"]
        assert net.size == 2
        assert net.predict([[1, 1]]).tolist() == [[4, 9]]
        with pytest.warns(nn.FallbackWarning, match="found by loop: layers 0 and 1 share w"):
            grads = net.numerical_gradient([[1, 1]], [[0, 0]])
        # the mean of w1**4 and w2**4 over two outputs
        np.testing.assert_allclose(grads["0.w"], [2 * 8, 2 * 27], rtol=1e-7)

    def test_one_array_in_two_layers_is_named_once(self):
        w = np.array([2.0, 3.0])
        net = nn.Sequential([Scale(w), nn.Tanh(), Scale(w)])
        assert list(net.params) == ["0.w"]
        assert net.params["0.w"] is w


def test_a_copy_is_put_back_by_update():
    net = nn.Sequential([nn.Linear(2, 3, rng=0), nn.Linear(3, 2, rng=1)])
    kept, arrays = net.params.copy(), dict(net.params)
    for p in net.params.values():
        p += 1.0
    assert not any(np.array_equal(kept[name], p) for name, p in net.params.items())
    net.params.update(kept)
    for name, p in net.params.items():
        assert p is arrays[name] and p is not kept[name]
        np.testing.assert_array_equal(p, kept[name])
