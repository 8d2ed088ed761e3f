"""Test the figure of distances by local steps."""

from pathlib import Path

from loft.theorem1.figures.figure_local_steps import draw
from loft.theorem1.measurements import in_sweep
from tests.figures import shown
from tests.theorem1.published import table


def test_it_shows_its_own_sweep_alone(tmp_path: Path) -> None:
    """Cells of other sweeps change nothing, and its own, at another place, do."""
    cells = table("cells")
    own = cells[in_sweep(cells, "local_steps")]
    assert 0 < len(own) < len(cells)
    drawn = shown(draw, tmp_path, cells)
    assert shown(draw, tmp_path, own) == drawn
    moved = own.assign(weights=own["weights"] * (1 + own["m"] % 3 + own["local_steps"]))
    assert shown(draw, tmp_path, moved) != drawn


def test_it_says_what_it_shows(tmp_path: Path) -> None:
    drawn = shown(draw, tmp_path, table("cells"))
    for text in ("Gaussian data", "image patches", "local steps", "predicted (our derivation)"):
        assert text in drawn
    assert "the bound's second term" not in drawn  # the theorem has one local step
