"""Test that this study's figures and tables can be made of what its steps give."""

from loft.diversity.items import FIGURES, ROUNDS_FIGURES, ROUNDS_TABLES, TABLES
from loft.diversity.jobs import ReportJob
from tests.items import expect_made_of


def test_all_needs_are_met() -> None:
    expect_made_of(FIGURES, TABLES, {"jobs", *ReportJob.model_fields})
    expect_made_of(ROUNDS_FIGURES, ROUNDS_TABLES, {"updates"})


def test_rounds_are_made_of_pretrainings_alone() -> None:
    assert not any("updates" in item.needs for item in (*FIGURES, *TABLES))
    assert all("updates" in item.needs for item in (*ROUNDS_FIGURES, *ROUNDS_TABLES))
