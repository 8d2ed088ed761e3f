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


def test_a_fit_is_a_power_of_the_width_above_its_floor(tmp_path: Path) -> None:
    """Of 64 over the width, above 3: 7 at a width of 16, and 4 at one of 64."""
    law = {"floor": 3.0, "coefficient": 64.0, "slope": -1.0, "from": 16, "to": 64}
    said = shown(draw, tmp_path, table("cells"), table("slopes").assign(**law))
    fits = [line for line in said.splitlines() if line.startswith("line: ") and "(16, 7)" in line]
    assert len(fits) == len(said.split("panel: ")[1:]) * 2  # for both kinds of masks
    assert all(line.endswith("(64, 4)") for line in fits)
