"""Test the figure of distances by workers."""

from pathlib import Path

from loft.theorem1.figures.figure_workers import draw
from tests.figures import shown
from tests.theorem1.published import check_no_point_of_gradient_descent, check_own_sweep, table


def test_it_shows_its_own_sweep_alone(tmp_path: Path) -> None:
    check_own_sweep(draw, tmp_path, "S")


def test_it_says_what_it_shows(tmp_path: Path) -> None:
    drawn = shown(draw, tmp_path, table("cells"))
    for text in (
        "Gaussian data",
        "image patches",
        "workers",
        "predicted (our derivation)",
        "the bound's second term",
    ):
        assert text in drawn


def test_where_loft_is_gradient_descent_no_point_is_drawn(tmp_path: Path) -> None:
    check_no_point_of_gradient_descent(draw, tmp_path)
