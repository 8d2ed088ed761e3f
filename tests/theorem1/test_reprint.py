"""Test that tables and figures are made again from the metrics files of the run's data."""

from pathlib import Path
from typing import Any

import pytest

from loft.run import check
from loft.theorem1 import draw_figures, make_tables
from loft.theorem1.reprint import reprint
from tests.conftest import TINY
from tests.theorem1.conftest import SETTINGS


def test_each_source_has_its_metrics_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    for module in (make_tables, draw_figures):
        monkeypatch.setattr(module, "run", lambda *given: calls.append(given))
    values = {"run": "t", "studies": ["theorem1"], "data": TINY["data"], "theorem1": SETTINGS}
    made = reprint(check(values, "t"), tmp_path)
    folder = tmp_path / "theorem1"
    expected = [folder / "metrics" / name / "metrics.jsonl" for name in ("synthetic", "images")]
    assert made.lines == expected
    assert [given[1:] for given in calls] == [(expected, folder)] * 2
