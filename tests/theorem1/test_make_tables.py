"""Test the tables and the summary as texts, made of lines."""

from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.run import read as read_run
from loft.theorem1 import make_tables
from loft.theorem1.job import Theorem1ReportJob
from loft.theorem1.settings import FitSettings
from tests.conftest import ROOT

PUBLISHED = sorted(ROOT.glob("results/*/theorem1"))


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.parent.name)
def test_published_tables_are_made_from_the_published_lines(folder: Path) -> None:
    job = read_run(ROOT / "params" / f"{folder.parent.name}.yaml").theorem1_report
    lines = sorted(folder.glob("metrics/*/metrics.jsonl"))
    for name, text in make_tables.render(job, lines).items():
        assert (folder / name).read_text(encoding="utf-8") == text, name


def test_the_order_of_files_does_not_matter() -> None:
    folder = ROOT / "results" / "digits" / "theorem1" / "metrics"
    lines = [folder / source / "metrics.jsonl" for source in ("images", "synthetic")]
    found = make_tables.materials(Theorem1ReportJob(fit=FitSettings()), lines)
    assert [*found.table("cells")["source"].unique()] == ["synthetic", "images"]
    assert (
        make_tables.materials(Theorem1ReportJob(fit=FitSettings()), lines[::-1])
        .table("cells")
        .equals(found.table("cells"))
    )


def test_lines_that_are_cut_off_are_named(tmp_path: Path) -> None:
    source = ROOT / "results" / "digits" / "theorem1" / "metrics" / "synthetic" / "metrics.jsonl"
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(source.read_bytes()[:-9])
    with pytest.raises(UserError, match=f"^{path}: line [0-9]+ is cut off"):
        make_tables.render(Theorem1ReportJob(fit=FitSettings()), [path])
