"""Test the table of the neighbourhood, from lines written by hand."""

import pytest

from loft.theorem1.tables.neighbourhood import make
from tests.theorem1.line_of_a_cell import cell, job


def test_the_last_loss_over_the_predicted_one() -> None:
    """Losses 0.3 and 0.5: mean 0.4, half of the predicted 0.8, with an error of 0.1."""
    (row,) = make([job(cell(sweeps=["m", "neighbourhood"]), cell())]).to_dict("records")
    assert (row["measured"], row["predicted"], row["ratio"]) == pytest.approx((0.4, 0.8, 0.5))
    assert row["measured_se"] == pytest.approx(0.1)
    assert row["descent_loss"] == pytest.approx(0.2)


def test_other_sweeps_have_no_neighbourhood() -> None:
    assert len(make([job(cell(), cell(sweeps=["T", "S"]))])) == 0
