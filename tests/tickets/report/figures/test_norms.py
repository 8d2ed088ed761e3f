"""Distances by norm: three panels for each network and data set."""

from pathlib import Path

from loft.tickets.report.figures.norms import draw
from tests.tickets.report.figures.made_up import DISTANCES, titles


def test_every_network_has_its_curves(tmp_path: Path) -> None:
    draw([tmp_path / "norms.svg"], DISTANCES)
    titles(tmp_path / "norms.svg", 3)
