"""All tables of a published run."""

from typing import Any

import pytest

from loft.diversity.steps.tables import render
from loft.run import read as read_run
from tests.conftest import ROOT
from tests.project import committed, committed_lines

PUBLISHED = sorted(ROOT.glob("results/*/diversity"))


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.parent.name)
def test_published_tables_are_made_from_the_published_lines(folder: Any) -> None:
    job = read_run(ROOT / "params" / f"{folder.parent.name}.yaml").diversity_report()
    for name, text in render(job, committed_lines(folder)).items():
        assert committed(folder / name).read_text(encoding="utf-8") == text, name
