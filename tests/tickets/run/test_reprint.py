"""Tables and figures are made again from the lines of the run's jobs."""

from pathlib import Path
from typing import Any

import pytest

from loft.tickets.report import draw_figures, make_tables
from loft.tickets.results.paths import Paths
from loft.tickets.run.files import Files
from loft.tickets.run.reprint import reprint
from loft.tickets.run.run import Run

Calls = dict[str, tuple[Any, ...]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    found: Calls = {}

    def draw(*given: Any) -> list[str]:
        found["figures"] = given
        return [] if given[1] else ["figure1"]

    monkeypatch.setattr(make_tables, "run", lambda *given: found.update(tables=given))
    monkeypatch.setattr(draw_figures, "run", draw)
    return found


def test_all_jobs_lines_are_read_and_figures_of_distances_left(
    calls: Calls, run: Run, tmp_path: Path
) -> None:
    files = Files(run, Paths(tmp_path))
    made = reprint(run, tmp_path)
    assert (made.lines, made.updates) == (files.lines, files.updates)
    assert made.left == ["figure1"]
    folder = Paths(tmp_path).folder
    assert calls["tables"] == (run.table_job(), files.lines, folder, Paths(tmp_path).summary)
    assert calls["figures"] == (run.figures_job(), [], folder)


def test_where_all_distances_are_there_nothing_is_left(
    calls: Calls, run: Run, tmp_path: Path
) -> None:
    files = Files(run, Paths(tmp_path))
    for path in files.pairs:
        path.parent.mkdir(parents=True)
        path.touch()
    assert reprint(run, tmp_path).left == []
    assert calls["figures"][1] == files.pairs


def test_distances_of_one_seed_are_not_all(
    calls: Calls, tiny: dict[str, Any], tmp_path: Path
) -> None:
    run = Run.model_validate({**tiny, "seeds": [0, 1]})
    first, _ = Files(run, Paths(tmp_path)).pairs
    first.parent.mkdir(parents=True)
    first.touch()
    assert reprint(run, tmp_path).left == ["figure1"]
    assert calls["figures"][1] == []
