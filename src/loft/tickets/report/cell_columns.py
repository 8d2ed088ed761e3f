"""Show a table's cells by method and number of workers."""

import pandas as pd

from loft.tickets.results.cells import Cell


def split_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns `method` and `workers` in the place of its column `cell`."""
    place = table.columns.get_loc("cell")
    assert isinstance(place, int)
    cells = [Cell.parse(cell) for cell in table["cell"]]
    split = table.drop(columns="cell")
    split.insert(place, "method", [cell.method for cell in cells])
    split.insert(place + 1, "workers", [cell.workers for cell in cells])
    return split
