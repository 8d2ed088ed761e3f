"""The table of lengths of fine-tuning: a row for each length, and the difference to dense."""

from typing import Any

from loft.tickets.report.tables.lengths import make


def job(cell: str, epochs: int, accuracy: float, seed: int) -> list[dict[str, Any]]:
    about: dict[str, Any] = {"kind": "job", "step": "finetune", "model": {"name": "net"}}
    about |= {"dataset": "digits", "cell": cell, "seed": seed, "epochs": epochs}
    early = {"kind": "ticket", "snapshot": 0, "ratio": 0.8, "test_accuracy": 1.0}
    return [about, early, {**early, "snapshot": 5, "test_accuracy": accuracy}]


def test_differences_are_of_the_same_seed_and_length() -> None:
    jobs = [
        job("dense", 10, 80.0, seed=0),
        job("dense", 10, 90.0, seed=1),
        job("dense", 20, 92.0, seed=0),
        job("dense", 20, 94.0, seed=1),
        job("loft-2", 10, 79.0, seed=0),
        job("loft-2", 10, 87.0, seed=1),
        job("loft-2", 20, 93.0, seed=0),
    ]
    table = make(jobs).set_index(["method", "workers", "epochs"])
    assert [*table.loc[("loft", 2, 10), ["seeds", "accuracy", "to_dense"]]] == [2, 83.0, -2.0]
    assert [*table.loc[("loft", 2, 20), ["seeds", "accuracy", "to_dense"]]] == [1, 93.0, 1.0]
    assert [table["to_dense"]["dense", 1, epochs] for epochs in (10, 20)] == [0.0, 0.0]


def test_a_controls_tickets_have_a_row_too() -> None:
    table = make([job("dense", 10, 80.0, 0), job("scratch", 10, 85.0, 0)])
    assert table[["method", "to_dense"]].to_numpy().tolist() == [["dense", 0.0], ["scratch", 5.0]]
