"""Accuracy against costs: a panel for each network, ratio and cost that is known."""

from pathlib import Path

import pandas as pd

from loft.tickets.report.figures.costs import draw
from tests.tickets.report.figures.made_up import NETWORKS, titles


def test_every_network_has_its_costs(tmp_path: Path) -> None:
    rows = [
        {"model": model, "dataset": dataset, "method": method, "workers": workers}
        | {"comm_gigabytes": gigabytes, "accuracy_50": 90.0, "accuracy_50_std": None}
        for model, dataset in NETWORKS
        for method, workers, gigabytes in [("dense", 1, 0.0), ("loft", 2, 3.0), ("loft", 4, 5.0)]
    ]
    draw([tmp_path / "costs.svg"], pd.DataFrame(rows))
    titles(tmp_path / "costs.svg", 1)


def test_any_number_of_workers_is_drawn_and_methods_that_send_nothing(tmp_path: Path) -> None:
    model, dataset = NETWORKS[0]
    rows = [
        {"model": model, "dataset": dataset, "method": "loft", "workers": workers}
        | {"comm_gigabytes": workers - 1.0, "accuracy_30": 90.0, "accuracy_30_std": None}
        for workers in range(1, 10)
    ]
    draw([tmp_path / "costs.svg"], pd.DataFrame(rows))
    assert "<svg" in (tmp_path / "costs.svg").read_text(encoding="utf-8")
