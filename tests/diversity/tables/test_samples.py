"""Diversity among workers' samples, from lines written by hand."""

import pytest

from loft.diversity.tables.samples import make as samples_table
from tests.diversity.local_lines import job, samples


def test_a_batch_is_held_against_the_mean_of_the_workers_bounds() -> None:
    lines = [samples(0, 2.0, 20.0), samples(1, 3.0, 10.0)]  # bounds 5 and 15
    (row,) = samples_table([job("loft-2", 2, lines)]).to_dict("records")
    assert (row["bound"], row["least"], row["most"]) == pytest.approx((10, 5, 15))
    assert row["finding"] == "the batch is within it"
    lines[1] = samples(1, 3.0, 10.1)
    (row,) = samples_table([job("loft-2", 2, lines)]).to_dict("records")
    assert row["finding"] == "the batch is beyond it"
