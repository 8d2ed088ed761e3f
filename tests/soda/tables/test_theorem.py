"""Test the table of Theorem 1, of lines written by hand."""

from loft.soda.steps.tables import render
from tests.soda.made_up import JOBS, SHOWN, repetition, rows, simulate


def test_the_theorem_is_judged_by_the_slowest() -> None:
    slow = repetition(1, "converged", 90, contraction=0.7)
    jobs = [*JOBS[:2], simulate("madelon", 0.1, repetition(0, "converged", 90), slow), JOBS[3]]
    dave_pg, masked = rows(render(SHOWN, jobs)["theorem.csv"])
    assert (dave_pg["bound"], dave_pg["holds"], dave_pg["rate_to_dave_pg"]) == ("0.6", "True", "1")
    assert (masked["largest_contraction"], masked["holds"]) == ("0.7", "False")
