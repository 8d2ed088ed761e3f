"""Test that tables and figures are made again from the lines of the run's jobs."""

from pathlib import Path
from typing import Any

import pytest

from loft.diversity.paths import Paths
from loft.diversity.reprint import reprint, reprint_rounds
from loft.diversity.steps import figures, rounds, tables
from loft.run import check
from tests.diversity.runs import TINY


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for module in (tables, figures, rounds):
        monkeypatch.setattr(module, "run", lambda *given: found.append(given))
    return found


def test_all_jobs_lines_are_read(calls: list[tuple[Any, ...]], tmp_path: Path) -> None:
    run, paths = check(TINY, "tiny"), Paths(tmp_path)
    made = reprint(run, tmp_path)
    assert made.lines == paths.all_lines(run.diversity)
    assert [given[1:] for given in calls] == [(made.lines, paths.folder)] * 2


def test_local_training_is_made_from_given_lines(
    calls: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    reprint_rounds([tmp_path / "metrics.jsonl"], tmp_path)
    assert calls == [([tmp_path / "metrics.jsonl"], tmp_path / "diversity")]
