"""Test the table of all repetitions, of lines written by hand."""

from loft.soda.jobs import Shown
from loft.soda.tables.runs import COLUMNS, make
from tests.soda.made_up import JOBS, SHOWN, repetition, simulate


def test_rows_are_ordered_by_problem_then_falling_p_then_repetition() -> None:
    jobs = [simulate("news20", 0.5, repetition(1, "stalled", 3), repetition(0, "epochs", 4)), *JOBS]
    rows = make(SHOWN.problems, jobs)
    assert [(row["problem"], row["p"], row["repetition"]) for row in rows] == [
        ("madelon", 1.0, 0),
        ("madelon", 1.0, 1),
        ("madelon", 0.1, 0),
        ("madelon", 0.1, 1),
        ("news20", 0.5, 0),
        ("news20", 0.5, 1),
    ]
    assert [row["outcome"] for row in rows[-2:]] == ["epochs", "stalled"]
    assert {*COLUMNS} <= {*rows[0]}
    swapped: list[Shown] = SHOWN.problems[::-1]
    assert make(swapped, jobs)[0]["problem"] == "news20"
