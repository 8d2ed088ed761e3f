"""Measurements find cells, tickets and pairs."""

from loft.tickets.results.cells import UNPRUNED, Cell
from tests.tickets.report.verdicts.claims.made_up import CELLS, measured


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
