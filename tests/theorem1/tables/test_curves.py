"""Test the table by iteration, from a line written by hand."""

from loft.theorem1.measurements import CELL
from loft.theorem1.tables.curves import make
from tests.theorem1.line_of_a_cell import curve, job


def test_distances_are_means_and_the_rate_is_a_power_of_the_iteration() -> None:
    """From a loss of 8 at a rate of a half: 8, 4 and, two iterations later, 1."""
    table = make([job(curve())])
    assert [*table.columns][: len(CELL)] == CELL
    assert [*table["t"]] == [0, 1, 3]
    assert [*table["weights"]] == [*table["outputs"]] == [0.0, 2.0, 4.0]
    assert [*table["rate_loss"]] == [8.0, 4.0, 1.0]
    assert [*table["loft_loss"]] == [8.0, 5.0, 3.0]


def test_curves_of_all_jobs_stand_below_each_other() -> None:
    table = make([job(curve(), curve(masks="bernoulli")), job(curve(), source="images")])
    assert [*table.groupby(["source", "masks"], sort=False).size()] == [3, 3, 3]
    assert [*table.index] == [*range(9)]
