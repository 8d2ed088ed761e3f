"""Test Figure 1 of lines written by hand."""

from pathlib import Path

from loft.soda.figures.figure1 import draw
from tests.figures import shown
from tests.soda.made_up import JOBS, curves, drawn, optimum, simulate

CURVES = [simulate("madelon", p, curves(0, [500, 35])) for p in (1.0, 0.1)]


def test_three_panels_with_a_curve_a_probability(tmp_path: Path) -> None:
    """Times are ten times the epochs, 1 and 2; 35 of 500 entries are 7 %."""
    said = shown(draw, tmp_path, drawn(1).problems, [optimum("madelon", "madelon"), *CURVES])
    time, epoch, support = said.split("panel: ")[1:]
    assert time.count("(10, 1) (20, 0.5)") == epoch.count("(1, 1) (2, 0.5)") == 2
    assert support.count("(10, 100) (20, 7)") == 2
    assert "x: simulated time, s, linear\ny: suboptimality, log" in time
    assert "x: simulated time, s, log\ny: support of w, %" in support
    for label in ("DAve-PG (p = 1)", "SODA, p = 0.1", "optimum"):
        assert f"legend: {label}" in support
    assert said.endswith("note: not run: real-sim, rcv1_train")


def test_without_a_problem_nothing_but_what_is_missing_is_said(tmp_path: Path) -> None:
    said = shown(draw, tmp_path, drawn(2).problems, JOBS)
    assert said.count("no panel") == 3
    assert "line:" not in said
    assert "note: not run: " in said
