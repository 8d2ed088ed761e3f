"""Test the figure of losses during training."""

from pathlib import Path

import pandas as pd

from loft.theorem1.figures.figure_loss import draw
from loft.theorem1.tables.curves import make
from tests.figures import shown
from tests.theorem1.line_of_a_cell import curve, job


def curves(**changed: object) -> pd.DataFrame:
    return make([job(curve(), curve(masks="bernoulli", **changed), curve(kappa=0.1))])


def test_a_panel_a_kind_of_data_and_kappa(tmp_path: Path) -> None:
    drawn = shown(draw, tmp_path, curves())
    assert drawn.count("Gaussian data") == 2
    for text in ("LoFT, partition", "LoFT, independent masks", "gradient descent"):
        assert text in drawn


def test_all_three_losses_are_drawn(tmp_path: Path) -> None:
    drawn = shown(draw, tmp_path, curves())
    for changed in ({"loft_loss": [8.0, 5.0, 4.0]}, {"descent_loss": [8.0, 4.0, 1.0]},
                    {"rate": 0.25}):  # fmt: skip
        assert shown(draw, tmp_path, curves(**changed)) != drawn
