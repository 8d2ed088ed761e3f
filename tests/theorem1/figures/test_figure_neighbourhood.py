"""Test the figure of the neighbourhood."""

from pathlib import Path

from loft.theorem1.figures.figure_neighbourhood import draw
from loft.theorem1.tables.neighbourhood import make
from tests.figures import shown
from tests.theorem1.line_of_a_cell import cell, job


def test_measured_losses_are_drawn_against_predicted_ones(tmp_path: Path) -> None:
    own = {"sweeps": ["neighbourhood"]}
    lines = [cell(**own), cell(**own, kappa=0.1, masks="bernoulli")]
    drawn = shown(draw, tmp_path, make([job(*lines), job(*lines, source="images")]))
    for text in ("Gaussian data", "image patches", "equal", "predicted loss (our derivation)"):
        assert text in drawn
    assert "independent masks" in drawn
    assert "(0.8, 0.4)" in drawn  # predicted, measured
    for changed in ({"tail": [0.9, 0.9]}, {"neighbourhood": 0.2}):
        moved = [lines[0], {**lines[1], **changed}]
        other = shown(draw, tmp_path, make([job(*moved), job(*lines, source="images")]))
        assert other != drawn
