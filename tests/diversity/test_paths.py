"""Test the paths of this study's files."""

from pathlib import Path

from loft.diversity.paths import Paths
from loft.run import check
from tests.diversity.runs import TINY

PATHS = Paths(Path("results/tiny"))


def test_every_job_has_its_lines() -> None:
    found = [path.as_posix() for path in PATHS.all_lines(check(TINY, "tiny").diversity)]
    jobs = ["replication/logistic", "replication/convnet", "speedup/1", "speedup/2"]
    jobs += ["passes", "dropconnect", "statements"]
    assert found == [f"results/tiny/diversity/metrics/{job}/metrics.jsonl" for job in jobs]


def test_what_is_left_out_stays_a_wildcard() -> None:
    assert str(PATHS.replication()).format(objective="convnet") == str(PATHS.replication("convnet"))
    assert str(PATHS.speedup()).format(processes=2) == str(PATHS.speedup(2))
