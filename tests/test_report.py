"""What a report calls worst, and why."""

import numpy as np

import nn.__main__ as command
from nn.checking.report import Cause, Checked, Report


def part(name, numeric, analytic, bound, verdicts, **more):
    n = len(numeric)
    columns = [np.array(a, np.float64) for a in (analytic, numeric, bound)]
    return Checked(
        name, (n,), np.arange(n), *columns, *(np.full(n, np.nan) for _ in range(2)),
        np.array(verdicts, dtype=object), np.array([""] * n, dtype=object), **more,
    )  # fmt: skip


def test_the_worst_is_off_most_not_most_of_its_bound():
    of = part("w", [1, 1, 1], [2, 9, 1.5], [1e-9, 1e-3, 1e-15], ["wrong"] * 3)
    assert of.by_offence().tolist() == [1, 0, 2]


def test_arrays_take_turns_by_how_wrong_they_are():
    large = part("large", [1e6, 1e6], [1e6 + 10, 1e6], [1e-9] * 2, ["wrong", "right"])
    small = part("small", [1e-3], [2e-3], [1e-12], ["wrong"])
    causes = {"large": Cause("sign", ""), "small": Cause("transposed", "")}
    report = Report("it", "wrong", [large, small], causes)
    assert report.worst.name == "small"
    assert report.cause.tag == "transposed"


def test_a_doubt_that_is_left_is_no_pass():
    assert part("w", [1], [1], [1e-9], ["right"], doubt="some").verdict == "undecided"
    assert part("w", [1], [1], [1e-9], ["right"], problem="none").verdict == "wrong"
    assert part("w", [1], [1], [1e-9], ["right"]).verdict == "right"


FILE = """
class Centre:
    def forward(self, x):
        return x - x.mean(0)

    def backward(self, dout):
        return dout - dout.mean(0)
"""


def test_command_options(tmp_path, monkeypatch, capsys):
    (tmp_path / "centre.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    line = ["check", "centre.py:Centre", "--input", "4x3"]
    assert command.main(line) == 4
    assert command.main([*line, "--mixes-samples"]) == 0
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    capsys.readouterr()
    command.main(line)
    assert "\033[1;35munstable" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "")
    command.main(line)
    assert "\033" not in capsys.readouterr().out
