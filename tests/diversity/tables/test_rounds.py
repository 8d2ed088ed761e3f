"""Diversity between workers' changes, from lines written by hand."""

import pytest

from loft.diversity.tables.rounds import make as rounds_table
from tests.diversity.local_lines import job, updates


@pytest.mark.parametrize(
    ("squares", "together", "apart", "bound", "finding"),
    [
        (4.0, 16.0, 0.0, 1.0, "4 workers count as 1.00"),  # four times the same change
        (4.0, 4.0, 0.0, 4.0, "all 4 workers count in full"),  # orthogonal ones
        (4.0, 2.0, 0.0, 8.0, "all 4 workers count in full"),  # against each other
        (4.0, 16.0, 12.0, 16 / 7, "4 workers count as 2.29"),  # alike but for their own filters
    ],
)
def test_changes_alike_count_once_and_orthogonal_ones_in_full(
    squares: float, together: float, apart: float, bound: float, finding: str
) -> None:
    (row,) = rounds_table([job("loft-4", 4, [updates(squares, together, apart)])]).to_dict(
        "records"
    )
    assert row["bound"] == pytest.approx(bound)
    assert row["shared_bound"] == pytest.approx(4 * squares / together)
    assert row["partitioned_share"] == pytest.approx(apart / (squares + apart))
    assert row["finding"] == finding
