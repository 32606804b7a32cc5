import json

import pytest

from nn import History, InputError

STEP = {"kind": "step", "step": 1, "epoch": 1, "loss": 0.5, "lr": 0.1}
EVALUATION = {"kind": "evaluation", "step": 1, "epoch": 1, "test_loss": 0.4, "test_r2": 0.3}


def test_records_go_where_they_belong_and_are_copied():
    history = History()
    record = dict(STEP)
    history.add(record)
    record["loss"] = 9
    history.add(EVALUATION)
    assert history.steps == [STEP]
    assert history.evaluations == [EVALUATION]


def test_unknown_kind():
    with pytest.raises(InputError, match="'stp'"):
        History().add({"kind": "stp"})


def test_read_back(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in (STEP, EVALUATION)))
    history = History.read(path)
    assert (history.steps, history.evaluations) == ([STEP], [EVALUATION])
    assert history.metric == "r2"


def test_read_back_a_regression_without_a_test_part(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"kind": "evaluation", "step": 1, "epoch": 1, "validation_r2": 0.5}\n')
    assert History.read(path).metric == "r2"


def test_read_back_a_run_of_the_command(moons):
    history = History.read(moons.folder / "metrics.jsonl")
    assert history.metric == "accuracy"
    assert len(history.steps) == 27
    assert [record["epoch"] for record in history.evaluations] == [0, 1, 2, 3]
