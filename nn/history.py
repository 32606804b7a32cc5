"""What was recorded: one line a step, one line an evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nn.errors import InputError

Record = dict[str, Any]


class History:
    """The records of a training run, in order.

    Attributes
    ----------
    metric : str
        "accuracy" or "r2".
    records : list of dict
        All of them, in the order they came.
    steps : list of dict
        "step" and "epoch" from 1, "loss" (of the batch, before its update), the metric if the
        batch has one, "lr", "grad_norm" (before clipping), "grad_share" (of each layer in its
        square), "seconds" since the start.
    evaluations : list of dict
        "step", "epoch", "validation_loss", "test_loss" and the metric of each, where there is
        such a part; "seconds".
    """

    def __init__(self, metric: str = "accuracy") -> None:
        self.metric = metric
        self.records: list[Record] = []
        self.steps: list[Record] = []
        self.evaluations: list[Record] = []

    def add(self, record: Mapping[str, Any]) -> None:
        """Append a record to the list its "kind" names: "step" or "evaluation"."""
        kinds = {"step": self.steps, "evaluation": self.evaluations}
        if record.get("kind") not in kinds:
            raise InputError(f"a record is a 'step' or an 'evaluation', got {record.get('kind')!r}")
        entry = dict(record)
        kinds[record["kind"]].append(entry)
        self.records.append(entry)

    @classmethod
    def read(cls, path: str | Path) -> History:
        """Read back a `metrics.jsonl`, but for a last line that was not written to its end.

        Raises
        ------
        InputError
            If it cannot be read, or holds something else.
        """
        try:
            *lines, _ = Path(path).read_text(encoding="utf-8").split("\n")
            records = [json.loads(line) for line in lines]
            if not all(isinstance(record, dict) for record in records):
                raise ValueError("a line is no record")
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from error
        except ValueError as error:
            raise InputError(f"{path} does not hold metrics: {error}") from error
        history = cls(
            "r2" if any(key.endswith("r2") for record in records for key in record) else "accuracy"
        )
        for record in records:
            history.add(record)
        return history
