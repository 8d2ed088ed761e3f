"""When to stop: the rule by hand, and what a stop saves."""

from typing import Any

import pytest

from loft.tickets.report.tables.stopping import make, stopping_epoch

LINES = {"model": "preresnet18", "dataset": "digits", "cell": "loft-2", "seed": 0}
SETTINGS = {"mask_threshold": 0.1, "filter_threshold": 0.2, "window": 2}


@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        ([0.3, 0.05, 0.09, 0.0], 3),  # epochs 0->1, 1->2, 2->3: the first two small in a row
        ([0.05, 0.3, 0.05, 0.3], None),  # never two in a row
        ([0.05, 0.1, 0.05, 0.05], 4),  # the threshold itself is not below it
        ([0.05], None),  # too short
        ([], None),
    ],
)
def test_the_first_epoch_whose_last_distances_are_small(
    distances: list[float], expected: int | None
) -> None:
    assert stopping_epoch(distances, start=0, threshold=0.1, window=2) == expected


def test_distances_that_start_later_stop_later() -> None:
    assert stopping_epoch([0.05, 0.05], start=1, threshold=0.1, window=2) == 3


def jobs(filters: list[float], masks: list[float]) -> list[list[dict[str, Any]]]:
    """A pretraining of four epochs that sends a gigabyte in each, and its distances."""
    about = {**LINES, "model": {"name": "preresnet18"}}
    epochs = [{"kind": "epoch", "bytes_sent": 10**9 * (epoch + 1)} for epoch in range(4)]
    found = {"kind": "consecutive", **LINES}
    return [
        [{"kind": "job", "step": "pretrain", **about}, *epochs],
        [
            {"kind": "job", "step": "distance", **SETTINGS},
            {**found, "of": "filters", "from_epoch": 0, "distances": filters},
            {**found, "of": "masks", "from_epoch": 1, "distances": masks},
        ],
    ]


def test_what_a_stop_saves() -> None:
    table = make(jobs([0.3, 0.15, 0.15, 0.0], [0.2, 0.2, 0.05]))
    stopped, never = table.to_dict("records")
    assert stopped == {
        **LINES,
        "rule": "filter distance",
        "threshold": 0.2,
        "epoch": 3,
        "epochs": 4,
        "saved_percent": 25,
        "saved_gigabytes": 1,
    }
    assert never["rule"] == "early-bird"
    assert table["epoch"].isna().tolist() == [False, True]
    assert (never["saved_percent"], never["saved_gigabytes"]) == (0, 0)
