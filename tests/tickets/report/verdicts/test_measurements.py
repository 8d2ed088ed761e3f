"""Measurements find cells, tickets and pairs."""

import pytest

from loft.tickets.results.cells import UNPRUNED, Cell
from tests.tickets.report.verdicts.claims.made_up import CELLS, RULE, measured


def test_cells_and_pairs_with_as_many_workers() -> None:
    found = measured()
    assert found.cells("loft") == [Cell("loft", 2), Cell("loft", 4)]
    assert found.pairs("loft", "gpipe") == [("loft-2", "gpipe-2"), ("loft-4", "gpipe-4")]


def test_tickets_of_the_last_snapshot() -> None:
    found = measured()
    assert found.places("loft-2") == [(2, 0.8), (4, 0.8)]
    assert found.last_tickets("loft-2") == [(4, 0.8)]


def test_the_dense_columns_longer_training_is_left_out() -> None:
    found = measured()
    assert UNPRUNED in found.distances
    assert [*found.pretraining_distances()] == CELLS


def test_the_margin_is_the_smaller_of_points_and_share() -> None:
    """0.15 of an error rate of 10 % are 1.5 points, of 2 % they are 0.3."""
    for dense, margin in (([89.0, 91.0], 0.8), ([98.0], 0.3), ([], 0.8)):
        assert measured(dense=dense).margin(RULE) == pytest.approx(margin)
