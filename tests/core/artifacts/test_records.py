"""Snakemake's records are found by their outputs."""

from pathlib import Path

import pytest

from loft.core.artifacts import records
from loft.core.errors import UserError
from tests.core.artifacts import toy

LONG = Path("results/toy") / ("x" * 300)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_runs_records_are_found_by_name() -> None:
    toy.write(Path(), {toy.record(toy.TICKET): "{}", toy.record(toy.OTHER): "{}"})
    toy.write(Path(), {records.RECORDS / "no record": "{}"})
    assert records.of_run("toy") == [toy.record(toy.TICKET)]


def test_a_long_name_is_split_over_folders() -> None:
    name = toy.record(LONG).name
    path = records.RECORDS / f"@{name[:200]}" / name[200:]
    toy.write(Path(), {path: "{}"})
    assert records.of_run("toy") == [path]


def test_marks_of_complete_files_are_removed() -> None:
    marks = [records.INCOMPLETE / toy.record(path).name for path in (toy.TICKET, toy.OTHER)]
    toy.write(Path(), dict.fromkeys(marks, ""))
    records.unmark_incomplete([toy.TICKET])
    assert [mark.exists() for mark in marks] == [False, True]


def test_a_running_snakemake_is_named() -> None:
    records.require_idle()
    toy.write(Path(), {records.LOCKS / "0.output.lock": ""})
    with pytest.raises(UserError, match="snakemake is at work in this folder"):
        records.require_idle()
