"""A run's provenance is summed up in one file, which stays where nothing is known."""

import json
from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.reporting.metrics import Journal
from loft.core.reporting.provenance import NAME as NOTED
from loft.core.reporting.run_provenance import NAME, commits, publish
from tests.conftest import ROOT

PUBLISHED = sorted(ROOT.glob("results/*/provenance.json"))


def written(folder: Path, step: str, peaks: list[int]) -> None:
    journal = Journal({"step": step}, device="cpu")
    for rank, peak in enumerate(peaks):
        journal.add("worker", {"peak_memory_bytes": peak}, rank=rank)
    journal.write(folder / "metrics.jsonl")


def test_what_jobs_noted_is_summed_up(tmp_path: Path) -> None:
    run = tmp_path / "small"
    for number, peaks in enumerate(([5, 9], [7])):
        written(run / "tickets" / str(number), "pretrain", peaks)
    written(run / "soda", "optimum", [])
    (run / "soda" / NOTED).unlink()
    assert publish(run)
    found = json.loads((run / NAME).read_text(encoding="utf-8"))
    assert found["run"] == "small"
    pretrain, optimum = found["steps"]["pretrain"], found["steps"]["optimum"]
    assert (pretrain["jobs"], pretrain["known"], pretrain["peak_memory_bytes"]) == (2, 2, 9)
    assert (optimum["jobs"], optimum["known"], optimum["seconds"]) == (1, 0, 0)
    assert len(found["torch"]) == len(found["processors"]) == 1
    assert found["first_job_began"] <= found["last_job_began"]


def test_a_summary_stays_where_nothing_is_known(tmp_path: Path) -> None:
    assert not publish(tmp_path)
    written(tmp_path, "pretrain", [1])
    (tmp_path / NOTED).unlink()
    (tmp_path / NAME).write_text('{"commits": ["abc"]}', encoding="utf-8")
    assert not publish(tmp_path)
    assert commits(tmp_path) == ["abc"]


def test_a_damaged_summary_is_one_line(tmp_path: Path) -> None:
    assert commits(tmp_path) == []
    (tmp_path / NAME).write_text("[", encoding="utf-8")
    with pytest.raises(UserError, match=r"provenance\.json: damaged"):
        commits(tmp_path)


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.parent.name)
def test_published_runs_say_where_they_come_from(path: Path) -> None:
    assert commits(path.parent)
