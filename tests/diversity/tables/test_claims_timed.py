"""Claims on DropConnect's time, from lines written by hand whose answer is known."""

from typing import Any

from loft.core.reporting.metrics import Line
from loft.core.reporting.verdicts.claims import NOT_JUDGED
from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED
from loft.diversity.tables import claims_timed

JOB: Line = {"kind": "job", "step": "dropconnect", "model": "m"}


def endings(drop: float, batch: int, seconds: list[float | None]) -> list[Any]:
    about = {"kind": "ending", "drop": drop, "batch": batch}
    return [
        {**about, "passes": None if each is None else 4.0, "train_seconds": each}
        for each in seconds
    ]


def rows(*lines: Line) -> dict[tuple[str, str], dict[Any, Any]]:
    table = claims_timed.make([[JOB, *lines]], 0.95)
    return {(row["claim"], row["cell"]): row for row in table.to_dict("records")}


def test_each_side_has_its_fastest_batch() -> None:
    """10 s at 256 without, 8 s at 512 with 0.4; a faster batch that missed once does not count."""
    found = rows(
        *endings(0.0, 256, [10.0, 10.1, 9.9]),
        *endings(0.0, 512, [12.0, 12.1, 11.9]),
        *endings(0.4, 256, [9.0, 9.1, 8.9]),
        *endings(0.4, 512, [8.0, 8.1, 7.9]),
        *endings(0.4, 1024, [1.0, 1.0, None]),
        *endings(0.5, 256, [12.0, 12.1, 11.9]),
    )
    saved = found["dropconnect_saves_time", "DropConnect 0.4"]
    assert saved["verdict"] == REPRODUCED
    assert saved["measured"].startswith("1.25 [1.2")
    assert saved["measured"].endswith("times as fast, 31 % printed")
    assert found["dropconnect_saves_time", "DropConnect 0.5"]["verdict"] == NOT_REPRODUCED
    larger = found["dropconnect_allows_larger_batches", "DropConnect 0.4"]
    assert larger["verdict"] == REPRODUCED
    assert larger["measured"] == "512 against 256; 512 against 256 printed"
    same = found["dropconnect_allows_larger_batches", "DropConnect 0.5"]
    assert same["verdict"] == NOT_REPRODUCED


def test_an_accuracy_that_was_not_reached_is_not_judged() -> None:
    found = rows(*endings(0.0, 256, [10.0, 10.1]), *endings(0.5, 256, [None, 3.0]))
    assert {row["verdict"] for row in found.values()} == {NOT_JUDGED}
    saved = found["dropconnect_saves_time", "DropConnect 0.5"]
    assert saved["measured"] == "the accuracy was not reached, 25 % printed"
    assert set(rows()) == {(claim.name, "") for claim in claims_timed.CLAIMS}
