"""Cells in tables, by method and number of workers."""

import pandas as pd

from loft.tickets.report.cell_columns import split_cells


def test_a_cell_becomes_two_columns_in_its_place() -> None:
    table = pd.DataFrame({"model": ["net"] * 3, "cell": ["dense", "loft.local-2", "scratch"]})
    split = split_cells(table.assign(loss=[1.0, 2.0, 3.0]))
    assert [*split.columns] == ["model", "method", "workers", "loss"]
    assert split["method"].tolist() == ["dense", "loft.local", "scratch"]
    assert split["workers"].tolist() == [1, 2, 1]
