"""python -m nn check, as a user runs it."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import nn.__main__ as command

FILE = """
import numpy as np

import helper
import nn


class Scale(nn.Layer):
    def __init__(self, size: int, flip: bool = False, rng=None):
        self.params = {"w": np.linspace(1, 2, size)}
        self.flip = flip

    def forward(self, x):
        self.x = x
        return x * self.params["w"]

    def backward(self, dout):
        self.grads = {"w": (dout * self.x).sum(0)}
        if self.flip:
            self.grads["w"][1] *= -1
        return dout * self.params["w"]


class Loss:
    def forward(self, x, t):
        e = np.exp(x - x.max(1, keepdims=True))
        self.y, self.t = e / e.sum(1, keepdims=True), t
        return -np.log(self.y[np.arange(len(x)), t]).mean()

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx / len(dx)


class Root(nn.Layer):
    def forward(self, x):
        self.x = x
        return np.sqrt(np.abs(x))

    def backward(self, dout):
        return dout * np.sign(self.x) / (2 * np.sqrt(np.abs(self.x)) + 1e-300)


class Draws(nn.Layer):
    def forward(self, x):
        return x * np.random.default_rng().normal(size=x.shape)

    def backward(self, dout):
        return dout


class Product:
    def forward(self, a, b):
        self.a, self.b = a, b
        return a * b

    def backward(self, dout):
        return dout * self.b, dout * self.a


class Broken(nn.Layer):
    def forward(self, x):
        return x @ self.wieght

    def backward(self, dout):
        return dout

    weight = np.eye(3)


ready = Scale(5)


class Leaves(Scale):
    def forward(self, x):
        raise SystemExit(0)


class Talks(Scale):
    def forward(self, x):
        print("forward of", x.shape)
        return super().forward(x)


def softplus(x):
    return np.log1p(np.exp(x))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mylayers.py").write_text(FILE)
    (tmp_path / "helper.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("helper", None)


def run(*arguments, capsys):
    status = command.main(["check", *arguments])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["mylayers.py:Scale", "--input", "8x5", "--set", "size=5"], 0, "Scale(): right"),
        (["mylayers.py:ready", "--input", "8x5"], 0, "Scale(): right"),
        (["mylayers.py:Scale", "--input", "8x5", "--set", "size=5", "--set", "flip=true"], 1,
         "w[1]: analytic"),
        (["mylayers.py:Loss", "--input", "8x4", "--classes", "4"], 0, "Loss: right"),
        (["mylayers.py:softplus", "--grad", "sigmoid", "--input", "20"], 0, "softplus: right"),
        (["mylayers.py:softplus", "--grad", "mylayers.py:softplus", "--input", "20"], 1, "wrong"),
        (["mylayers.py:Product", "--input", "4x3", "--input", "4x3"], 0, "b            (4, 3)"),
        (["mylayers.py:Root", "--input", "zeros.npy"], 3, "undecided"),
        (["mylayers.py:Draws", "--input", "4x3"], 4, "random forward: "),
        (["mylayers.py:Scale", "--input", "8x5", "--set", "size=5", "--dtype", "float32"], 0,
         "right"),
    ],
)  # fmt: skip
def test_verdicts_and_their_statuses(folder, capsys, arguments, status, said):
    np.save("zeros.npy", np.zeros((2, 2)))
    got, out, err = run(*arguments, capsys=capsys)
    assert got == status, out + err
    assert said in out
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mylayers.py:Scal", "--input", "3"], "has no 'Scal'; did you mean 'Scale'?"),
        (["mylayer.py:Scale", "--input", "3"], "no file 'mylayer.py'; did you mean 'mylayers.py'?"),
        (["mylayers.py", "--input", "3"], "mylayers.py needs a name after it, mylayers.py:NAME"),
        (["mylayers.py:Scale", "--input", "3x5"], "Scale: size (int) is missing"),
        (["mylayers.py:Scale", "--input", "3x5", "--set", "siz=5"], "did you mean 'size'?"),
        (["mylayers.py:Scale", "--input", "3x5", "--set", "size=x"], "size: expected int, got 'x'"),
        (["mylayers.py:Scale", "--input", "3x5", "--set", "size"], "not of the form name=value"),
        (["mylayers.py:ready", "--input", "3x5", "--set", "size=5"], "nothing to --set"),
        (["mylayers.py:Scale", "--input", "3x4", "--set", "size=5"],
         "fails: ValueError: operands could not be broadcast together"),
        (["mylayers.py:Broken", "--input", "3x3"], "has no attribute 'wieght'"),
        (["mylayers.py:Broken", "--input", "3x3"], "did you mean 'weight'?"),
        (["mylayers.py:Loss", "--input", "3x4"], "forward of Loss takes targets"),
        (["mylayers.py:Loss", "--input", "3x4", "--classes", "1"], "--classes must be 2 or more"),
        (["mylayers.py:softplus", "--input", "3"], "softplus has no forward and backward"),
        (["mylayers.py:softplus", "--grad", "sigmod", "--input", "3"], "did you mean 'sigmoid'?"),
        (["mylayers.py:Scale", "--input", "8y5"], "--input must be a shape, such as 8x5"),
        (["mylayers.py:Scale", "--input", "0x5"], "--input must be a shape"),
        (["mylayers.py:Scale", "--input", "none.npy"], "there is no file 'none.npy'"),
        (["mylayers.py:Scale", "--input", "8x5", "--set", "size=5", "--plot", "a/b.png"], "a"),
        (["mylayers.py:Leaves", "--input", "3x5", "--set", "size=5"], "fails: SystemExit: 0"),
        (["mylayers.py:Product", "--input", "3x5"], "takes a, b, and 1 of that was given"),
        (["typo.py:Scale", "--input", "3"], "did you mean 'numpy'?"),
        (["name.py:Scale", "--input", "3"], "cannot import name 'Layr'"),
        (["attribute.py:Scale", "--input", "3"], "did you mean 'Layer'?"),
    ],
)  # fmt: skip
def test_what_could_not_be_run(folder, capsys, arguments, said):
    (folder / "typo.py").write_text("import numppy\n")
    (folder / "name.py").write_text("from nn import Layr\n")
    (folder / "attribute.py").write_text("import nn\nclass Scale(nn.Layr): pass\n")
    status, out, err = run(*arguments, capsys=capsys)
    assert status == 2, out
    assert out == ""
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert said in err


def test_json(folder, capsys):
    status, out, _ = run("mylayers.py:Scale", "--input", "8x5", "--set", "size=5", "--json",
                         "--set", "flip=true", capsys=capsys)  # fmt: skip
    found = json.loads(out)
    assert status == 1
    assert found["verdict"] == "wrong"
    assert found["worst"]["name"] == "w"
    assert found["worst"]["index"] == [1]
    assert found["cause"]["tag"] == "sign"


def test_what_user_code_prints_is_no_json(folder, capsys):
    arguments = ["mylayers.py:Talks", "--input", "8x5", "--set", "size=5"]
    _, out, err = run(*arguments, "--json", capsys=capsys)
    assert json.loads(out)["verdict"] == "right"
    assert "forward of (8, 5)" in err
    _, out, _ = run(*arguments, capsys=capsys)
    assert "forward of (8, 5)" in out


def test_the_seed_decides_all_that_is_drawn(folder, capsys):
    def worst(*more):
        arguments = ["mylayers.py:Scale", "--input", "8x5", "--set", "size=5", "--json"]
        return json.loads(run(*arguments, *more, capsys=capsys)[1])["worst"]["analytic"]

    assert worst() == worst() == worst("--seed", "0")
    assert worst("--seed", "1") != worst()


def test_a_picture(folder, capsys):
    status, _, err = run("mylayers.py:Scale", "--input", "8x5", "--set", "size=5",
                         "--plot", "check.png", capsys=capsys)  # fmt: skip
    assert status == 0, err
    assert err == "drawn: check.png\n"
    assert (folder / "check.png").read_bytes().startswith(b"\x89PNG")


def test_from_a_shell(folder):
    """The module is the command, and is plain where nobody looks at it."""
    line = [sys.executable, "-m", "nn", "check", "mylayers.py:Scale", "--input", "8x5"]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [*line, "--set", "size=5", "--set", "flip=true"],
        cwd=folder, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "\033" not in done.stdout
    assert done.stderr == ""
    for wrong in ([], ["check"], ["chek", "x"], [*line[3:], "--seed", "-1"]):
        done = subprocess.run(
            [sys.executable, "-m", "nn", *wrong], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "usage" in done.stderr


def test_help_is_quick_and_says_the_statuses(capsys):
    code = (
        "import sys, nn.__main__ as m\n"
        "try: m.main(['check', '--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'numpy', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "exit status: 0 right, 1 wrong, 2 could not be run" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_our_own_faults_come_with_a_traceback(folder, capsys, monkeypatch):
    def fails(*_, **__):
        raise KeyError("ours")

    monkeypatch.setattr("nn.checking.check.observe", fails)
    status, _, err = run("mylayers.py:Scale", "--input", "8x5", "--set", "size=5", capsys=capsys)
    assert status == 2
    assert "Traceback" in err
