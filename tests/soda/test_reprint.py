"""Test that tables and figures are made again from the lines of the run's jobs."""

from pathlib import Path
from typing import Any

import pytest

from loft import run as runs
from loft.soda.paths import Paths
from loft.soda.reprint import reprint
from loft.soda.steps import compare, figures, tables
from tests.soda.test_workflow import TINY


def test_all_jobs_lines_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[Any, ...]] = []
    for module in (tables, figures, compare):
        monkeypatch.setattr(module, "run", lambda *given: calls.append(given))
    run, paths = runs.check(TINY, "tiny"), Paths(tmp_path)
    made = reprint(run, tmp_path)
    assert made.lines == paths.all_lines(run.soda)
    assert [given[1] for given in calls] == [made.lines] * 3
    assert {given[-1] for given in calls} == {paths.folder}
