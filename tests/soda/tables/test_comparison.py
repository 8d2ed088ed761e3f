"""Test the rows that compare SODA with LoFT."""

from loft.soda.measurements import Row
from loft.soda.tables.comparison import COLUMNS, loft_rows, soda_rows
from tests.soda.made_up import simulate


def run(p: float, outcome: str, up: int) -> Row:
    return {
        "problem": "madelon",
        "p": p,
        "outcome": outcome,
        "bytes_up": up,
        "bytes_down": 100,
        "bytes_indices": up / 4,
        "accuracy": 80.0,
    }


JOBS = [simulate("madelon", 1.0), simulate("madelon", 0.1)]


def test_means_are_over_the_runs_that_reached_the_target() -> None:
    runs = [run(1.0, "converged", 900), run(0.1, "converged", 300), run(0.1, "epochs", 9000)]
    dave_pg, soda = soda_rows(JOBS, runs)
    assert (dave_pg["method"], dave_pg["bytes"], dave_pg["bytes_to_baseline"]) == (
        "DAve-PG",
        1000,
        1,
    )
    assert (soda["bytes"], soda["bytes_to_baseline"], soda["bytes_per_point"]) == (400, 0.4, 5)
    assert {*dave_pg, *soda} <= {*COLUMNS}


def test_a_method_that_never_reached_the_target_has_no_bytes() -> None:
    (row,) = soda_rows(JOBS, [run(0.1, "epochs", 9000)])
    assert row["bytes"] == "not reached"
    assert "bytes_per_point" not in row


def test_loft_is_compared_with_local_sgd_of_the_same_size() -> None:
    about = {"model": "net", "dataset": "images", "pretrain_accuracy": "50"}
    table = [
        {**about, "method": "loft", "workers": "4", "comm_gigabytes": "3"},
        {**about, "method": "local_sgd", "workers": "4", "comm_gigabytes": "4"},
        {**about, "method": "local_sgd", "workers": "2", "comm_gigabytes": "1"},
        {**about, "method": "dense", "workers": "1", "comm_gigabytes": "0"},
    ]
    loft, *others = loft_rows(table)
    assert (loft["bytes"], loft["bytes_to_baseline"]) == (3e9, 0.75)
    assert [row["method"] for row in others] == ["Local SGD", "Local SGD"]
    assert loft_rows(None)[0]["bytes"] == "not run"
