"""Test that this study's figures and tables can be made of what its steps give."""

from loft.soda.items import COMPARISON, FIGURES, TABLES
from tests.items import expect_made_of


def test_all_needs_are_met() -> None:
    expect_made_of(FIGURES, TABLES, {"problems", "jobs"})


def test_one_table_waits_for_lofts() -> None:
    assert COMPARISON.name == "comparison"
    assert COMPARISON.needs - {table.key for table in TABLES} - {"problems", "jobs"} == {"tickets"}
    assert COMPARISON not in TABLES
