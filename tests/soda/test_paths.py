"""Test the paths of this study's files."""

from pathlib import Path

from loft import run as runs
from loft.soda.paths import Paths
from tests.soda.test_workflow import TINY

PATHS = Paths(Path("results/tiny"))


def test_every_job_has_its_lines() -> None:
    soda = runs.check(TINY, "tiny").soda
    found = [path.as_posix() for path in PATHS.all_lines(soda)]
    jobs = ["clusters", "none", "clusters/p1", "clusters/p0.1", "clusters/processes"]
    assert found == [f"results/tiny/soda/{job}/metrics.jsonl" for job in jobs]


def test_what_is_left_out_stays_a_wildcard() -> None:
    given = {"problem": "sparse", "p": "0.001"}
    assert str(PATHS.simulation_lines()).format(**given) == str(
        PATHS.simulation_lines("sparse", 1e-3)
    )
    for make in (PATHS.samples, PATHS.originals, PATHS.optimum, PATHS.optimum_lines):
        assert str(make()).format(**given) == str(make("sparse"))
    assert str(PATHS.processes_lines()).format(**given) == str(PATHS.processes_lines("sparse"))
