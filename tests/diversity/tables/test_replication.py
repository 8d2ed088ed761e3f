"""The table of replication, from lines written by hand."""

from typing import Any

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.tables import replication

JOB: Line = {
    "kind": "job",
    "step": "replication",
    "model": "logistic",
    "repetitions": 3,
}


def runs(mechanism: str, factor: int, ratios: list[float | None]) -> list[Line]:
    """Small batches end every look with loss 2, large ones with `ratio` times as much."""
    about: dict[str, Any] = {"kind": "run", "mechanism": mechanism, "replication": factor}
    lines: list[Line] = []
    for repetition, ratio in enumerate(ratios, start=1):
        large = None if ratio is None else 2 * ratio
        for batch, loss in ((16, 2.0), (512, large)):
            lines.append({**about, "repetition": repetition, "batch": batch, "losses": [2.0, loss]})
    return lines


def test_ratios_are_means_over_looks_and_compared_by_repetition() -> None:
    """Looks have ratios 1 and `ratio`; their means 2, 3 and 4 have a geometric mean."""
    job = [
        JOB,
        *runs("none", 1, [3.0, 5.0, 7.0]),
        *runs("none", 2, [5.1, 7.0, 9.1]),
        *runs("dropconnect", 2, [3.1, 5.0, 7.1]),
        *runs("sgld", 1, [3.0, 5.4, 6.5]),
        *runs("qsgd", 1, [4.9, 7.1, 9.0]),
    ]
    table = replication.make([job], 0.95).set_index(["mechanism", "replication"])
    assert [*table.columns] == ["model", "loss_ratio", "low", "high", "samples", "finding"]
    assert table.loc[("none", 1), "loss_ratio"] == pytest.approx((2 * 3 * 4) ** (1 / 3))
    assert table["finding"].to_dict() == {
        ("none", 1): "the data as they are",
        ("none", 2): "grows from replication 1",
        ("dropconnect", 2): "lower than without",
        ("sgld", 1): "not told from without",
        ("qsgd", 1): "higher than without",
    }
    assert set(table["samples"]) == {3}


def test_divergence_is_said() -> None:
    job = [JOB, *runs("none", 1, [3.0, None, 5.0])]
    (row,) = replication.make([job], 0.95).to_dict("records")
    assert row["samples"] == 2
    assert row["finding"] == "the data as they are; 1 diverged"


def test_a_ratio_that_explodes_once_has_an_interval_above_zero() -> None:
    job = [JOB, *runs("none", 1, [3.0, 5.0, 20_000.0])]
    (row,) = replication.make([job], 0.95).to_dict("records")
    assert 0 < row["low"] < row["loss_ratio"] < row["high"]
