"""Test the table of cells, from a line written by hand."""

import pytest

from loft.theorem1.tables.cells import make
from tests.theorem1.line_of_a_cell import cell, job


def test_a_row_by_hand() -> None:
    """Distances 1 and 3: mean 2, standard deviation root 2, over the root of 2 repetitions 1."""
    (row,) = make([job(cell())]).to_dict("records")
    assert (row["source"], row["sweeps"], row["repetitions"]) == ("synthetic", "m", 2)
    assert (row["weights"], row["outputs"]) == (2.0, 4.0)
    assert (row["weights_se"], row["outputs_se"]) == pytest.approx((1.0, 2.0))
    assert row["relative"] == 2.0 / 4.0
    assert (row["predicted_weights"], row["floor_weights"]) == (1.0, 0.875)
    assert row["bound_ratio"] == (2.0 + 4.0) / (2.0 + 6.0)
    assert (row["loft_loss"], row["descent_loss"]) == pytest.approx((0.6, 0.2))


def test_cells_of_all_kinds_of_data_stand_below_each_other() -> None:
    jobs = [job(cell(), cell(m=32)), job(cell(sweeps=["S", "T"]), source="images")]
    table = make(jobs)
    assert [*table["source"]] == ["synthetic", "synthetic", "images"]
    assert [*table["m"]] == [16, 32, 16]
    assert table["sweeps"].iloc[-1] == "S T"
