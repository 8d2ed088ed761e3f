"""Figure 1: heat maps of every network, by group of layers."""

from pathlib import Path

from loft.tickets.report.figures.figure1 import draw
from loft.tickets.report.heatmaps import read_pairs
from tests.tickets.report.figures.made_up import pairs, titles


def test_every_network_has_its_heat_maps(tmp_path: Path) -> None:
    draw([tmp_path / "figure1.svg"], read_pairs(pairs(tmp_path)))
    titles(tmp_path / "figure1.svg", 4)  # two groups, all layers, masks
