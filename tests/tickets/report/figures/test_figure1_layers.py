"""Figure 1 by layer: a heat map of every convolution of every network."""

from pathlib import Path

from loft.tickets.report.figures.figure1_layers import draw
from loft.tickets.report.heatmaps import read_pairs
from tests.tickets.report.figures.made_up import LAYERS, pairs, titles


def test_every_network_has_its_heat_maps(tmp_path: Path) -> None:
    draw([tmp_path / "layers.svg"], read_pairs(pairs(tmp_path)))
    titles(tmp_path / "layers.svg", len(LAYERS))
