"""Test the figure of distances by local steps."""

from pathlib import Path

from loft.theorem1.figures.figure_local_steps import draw
from tests.figures import shown
from tests.theorem1.published import check_own_sweep, table


def test_it_shows_its_own_sweep_alone(tmp_path: Path) -> None:
    check_own_sweep(draw, tmp_path, "local_steps")


def test_it_says_what_it_shows(tmp_path: Path) -> None:
    drawn = shown(draw, tmp_path, table("cells"))
    for text in ("Gaussian data", "image patches", "local steps", "predicted (our derivation)"):
        assert text in drawn
    assert "the bound's second term" not in drawn  # the theorem has one local step
