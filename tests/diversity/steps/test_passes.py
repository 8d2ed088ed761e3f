"""Test the lines of the step `loft diversity-passes`."""

from pathlib import Path

from loft.core.reporting.metrics import read
from loft.diversity.steps import passes
from loft.run import check
from tests.diversity.runs import TINY


def test_every_repetition_says_when_it_reached_the_accuracy(
    images_file: Path, tmp_path: Path
) -> None:
    job = check(TINY, "tiny").passes_job()
    passes.run(job, images_file, tmp_path / "metrics.jsonl")
    lines = [line for line in read(tmp_path / "metrics.jsonl") if line["kind"] == "passes"]
    assert [(line["batch"], line["repetition"]) for line in lines] == [
        *((4, 1), (4, 2)),
        *((16, 1), (16, 2)),
    ]
    for line in lines:
        reached = line["accuracy"] >= job.passes.accuracy
        assert (line["passes"] is not None) == reached
        assert line["passes"] in (None, 0.5, 1.0)  # two looks in one pass
