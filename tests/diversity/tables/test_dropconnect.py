"""The table of DropConnect, by hand."""

from typing import Any

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.tables import dropconnect


def endings(drop: float, batch: int, passes: list[float | None], seconds: float) -> list[Any]:
    about = {"kind": "ending", "drop": drop, "batch": batch, "step": 0.1, "edge": False}
    return [
        {**about, "passes": each, "train_seconds": None if each is None else seconds}
        for each in passes
    ]


def test_the_largest_batch_without_loss_and_the_time_saved() -> None:
    job: list[Line] = [
        {"kind": "job", "step": "dropconnect", "model": "m"},
        *endings(0.0, 32, [4, 4], 10.0),
        *endings(0.0, 64, [4, 5], 8.0),
        *endings(0.0, 128, [9, 9], 9.0),
        *endings(0.0, 256, [4, None], 1.0),
        *endings(0.5, 32, [6, 6], 12.0),
        *endings(0.5, 64, [6, 6], 6.0),
        *endings(0.5, 128, [7, 7], 4.0),
    ]
    table = dropconnect.make([job], 0.95, 0.2).set_index(["drop", "batch"])
    assert table.index[table["largest"]].tolist() == [(0.0, 64), (0.5, 128)]
    assert table.index[table["fastest"]].tolist() == [(0.0, 64), (0.5, 128)]
    assert table.loc[(0.5, 128), "faster"] == pytest.approx(1 - 4 / 8)
    assert table.loc[(0.0, 256), "missed"] == 1
    assert not table.loc[(0.0, 256), "keeps"]
