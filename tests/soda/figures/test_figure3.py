"""Test Figure 3 of lines written by hand."""

from pathlib import Path

from loft.soda.figures.figure3 import draw
from tests.figures import shown
from tests.soda.made_up import JOBS, curves, drawn, optimum, simulate


def test_the_support_by_epoch_and_the_optimums(tmp_path: Path) -> None:
    jobs = [optimum("madelon", "rcv1_train"), simulate("madelon", 0.1, curves(0, [500, 250, 35]))]
    said = shown(draw, tmp_path, drawn(3).problems, jobs)
    assert said.count("panel: rcv1_train, ") == 1
    assert "(1, 100) (2, 50) (3, 7)" in said
    assert "legend: SODA, p = 0.1" in said
    assert "legend: optimum" in said
    assert "note: not run" not in said


def test_without_a_problem_nothing_but_what_is_missing_is_said(tmp_path: Path) -> None:
    said = shown(draw, tmp_path, drawn(2).problems, JOBS)
    assert "line:" not in said
    assert said.endswith("note: not run: rcv1_train")
