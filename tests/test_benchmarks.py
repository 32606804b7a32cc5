"""The benchmark of gradients: its numbers agree with each other, however large they are."""

import json
import tomllib
from dataclasses import replace
from statistics import median
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from benchmarks.backprop import backprop
from benchmarks.batches import digits, find_mnist, pictures
from benchmarks.compare import compare
from benchmarks.contenders import BACKPROP, LOOP, by_hand, ours
from benchmarks.entries import begin_loop, draw, find, flat, loop_at, unflat
from benchmarks.gradients import arguments, main, settings_of
from benchmarks.growth import exponent, grow, predicted
from benchmarks.nets import NETS, dense, lenet, own_layer, wide
from benchmarks.picture import drawn
from benchmarks.report import describe, figures, powers, seconds
from benchmarks.rivals import rivals
from benchmarks.timing import Settings, Times, quotient
from nn import config

from .conftest import ROOT

QUICK = Settings(rounds=3, turn=0.0, limit=10.0, entries=8)


def tiny(activation="sigmoid", hidden=(5,)):
    return dense((64, *hidden, 10), activation, digits(7))


@pytest.fixture(scope="module")
def whole():
    return compare(tiny(), QUICK, others=False)


@pytest.fixture(scope="module")
def sampled():
    return compare(tiny(), replace(QUICK, limit=0.0), others=False)


def by_name(net):
    return {method["name"]: method for method in net["methods"]}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("hidden", [(), (6,), (6, 5, 4)])
def test_backprop_agrees_with_the_loop(activation, hidden):
    net = tiny(activation, hidden)
    found = backprop(net.weights, activation, net.x, net.batch.t)
    loop = net.network.numerical_gradient(net.x, net.batch.t, "loop")
    by_hand = np.concatenate([g.ravel() for pair in found for g in pair])
    assert np.abs(by_hand - flat(loop)).max() < 1e-7  # no nudge of these crosses a kink


def test_a_sample_of_the_loop_is_the_loop():
    net = tiny()
    places = draw(net, 50, np.random.default_rng(0))
    before = flat(net.network.params)
    sample = loop_at(net, places)
    loop = flat(net.network.numerical_gradient(net.x, net.batch.t, "loop"))
    np.testing.assert_array_equal(sample.slopes, loop[places])
    begin_loop(net)
    np.testing.assert_array_equal(flat(net.network.params), before)


def test_entries_are_found():
    net = tiny()
    vector = flat(net.network.params)
    for place in (0, 5, 64 * 5, vector.size - 1):
        key, index = find(net, place)
        assert net.network.params[key][index] == vector[place]
    again = unflat(net, vector)
    assert all(np.array_equal(again[key], p) for key, p in net.network.params.items())
    with pytest.raises(IndexError):
        find(net, vector.size)


@pytest.mark.parametrize("which", ["whole", "sampled"])
def test_numbers_are_consistent(which, request):
    methods = by_name(request.getfixturevalue(which))
    assert list(methods)[:5] == ["loop", "weight", "node", "auto", "direction"]
    for method in methods.values():
        assert len(method["rounds"]) == 3
        assert method["seconds"] == median(turn for turn in method["rounds"] if turn is not None)
        assert 0 < method["least_seconds"] <= method["seconds"]
        for ratio, over, under in (
            ("loop_over_this", methods[LOOP], method),
            ("this_over_backprop", method, methods[BACKPROP]),
        ):
            rounds = zip(over["rounds"], under["rounds"], strict=True)
            both = [(a, b) for a, b in rounds if a is not None and b is not None]
            assert method[ratio] == median(a / b for a, b in both)
    assert methods["loop"]["largest_difference"] == 0
    assert methods["weight"]["largest_difference"] < 1e-9
    assert methods["node"]["largest_difference"] < 1e-7
    assert methods[BACKPROP]["largest_difference"] < 1e-7
    assert all(method["peak_bytes"] > 0 for method in methods.values())


def test_what_is_extrapolated_is_marked(whole, sampled):
    assert not any(method["extrapolated"] for method in whole["methods"])
    assert "~" not in describe(whole)
    assert whole["compared"] == "all parameters"
    extrapolated = [method["name"] for method in sampled["methods"] if method["extrapolated"]]
    assert extrapolated == ["loop"]
    assert by_name(sampled)["loop"]["sampled_entries"] == 3 * 8
    assert sampled["compared"] == "24 sampled entries"
    lines = describe(sampled).splitlines()
    assert next(line for line in lines if line.startswith("loop")).count("~") == 4


def test_a_layer_without_a_derivative():
    found = compare(own_layer(digits(4)), replace(QUICK, limit=0.0, rounds=1), others=False)
    methods = by_name(found)
    assert BACKPROP not in methods
    assert methods["weight"]["this_over_backprop"] is None
    assert methods["weight"]["largest_difference"] < 1e-9
    assert any("its beta does not enter as" in note for note in methods["node"]["notes"])
    assert methods["auto"]["notes"] == ["layers 0, 2 by node, layer 1 by weight"]
    assert methods["auto"]["ways"] == methods["node"]["ways"]
    assert "auto" not in drawn(found)
    assert describe(found)


def test_kinks_are_noted():
    found = compare(tiny("relu"), replace(QUICK, limit=0.0, rounds=1), others=False)
    assert "kink" in found["notes"][0]


def test_lenet_is_what_its_config_builds(monkeypatch, tmp_path):
    monkeypatch.delenv("NUDGE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    nets = {name: NETS[name](None) for name in ("lenet", "lenet-max")}
    batch = nets["lenet"].batch
    data = SimpleNamespace(
        x_train=batch.x, t_train=batch.t, task="classification", outputs=10, image_shape=(28, 28)
    )
    document = tomllib.loads((ROOT / "configs/lenet-mnist.toml").read_text())
    built = config.build(document, {"mnist": lambda: data}, "lenet-mnist.toml").network
    average, largest = (net.network for net in nets.values())
    assert list(map(repr, average.layers)) == list(map(repr, built.layers))
    assert [repr(layer).replace("Avg", "Max") for layer in average.layers] == [
        repr(layer) for layer in largest.layers
    ]
    for network in (average, largest):
        assert network.size == 5994
        for key, p in network.params.items():  # of one init: as wide, though drawn anew
            assert np.std(p) == pytest.approx(np.std(built.params[key]), rel=0.2)
    assert all(net.batch.x.shape == (64, 784) for net in nets.values())


def test_a_sample_of_the_loop_agrees_on_lenet():
    net = lenet(nn.AvgPool2d, pictures(None, 2), {})
    places = draw(net, 40, np.random.default_rng(0))
    slopes = loop_at(net, places).slopes
    found = {contender.name: contender for contender in ours(net)}
    assert list(found) == ["loop", "weight", "node", "auto", "direction"]
    assert found["auto"].ways == {"1": "weight", "4": "node", "8": "node"}
    assert found["auto"].note == "layer 1 by weight, layers 4, 8 by node"
    assert not by_hand(net)
    assert np.abs(flat(found["weight"].whole())[places] - slopes).max() < 1e-10
    assert np.abs(flat(found["auto"].whole())[places] - slopes).max() < 1e-6  # units, not weights


def test_max_pooling_is_not_followed_by_nodes():
    net = lenet(nn.MaxPool2d, pictures(None, 2), {"weight": 80})
    found = compare(net, replace(QUICK, limit=0.0, rounds=1), others=False)
    methods = by_name(found)
    assert list(methods) == ["loop", "weight", "auto", "direction"]
    assert methods["weight"]["largest_difference_over_largest_slope"] < 1e-9
    assert not any("by weight:" in note for method in methods.values() for note in method["notes"])
    assert "than auto" in found["notes"][0]
    times = figures(methods["weight"]["loop_over_this"])
    text = f"weight is ~{times} times as fast as the loop; required: 80"
    assert text in describe(found)
    assert drawn(found).keys() == methods.keys()


def test_powers_are_of_the_weights_and_of_the_layers():
    assert [wide(n).network.size for n in (16, 512)] == [75 * 16 + 10, 75 * 512 + 10]
    assert predicted("width") == {"loop": 2, "weight": 1, "node": 1, "backprop": 1}
    assert predicted("depth") == {"loop": 2, "weight": 2, "node": 2, "backprop": 1}
    axis = grow("depth", lambda depth: tiny(hidden=(5,) * depth), (1, 2), QUICK)
    assert axis["against"] == "values"
    assert powers(axis)["loop"] == (axis["exponents"]["loop"], 2)
    assert exponent(axis["values"], axis["seconds"]["node"]) == axis["exponents"]["node"]
    by_weights = {**axis, "against": "parameters"}
    assert powers(by_weights)["node"] == (axis["exponents_by_parameters"]["node"], 2)
    assert exponent(axis["parameters"], axis["seconds"]["node"]) == powers(by_weights)["node"][0]


def test_rounds_that_are_left_out_do_not_count():
    assert quotient([1.0, None, 3.0], [2.0, 1.0, 1.0]) == 1.75
    assert quotient([None], [1.0]) is None
    assert Times(False, [1.0, None, 3.0]).seconds == 2.0


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("NUDGE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # no MNIST there
    monkeypatch.setitem(NETS, "digits", lambda mnist: tiny())
    main(["--quick", "--nets", "digits", "--no-rivals", "--out", str(tmp_path / "out")])
    written = json.loads((tmp_path / "out/gradients.json").read_text())
    assert [net["name"] for net in written["nets"]] == ["64-5-10 sigmoid"]
    assert set(written["growth"]) == {"width", "depth"}
    for axis in written["growth"].values():
        assert {len(line) for line in axis["seconds"].values()} == {len(axis["values"])}
        for key in ("exponents", "exponents_by_parameters", "predicted"):
            assert set(axis[key]) == set(axis["seconds"])
    assert (tmp_path / "out/gradients.png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "64-5-10 sigmoid" in printed
    assert "~" in printed.split("growth with width")[1]
    assert printed.count("measured  predicted") == 2
    assert "measured powers lie below the predicted ones where" in printed
    assert settings_of(arguments([])).entries == 50
    assert settings_of(arguments(["--rounds", "3"])).entries == 67  # 200 in all


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    with pytest.raises(SystemExit, match="lacks train-images"):
        main(["--mnist", str(tmp_path)])
    with pytest.raises(SystemExit):
        main(["--rounds", "0"])
    assert "at least 1" in capsys.readouterr().err


def test_the_stand_in_is_as_sparse_and_grey_as_mnist(tmp_path, monkeypatch):
    monkeypatch.delenv("NUDGE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert find_mnist() is None
    batch = pictures(None, 100)
    assert batch.x.shape == (100, 784)
    assert 0.1 < np.mean(batch.x != 0) < 0.5
    assert len(np.unique(batch.x)) == 256
    assert batch.x.min() == 0
    assert batch.x.max() == 1
    assert "stand-in" in batch.source
    assert len(np.unique(pictures(None, 100, standardize=True).x)) > 5000


def test_numbers_are_written_for_people():
    assert [seconds(s) for s in (2.5e-5, 0.0213, 1.5, 1234.5)] == [
        "25.0 µs", "21.3 ms", "1.50 s", "1 230 s",
    ]  # fmt: skip
    assert figures(44432) == "44 400"
    assert exponent((1, 2, 4, 8), [5.0, 4.0, 16.0, 64.0]) == pytest.approx(2)


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("torch", ["torch autograd", "torch.func vmap"]),
        ("scipy", ["scipy approx_derivative"]),
        ("numdifftools", ["numdifftools"]),
    ],
)
def test_rivals_find_the_same(package, names):
    pytest.importorskip(package)
    net = tiny()
    loop = flat(ours(net)[0].whole())
    found = {contender.name: contender for contender in rivals(net)}
    places = draw(net, 20, np.random.default_rng(0))
    for name in names:
        slopes = flat(found[name].whole())
        assert np.abs(slopes - loop).max() < 1e-7
        if found[name].some is not None:
            np.testing.assert_allclose(found[name].some(places).slopes, slopes[places], atol=1e-9)


def test_files_are_read_at_a_sitting():
    for path in (ROOT / "benchmarks").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 250
        assert text.startswith('"""')


def test_every_net_can_be_built():
    for build in NETS.values():
        net = build(None)
        assert np.isfinite(net.network.loss(net.x, net.batch.t))
        assert isinstance(net.network, nn.Network)
