"""Test the lines of the step `loft diversity-speedup` with one worker."""

from pathlib import Path

from loft.core.reporting.metrics import read
from loft.diversity.steps import speedup
from loft.run import check
from tests.diversity.runs import TINY


def test_one_worker_takes_whole_passes_and_sends_nothing(images_file: Path, tmp_path: Path) -> None:
    speedup.run(check(TINY, "tiny").speedup_job(1), images_file, tmp_path / "metrics.jsonl")
    lines = [line for line in read(tmp_path / "metrics.jsonl") if line["kind"] == "pass"]
    assert [(line["batch"], line["iterations"]) for line in lines] == [(4, 6), (12, 2)]
    assert all(line["bytes_sent"] == 0 for line in lines)
