"""Test that the paper's figures show data sets of its Table 1."""

from loft.soda.paper_table1 import FIGURES, TABLE1


def test_figures_show_data_sets_of_table_1() -> None:
    names = {row.dataset for row in TABLE1}
    assert {name for shown in FIGURES.values() for name in shown} <= names
    assert sorted(FIGURES) == [1, 2, 3]
