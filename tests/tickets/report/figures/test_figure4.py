"""Figure 4: a panel for each network and data set, and the same bytes for the same data."""

from pathlib import Path

import pandas as pd

from loft.tickets.report.figures.figure4 import draw
from tests.tickets.report.figures.made_up import DISTANCES, NETWORKS, titles


def test_every_network_has_its_curves(tmp_path: Path) -> None:
    draw([tmp_path / "figure4.svg"], DISTANCES)
    titles(tmp_path / "figure4.svg", 1)


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.{form}" for name in ("a", "b") for form in ("svg", "png")]
    draw(paths[:2], DISTANCES)
    draw(paths[2:], DISTANCES)
    assert paths[0].read_bytes() == paths[2].read_bytes()
    assert paths[1].read_bytes() == paths[3].read_bytes()


def test_any_number_of_workers_is_drawn(tmp_path: Path) -> None:
    model, dataset = NETWORKS[0]
    rows = [
        {"model": model, "dataset": dataset, "cell": f"loft-{workers}", "seed": 0}
        | {"from_epoch": epoch, "mean": 3.0 - epoch}
        for workers in range(1, 10)
        for epoch in range(4)
    ]
    draw([tmp_path / "figure4.svg"], pd.DataFrame(rows))
    assert "<svg" in (tmp_path / "figure4.svg").read_text(encoding="utf-8")
