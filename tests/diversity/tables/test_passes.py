"""The table of passes, by hand."""

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.tables import passes


def test_passes_say_who_did_not_get_there() -> None:
    job: Line = {"kind": "job", "step": "passes", "model": "m", "target_accuracy": 95.0}
    about: Line = {"kind": "passes", "batch": 8, "step": 0.1, "edge": True}
    lines: list[Line] = [job, *({**about, "passes": each} for each in (2.0, 3.0, None))]
    (row,) = passes.make([lines], 0.95).to_dict("records")
    assert (row["passes"], row["samples"], row["missed"]) == (2.5, 2, 1)
    assert row["low"] * row["high"] == pytest.approx(2.5**2)
    assert row["low"] > 0
