"""The table of learning rates: the best rate of each cell, ends of the grid, what a run uses."""

from typing import Any

from loft.tickets.report.tables.learning_rates import make


def job(cell: str, rate: float, loss: float, seed: int = 0) -> list[dict[str, Any]]:
    about: dict[str, Any] = {
        "kind": "job",
        "step": "pretrain",
        "model": {"name": "net"},
        "dataset": "digits",
    }
    about |= {"cell": cell, "seed": seed, "learning_rate": rate, "held_out": 9}
    epoch = {"kind": "epoch", "test_loss": loss, "test_accuracy": 50.0}
    return [about, epoch, {"kind": "result", "images_seen": 100}]


def test_the_lowest_mean_loss_is_the_best() -> None:
    tried = [
        *(job("dense", rate, loss) for rate, loss in ((0.1, 2.0), (0.2, 1.0), (0.4, 1.5))),
        *(job("dense", rate, loss, 1) for rate, loss in ((0.1, 2.0), (0.2, 3.0), (0.4, 1.5))),
        *(job("loft.carry-2", rate, loss) for rate, loss in ((0.1, 3.0), (0.2, 2.0), (0.4, 1.0))),
    ]
    made = make(tried, {"dense": 0.2, "loft.carry-2": 0.1})
    table = made.set_index(["method", "workers", "learning_rate"])
    assert [*table.loc[("dense", 1, 0.4), ["loss", "seeds", "images_seen"]]] == [1.5, 2, 200]
    best = dict(table[table["best"] == "yes"]["edge"].items())
    assert best == {("dense", 1, 0.4): "yes", ("loft.carry", 2, 0.4): "yes"}
    used = [key for key, mark in table["used"].items() if mark]
    assert used == [("dense", 1, 0.2), ("loft.carry", 2, 0.1)]


def test_a_best_rate_inside_the_grid_is_at_no_edge() -> None:
    tried = [job("dense", rate, loss) for rate, loss in ((0.1, 2.0), (0.2, 1.0), (0.4, 1.5))]
    table = make(tried, {"dense": 0.2})
    assert table["best"].tolist() == ["", "yes", ""]
    assert table["edge"].tolist() == [""] * 3
