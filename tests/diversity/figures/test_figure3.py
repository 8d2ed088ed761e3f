"""Figure 3, from lines written by hand."""

from pathlib import Path

from loft.core.reporting.metrics import Line
from loft.diversity.figures.figure3 import COLOURS, draw
from tests.diversity.tables.test_replication import runs
from tests.figures import shown


def job(model: str, *lines: Line) -> list[Line]:
    about: Line = {"kind": "job", "step": "replication", "model": model, "dataset": "digits"}
    return [{**about, "batches": [16, 512], "passes": 4}, *lines]


def test_logistic_regression_is_drawn_by_replication(tmp_path: Path) -> None:
    """Ratios 1 at the first look and 3 or 5 at the second: means of 2 and 3."""
    lines = [*runs("none", 1, [3.0, 3.0]), *runs("none", 4, [5.0, 5.0])]
    said = shown(draw, tmp_path, [job("logistic", *lines)], 0.95)
    assert f"{COLOURS['none']} - o {COLOURS['none']}: (0, 2) (1, 3)" in said
    assert "panel: logistic, digits" in said
    assert "y: loss, B = 512 over 16, log" in said
    assert "x: replication r" in said


def test_networks_are_drawn_over_passes(tmp_path: Path) -> None:
    """Two looks in four passes are after two and four; the line of 1 is where batches are alike."""
    lines = [*runs("none", 1, [3.0, 5.0]), *runs("dropconnect", 1, [1.0, 1.0])]
    said = shown(draw, tmp_path, [job("convnet", *lines)], 0.95)
    assert "(2, 1) (4, 4)" in said
    assert f"line: {COLOURS['dropconnect']} - None {COLOURS['dropconnect']}: (2, 1) (4, 1)" in said
    assert "(0, 1) (1, 1)" in said
    assert "legend: 1-R" in said
    assert "legend: 1-R, DropConnect" in said


def test_a_configuration_that_always_diverged_has_no_curve(tmp_path: Path) -> None:
    lines = [*runs("none", 1, [3.0, 5.0]), *runs("none", 2, [None, None])]
    said = shown(draw, tmp_path, [job("convnet", *lines)], 0.95)
    assert "legend: 1-R" in said
    assert "2-R" not in said
