"""Test the table of conditions, from lines written by hand."""

from loft.theorem1.tables import cells
from loft.theorem1.tables.conditions import make
from tests.theorem1.line_of_a_cell import cell, data, job


def test_the_loss_falls_least_at_the_smallest_width() -> None:
    """At m = 16 losses fall 2 to 0.2 and 2 to 0.5; wider ones and other sweeps do not count."""
    lines = [
        cell(),
        cell(masks="bernoulli", descent_loss=[0.4, 0.6]),
        cell(m=32, descent_loss=[1.0, 1.0]),
        cell(m=8, sweeps=["S"], descent_loss=[1.0, 1.0]),
    ]
    jobs = [job(data(), *lines)]
    (row,) = make(jobs, cells.make(jobs)).to_dict("records")
    assert (row["fall"], row["largest_m"]) == (4.0, 32)
    assert (row["least_m"], row["eta"], row["stable_step"]) == (1e6, 0.1, 8.0)


def test_each_kind_of_data_has_its_own_widths() -> None:
    jobs = [job(data(), cell(m=64)), job(data(n=5), cell(m=4), source="images")]
    table = make(jobs, cells.make(jobs)).set_index("source")
    assert table["largest_m"].to_dict() == {"synthetic": 64, "images": 4}
    assert table["n"].to_dict() == {"synthetic": 3, "images": 5}
