"""The step that makes the table of lengths of fine-tuning from lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_jobs
from loft.tickets.report import lengths
from loft.tickets.results.schema.lengths import STEPS

NAME = {"snapshot": 2, "ratio": 0.8, "multiple": 1}


def lines(path: Path, epochs: int, accuracy: float = 80.0) -> Path:
    """Write the lines of a dense cell's fine-tuning."""
    about: dict[str, Any] = {"kind": "job", "step": "finetune", "dataset": "digits"}
    about |= {"model": {"name": "preresnet18", "width": 4}, "cell": "dense", "seed": 0}
    about |= {"epochs": epochs, "tickets": [NAME]}
    ticket = {"kind": "ticket", **NAME, "parameters": 9, "flops": 9, "test_accuracy": accuracy}
    path.write_text("".join(f"{json.dumps(line)}\n" for line in (about, ticket)))
    return path


def test_a_row_for_each_length(tmp_path: Path) -> None:
    metrics = [lines(tmp_path / f"{n}.jsonl", n, 80.0 + n) for n in (20, 10)]
    lengths.run(metrics, tmp_path)
    rows = [row.split(",") for row in (tmp_path / "lengths.csv").read_text().splitlines()]
    place = {name: rows[0].index(name) for name in ("epochs", "accuracy")}
    assert [[row[n] for n in place.values()] for row in rows[1:]] == [["10", "90"], ["20", "100"]]


def test_one_length_twice_is_refused(tmp_path: Path) -> None:
    metrics = [lines(tmp_path / f"{name}.jsonl", 10) for name in "ab"]
    with pytest.raises(UserError, match=r"b\.jsonl: found the same job as in"):
        lengths.run(metrics, tmp_path)


def test_lines_without_a_ticket_that_was_asked_for_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", 10)
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(UserError, match="found 0 of 1 lines of kind 'ticket'"):
        read_jobs([path], STEPS)
