"""Test Figure 2 of lines written by hand."""

from pathlib import Path

import pytest

from loft.core.reporting.metrics import Line
from loft.soda.figures.figure2 import draw
from loft.soda.tables import runs
from tests.figures import shown
from tests.soda.made_up import JOBS, drawn, optimum, repetition, simulate

OPTIMUM = optimum("madelon", "madelon")


def figure(folder: Path, *jobs: list[Line]) -> str:
    settings, every = drawn(2).problems, [OPTIMUM, *jobs]
    return shown(draw, folder, settings, every, runs.make(settings, every))


def test_entries_and_bytes_of_runs_at_the_target(tmp_path: Path) -> None:
    """One of two runs with p = 0.1 sends 100 entries, and the other fails after 200."""
    entries, bytes_ = figure(tmp_path, *JOBS[2:]).split("panel: ")[1:]
    assert "(0.1, 100)" in entries
    assert "(0.1, 200)" not in entries
    assert "(0.1, 300)" in entries  # expected: 100, and 200 of a failure for each success
    assert "1000" in entries  # DAve-PG's
    assert "(0.1, 1200)" in bytes_
    assert "text: 1 at (0.1, 0.03)" in entries
    for label in ("a run at the target", "expected", "DAve-PG (p = 1)", "runs that failed"):
        assert f"legend: {label}" in bytes_


def test_where_no_run_reached_the_target_that_is_said(tmp_path: Path) -> None:
    failed = simulate("madelon", 0.1, repetition(0, "epochs", 90))
    said = figure(tmp_path, failed)
    assert said.count("text: no run reached the target") == 2
    assert said.count("no panel") == 2


@pytest.mark.parametrize("outcome", ["epochs", "stalled"])
def test_any_other_end_is_a_failure(tmp_path: Path, outcome: str) -> None:
    ends = [repetition(n, outcome if n else "converged", 90) for n in range(3)]
    assert "text: 2 at (0.1, 0.03)" in figure(tmp_path, simulate("madelon", 0.1, *ends), JOBS[3])
