"""Test that the paths of metrics files are those of the rule file."""

from pathlib import Path

from loft.diversity.reprint import lines
from loft.run import check
from tests.diversity.runs import TINY


def test_every_job_has_its_metrics_file() -> None:
    found = [path.parent.as_posix() for path in lines(check(TINY, "tiny").diversity, Path("m"))]
    assert found == [
        *("m/replication/logistic", "m/replication/convnet"),
        *("m/speedup/1", "m/speedup/2"),
        *("m/passes", "m/dropconnect", "m/statements"),
    ]
