"""Figure 5: tickets of every snapshot, at the largest ratio that all have."""

from pathlib import Path

import pandas as pd
import pytest

from loft.core.errors import UserError
from loft.tickets.report.figures.figure5 import draw
from tests.tickets.report.figures.made_up import NETWORKS, titles


@pytest.mark.parametrize("snapshots", [(0, 1, 2), (2,)])
@pytest.mark.parametrize("cells", [["loft-2"], []])
def test_tickets_of_every_snapshot_or_of_the_last_alone(
    tmp_path: Path, snapshots: tuple[int, ...], cells: list[str]
) -> None:
    rows = [
        {"model": model, "dataset": dataset, "cell": cell, "snapshot": snapshot}
        | {"ratio": ratio, "test_accuracy": 90.0 + snapshot}
        for model, dataset in NETWORKS
        for snapshot in snapshots
        for cell in (["dense"] if snapshot == 0 else ["dense", "loft-2"])
        for ratio in ((0.5, 0.8) if snapshot == 2 else (0.5,))
    ]
    draw([tmp_path / "figure5.svg"], pd.DataFrame(rows), cells)
    titles(tmp_path / "figure5.svg", 1)
    ratio = 50 if len(snapshots) > 1 else 80
    text = (tmp_path / "figure5.svg").read_text(encoding="utf-8")
    assert text.count(f">accuracy of the {ratio} % ticket, %<") == len(NETWORKS)


def test_a_network_without_tickets_to_draw_is_named(tmp_path: Path) -> None:
    row = {"model": "preresnet18", "dataset": "digits", "cell": "loft-2", "snapshot": 2}
    table = pd.DataFrame([{**row, "ratio": 0.8, "test_accuracy": 90.0}])
    with pytest.raises(UserError, match="no tickets of preresnet18, digits of loft-4"):
        draw([tmp_path / "figure5.svg"], table, ["loft-4"])
