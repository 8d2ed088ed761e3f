"""Test the figure of distances by width."""

from pathlib import Path

import numpy as np

from loft.theorem1.figures.figure_width import draw
from loft.theorem1.measurements import in_sweep
from tests.figures import shown
from tests.theorem1.published import table


def test_it_shows_its_own_sweep_alone(tmp_path: Path) -> None:
    cells, slopes = table("cells"), table("slopes")
    own = cells[in_sweep(cells, "m")]
    assert 0 < len(own) < len(cells)
    drawn = shown(draw, tmp_path, cells, slopes)
    assert shown(draw, tmp_path, own, slopes[slopes["against"] == "m"]) == drawn
    for text in ("Gaussian data", "image patches", "fit: floor", "the bound's slope"):
        assert text in drawn


def test_a_fit_is_drawn_where_there_is_one(tmp_path: Path) -> None:
    cells, slopes = table("cells"), table("slopes")
    assert slopes["coefficient"].notna().any()
    bare = shown(draw, tmp_path, cells, slopes.assign(coefficient=np.nan))
    assert len(bare) < len(shown(draw, tmp_path, cells, slopes))
