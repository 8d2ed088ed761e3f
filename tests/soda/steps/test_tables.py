"""Test that the step `loft soda-tables` writes every table."""

import json
from pathlib import Path

from loft.soda.steps import tables
from loft.soda.steps.tables import render
from tests.soda.test_tables import JOBS, SHOWN


def test_every_table_is_written(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(len(JOBS))]
    for path, job in zip(paths, JOBS, strict=True):
        path.write_text("".join(f"{json.dumps(line)}\n" for line in job))
    tables.run(SHOWN, paths, tmp_path)
    for name, text in render(SHOWN, JOBS).items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text
