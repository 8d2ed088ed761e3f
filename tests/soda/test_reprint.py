"""Test that the paths of metrics files are those of the rule file."""

from pathlib import Path

from loft import run as runs
from loft.soda.reprint import lines
from tests.soda.test_workflow import TINY


def test_every_job_has_its_metrics_file() -> None:
    soda = runs.check(TINY, "tiny").soda
    found = [path.parent.as_posix() for path in lines(soda, Path("soda"))]
    assert found == [
        *("soda/clusters", "soda/none", "soda/clusters/p1", "soda/clusters/p0.1"),
        "soda/clusters/processes",
    ]
