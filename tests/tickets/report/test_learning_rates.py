"""The step that makes the table of learning rates from lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.tickets.report import learning_rates
from loft.tickets.report.job import LearningRatesJob


def lines(path: Path, rate: float, **changed: Any) -> Path:
    """Write the lines of a pretraining that tried a rate."""
    about: dict[str, Any] = {"kind": "job", "step": "pretrain", "dataset": "digits"}
    about |= {"model": {"name": "preresnet18", "width": 4}, "cell": "dense", "seed": 0}
    about |= {"epochs": 1, "size": 8, "workers": 1, "batch_size": 32, "iterations_per_epoch": 5}
    about |= {"trained_by": None, "learning_rate": rate, "held_out": 9, **changed}
    epoch: dict[str, Any] = {"kind": "epoch", "epoch": 1, "loss": 1.0, "train_accuracy": 50.0}
    epoch |= {"test_accuracy": 60.0, "test_loss": rate, "bytes_sent": 0}
    worker = {"kind": "worker", "rank": 0, "parameters": 9, "bytes_sent": 0}
    sent = {"bytes_sent": 0, "bytes_model": 0.0, "bytes_paper": 0.0}
    result = {"kind": "result", **sent, "images_seen": 160, "operations": 10}
    path.write_text("".join(f"{json.dumps(line)}\n" for line in (about, epoch, worker, result)))
    return path


def test_the_table_is_written_in_order_of_rates(tmp_path: Path) -> None:
    tried = [lines(tmp_path / f"{rate}.jsonl", rate) for rate in (0.2, 0.1)]
    learning_rates.run(LearningRatesJob(used={"dense": 0.1}), tried, tmp_path)
    rows = (tmp_path / "learning-rates.csv").read_text().splitlines()
    assert [row.split(",")[4] for row in rows] == ["learning_rate", "0.1", "0.2"]


def test_the_same_rate_twice_and_another_cell_are_refused(tmp_path: Path) -> None:
    tried = [lines(tmp_path / f"{name}.jsonl", 0.1) for name in "ab"]
    with pytest.raises(UserError, match=r"b\.jsonl: found the same job as in"):
        learning_rates.run(LearningRatesJob(used={"dense": 0.1}), tried, tmp_path)
    with pytest.raises(UserError, match=r"a\.jsonl: cell: found dense; expected one of loft-2"):
        learning_rates.run(LearningRatesJob(used={"loft-2": 0.1}), tried[:1], tmp_path)


def test_lines_without_a_held_out_loss_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", 0.1)
    path.write_text(path.read_text().replace('"test_loss": 0.1', '"test_loss": null'))
    with pytest.raises(UserError, match="found no loss on the held-out images"):
        learning_rates.run(LearningRatesJob(used={"dense": 0.1}), [path], tmp_path)
