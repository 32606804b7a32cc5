import sys

import pytest

from nn.progress import Progress, duration

STEP = {"step": 3, "epoch": 1, "loss": 0.5, "accuracy": 0.75, "lr": 0.1}
EVALUATION = {"step": 3, "epoch": 2, "validation_loss": 0.25, "validation_accuracy": 0.9}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (99.4, "99 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (12_000, "3 h 20 min"),
    ],
)
def test_durations_as_a_person_says_them(seconds, words):
    assert duration(seconds) == words


def test_plain_lines_where_there_is_no_terminal(capsys):
    with Progress(epochs=2, steps=4, metric="accuracy") as shown:
        shown.step(STEP)
        shown.evaluation(EVALUATION)
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("epoch 2/2  validation loss 0.2500  accuracy 0.900  step 3/4  ")
    assert out.endswith(" left\n")
    assert out.count("\n") == 1


def test_silence(capsys):
    with Progress(epochs=2, steps=4, metric="accuracy", show=False) as shown:
        shown.step(STEP)
        shown.evaluation(EVALUATION)
    assert capsys.readouterr() == ("", "")


def test_not_more_than_some_twenty_lines(capsys):
    with Progress(epochs=1000, steps=1000, metric="r2") as shown:
        for epoch in range(1, 1001):
            shown.evaluation({"step": epoch, "epoch": epoch, "test_loss": 1.0})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert lines[-1].startswith("epoch 1000/1000  test loss 1.0000")


def test_a_line_now_and_then_while_an_epoch_lasts(capsys, monkeypatch):
    monkeypatch.setattr("nn.progress._SILENCE", -1.0)
    with Progress(epochs=2, steps=4, metric="accuracy") as shown:
        shown.step(STEP)
    assert "loss 0.5000  accuracy 0.750  lr 0.1  step 3/4" in capsys.readouterr().out


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress(epochs=2, steps=4, metric="accuracy") as shown:
        shown.step(STEP)
        shown.evaluation(EVALUATION)
    out, err = capsys.readouterr()
    assert "training" in err
    assert "loss 0.5000  accuracy 0.750  lr 0.1" in err
    assert "1/4" in err
    assert "validation loss 0.2500" in out + err
