"""Names of cells are read back as they are written."""

import pytest

from loft.tickets.results.cells import Cell


@pytest.mark.parametrize(
    ("cell", "name"), [(Cell("dense", 1), "dense"), (Cell("local_sgd", 4), "local_sgd-4")]
)
def test_a_name_is_parsed_to_its_cell(cell: Cell, name: str) -> None:
    assert cell.name == name
    assert Cell.parse(name) == cell
