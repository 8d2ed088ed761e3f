"""Test the table of exchanges, of lines written by hand."""

from loft.soda.steps.tables import render
from tests.soda.made_up import JOBS, SHOWN, repetition, rows, simulate


def test_a_failure_is_paid_for_by_those_that_succeed() -> None:
    """One of two runs fails: a success costs 200 entries of a failure and 100 of its own."""
    dave_pg, masked = rows(render(SHOWN, JOBS)["exchanges.csv"])
    assert (dave_pg["p"], dave_pg["failures"], dave_pg["entries"]) == ("1", "0", "1000")
    assert (masked["p"], masked["failures"], masked["entries"]) == ("0.1", "1", "100")
    assert (masked["expected_entries"], masked["entries_to_dave_pg"]) == ("300", "0.1")


def test_two_failures_are_paid_for_by_one_success() -> None:
    """A success sends 100 entries, and each of the two failures before it 200."""
    ends = [repetition(0, "converged", 90), *(repetition(n, "epochs", 190) for n in (1, 2))]
    jobs = [*JOBS[:2], simulate("madelon", 0.1, *ends), JOBS[3]]
    _, masked = rows(render(SHOWN, jobs)["exchanges.csv"])
    assert (masked["failures"], masked["expected_entries"]) == ("2", "500")
