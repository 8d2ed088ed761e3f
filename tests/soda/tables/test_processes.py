"""Test the table of real processes, of lines written by hand."""

from typing import Any

from loft.soda.tables.processes import COLUMNS, make
from tests.soda.made_up import JOBS, repetition


def test_what_the_master_and_the_workers_sent() -> None:
    """Rank 0 is the master; the workers' bytes are added up."""
    about: dict[str, Any] = {"problem": "madelon", "workers": 2, "p": 0.1}
    end = {**repetition(0, "converged", 90), "support": 35}
    job = [
        {"kind": "job", "step": "processes", **about},
        end,
        *({"kind": "process", "rank": r, "bytes_sent": n} for r, n in enumerate((70, 20, 30))),
        {"kind": "replay", "largest_difference": 1e-16},
    ]
    (row,) = make([*JOBS, job])
    assert (row["sent_by_master"], row["sent_by_workers"]) == (70, 50)
    assert (row["problem"], row["support"], row["largest_difference"]) == ("madelon", 35, 1e-16)
    assert {*COLUMNS} <= {*row}
    assert make(JOBS) == []
