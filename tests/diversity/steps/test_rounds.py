"""Tables of local training of published runs."""

from pathlib import Path

import pytest

from loft.diversity.line_schema.rounds import ROUNDS
from loft.diversity.measurements import read_jobs
from loft.diversity.steps.rounds import render
from tests.conftest import ROOT

PUBLISHED = sorted(ROOT.glob("results/*/diversity/rounds.csv"))


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda path: path.parts[-3])
def test_published_tables_are_made_from_the_published_lines(table: Path) -> None:
    lines = sorted(table.parents[1].glob("tickets/metrics/*/*/*/updates/metrics.jsonl"))
    for name, text in render(read_jobs(lines, ROUNDS)).items():
        assert (table.parent / name).read_text(encoding="utf-8") == text
