"""Test that the step `loft soda-tables` writes every table."""

import json
from pathlib import Path

import pytest

from loft import run as runs
from loft.core.reporting.metrics import read
from loft.soda.run import report_job
from loft.soda.steps import compare, tables
from loft.soda.steps.tables import render
from tests.conftest import ROOT
from tests.project import committed, committed_lines
from tests.soda.made_up import JOBS, SHOWN


def test_every_table_is_written(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(len(JOBS))]
    for path, job in zip(paths, JOBS, strict=True):
        path.write_text("".join(f"{json.dumps(line)}\n" for line in job))
    tables.run(SHOWN, paths, tmp_path)
    for name, text in render(SHOWN, JOBS).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text


COMMITTED = sorted(ROOT.glob("results/*/soda/comparison.csv"))


def test_tables_do_not_depend_on_the_order_of_jobs() -> None:
    assert render(SHOWN, JOBS[::-1]) == render(SHOWN, JOBS)


@pytest.mark.parametrize("made", COMMITTED, ids=lambda path: path.parts[-3])
def test_committed_tables_are_made_from_committed_lines(made: Path) -> None:
    folder = made.parent
    soda = runs.read(ROOT / "params" / f"{folder.parent.name}.yaml").soda
    metrics = committed_lines(folder)
    for name, text in render(report_job(soda), [read(path) for path in metrics]).items():
        assert committed(folder / name).read_text(encoding="utf-8") == text, name
    lofts = None if soda.tickets_table is None else ROOT / soda.tickets_table
    for name, text in compare.render(report_job(soda), metrics, lofts).items():
        assert (folder / name).read_text(encoding="utf-8") == text, name
