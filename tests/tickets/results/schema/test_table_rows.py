"""Rows of Table 1 have columns of accuracies by ratio."""

import pytest
from pydantic import ValidationError

from loft.tickets.results.schema.table_rows import Table1Row

ROW = {
    "model": "preresnet18",
    "dataset": "digits",
    "method": "loft",
    "workers": "2",
    "comm_gigabytes": "0.5",
    "accuracy_80": "91.25",
    "accuracy_80_std": "0.5",
}


def test_columns_that_figures_need() -> None:
    columns = Table1Row.columns([*ROW])
    assert columns[-2:] == ["accuracy_80", "accuracy_80_std"]
    assert "comm_gigabytes" in columns
    assert "accuracy_<ratio>" in Table1Row.columns(["model"])


def test_a_row() -> None:
    assert Table1Row.model_validate(ROW).workers == 2


@pytest.mark.parametrize("text", ["nan", "101", "-1", "ninety"])
@pytest.mark.parametrize("column", ["accuracy_80", "accuracy_80_std"])
def test_accuracies_that_are_no_percentages_are_refused(column: str, text: str) -> None:
    with pytest.raises(ValidationError, match="expected a percentage"):
        Table1Row.model_validate({**ROW, column: text})
