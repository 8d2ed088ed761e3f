"""The step writes the table of predictions."""

from loft.tickets.communication.column import predictions
from loft.tickets.report.tables.comm import make


def test_it_is_the_columns_predictions() -> None:
    table = make()
    assert len(table) == 61
    assert table.equals(predictions())
