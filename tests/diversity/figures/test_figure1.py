"""Figure 1, from lines and a table written by hand."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.diversity.figures.figure1 import SHADES, draw
from tests.figures import shown

JOB: list[Line] = [{"kind": "job", "step": "speedup", "dataset": "digits"}, {"kind": "pass"}]


def test_measured_marks_and_modelled_lines_of_each_batch(tmp_path: Path) -> None:
    rows = [
        {"model": "m", "kind": kind, "batch": batch, "workers": workers, "speedup": times}
        for batch, all_ in {8: (1.0, 1.5), 16: (1.0, 1.9)}.items()
        for kind in ("measured", "model")
        for workers, times in zip((1, 2), all_, strict=True)
    ]
    said = shown(draw, tmp_path, [JOB], pd.DataFrame(rows))
    assert "panel: m, digits" in said
    for colour, points in zip(SHADES, ("(1, 1) (2, 1.5)", "(1, 1) (2, 1.9)"), strict=False):
        assert f"line: {colour} None o {colour}: {points}" in said
        assert f"line: {colour} -- None {colour}: {points}" in said
    legends = [line for line in said.splitlines() if line.startswith("legend")]
    assert legends == [
        f"legend: B = {batch}, {kind}" for batch in (8, 16) for kind in ("measured", "model")
    ]
    assert "x: workers, log\ny: speed-up, one pass, log" in said
