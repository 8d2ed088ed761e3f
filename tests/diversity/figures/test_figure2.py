"""Figure 2, from lines and a table written by hand."""

from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.diversity.figures.figure2 import NEVER, REACHED, draw
from tests.figures import shown

JOB: list[Line] = [
    {"kind": "job", "step": "passes", "dataset": "digits", "most_passes": 20},
    {"kind": "passes"},
]


def row(batch: int, passes: float, samples: int, missed: int) -> dict[str, Any]:
    about = {"model": "m", "accuracy": 95.0, "batch": batch, "samples": samples, "missed": missed}
    return {**about, "passes": passes, "low": passes - 1, "high": passes + 2}


def test_marks_are_open_where_a_repetition_missed_and_crosses_where_all_did(tmp_path: Path) -> None:
    rows = [row(4, 3.0, 2, 0), row(16, 5.0, 1, 1), row(64, float("nan"), 0, 2)]
    said = shown(draw, tmp_path, [JOB], pd.DataFrame(rows))
    assert "panel: m, digits" in said
    assert f"{REACHED} None o {REACHED}: (4, 3)" in said
    assert f"{REACHED} None o #ffffff: (16, 5)" in said
    assert f"{NEVER} None x {NEVER}: (64, 20)" in said  # as many as were tried
    assert "legend: not in 20" in said
    assert "(4, 2) (4, 5)" in said  # the interval of the first
    assert "y: passes to 95 % in training" in said


def test_where_all_reached_it_there_is_no_legend(tmp_path: Path) -> None:
    said = shown(draw, tmp_path, [JOB], pd.DataFrame([row(4, 3.0, 2, 0), row(16, 5.0, 2, 0)]))
    assert "legend" not in said
    assert "#ffffff" not in said
