"""What other programs are given is what was recorded and learnt."""

import csv
import json
import os
import sys

import numpy as np
import pytest

import nn
from nn.errors import ArgumentError, InputError
from nn.runs.exports import read_history, write_csv, write_tensorboard
from nn.runs.torch_names import export_safetensors, torch_tensors

RECORDS = [
    {"kind": "evaluation", "step": 0, "epoch": 0, "validation_loss": 0.7, "seconds": 0.0},
    {
        "kind": "step", "step": 1, "epoch": 1, "loss": 0.1 + 0.2, "accuracy": 0.5, "lr": 0.3,
        "grad_norm": 1.5, "grad_share": {"0": 0.25, "2": 0.75}, "seconds": 2.0,
    },
    {
        "kind": "evaluation", "step": 1, "epoch": 1, "validation_loss": 0.5,
        "validation_accuracy": 0.75, "test_loss": 0.625, "seconds": 3.5,
    },
]  # fmt: skip


@pytest.fixture
def run(tmp_path):
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in RECORDS))
    return tmp_path


def break_last_line(run):
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "step", "step": 2, "lo')


class TestHistory:
    def test_all_records(self, run):
        history = read_history(run)
        assert history.evaluations + history.steps == [RECORDS[0], RECORDS[2], RECORDS[1]]
        assert history.metric == "accuracy"

    def test_a_line_that_was_not_finished_is_left_out(self, run):
        whole = read_history(run)
        break_last_line(run)
        assert read_history(run).records == whole.records

    @pytest.mark.parametrize("line", ['{"kind": "st', "3", "[]", '"x"', '{"kind": "x"}', "\xff"])
    def test_another_broken_line_is_a_fault(self, run, line):
        with (run / "metrics.jsonl").open("ab") as file:
            file.write(line.encode("latin-1") + b"\n" + json.dumps(RECORDS[1]).encode() + b"\n")
        with pytest.raises(InputError):
            read_history(run)

    def test_no_run_folder(self, tmp_path):
        (tmp_path / "file").touch()
        for place in ("nowhere", "file", "."):
            with pytest.raises(InputError, match=r"no run folder: there is no metrics\.jsonl"):
                read_history(tmp_path / place)
        (tmp_path / "metrics.jsonl").mkdir()
        with pytest.raises(InputError, match="cannot read"):
            read_history(tmp_path)


class TestCsv:
    def test_rows_are_records_and_columns_keys(self, run):
        path = write_csv(run)
        assert path == run / "metrics.csv"
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == [
            "kind", "step", "epoch", "validation_loss", "seconds", "loss", "accuracy", "lr",
            "grad_norm", "grad_share.0", "grad_share.2", "validation_accuracy", "test_loss",
        ]  # fmt: skip
        assert len(rows) == 3
        assert float(rows[1]["loss"]) == 0.1 + 0.2  # to the last digit
        assert rows[1]["grad_share.2"] == "0.75"
        assert rows[1]["validation_loss"] == rows[0]["loss"] == ""
        assert [row["kind"] for row in rows] == ["evaluation", "step", "evaluation"]
        assert b"\r" not in path.read_bytes()

    def test_written_again_it_is_the_same(self, run):
        before = write_csv(run).read_bytes()
        break_last_line(run)
        assert write_csv(run).read_bytes() == before

    def test_nothing_recorded(self, run):
        (run / "metrics.jsonl").write_text("")
        with pytest.raises(InputError, match="nothing was recorded"):
            write_csv(run)
        assert not (run / "metrics.csv").exists()

    def test_what_was_there_stays_where_nothing_can_be_written(self, run, monkeypatch):
        before = write_csv(run).read_bytes()
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match=r"cannot write .*metrics\.csv: No space left"):
            write_csv(run)
        assert (run / "metrics.csv").read_bytes() == before
        assert {path.name for path in run.iterdir()} == {"metrics.jsonl", "metrics.csv"}


def full(*_):
    raise OSError(28, "No space left on device")


def read_events(folder):
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    (path,) = folder.glob("events.out.tfevents.*")
    return [event for event in loader.EventFileLoader(str(path)).Load() if event.summary.value]


@pytest.fixture
def tensorboard():
    pytest.importorskip("tensorboard", reason="needs pip install -e '.[tensorboard]'")


@pytest.mark.usefixtures("tensorboard")
class TestTensorBoard:
    def test_events_are_the_records(self, run):
        break_last_line(run)
        os.utime(run / "metrics.jsonl", (1000.0, 1000.0))
        folder = write_tensorboard(run)
        assert folder == run / "tensorboard"
        found = {
            (value.tag, event.step): (value.tensor.float_val[0], event.wall_time)
            for event in read_events(folder)
            for value in event.summary.value
        }
        assert found == {
            ("validation/loss", 0): (np.float32(0.7), 996.5),
            ("train/loss", 1): (np.float32(0.1 + 0.2), 998.5),
            ("train/accuracy", 1): (0.5, 998.5),
            ("lr", 1): (np.float32(0.3), 998.5),
            ("grad_norm", 1): (1.5, 998.5),
            ("grad_share/0", 1): (0.25, 998.5),
            ("grad_share/2", 1): (0.75, 998.5),
            ("validation/loss", 1): (0.5, 1000.0),
            ("validation/accuracy", 1): (0.75, 1000.0),
            ("test/loss", 1): (0.625, 1000.0),
        }

    def test_its_own_folder_is_written_anew(self, run):
        write_tensorboard(run)
        (other,) = write_tensorboard(run).iterdir()
        assert other.name.startswith("events.out.tfevents.")

    def test_nothing_is_added_to_events_of_others(self, run):
        assert write_tensorboard(run, run / "logs/a") == run / "logs/a"
        with pytest.raises(InputError, match="holds event files already"):
            write_tensorboard(run, run / "logs/a")
        assert len(read_events(run / "logs/a")) == 3

    def test_a_folder_that_cannot_be_made(self, run):
        (run / "taken").touch()
        with pytest.raises(InputError, match=r"cannot write to .*taken"):
            write_tensorboard(run, run / "taken")


@pytest.mark.parametrize(
    ("root", "export"),
    [
        ("tensorboard", lambda run: write_tensorboard(run)),
        ("safetensors", lambda run: export_safetensors(plain(), run / "x.safetensors")),
    ],
)
def test_a_missing_library_is_named_with_what_installs_it(run, monkeypatch, root, export):
    for name in [name for name in sys.modules if name.split(".")[0] == root]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, root, None)
    with pytest.raises(InputError, match=rf"library {root} .*pip install -e '\.\[{root}\]'"):
        export(run)
    assert [path.name for path in run.iterdir()] == ["metrics.jsonl"]


class Scale(nn.Layer):
    """A layer of the user's, whose W is nobody else's."""

    def __init__(self):
        self.params = {"W": np.arange(1.0, 4.0), "b": np.zeros((1, 3), order="F")}

    def forward(self, x):
        return x * self.params["W"] + self.params["b"]


class Turned(nn.Linear):
    """A Linear that uses its W the other way round."""

    def forward(self, x):
        return x @ self.params["W"].T


class Extended(nn.Linear):
    """A Linear with a parameter called as torch calls another."""

    def __init__(self):
        super().__init__(2, 3)
        self.params["weight"] = np.ones(1)


def plain():
    return nn.Sequential([nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 4, bias=False, rng=1)])


class TestTorchNames:
    def test_linear_is_transposed(self):
        net = plain()
        net.params["0.b"] = [1.0, 2.0, 3.0]
        tensors = torch_tensors(net)
        assert list(tensors) == ["0.weight", "0.bias", "2.weight"]
        assert np.array_equal(tensors["0.weight"], net.params["0.W"].T)
        assert tensors["2.weight"].shape == (4, 3)
        assert tensors["0.bias"].tolist() == [1.0, 2.0, 3.0]
        for tensor in tensors.values():
            assert tensor.flags.c_contiguous
            assert tensor.dtype == np.float64

    def test_they_are_copies(self):
        net = plain()
        tensors = torch_tensors(net)
        tensors["0.weight"] += 1
        tensors["0.bias"] += 1
        assert np.array_equal(net.params["0.W"].T + 1, tensors["0.weight"])
        assert not net.params["0.b"].any()

    def test_two_layer_net(self):
        net = nn.TwoLayerNet(4, 3, 2, rng=0)
        tensors = torch_tensors(net)
        assert list(tensors) == ["0.weight", "0.bias", "2.weight", "2.bias"]
        assert np.array_equal(tensors["2.weight"], net.params["W2"].T)

    def test_layers_of_the_users_are_left_alone(self):
        net = nn.Sequential([nn.Linear(2, 3), Scale(), Turned(4, 3)])
        tensors = torch_tensors(net)
        assert list(tensors) == ["0.weight", "0.bias", "1.W", "1.b", "2.W", "2.b"]
        assert tensors["1.b"].shape == (1, 3)
        assert np.array_equal(tensors["2.W"], net.params["2.W"])

    def test_convolutions_norms_and_blocks(self):
        inside = nn.Residual([nn.Conv2d(2, 2, 3, padding=1, rng=1), nn.LayerNorm((2, 4, 4))])
        net = nn.Sequential(
            [nn.Conv2d(1, 2, (3, 2), rng=0), nn.BatchNorm2d(2), inside, nn.Embedding(3, 2)]
        )
        tensors = torch_tensors(net)
        assert {name: t.shape for name, t in tensors.items()} == {
            "0.weight": (2, 1, 3, 2), "0.bias": (2,), "1.weight": (2,), "1.bias": (2,),
            "1.running_mean": (2,), "1.running_var": (2,), "2.0.weight": (2, 2, 3, 3),
            "2.0.bias": (2,), "2.1.weight": (2, 4, 4), "2.1.bias": (2, 4, 4),
            "3.weight": (3, 2),
        }  # fmt: skip
        assert np.array_equal(tensors["0.weight"], net.params["0.W"])
        assert tensors["1.running_var"].tolist() == [1, 1]

    def test_a_layer_used_twice_is_there_twice(self):
        layer = nn.Linear(3, 3)
        tensors = torch_tensors(nn.Sequential([layer, nn.Tanh(), layer]))
        assert list(tensors) == ["0.weight", "0.bias", "2.weight", "2.bias"]
        assert np.array_equal(tensors["0.weight"], tensors["2.weight"])

    def test_faults_are_named(self):
        with pytest.raises(ArgumentError, match="network must be a Network"):
            torch_tensors({"W": np.ones(2)})
        with pytest.raises(InputError, match=r"two parameters of layer 0.* '0\.weight'"):
            torch_tensors(nn.Sequential([Extended()]))


@pytest.fixture
def safetensors():
    return pytest.importorskip("safetensors", reason="needs pip install -e '.[safetensors]'")


class TestSafetensors:
    def test_read_back_to_the_bit(self, tmp_path, safetensors):
        net = nn.Sequential([nn.Linear(2, 3, rng=0), Scale(), nn.Linear(3, 4, rng=1)])
        path = export_safetensors(net, tmp_path / "net.safetensors")
        with safetensors.safe_open(path, "numpy") as file:
            assert file.metadata() == {"format": "pt", "framework": "nudge"}
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        expected = torch_tensors(net)
        assert found.keys() == expected.keys()
        for name, tensor in found.items():
            assert tensor.dtype == np.float64
            assert np.array_equal(tensor, expected[name])

    def test_what_was_there_stays_where_nothing_can_be_written(
        self, tmp_path, safetensors, monkeypatch
    ):
        path = export_safetensors(plain(), str(tmp_path / "net.safetensors"))
        before = path.read_bytes()
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match=r"cannot write .*No space left"):
            export_safetensors(plain(), path)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]
        with pytest.raises(InputError, match=r"cannot write .*No such file"):
            export_safetensors(plain(), tmp_path / "nowhere/net.safetensors")

    def test_torch_gives_the_same_outputs(self, tmp_path, safetensors):
        torch = pytest.importorskip("torch", reason="needs torch")
        reading = pytest.importorskip("safetensors.torch")
        own = [nn.Tanh(), nn.Sigmoid(), nn.LeakyReLU(0.1), nn.GELU(), nn.Softplus(2.0), nn.ReLU()]
        theirs = [
            torch.nn.Tanh(), torch.nn.Sigmoid(), torch.nn.LeakyReLU(0.1), torch.nn.GELU(),
            torch.nn.Softplus(2.0), torch.nn.ReLU(),
        ]  # fmt: skip
        layers, modules = [nn.Flatten()], [torch.nn.Flatten()]
        for k, (a, b) in enumerate(zip(own, theirs, strict=True)):
            layers += [nn.Linear(6, 6, bias=k != 2, rng=k), a]
            modules += [torch.nn.Linear(6, 6, bias=k != 2), b]
        net, model = nn.Sequential(layers), torch.nn.Sequential(*modules).double()
        for p in net.params.values():
            p += np.random.default_rng(0).normal(size=p.shape)
        path = export_safetensors(net, tmp_path / "net.safetensors")
        model.load_state_dict(reading.load_file(path))
        x = np.random.default_rng(1).normal(size=(50, 2, 3))
        with torch.no_grad():
            z = model(torch.from_numpy(x)).numpy()
        expected = net.forward(x)
        assert np.abs(z - expected).max() <= 1e-12 * np.abs(expected).max()
        assert np.ptp(expected) > 1

    def test_torch_reads_a_two_layer_net(self, tmp_path, safetensors):
        torch = pytest.importorskip("torch", reason="needs torch")
        reading = pytest.importorskip("safetensors.torch")
        net = nn.TwoLayerNet(4, 3, 2, weight_init_std=1.0, rng=0)
        modules = [torch.nn.Linear(4, 3), torch.nn.Sigmoid(), torch.nn.Linear(3, 2)]
        model = torch.nn.Sequential(*modules).double()
        path = export_safetensors(net, tmp_path / "net.safetensors")
        model.load_state_dict(reading.load_file(path))
        x = np.random.default_rng(1).normal(size=(5, 4))
        with torch.no_grad():
            z = model(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(z, net.forward(x), rtol=1e-12, atol=1e-12)
