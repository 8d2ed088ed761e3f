"""Test that the summary's words follow the numbers of the tables."""

import pandas as pd
import pytest

from loft.theorem1.summary import Tables, summarise
from tests.conftest import ROOT

FOLDER = ROOT / "results" / "digits" / "theorem1"
NAMES = ["cells", "slopes", "conditions", "neighbourhood"]


@pytest.fixture
def tables() -> Tables:
    return {name: pd.read_csv(FOLDER / f"{name}.csv") for name in NAMES}


def test_a_small_fall_of_the_loss_is_said(tables: Tables) -> None:
    assert "(at least tenfold)" in summarise(tables)
    tables["conditions"]["fall"] = 3.0
    assert "falls 3-fold (NOT tenfold)" in summarise(tables)


def test_trends_against_the_bound_are_listed_only_where_there_are_some(tables: Tables) -> None:
    assert ("**Opposite to the bound**" in summarise(tables)) == tables["slopes"][
        "finding"
    ].str.contains("opposite").any()
    tables["slopes"]["finding"] = "falls: as the bound"
    assert "**Opposite to the bound**" not in summarise(tables)
