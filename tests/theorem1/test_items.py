"""Test that this study's figures and tables can be made of what its steps give."""

from loft.theorem1.items import FIGURES, TABLES
from tests.items import expect_made_of


def test_all_needs_are_met() -> None:
    expect_made_of(FIGURES, TABLES, {"jobs", "fit"})
