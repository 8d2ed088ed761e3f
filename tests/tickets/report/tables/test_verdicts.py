"""The table of verdicts has every comparison of a run with the paper's accuracies."""

import pytest

from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED
from loft.tickets.report.tables.verdicts import make
from tests.tickets.report.verdicts.test_printed_accuracies import PAPER, RULE, jobs, near


def test_a_row_for_each_printed_value() -> None:
    """LoFT-2 prints 94.11 and 93.97 at 50 and 80 %: the one is met, and the other missed by 3."""
    made = jobs({"dense": {0.5: near(94.0)}, "loft-2": {0.5: near(94.2), 0.8: near(91.0)}}, PAPER)
    table = make(made, RULE, None).set_index(["method", "ratio"])
    assert table["verdict"].to_dict() == {
        ("dense", 0.0): REPRODUCED,
        ("loft", 0.5): REPRODUCED,
        ("loft", 0.8): NOT_REPRODUCED,
    }
    assert table.loc[("loft", 0.8), "difference"] == pytest.approx(91.0 - 93.97)
    assert (table["low"] < table["difference"]).all()
    assert (table["difference"] < table["high"]).all()


def test_a_run_that_shares_nothing_with_the_paper_has_no_rows() -> None:
    made = jobs({"dense": {0.5: near(94.0)}}, PAPER, dataset="digits")
    assert len(make(made, RULE, None)) == 0
